"""Arrays and objects: engines that have them give the oracle's answers, and the others say that they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.plan.metric import Cause, LiveColumn, Measured, Offenders, Question, Table
from floe_dagster.plan.offence import (
    Compares,
    ItemsCompare,
    LacksProperty,
    NotWritten,
    PropertiesCompare,
    RepeatsItem,
    ZoneDiffers,
)
from floe_dagster.warehouses._duckdb import DuckdbSql
from floe_dagster.warehouses._offences import condition
from tests.warehouses.oracle import Data, answer
from tests.warehouses.tables import fill_duckdb
from tests.warehouses.test_conformance import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

every_warehouse = pytest.mark.parametrize(
    "kind", [pytest.param(each, marks=pytest.mark.postgres if each == "postgres" else ()) for each in KINDS]
)
FLAT = {
    ("sqlite", "items"): '"items" is integer[], in which sqlite sees no arrays and no objects',
    ("csv", "items"): '"items" is VARCHAR, in which duckdb sees no arrays and no objects',
    ("csv", "address"): '"address" is VARCHAR, in which duckdb sees no arrays and no objects',
    ("pandas", "address"): '"address" is VARCHAR, in which duckdb sees no arrays and no objects',
}
"""Columns that are text there, and what is said of them."""

ODD = "a/b~\"c'{value}"
NESTED = {
    "nested": Data(
        {"id": "integer", "items": "array", "address": "object"},
        [
            (1, [1, 2, 3], {"street": "x", "city": "y", "zip": 1, ODD: 1}),
            (2, [1, 1], {"street": None, "city": "y"}),
            (3, [], {"city": "y", "more": {"street": "z"}}),
            (4, None, None),
            (5, [None, 4, None], {"street": "x"}),
            (6, [7, None], {"street": "", "city": None, "zip": 0}),
        ],
    )
}
OF_A_TABLE = (
    "key",
    "value",
    "type",
    "atom",
    "id",
    "parent",
    "fullkey",
    "path",
    "json",
    "root",
    "rowid",
    "oid",
    "whole",
)
"""What the columns of SQLite's own table of JSON are called."""
OFFENCES = (
    *(ItemsCompare("items", "<", each) for each in (0, 1, 2, 3)),
    *(ItemsCompare("items", ">", each) for each in (0, 1, 2, 3)),
    RepeatsItem("items"),
    *(PropertiesCompare("address", "<", each) for each in (0, 1, 2, 4)),
    *(PropertiesCompare("address", ">", each) for each in (0, 1, 2, 4)),
    *(LacksProperty("address", each) for each in ("street", "city", "zip", "nowhere", ODD)),
)
QUESTIONS = tuple(Question(Table("nested"), Offenders(each)) for each in OFFENCES)


@every_warehouse
def test_arrays_and_objects_are_counted_or_said_not_to_be(kind: str, loaded: Callable[..., Any]) -> None:
    answers = loaded(kind, NESTED).ask(QUESTIONS)
    wrong = []
    for each in QUESTIONS:
        found, expected = answers[each], answer(each, NESTED)
        flat = FLAT.get((kind, each.metric.offence.column))
        if kind.startswith("sqlalchemy"):
            # it has no words for what engines spell differently
            kept = getattr(found, "cause", None) is Cause.UNSUPPORTED and bool(found.reason)
        elif flat:
            kept = getattr(found, "cause", None) is Cause.UNSUPPORTED and found.reason == flat
        else:
            kept = isinstance(found, Measured) and found.value == expected
        wrong += [] if kept else [(each.metric, expected, found)]
    assert wrong == []


@given(
    st.lists(st.one_of(st.none(), st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=4)), max_size=5)
)
@settings(max_examples=40, deadline=None)
def test_duckdb_finds_the_items_that_the_oracle_finds(rows: list[Any]) -> None:
    data = {"nested": Data({"items": "array"}, [(each,) for each in rows])}
    connection = fill_duckdb(":memory:", data)
    live = connection.execute("select data_type from duckdb_columns() where column_name = 'items'").fetchone()
    for offence in (RepeatsItem("items"), ItemsCompare("items", "<", 2), ItemsCompare("items", ">", 2)):
        where = condition(offence, lambda name: column_of(name, live[0], "array"), DuckdbSql())
        (found,) = connection.execute(f"select count(*) from nested where {where}").fetchone()
        assert found == answer(Question(Table("nested"), Offenders(offence)), data)


def column_of(name: str, kind: str, logical_type: str) -> Any:
    return LiveColumn(name=name, type=kind, logical_type=logical_type)


def counts(warehouse: Any, *offences: Any) -> list[Any]:
    asked = tuple(Question(Table("t"), Offenders(each)) for each in offences)
    answers = warehouse.ask(asked)
    return [getattr(answers[each], "value", None) for each in asked]


