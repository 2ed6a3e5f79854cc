"""Fields nested in columns: whatever is nested in what, every engine gives the answers of plain Python."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import Measured, Offenders, Question, Table
from floe_dagster.plan.offence import (
    Compares,
    ItemsCompare,
    LengthCompares,
    Missing,
    NotIn,
    NotMatching,
    Null,
)
from floe_dagster.warehouses import open_warehouse
from tests.warehouses.fields import offends
from tests.warehouses.tables import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.requirement("B-03")

EXAMPLES = int(os.environ.get("FLOE_EXAMPLES", "60"))
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

ODD = 'it\'s "q" /~ü\\{}'
TYPES = {
    "s": {"a": "string", "n": "integer", "in": {ODD: "string", "ok": "boolean"}},
    "l": [{"sku": "string", "q": "number", "t": ["string"]}],
    "m": {"[value]": "integer"},
    "tags": ["string"],
}
"""The columns of the table, and what is nested in them."""

TEXT = st.sampled_from(["a", "b", "ab", "", "A", "ü", "n/a", "x'y", '"', "\\", "1", "true", "null", "🦆"])
KEYS = TEXT.filter(
    lambda each: each != "A"
)  # DuckDB reads no file of JSON in which names differ in case only
WHOLE = st.integers(-5, 5) | st.integers(-(2**40), 2**40)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "integer": WHOLE,
    "number": st.integers(-20, 20).map(lambda each: each / 4) | WHOLE.map(float),
    "boolean": st.booleans(),
}


def of(kind: Any, *, nulls: bool = True) -> st.SearchStrategy[Any]:
    """Values of a type, or none."""
    if isinstance(kind, str):
        found: st.SearchStrategy[Any] = SCALARS[kind]
    elif isinstance(kind, list):
        found = st.lists(of(kind[0]), max_size=3)
    elif "[value]" in kind:
        found = st.dictionaries(KEYS, of(kind["[value]"], nulls=False), max_size=3)
    else:
        found = st.fixed_dictionaries({name: of(each) for name, each in kind.items()})
    return st.none() | found if nulls else found


ANYTHING = st.recursive(
    st.none() | st.booleans() | WHOLE | SCALARS["number"] | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "n", "in", ODD, "sku", "q", "t"]), inner, max_size=3)
    ),
    max_leaves=5,
)
TYPED = st.lists(st.fixed_dictionaries({name: of(kind) for name, kind in TYPES.items()}), max_size=5)
LOOSE = st.lists(
    st.fixed_dictionaries({name: of(kind) | of(kind) | ANYTHING for name, kind in TYPES.items()}), max_size=5
)


def fields_of(column: str, kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[Field, Any]]:
    if path:
        logical = kind if isinstance(kind, str) else "array" if isinstance(kind, list) else "object"
        yield Field(column, path, logical), kind
    if isinstance(kind, list):
        yield from fields_of(column, kind[0], (*path, "[]"))
    elif isinstance(kind, dict):
        if "[value]" in kind:
            yield Field(column, (*path, "[key]"), "string"), "string"
        for name, each in kind.items():
            yield from fields_of(column, each, (*path, name))


FIELDS = [each for column, kind in TYPES.items() for each in fields_of(column, kind)]
SIDES = st.sampled_from(["<", "<=", ">", ">="])


def offences(columns: Any = tuple(TYPES)) -> st.SearchStrategy[Any]:
    def about(found: tuple[Field, Any]) -> st.SearchStrategy[Any]:
        field, kind = found
        if isinstance(kind, list):
            compared = st.builds(ItemsCompare, st.just(field), st.sampled_from("<>"), st.integers(0, 2))
            return st.just(Null(field)) | compared
        if isinstance(kind, dict):
            return st.just(Null(field))
        listed = st.lists(SCALARS[kind], max_size=3).map(tuple)
        general = (
            st.just(Null(field))
            | st.builds(NotIn, st.just(field), listed)
            | st.builds(Missing, st.just(field), listed, st.booleans())
        )
        if kind == "string":
            pattern = st.sampled_from(["^a", "b$", "^.$", "[^a]"])
            return (
                general
                | st.builds(NotMatching, st.just(field), pattern)
                | st.builds(LengthCompares, st.just(field), st.sampled_from("<>"), st.integers(0, 2))
            )
        if kind == "boolean":
            return general
        return general | st.builds(Compares, st.just(field), SIDES, SCALARS[kind])

    return st.sampled_from([each for each in FIELDS if each[0].column in columns]).flatmap(about)


def questions(columns: Any = tuple(TYPES)) -> st.SearchStrategy[tuple[Question, ...]]:
    many = st.lists(offences(columns), min_size=1, max_size=8, unique=True)
    return many.map(lambda each: tuple(Question(Table("t"), Offenders(one)) for one in each))


@contextlib.contextmanager
def opened(
    kind: str, folder: str, *, access: dict[str, object] | None = None, **options: Any
) -> Iterator[Any]:
    found = open_warehouse(
        server(kind, **options), root=Path(folder), timeout_seconds=10, access=access or {}
    )
    with contextlib.closing(found) as warehouse:
        yield warehouse


def wrong(warehouse: Any, asked: tuple[Question, ...], rows: list[dict[str, Any]]) -> dict[Any, Any]:
    """Every question whose answer is not that of plain Python."""
    expected = {each: sum(offends(each.metric.offence, row) for row in rows) for each in asked}
    return {
        each.metric: (expected[each], given)
        for each, given in warehouse.ask(asked).items()
        if not isinstance(given, Measured) or given.value != expected[each]
    }


def ddl(kind: Any, struct: Callable[[dict[str, str]], str], words: dict[str, str]) -> str:
    if isinstance(kind, str):
        return words[kind]
    if isinstance(kind, list):
        return ddl(kind[0], struct, words) + "[]"
    if "[value]" in kind:
        return f"map(varchar, {ddl(kind['[value]'], struct, words)})"
    return struct({name: ddl(each, struct, words) for name, each in kind.items()})


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


IN_DUCKDB = {"string": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean"}
IN_POSTGRES = {"string": "text", "integer": "bigint", "number": "double precision", "boolean": "boolean"}


def duckdb_type(kind: Any) -> str:
    return ddl(
        kind,
        lambda each: f"struct({', '.join(f'{quoted(name)} {of}' for name, of in each.items())})",
        IN_DUCKDB,
    )


def fill_typed(path: str, rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path)
    types = {name: duckdb_type(kind) for name, kind in TYPES.items()}
    connection.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
    cells = ", ".join(f"cast(cast(? as json) as {kind})" for kind in types.values())
    for row in rows:
        connection.execute(f"insert into t values ({cells})", as_json(row))
    return connection


def as_json(row: dict[str, Any]) -> list[str | None]:
    """Each column as JSON."""
    return [None if row[name] is None else json.dumps(row[name]) for name in TYPES]


@given(rows=TYPED, asked=questions())
@quick
def test_structs_lists_and_maps_of_duckdb_agree_with_python(rows: Any, asked: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fill_typed(f"{folder}/x.duckdb", rows).close()
        with opened("duckdb", folder, database="x.duckdb") as warehouse:
            assert wrong(warehouse, asked, rows) == {}


@given(rows=TYPED, asked=questions())
@settings(quick, max_examples=max(10, EXAMPLES // 3))
def test_parquet_agrees_with_python(rows: Any, asked: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with fill_typed(":memory:", rows) as connection:
            connection.execute(f"copy t to '{folder}/t.parquet'")
        with opened("local", folder, path="{model}.parquet", format="parquet") as warehouse:
            assert wrong(warehouse, asked, rows) == {}


FULL = {
    "s": {"a": "w", "n": 1, "in": {ODD: "w", "ok": True}},
    "l": [{"sku": "w", "q": 0.5, "t": ["w"]}],
    "m": {"w": 1},
    "tags": ["w"],
}
"""A row with everything in it, from which the types of a file of JSON are plain."""


@given(rows=TYPED, asked=questions())
@settings(quick, max_examples=max(10, EXAMPLES // 3))
def test_files_of_json_agree_with_python(rows: Any, asked: Any) -> None:
    rows = [FULL, *rows]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "t.jsonl").write_text(
            "".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8"
        )
        with opened("local", folder, path="{model}.jsonl", format="jsonl") as warehouse:
            assert wrong(warehouse, asked, rows) == {}


@given(rows=LOOSE, asked=questions())
@quick
def test_json_of_duckdb_agrees_with_python(rows: Any, asked: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with duckdb.connect(f"{folder}/x.duckdb") as connection:
            connection.execute(f"create table t ({', '.join(f'{name} json' for name in TYPES)})")
            for row in rows:
                connection.execute("insert into t values (?, ?, ?, ?)", as_json(row))
        with opened("duckdb", folder, database="x.duckdb") as warehouse:
            assert wrong(warehouse, asked, rows) == {}


@given(rows=LOOSE, asked=questions())
@quick
def test_json_of_sqlite_agrees_with_python(rows: Any, asked: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.closing(sqlite3.connect(f"{folder}/x.sqlite")) as connection:
            connection.execute("create table t (s text, l json, m varchar(9), tags)")
            connection.executemany("insert into t values (?, ?, ?, ?)", [as_json(each) for each in rows])
            connection.commit()
        with opened("sqlite", folder, database="x.sqlite") as warehouse:
            assert wrong(warehouse, asked, rows) == {}


@contextlib.contextmanager
def postgres(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url)
    try:
        yield connection.cursor()
        connection.commit()
    finally:
        connection.close()


@pytest.mark.postgres
def test_json_of_postgres_agrees_with_python(postgres_url: str) -> None:
    with postgres(postgres_url) as cursor:
        cursor.execute("create table t (s jsonb, l json, m jsonb, tags jsonb)")

    @given(rows=LOOSE, asked=questions())
    @settings(quick, max_examples=max(20, EXAMPLES // 2))
    def agrees(rows: Any, asked: Any) -> None:
        with postgres(postgres_url) as cursor:
            cursor.execute("truncate t")
            for row in rows:
                cursor.execute("insert into t values (%s, %s, %s, %s)", as_json(row))
        with opened("postgres", ".", access={"url": postgres_url}) as warehouse:
            assert wrong(warehouse, asked, rows) == {}

    agrees()


@pytest.mark.postgres
def test_composites_and_arrays_of_postgres_agree_with_python(postgres_url: str) -> None:
    made: list[str] = []

    def composite(fields: dict[str, str]) -> str:
        inside = ", ".join(f"{quoted(name)} {kind}" for name, kind in fields.items())
        made.append(f"create type made{len(made)} as ({inside})")
        return f"made{len(made) - 1}"

    columns = ("s", "l", "tags")
    types = {name: ddl(TYPES[name], composite, IN_POSTGRES) for name in columns}
    with postgres(postgres_url) as cursor:
        cursor.execute("; ".join(made))
        cursor.execute("create domain listed as " + types["l"])
        cursor.execute(f"create table t (s {types['s']}, l listed, tags {types['tags']})")

    @given(rows=TYPED, asked=questions(columns))
    @settings(quick, max_examples=max(20, EXAMPLES // 2))
    def agrees(rows: Any, asked: Any) -> None:
        with postgres(postgres_url) as cursor:
            cursor.execute("truncate t")
            for row in rows:
                row_of_json = json.dumps({each: row[each] for each in columns})
                cursor.execute(
                    "insert into t select * from jsonb_populate_record(null::t, %s)", (row_of_json,)
                )
        with opened("postgres", ".", access={"url": postgres_url}) as warehouse:
            assert wrong(warehouse, asked, rows) == {}

    agrees()
