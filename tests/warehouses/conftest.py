"""The same tables, loaded into every warehouse that stands on the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._frames import FramesWarehouse
from tests.warehouses.tables import (
    fill_duckdb,
    fill_iceberg,
    fill_postgres,
    fill_sqlite,
    frame,
    quoted,
    server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.warehouses.oracle import Data


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens warehouses, and closes them when the test is over."""
    warehouses = []

    def open_one(
        kind: str, *, access: Mapping[str, object] | None = None, timeout: float = 10, **options: Any
    ) -> Any:
        warehouse = open_warehouse(
            server(kind, **options), root=tmp_path, timeout_seconds=timeout, access=access or {}
        )
        warehouses.append(warehouse)
        return warehouse

    yield open_one
    for each in warehouses:
        each.close()


@pytest.fixture
def loaded(tmp_path: Path, opened: Callable[..., Any], request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Loads tables into a warehouse of the shelf, by the name of the conformance suite."""

    def files(tables: Mapping[str, Data], suffix: str, timeout: float) -> Any:
        connection = fill_duckdb(":memory:", tables)
        for name in tables:
            connection.execute(f"copy {quoted(name)} to '{tmp_path / name}.{suffix}'")
        connection.close()
        return opened("local", path="{model}." + suffix, format=suffix, timeout=timeout)

    def load(kind: str, tables: Mapping[str, Data], timeout: float = 10) -> Any:
        match kind:
            case "duckdb":
                fill_duckdb(str(tmp_path / "data.duckdb"), tables).close()
                return opened("duckdb", database="data.duckdb", timeout=timeout)
            case "sqlite":
                fill_sqlite(str(tmp_path / "data.sqlite"), tables)
                return opened("custom", database="data.sqlite", format="sqlite", timeout=timeout)
            case "postgres":
                url = request.getfixturevalue("postgres_url")
                fill_postgres(url, tables)
                return opened("postgres", access={"url": url}, timeout=timeout)
            case "iceberg":
                fill_iceberg(tmp_path, tables)
                access = {"catalogUrl": "sqlite:///lake.db", "warehouse": "lake"}
                return opened("iceberg", namespace="sales", access=access, timeout=timeout)
            case "sqlalchemy-sqlite":
                fill_sqlite(str(tmp_path / "data.sqlite"), tables)
                return opened("sqlalchemy", access={"url": "sqlite:///data.sqlite"}, timeout=timeout)
            case "sqlalchemy-postgres":
                url = request.getfixturevalue("postgres_url")
                fill_postgres(url, tables)
                return opened("custom", access={"url": url}, timeout=timeout, format="sqlalchemy")
            case "pandas":
                return FramesWarehouse(
                    {name: frame(each) for name, each in tables.items()}, timeout_seconds=timeout
                )
            case _:
                return files(tables, kind, timeout)

    return load