def test_structs_maps_and_fixed_arrays_of_duckdb_are_objects_and_arrays(
    tmp_path: Any, opened: Callable[..., Any]
) -> None:
    connection = duckdb.connect(str(tmp_path / "x.duckdb"))
    connection.execute(
        "create table t as select {'a': 1, 'b': null} as s, map {'a': 1, 'b': null} as m, "
        "[1.5, 1.5]::double[2] as v, '[1, 1]'::json as j, '3'::json as n, 'null'::json as nil"
    )
    connection.close()
    warehouse = opened("duckdb", database="x.duckdb")
    assert counts(warehouse, PropertiesCompare("s", "<", 2), PropertiesCompare("s", "<", 1)) == [1, 0]
    assert counts(warehouse, PropertiesCompare("m", "<", 2), PropertiesCompare("m", "<", 1)) == [1, 0]
    assert counts(warehouse, LacksProperty("s", "a"), LacksProperty("s", "b"), LacksProperty("s", "c")) == [
        0,
        1,
        1,
    ]
    assert counts(warehouse, LacksProperty("m", "a"), LacksProperty("m", "b")) == [0, 1]
    assert counts(warehouse, ItemsCompare("v", "<", 3), RepeatsItem("v"), ItemsCompare("j", "<", 3)) == [
        1,
        1,
        1,
    ]
    assert counts(warehouse, ItemsCompare("n", "<", 1), LacksProperty("n", "a")) == [1, 1]
    assert counts(warehouse, ItemsCompare("nil", "<", 1), LacksProperty("nil", "a")) == [0, 0]
    assert counts(warehouse, RepeatsItem("j")) == [None]


@pytest.mark.postgres
def test_json_and_composites_of_postgres_are_objects_and_arrays(
    postgres_url: str, opened: Callable[..., Any]
) -> None:
    connection = psycopg2.connect(postgres_url)
    connection.cursor().execute(
        "create type pair as (a integer, b integer);"
        "create table t as select row(1, null)::pair as c, '[1, 1.0, {\"a\": 1}]'::jsonb as j, "
        "'[1, null, null]'::json as k, '3'::jsonb as n, 'null'::jsonb as nil"
    )
    connection.commit()
    connection.close()
    warehouse = opened("postgres", access={"url": postgres_url})
    assert counts(
        warehouse, PropertiesCompare("c", "<", 2), LacksProperty("c", "a"), LacksProperty("c", "b")
    ) == [1, 0, 1]
    assert counts(warehouse, ItemsCompare("j", "<", 4), RepeatsItem("j"), RepeatsItem("k")) == [1, 1, 1]
    assert counts(warehouse, ItemsCompare("n", "<", 1), LacksProperty("n", "a"), RepeatsItem("n")) == [
        1,
        1,
        0,
    ]
    assert counts(warehouse, ItemsCompare("nil", "<", 1), LacksProperty("nil", "a"), RepeatsItem("nil")) == [
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("kind", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_stamps_with_a_zone_are_held_against_limits_as_points_in_time(
    kind: str, tmp_path: Any, opened: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    sql = "create table t as select timestamptz '2024-07-01 10:00:00+00' as at, date '2024-07-01' as day"
    if kind == "duckdb":
        connection: Any = duckdb.connect(str(tmp_path / "x.duckdb"))
        connection.execute(sql)
        connection.close()
        warehouse = opened("duckdb", database="x.duckdb")
    else:
        url = request.getfixturevalue("postgres_url")
        connection = psycopg2.connect(url)
        connection.cursor().execute(sql)
        connection.commit()
        connection.close()
        warehouse = opened("postgres", access={"url": url})
    noon = "2024-07-01T12:00:00"
    assert counts(warehouse, Compares("at", "<", noon), Compares("at", "<", noon, "Europe/Berlin")) == [1, 0]
    assert counts(warehouse, ZoneDiffers("at", zoned=True), ZoneDiffers("at", zoned=False)) == [0, 1]
    asked = Question(Table("t"), Offenders(NotWritten("day", "^x$", "dd.MM.yyyy")))
    found = warehouse.ask((asked,))[asked]
    assert found.cause is Cause.UNSUPPORTED
    assert "says how it is shown" in found.reason


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_plan_without_a_connection_shows_what_is_asked_of_arrays(
    kind: str, loaded: Callable[..., Any]
) -> None:
    shown = "\n".join(each.sql for each in loaded(kind, NESTED).explain(QUESTIONS))
    assert "items" in shown


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_an_object_may_be_in_a_column_of_any_name(kind: str, loaded: Callable[..., Any]) -> None:
    objects = ({"a": 1, ODD: 2}, {"a": None}, {}, None)
    names = [each for each in OF_A_TABLE if kind == "sqlite" or each not in ("rowid", "oid")]
    rows = [tuple(each for _ in names) for each in objects]
    warehouse = loaded(kind, {"t": Data(dict.fromkeys(names, "object"), rows)})
    asked = [
        Question(Table("t"), Offenders(each))
        for name in names
        for each in (PropertiesCompare(name, "<", 2), LacksProperty(name, "a"), LacksProperty(name, ODD))
    ]

    answers = warehouse.ask(tuple(asked))

    assert [answers[each].value for each in asked] == [2, 2, 2] * len(names)
