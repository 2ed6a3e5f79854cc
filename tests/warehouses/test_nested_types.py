"""Types with types in them: what the catalogue tells of the fields of a column."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.plan.metric import Columns, LiveColumn, Measured, Question, Table
from floe_dagster.warehouses._duckdb_types import fields_of
from floe_dagster.warehouses._frames import FramesWarehouse
from floe_dagster.warehouses._postgres_types import use_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-02")

NAMES = st.sampled_from(
    ["a", "Ab", "a b", 'q"q', "x,y", "(p)", "[i]", "it's", "select", "ünï", "STRUCT(", "a.b", "DECIMAL(1,2)"]
)
LEAVES = st.sampled_from(
    [
        ("INTEGER", "integer"),
        ("DECIMAL(10,2)", "number"),
        ("VARCHAR", "string"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
        ("ENUM('a', 'b''c)', 'x,y]')", "string"),
        ("JSON", "object"),
        ("UUID", "string"),
        ('UNION(num INTEGER, "a b" VARCHAR)', None),
    ]
)


def named(fields: list[tuple[str, LiveColumn]]) -> LiveColumn:
    columns = tuple(
        LiveColumn(name, each.type, each.logical_type, fields=each.fields) for name, each in fields
    )
    inside = ", ".join('"' + each.name.replace('"', '""') + '" ' + each.type for each in columns)
    return LiveColumn("", f"STRUCT({inside})", "object", fields=columns)


def listed(item: LiveColumn, size: int | None) -> LiveColumn:
    column = LiveColumn("[]", item.type, item.logical_type, fields=item.fields)
    return LiveColumn("", f"{item.type}[{size or ''}]", "array", fields=(column,))


def mapped(key: LiveColumn, value: LiveColumn) -> LiveColumn:
    columns = (
        LiveColumn("[key]", key.type, key.logical_type, fields=key.fields),
        LiveColumn("[value]", value.type, value.logical_type, fields=value.fields),
    )
    return LiveColumn("", f"MAP({key.type}, {value.type})", "map", fields=columns)


TYPES = st.recursive(
    LEAVES.map(lambda each: LiveColumn("", *each)),
    lambda inner: st.one_of(
        st.builds(listed, inner, st.none() | st.integers(1, 9)),
        st.builds(mapped, inner, inner),
        st.lists(
            st.tuples(NAMES, inner), min_size=1, max_size=3, unique_by=lambda each: each[0].casefold()
        ).map(named),
    ),
    max_leaves=6,
)


@given(TYPES)
@settings(max_examples=150, deadline=None)
def test_a_type_of_duckdb_is_read_back_as_it_was_made(wanted: LiveColumn) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table t (c {wanted.type})")
        found = connection.execute("select data_type from duckdb_columns() where table_name = 't'").fetchone()
    assert found is not None
    (text,) = found
    assert bare(fields_of(text)) == bare(wanted.fields)


def bare(fields: tuple[LiveColumn, ...]) -> list[Any]:
    """Names and logical types; DuckDB writes the types themselves in its own way."""
    return [(each.name, each.logical_type, bare(each.fields)) for each in fields]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("INTEGER", []),
        ("DECIMAL(10,2)", []),
        ("ENUM('STRUCT(a INTEGER)', ']')", []),
        ("INTEGER[3]", [("[]", "INTEGER")]),
        ('STRUCT("a b" INTEGER, c VARCHAR[])[]', [("[]", 'STRUCT("a b" INTEGER, c VARCHAR[])')]),
        ('STRUCT("a ""b""" INTEGER, c VARCHAR[])', [('a "b"', "INTEGER"), ("c", "VARCHAR[]")]),
        ("MAP(VARCHAR, DECIMAL(10,2))", [("[key]", "VARCHAR"), ("[value]", "DECIMAL(10,2)")]),
        ("STRUCT(a", []),
        ("MAP(VARCHAR)", []),
        ("UNION(num INTEGER, str VARCHAR)", []),
    ],
)
def test_what_is_nested_in_a_type_is_named(text: str, fields: list[tuple[str, str]]) -> None:
    assert [(each.name, each.type) for each in fields_of(text)] == fields


