"""Fields nested in columns: what else is asked of them, and what is said where that cannot be."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import psycopg2
import pytest

from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import (
    Cause,
    Count,
    Duplicates,
    Measured,
    Newest,
    NotMeasured,
    Offenders,
    Oldest,
    Question,
    Table,
)
from floe_dagster.plan.offence import (
    Compares,
    ItemsCompare,
    LacksProperty,
    Missing,
    NotIn,
    NotMatching,
    Null,
)
from floe_dagster.warehouses._frames import FramesWarehouse

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

ROWS: list[Any] = [
    {"meta": {"at": "2024-05-01T10:00:00", "key": "a", "n": 1}},
    {"meta": {"at": "2024-05-02T10:00:00", "key": "a", "n": 1.0}},
    {"meta": {"at": None, "key": None, "n": None}},
    {"meta": None},
    {"meta": {"at": "2023-05-01T10:00:00", "key": "b", "n": 2}},
    {"meta": {"key": "a", "n": 3}},
]
KINDS = [
    "duckdb",
    "duckdb-json",
    "jsonl",
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("postgres-json", marks=pytest.mark.postgres),
]
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def holding(
    tmp_path: Any, opened: Callable[..., Any], request: pytest.FixtureRequest
) -> Callable[[str], Any]:
    """A table whose column `meta` holds what the rows hold, in a type or in JSON."""
    meta = [None if each["meta"] is None else json.dumps(each["meta"]) for each in ROWS]

    def of_duckdb(kind: str, value: str) -> Any:
        with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
            connection.execute(f"create table t (meta {kind})")
            connection.executemany(f"insert into t values ({value})", [[each] for each in meta])
        return opened("duckdb", database="x.duckdb")

    def of_postgres(kind: str) -> Any:
        url = request.getfixturevalue("postgres_url")
        connection = psycopg2.connect(url)
        cursor = connection.cursor()
        cursor.execute(
            f'create type made as ("at" timestamp, key text, n numeric); create table t (meta {kind})'
        )
        for each in ROWS:
            cursor.execute(
                "insert into t select * from jsonb_populate_record(null::t, %s)", (json.dumps(each),)
            )
        connection.commit()
        connection.close()
        return opened("postgres", access={"url": url})

    def load(kind: str) -> Any:
        match kind:
            case "duckdb":
                types = '{"at": "TIMESTAMP", "key": "VARCHAR", "n": "DOUBLE"}'
                return of_duckdb(
                    'struct("at" timestamp, key varchar, n double)', f"json_transform(?, '{types}')"
                )
            case "duckdb-json":
                return of_duckdb("json", "?")
            case "jsonl":
                (tmp_path / "t.jsonl").write_text("".join(json.dumps(each) + "\n" for each in ROWS))
                return opened("local", path="{model}.jsonl", format="jsonl")
            case "sqlite":
                with sqlite3.connect(tmp_path / "x.sqlite") as connection:
                    connection.execute("create table t (meta text)")
                    connection.executemany("insert into t values (?)", [(each,) for each in meta])
                return opened("sqlite", database="x.sqlite")
            case "postgres":
                return of_postgres("made")
            case _:
                return of_postgres("jsonb")

    return load


def asked(warehouse: Any, *metrics: Any) -> list[Any]:
    questions = tuple(Question(Table("t"), each) for each in metrics)
    answers = warehouse.ask(questions)
    return [
        answers[each].value if isinstance(answers[each], Measured) else answers[each] for each in questions
    ]


def counts(warehouse: Any, *offences: Any) -> list[Any]:
    return asked(warehouse, *(Offenders(each) for each in offences))


@every_kind
def test_rows_repeat_each_other_by_a_field(kind: str, holding: Callable[[str], Any]) -> None:
    key, n = Field("meta", ("key",), "string"), Field("meta", ("n",), "number")
    wanted = [
        *(Duplicates((key,), each) for each in Count),
        *(Duplicates((n,), each) for each in Count),
        Duplicates((key, n)),
    ]
    values = [(row["meta"] or {}) for row in ROWS]
    keys = Counter(each.get("key") for each in values if each.get("key") is not None)
    numbers = Counter(each.get("n") for each in values if each.get("n") is not None)
    expected = []
    for each in (keys, numbers):
        sizes = [size for size in each.values() if size > 1]
        by = {Count.GROUPS: len(sizes), Count.EXCESS: sum(sizes) - len(sizes), Count.ROWS: sum(sizes)}
        expected += [by[how] for how in Count]
    assert asked(holding(kind), *wanted) == [*expected, 1]


@every_kind
def test_the_newest_and_the_oldest_value_of_a_field_are_told(
    kind: str, holding: Callable[[str], Any]
) -> None:
    at = Field("meta", ("at",), "timestamp")
    found = asked(holding(kind), Newest(at, "Europe/Berlin"), Oldest(at))
    assert found == [datetime(2024, 5, 2, 8, tzinfo=UTC), datetime(2023, 5, 1, 10, tzinfo=UTC)]


@every_kind
def test_stamps_and_numbers_in_a_field_are_held_against_limits(
    kind: str, holding: Callable[[str], Any]
) -> None:
    at, n = Field("meta", ("at",), "timestamp"), Field("meta", ("n",), "number")
    found = counts(
        holding(kind),
        Compares(at, "<", "2024-05-01T10:00:00Z"),
        Compares(at, ">=", "2024-05-01T12:00:00+02:00"),
        Compares(n, ">", 1.5),
    )
    assert found == [1, 2, 2]


@pytest.mark.parametrize("kind", ["duckdb", "jsonl", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_field_that_a_type_does_not_have_is_no_column(kind: str, holding: Callable[[str], Any]) -> None:
    (found,) = counts(holding(kind), Null(Field("meta", ("keyy",))))
    assert found == NotMeasured(
        Cause.NO_COLUMN, 'no field "keyy" in meta, on the way to meta.keyy; did you mean "key"?'
    )


@every_kind
def test_a_field_of_a_column_that_is_not_there_is_no_column(kind: str, holding: Callable[[str], Any]) -> None:
    (found,) = counts(holding(kind), Null(Field("nowhere", ("a",))))
    assert found.cause is Cause.NO_COLUMN


@pytest.mark.parametrize("kind", ["duckdb", "jsonl", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_value_without_fields_is_said_to_have_none(kind: str, holding: Callable[[str], Any]) -> None:
    warehouse = holding(kind)
    of_text = counts(warehouse, Null(Field("meta", ("key", "a"))), Null(Field("meta", ("key", "[]"))))
    of_struct = counts(warehouse, Null(Field("meta", ("[]",))))
    assert {each.cause for each in of_text} == {Cause.UNSUPPORTED}
    assert of_text[0].reason.startswith('"meta.key" is ')
    assert of_struct[0].cause is Cause.NO_COLUMN


@every_kind
def test_fields_of_items_have_no_newest_value_and_are_no_key(
    kind: str, holding: Callable[[str], Any]
) -> None:
    several = Field("meta", ("[]", "at"), "timestamp")
    for each in asked(holding(kind), Newest(several), Duplicates((several,))):
        assert each == NotMeasured(Cause.UNSUPPORTED, '"meta[].at" has any number of values in a row')


@pytest.mark.parametrize("kind", ["duckdb-json", "sqlite"])
def test_engines_that_cannot_tell_whether_json_is_equal_say_so(
    kind: str, holding: Callable[[str], Any]
) -> None:
    (found,) = asked(holding(kind), Duplicates((Field("meta", ("key",), "object"),)))
    assert found.cause is Cause.UNSUPPORTED
    assert "does not tell whether two objects of it are equal" in found.reason


def test_the_generic_warehouse_says_that_it_does_not_look_into_columns(
    tmp_path: Any, opened: Callable[..., Any]
) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("create table t (meta json)")
    warehouse = opened("sqlalchemy", access={"url": "sqlite:///x.sqlite"})
    field = Field("meta", ("at",), "timestamp")
    for each in asked(warehouse, Offenders(Null(field)), Newest(field), Duplicates((field,))):
        assert each == NotMeasured(
            Cause.UNSUPPORTED,
            "the generic warehouse cannot look into columns for nested fields such as meta.at",
        )


def test_text_of_sqlite_that_is_no_json_keeps_nothing_of_what_is_promised_of_its_fields(
    tmp_path: Any, opened: Callable[..., Any]
) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("create table t (a text, n integer)")
        rows = ["no json", "{", "", "3", '["x"]', "null", None, '{"b": "x"}']
        connection.executemany("insert into t values (?, 1)", [(each,) for each in rows])
    warehouse = opened("sqlite", database="x.sqlite")
    field = Field("a", ("b",), "string")
    found = counts(warehouse, Null(field), NotIn(field, ("x",)), Missing(field, ("x",), null=False))
    assert found == [5, 5, 1]
    (found,) = counts(warehouse, Null(Field("n", ("b",))))
    assert found.reason == '"n" is INTEGER, in which sqlite sees no arrays and no objects'


@pytest.mark.parametrize("name", ["a b", "a.b", 'q"q', "it's", "ü", "\\", "a/b~0", "[x]", "🦆", ""])
def test_json_of_sqlite_is_found_under_any_name(name: str, tmp_path: Any, opened: Callable[..., Any]) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("create table t (a text)")
        rows = [{name: {name: "x"}}, {name: {name: "y"}}, {name: {}}, {name: 1}, {}, {"other": 1}]
        connection.executemany("insert into t values (?)", [(json.dumps(each),) for each in rows])
    field = Field("a", (name, name), "string")
    warehouse = opened("sqlite", database="x.sqlite")
    assert counts(warehouse, NotIn(field, ("x",)), Null(field)) == [2, 2]
    assert asked(warehouse, Duplicates((field,))) == [0]


def test_maps_and_structs_of_duckdb_are_looked_into_as_one_another(
    tmp_path: Any, opened: Callable[..., Any]
) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute(
            "create table t as select * from (values "
            "(map {'a': 1, 'b': 2}, {'a': 1, 'b': 2}), (map {'b': 3}, {'a': null, 'b': 3}), (null, null)) as v (m, s)"
        )
    warehouse = opened("duckdb", database="x.duckdb")
    found = counts(
        warehouse,
        Null(Field("m", ("a",), "integer")),
        Compares(Field("m", ("b",), "integer"), ">", 2),
        NotIn(Field("s", ("[key]",), "string"), ("b",)),
        Compares(Field("s", ("[value]",), "integer"), ">", 2),
    )
    assert found == [1, 1, 1, 1]


def test_objects_of_python_are_looked_into_as_duckdb_reads_them() -> None:
    frame = pd.DataFrame({"o": pd.Series([{"a": "x"}, {"a": "yy"}, None], dtype="object")})
    found = counts(
        FramesWarehouse({"t": frame}),
        NotMatching(Field("o", ("a",), "string"), "^.$"),
        Null(Field("o", ("a",), "string")),
    )
    assert found == [1, 0]


@pytest.mark.postgres
def test_a_composite_of_nothing_but_nulls_is_there(postgres_url: str, opened: Callable[..., Any]) -> None:
    connection = psycopg2.connect(postgres_url)
    connection.cursor().execute(
        "create type pair as (a integer, b integer); create type two as (p pair);"
        "create table t (c two, list pair[]);"
        "insert into t values (row(row(null, null)), array[row(null, null)]::pair[]), (row(null), array[null]::pair[]),"
        " (null, null)"
    )
    connection.commit()
    connection.close()
    warehouse = opened("postgres", access={"url": postgres_url})
    found = counts(
        warehouse,
        Null(Field("c", ("p",), "object")),
        Null(Field("c", ("p", "a"), "integer")),
        Null(Field("list", ("[]",), "object")),
        Null(Field("list", ("[]", "a"), "integer")),
        LacksProperty(Field("list", ("[]",), "object"), "a"),
        ItemsCompare(Field("list", ("[]",), "array"), "<", 1),
    )
    assert found[:5] == [1, 1, 1, 1, 1]
    assert found[5].cause is Cause.UNSUPPORTED
