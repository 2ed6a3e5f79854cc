"""Engines: DuckDB, SQLite and PostgreSQL, opened once and filled anew for every pair."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, date, time
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import psycopg2

from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql
from tests.oracle.values import WRITTEN, Held, numeric
from tests.warehouses.tables import quoted, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from floe_dagster.plan.metric import Warehouse

TYPES = {
    **dict.fromkeys(("text", *WRITTEN), "text"),
    "integer": "bigint",
    "double": "double precision",
    "single": "real",
    **dict.fromkeys(("decimal", "numeric"), "decimal(38,4)"),
    "whole": "decimal(38,0)",
    "tiny": "decimal(38,38)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    **dict.fromkeys(("zoned", "shown"), "timestamp with time zone"),
    "time": "time",
    "array": "bigint[]",
    "listing": "text",
    "object": "json",
}


class Difference(NamedTuple):
    """What an engine cannot hold as it is given: why, as which type it holds it, and how the values change."""

    why: str
    kind: str
    change: Callable[[Any], Any]


_EIGHT_BYTES = (
    "SQLite has no decimals: they are kept as numbers of eight bytes, or as integers where they are whole"
)
# Everything else has to come out the same everywhere.
DIFFERENCES: dict[tuple[str, str], Difference] = {
    **{
        ("sqlite", each): Difference(_EIGHT_BYTES, "numeric", numeric)
        for each in ("decimal", "whole", "tiny")
    },
    ("sqlite", "array"): Difference(
        "SQLite has no arrays: they are text with JSON in it", "listing", lambda value: value
    ),
    ("sqlite", "double"): Difference(
        "SQLite stores NaN as NULL", "double", lambda value: None if isnan(value) else value
    ),
    ("sqlite", "single"): Difference(
        "SQLite has no numbers of four bytes", "double", lambda value: None if isnan(value) else value
    ),
    ("sqlite", "zoned"): Difference(
        "SQLite keeps stamps as text, and compares what a clock shows", "shown", lambda value: value
    ),
}
LONGEST_NAME = {"postgres": 63}
"""In bytes of UTF-8; what is longer is cut off when a table is made, and not found by its whole name."""


def as_held(engine: str, tables: Mapping[str, Held]) -> dict[str, Held]:
    """The tables as an engine holds them."""
    return {_cut(engine, name): _held(engine, each) for name, each in tables.items()}


def _held(engine: str, table: Held) -> Held:
    found = [DIFFERENCES.get((engine, kind)) for kind in table.columns.values()]
    columns = {
        _cut(engine, name): one.kind if one else kind
        for one, (name, kind) in zip(found, table.columns.items(), strict=True)
    }
    rows = [
        tuple(
            one.change(each) if one and each is not None else each
            for one, each in zip(found, row, strict=True)
        )
        for row in table.rows
    ]
    return Held(columns, rows)


def _cut(engine: str, name: str) -> str:
    longest = LONGEST_NAME.get(engine)
    return name.encode()[:longest].decode(errors="ignore")


class Engine:
    """One engine, whose tables are replaced for every pair.

    Attributes:
        name: as in `DIFFERENCES`.
        warehouse: what is asked.
        write: runs a statement with these values.
    """

    def __init__(
        self, name: str, warehouse: Warehouse, write: Callable[[str, list[Any]], object], mark: str
    ) -> None:
        self.name = name
        self.warehouse = warehouse
        self.write = write
        self._mark = mark
        self._filled: tuple[str, ...] = ()

    def fill(self, tables: Mapping[str, Held]) -> None:
        """Replace what was there by these tables, which are as this engine holds them."""
        for name in self._filled:
            self.write(f"drop table {quoted(name)}", [])
        self._filled = ()
        for name, table in tables.items():
            columns = ", ".join(f"{quoted(each)} {TYPES[kind]}" for each, kind in table.columns.items())
            self.write(f"create table {quoted(name)} ({columns})", [])
            self._filled = (*self._filled, name)
            if table.rows:
                row = f"({', '.join(self._mark for _ in table.columns)})"
                rows = ", ".join([row] * len(table.rows))
                into = quoted(name).replace("%", "%%") if self._mark == "%s" else quoted(name)
                values = [_given(x, self.name) for r in table.rows for x in r]
                self.write(f"insert into {into} values {rows}", values)


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


def _given(value: Any, engine: str) -> Any:
    """A value as every driver takes it; an array as a text that the engine reads as one."""
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, list):
        text = json.dumps(value)
        return "{" + text[1:-1] + "}" if engine == "postgres" else text
    return value


def _for_sqlite(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case date() if getattr(value, "tzinfo", None):
            return value.astimezone(UTC).isoformat(" ")
        case time():
            return value.isoformat()
        case date():
            return value.isoformat(" ") if hasattr(value, "hour") else value.isoformat()
        case _:
            return value
