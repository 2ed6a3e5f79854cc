from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import pytest

from demo import nycflights

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DuckDB file that the demo's assets load, with the staged defects in it."""
    path = tmp_path_factory.mktemp("nycflights13") / "folder that is not there" / "nycflights13.duckdb"
    with pytest.MonkeyPatch.context() as patch, dg.instance_for_test() as instance:
        patch.setenv("FLOE_DEMO_DATABASE", str(path))
        patch.delenv("FLOE_DEMO_STAGED", raising=False)
        assert dg.materialize(nycflights.assets, instance=instance).success
    return path


@pytest.fixture
def tables(loaded: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of the loaded file."""
    with duckdb.connect(loaded, read_only=True) as connection:
        yield connection
