"""Engines: DuckDB, SQLite and PostgreSQL, opened once and filled anew for every pair."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2

from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql
from tests.warehouses.tables import quoted, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from floe_dagster.plan.metric import Warehouse
    from tests.oracle.judge import Held

TYPES = {
    "text": "text",
    "integer": "bigint",
    "double": "double precision",
    "decimal": "decimal(38,4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "zoned": "timestamp with time zone",
}

# What an engine cannot hold as it is given; everything else has to come out the same everywhere.
DIFFERENCES: dict[tuple[str, str], tuple[str, Callable[[Any], Any]]] = {
    ("sqlite", "decimal"): (
        "SQLite has no decimals: they are kept as numbers of eight bytes, or as integers where they are whole",
        float,
    ),
    ("sqlite", "double"): (
        "SQLite stores NaN as NULL",
        lambda value: None if isnan(value) else value,
    ),
}


def as_held(engine: str, tables: Mapping[str, Held]) -> dict[str, Held]:
    """The tables as an engine holds them."""
    return {name: _held(engine, each) for name, each in tables.items()}


def _held(engine: str, table: Held) -> Held:
    changes = {
        at: DIFFERENCES[engine, kind][1]
        for at, kind in enumerate(table.columns.values())
        if (engine, kind) in DIFFERENCES
    }
    if not changes:
        return table
    rows = [
        tuple(
            changes[at](each) if at in changes and each is not None else each for at, each in enumerate(row)
        )
        for row in table.rows
    ]
    return replace(table, rows=rows)


class Engine:
    """One engine, whose tables are replaced for every pair.

    Attributes:
        name: as in `DIFFERENCES`.
        warehouse: what is asked.
    """

    def __init__(
        self, name: str, warehouse: Warehouse, write: Callable[[str, list[Any]], object], mark: str
    ) -> None:
        self.name = name
        self.warehouse = warehouse
        self._write = write
        self._mark = mark
        self._filled: tuple[str, ...] = ()

    def fill(self, tables: Mapping[str, Held]) -> None:
        """Replace what was there by these tables."""
        for name in self._filled:
            self._write(f"drop table {quoted(name)}", [])
        self._filled = ()
        for name, table in tables.items():
            columns = ", ".join(f"{quoted(each)} {TYPES[kind]}" for each, kind in table.columns.items())
            self._write(f"create table {quoted(name)} ({columns})", [])
            self._filled = (*self._filled, name)
            if table.rows:
                row = f"({', '.join(self._mark for _ in table.columns)})"
                rows = ", ".join([row] * len(table.rows))
                self._write(f"insert into {quoted(name)} values {rows}", [x for r in table.rows for x in r])


@contextlib.contextmanager
def duckdb_engine() -> Iterator[Engine]:
    """DuckDB in memory: its files, which are slow to make, are looked at by tests/warehouses."""
    connection = duckdb.connect(
        ":memory:", config={**LOCKED_DOWN, "enable_external_access": "false", "threads": "1"}
    )
    connection.execute("set global TimeZone = 'UTC'")
    dialect = DuckdbSql("main")
    warehouse = SqlWarehouse(dialect, lambda _: DuckdbSession(connection.cursor(), dialect, 30))
    with contextlib.closing(connection), contextlib.closing(warehouse):
        yield Engine("duckdb", warehouse, connection.execute, "?")


@contextlib.contextmanager
def sqlite_engine(folder: Path) -> Iterator[Engine]:
    """SQLite, on a file."""
    connection = sqlite3.connect(folder / "pairs.sqlite", isolation_level=None)
    connection.execute("pragma synchronous = off")
    connection.execute("pragma journal_mode = memory")
    warehouse = open_warehouse(server("sqlite", database="pairs.sqlite"), root=folder, timeout_seconds=30)
    with contextlib.closing(connection), contextlib.closing(warehouse):
        yield Engine(
            "sqlite",
            warehouse,
            lambda sql, values: connection.execute(sql, [_for_sqlite(v) for v in values]),
            "?",
        )


@contextlib.contextmanager
def postgres_engine(url: str) -> Iterator[Engine]:
    """PostgreSQL, in a database of its own."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("set synchronous_commit = off; set timezone = 'UTC'")
    warehouse = open_warehouse(server("postgres"), root=Path(), timeout_seconds=30, access={"url": url})
    with contextlib.closing(connection), contextlib.closing(warehouse):
        yield Engine("postgres", warehouse, lambda sql, values: cursor.execute(sql, values or None), "%s")


def _for_sqlite(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case date() if getattr(value, "tzinfo", None):
            return value.astimezone(UTC).isoformat(" ")
        case date():
            return value.isoformat(" ") if hasattr(value, "hour") else value.isoformat()
        case _:
            return value
