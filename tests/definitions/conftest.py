"""A project on disk, and a Dagster instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest
from sqlalchemy.engine import make_url

from tests.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="session")
def instance() -> Iterator[dg.DagsterInstance]:
    """One Dagster instance for all: it takes seconds to make, and each test looks only at its own runs."""
    with dg.instance_for_test() as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own_history(request: pytest.FixtureRequest) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance of this test's own, on each of its storages in turn."""
    overrides = None
    if request.param == "postgres":
        url = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql")
        overrides = {"storage": {"postgres": {"postgres_url": url.render_as_string(hide_password=False)}}}
    with dg.instance_for_test(overrides=overrides) as found:
        yield found
