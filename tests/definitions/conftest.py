"""A project on disk, and a Dagster instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

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
