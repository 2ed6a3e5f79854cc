"""The same tables, loaded into every warehouse that stands on the shelf."""

from __future__ import annotations

import sqlite3
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from floe_dagster.contract.model import Server
from floe_dagster.warehouses import open_warehouse

sys.path.insert(0, str(Path(__file__).parent))


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from oracle import Data

TYPES = {
    "text": "text",
    "integer": "integer",
    "double": "double precision",
    "decimal": "decimal(10,2)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def ddl(name: str, data: Data) -> str:
    columns = [f"{quoted(each)} {TYPES[kind]}" for each, kind in data.columns.items()]
    key = [f"primary key ({', '.join(quoted(each) for each in data.key)})"] if data.key else []
    return f"create table {quoted(name)} ({', '.join(columns + key)})"


def insert(name: str, data: Data, mark: str) -> str:
    return f"insert into {quoted(name)} values ({', '.join(mark for _ in data.columns)})"


def for_sqlite(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return (
        value.isoformat(" ") if hasattr(value, "hour") else str(value) if isinstance(value, date) else value
    )


def fill_duckdb(path: str, tables: Mapping[str, Data]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path)
    for name, data in tables.items():
        connection.execute(ddl(name, data))
        if data.rows:
            connection.executemany(insert(name, data, "?"), data.rows)
    return connection


def fill_sqlite(path: str, tables: Mapping[str, Data]) -> None:
    connection = sqlite3.connect(path)
    for name, data in tables.items():
        connection.execute(ddl(name, data))
        rows = [tuple(for_sqlite(each) for each in row) for row in data.rows]
        connection.executemany(insert(name, data, "?"), rows)
    connection.commit()
    connection.close()


def fill_postgres(url: str, tables: Mapping[str, Data]) -> None:
    import psycopg2  # noqa: PLC0415  only where there is a server

    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        for name, data in tables.items():
            cursor.execute(ddl(name, data))
            if data.rows:
                cursor.executemany(insert(name, data, "%s"), data.rows)
    connection.commit()
    connection.close()


def server(kind: str, **options: Any) -> Server:
    return Server(path="servers[0]", name="here", type=kind, options=options)


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

    def files(tables: Mapping[str, Data], suffix: str) -> Any:
        connection = fill_duckdb(":memory:", tables)
        for name in tables:
            connection.execute(f"copy {quoted(name)} to '{tmp_path / name}.{suffix}'")
        connection.close()
        return opened("local", path="{model}." + suffix, format=suffix)

    def load(kind: str, tables: Mapping[str, Data]) -> Any:
        match kind:
            case "duckdb":
                fill_duckdb(str(tmp_path / "data.duckdb"), tables).close()
                return opened("duckdb", database="data.duckdb")
            case "sqlite":
                fill_sqlite(str(tmp_path / "data.sqlite"), tables)
                return opened("custom", database="data.sqlite", format="sqlite")
            case "postgres":
                url = request.getfixturevalue("postgres_url")
                fill_postgres(url, tables)
                return opened("postgres", access={"url": url})
            case _:
                return files(tables, kind)

    return load
