"""Tables of tests, loaded into each engine."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import psycopg2
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog

from floe_dagster.contract.model import Server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.warehouses.oracle import Data

TYPES = {
    "text": "text",
    "integer": "integer",
    "double": "double precision",
    "decimal": "decimal(10,2)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "time": "time",
    "array": "integer[]",
    "object": "json",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def ddl(name: str, data: Data) -> str:
    columns = [f"{quoted(each)} {TYPES[kind]}" for each, kind in data.columns.items()]
    key = [f"primary key ({', '.join(quoted(each) for each in data.key)})"] if data.key else []
    return f"create table {quoted(name)} ({', '.join(columns + key)})"


def insert(name: str, data: Data, mark: str) -> str:
    return f"insert into {quoted(name)} values ({', '.join(mark for _ in data.columns)})"


def as_json(value: object) -> object:
    """An object as every driver takes it."""
    return json.dumps(value) if isinstance(value, dict) else value


def inserted(data: Data) -> list[list[object]]:
    return [[as_json(each) for each in row] for row in data.rows]


def for_sqlite(value: object) -> object:
    value = as_json(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | time):
        return str(value)
    return (
        value.isoformat(" ") if hasattr(value, "hour") else str(value) if isinstance(value, date) else value
    )


def fill_duckdb(path: str, tables: Mapping[str, Data]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path)
    for name, data in tables.items():
        connection.execute(ddl(name, data))
        if data.rows:
            connection.executemany(insert(name, data, "?"), inserted(data))
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
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        for name, data in tables.items():
            cursor.execute(ddl(name, data))
            if data.rows:
                cursor.executemany(insert(name, data, "%s"), inserted(data))
    connection.commit()
    connection.close()


ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "decimal": pa.decimal128(10, 2),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "time": pa.time64("us"),
    "array": pa.list_(pa.int32()),
}


def arrow(data: Data) -> pa.Table:
    types = {
        name: pa.array(data.column(name)).type if kind == "object" else ARROW[kind]
        for name, kind in data.columns.items()
    }
    fields = [pa.field(name, kind, nullable=name not in data.key) for name, kind in types.items()]
    return pa.table([data.column(each.name) for each in fields], schema=pa.schema(fields))


def lake(folder: Path) -> SqlCatalog:
    """A catalogue in SQLite, with the namespace `sales`."""
    (folder / "lake").mkdir(exist_ok=True)
    catalog = SqlCatalog("default", uri=f"sqlite:///{folder}/lake.db", warehouse=f"file://{folder}/lake")
    catalog.create_namespace_if_not_exists("sales")
    return catalog


def fill_iceberg(folder: Path, tables: Mapping[str, Data]) -> None:
    catalog = lake(folder)
    for name, data in tables.items():
        rows = arrow(data)
        table = catalog.create_table(("sales", name), rows.schema)
        if data.key:
            with table.update_schema() as schema:
                schema.set_identifier_fields(*data.key)
        for at in range(0, len(rows), 4):  # several snapshots of several files
            table.append(rows.slice(at, 4))
    catalog.close()


DTYPES = {
    **dict.fromkeys(("time", "array", "object"), "object"),
    "text": "str",
    "integer": "Int64",
    "double": "float64",
    "decimal": "object",
    "boolean": "boolean",
    "date": "object",
    "timestamp": "datetime64[us]",
}


def frame(data: Data) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(data.column(name), dtype=DTYPES[kind]) for name, kind in data.columns.items()}
    )


def server(kind: str, **options: Any) -> Server:
    return Server(path="servers[0]", name="here", type=kind, options=options)