def test_a_type_that_is_nested_too_deep_ends_somewhere() -> None:
    deepest = fields_of("INTEGER" + "[]" * 5000)
    depth = 0
    while deepest:
        deepest, depth = deepest[0].fields, depth + 1

    assert depth == 50


def columns(warehouse: Any) -> dict[str, LiveColumn]:
    asked = Question(Table("t"), Columns())
    answer = warehouse.ask((asked,))[asked]
    assert isinstance(answer, Measured), answer
    assert isinstance(answer.value, tuple)
    return {each.name: each for each in answer.value}


def shown(column: LiveColumn) -> Any:
    inside = {each.name: shown(each) for each in column.fields}
    return (column.type, column.logical_type, inside) if inside else (column.type, column.logical_type)


@pytest.mark.postgres
def test_arrays_composites_and_domains_of_postgres_tell_of_their_fields(
    postgres_url: str, opened: Callable[..., Any]
) -> None:
    connection = psycopg2.connect(postgres_url)
    connection.cursor().execute(
        "create type mood as enum ('ok'); create type pair as (a integer, \"b c\" numeric(10, 2));"
        "create domain positive as integer check (value > 0); create domain pairs as pair[];"
        "create domain strict as positive not null;"
        "create type whole as (many pairs, one pair, moods mood[], p strict, gone text, at timestamptz);"
        "alter type whole drop attribute gone;"
        "create table other (id integer, tags text[]);"
        "create table t (w whole, ws whole[], o other, tags varchar(5)[], p positive, j jsonb, plain text)"
    )
    connection.commit()
    connection.close()
    found = columns(opened("postgres", access={"url": postgres_url}))
    pair = ("pair", "object", {"a": ("integer", "integer"), "b c": ("numeric(10,2)", "number")})
    whole = (
        "whole",
        "object",
        {
            "many": ("pair[]", "array", {"[]": pair}),
            "one": pair,
            "moods": ("mood[]", "array", {"[]": ("mood", "string")}),
            "p": ("integer", "integer"),
            "at": ("timestamp with time zone", "timestamp"),
        },
    )
    tags = ("text[]", "array", {"[]": ("text", "string")})
    assert {name: shown(each) for name, each in found.items()} == {
        "w": whole,
        "ws": ("whole[]", "array", {"[]": whole}),
        "o": ("other", "object", {"id": ("integer", "integer"), "tags": tags}),
        "tags": ("character varying(5)[]", "array", {"[]": ("character varying(5)", "string")}),
        "p": ("integer", "integer"),
        "j": ("jsonb", "object"),
        "plain": ("text", "string"),
    }


def test_only_composites_and_domains_take_another_statement() -> None:
    assert not use_of(1, "text", "b", None, None).is_made
    assert not use_of(2, "text[]", "b", 1, "b").is_made
    assert not use_of(3, "mood", "e", None, None).is_made
    assert use_of(4, "pair", "c", None, None).is_made
    assert use_of(5, "pair[]", "b", 4, "c").is_made
    assert use_of(6, "positive", "d", None, None).is_made


def test_files_of_duckdb_tell_of_their_fields(tmp_path: Any, opened: Callable[..., Any]) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {{'a': [1], 'b': '1'::json}} as s) to '{tmp_path}/t.parquet'")
    (tmp_path / "u.json").write_text('[{"s": {"a": [{"b": 1}]}}]')
    inside = {"a": ("INTEGER[]", "array", {"[]": ("INTEGER", "integer")}), "b": ("JSON", "object")}
    found = columns(opened("local", path="{model}.parquet", format="parquet"))["s"]
    assert shown(found)[2] == inside
    found = columns(opened("local", path="u.json", format="json"))["s"]
    assert shown(found)[2]["a"][2]["[]"][2] == {"b": ("BIGINT", "integer")}


def test_what_is_text_to_an_engine_tells_of_no_fields(tmp_path: Any, opened: Callable[..., Any]) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("create table t (j json, plain text)")
    assert columns(opened("sqlite", database="x.sqlite"))["j"].fields == ()
    frame = pd.DataFrame({"o": pd.Series([{"a": 1}], dtype="object")})
    (found,) = columns(FramesWarehouse({"t": frame})).values()
    assert (found.type, found.logical_type, found.fields) == ("object of dict", "object", ())
