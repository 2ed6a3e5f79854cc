"""One suite for every warehouse: the same tables, the same questions, the answers of the oracle.

Where a warehouse cannot give the oracle's answer, that is declared in `DIFFERENCES`, with the reason, and what it
says instead is asserted; nothing is skipped.
"""

# naive timestamps are what this suite is about
# ruff: noqa: DTZ001

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from floe_dagster import warehouses
from floe_dagster.plan.metric import (
    Cause,
    Columns,
    Count,
    Duplicates,
    Measured,
    Metric,
    Newest,
    NotMeasured,
    Offenders,
    Oldest,
    Orphans,
    Probe,
    Query,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotWritten,
    Null,
    ZoneDiffers,
)
from floe_dagster.plugins import on_shelf
from tests.warehouses.oracle import FORMATS, Data, answer

pytestmark = pytest.mark.requirement("B-03")

KINDS = {
    "duckdb": "duckdb",
    "csv": "local",
    "parquet": "local",
    "json": "local",
    "sqlite": "sqlite",
    "postgres": "postgres",
    "iceberg": "iceberg",
    "pandas": "_frames",
    "sqlalchemy-sqlite": "sqlalchemy",
    "sqlalchemy-postgres": "sqlalchemy",
}
"""The warehouses of this suite, and the file that each is opened by; DataFrames are no server's, and on no shelf."""

every_warehouse = pytest.mark.parametrize(
    "kind", [pytest.param(each, marks=pytest.mark.postgres if "postgres" in each else ()) for each in KINDS]
)

COLUMNS = {
    "id": "integer",
    "name": "text",
    "qty": "integer",
    "price": "double",
    "cost": "decimal",
    "ok": "boolean",
    "day": "date",
    "at": "timestamp",
    "nothing": "text",
    'Größe "cm"': "integer",
    "select": "text",
}
ORDERS = Data(
    COLUMNS,
    [
        (1, "ann", 3, 0.3, Decimal("1.50"), True, date(2024, 1, 1), datetime(2024, 1, 1, 10), None, 170, "a"),
        (2, "Bob", None, 0.35, Decimal("2.25"), False, None, datetime(2024, 3, 31, 2, 30), None, None, "b"),
        (3, "Ünal 🦆", 6, None, None, True, date(1969, 7, 20), None, None, 170, "a"),
        (
            4,
            None,
            6,
            -2.5,
            Decimal("-0.10"),
            None,
            date(2024, 1, 1),
            datetime(1969, 7, 20, 20, 17, 40),
            None,
            2,
            None,
        ),
        (
            5,
            "ann",
            -4,
            1e15,
            Decimal("99999999.99"),
            False,
            date(2024, 12, 31),
            datetime(2024, 1, 1, 10),
            None,
            3,
            "it's",
        ),
        (
            6,
            "x" * 300,
            0,
            0.0,
            Decimal("0.00"),
            False,
            date(2024, 2, 29),
            datetime(2024, 1, 1, 10, 0, 0, 250000),
            None,
            9,
            '"',
        ),
    ],
    key=("id",),
)
VISITS = Data(
    {"order_id": "integer", "region": "text", "day": "date", "host": "text"},
    [
        (1, "north", date(2024, 1, 1), "example.org"),
        (1, "north", date(2024, 1, 1), "-bad-.org"),
        (1, "south", date(2024, 1, 1), "2001:db8::1"),
        (2, None, date(2024, 1, 2), "10.0.0.1"),
        (2, None, date(2024, 1, 2), "10.0.0.256"),
        (7, "north", None, "ann@example.org"),
        (7, "north", None, "https://example.org/a%20b?c=d#e"),
        (None, "north", date(2024, 1, 1), "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        (9, "west", date(2023, 1, 1), None),
        (9, "west", date(2023, 1, 1), "aGVsbG8="),
        (9, "west", date(2023, 1, 1), "aGVsbG8"),
    ],
)
REGIONS = Data(
    {"order_id": "integer", "region": "text"},
    [(1, "north"), (1, "south"), (2, None), (None, "west"), (7, "east")],
)
STAMPS = Data(
    {"written": "text", "stamp": "text", "clock": "time"},
    [
        ("2024-01-31", "2024-01-01T10:00:00Z", time(10)),
        ("31.01.2024", "2024-01-01 10:00:00", time(9, 59, 59)),
        ("2024-02-30", "2024-01-01T10:00:00+02:00", time(10, 30, 0, 500000)),
        ("2024-13-01", "2024-01-01T10:00:00.25", None),
        ("2024-1-5", "soon", time(0)),
        (None, None, time(23, 59, 59)),
    ],
)
TABLES = {
    "stamps": STAMPS,
    "orders": ORDERS,
    "Besuche & Co": VISITS,
    "regions": REGIONS,
    "empty": Data(COLUMNS, [], key=("id",)),
}

SIZE = 'Größe "cm"'
OF_ORDERS: list[Metric] = [
    RowCount(),
    *(Offenders(Null(each)) for each in COLUMNS),
    Offenders(Missing("name", ("ann", "Bob", ""))),
    Offenders(Missing("name", ("ann",), null=False)),
    Offenders(Missing("qty", (6, "3", "n/a", None), null=False)),
    Offenders(Missing("nothing", ())),
    Offenders(NotIn("name", ("ann", "Bob", "Ünal 🦆"))),
    Offenders(NotIn("select", ("it's", '"'))),
    Offenders(NotIn("qty", (3, "6", "x", 0.0))),
    Offenders(NotIn("qty", ("x",))),
    Offenders(NotIn("ok", (True,))),
    Offenders(NotIn("ok", ("false", "maybe"))),
    Offenders(NotIn("day", ("2024-01-01", "1969-07-20", "soon"))),
    Offenders(NotIn("at", ("2024-01-01T10:00:00Z", "2024-01-01"))),
    Offenders(NotIn("cost", (1.5, "2.25", 0))),
    Offenders(NotMatching("name", "^[a-z]+$")),
    Offenders(NotMatching("name", r"\w\b")),
    Offenders(NotMatching("name", "n")),
    Offenders(NotMatching("name", "^.{4,6}$")),
    Offenders(NotMatching("name", "a|B|Ü|🦆")),
    Offenders(NotMatching("select", r"['\"]")),
    Offenders(NotMatching("nothing", "^$")),
    Offenders(Compares("qty", "<", 0)),
    Offenders(Compares("qty", ">", 2.5)),
    Offenders(Compares("qty", ">=", 6)),
    Offenders(Compares("price", "<", 0.3)),
    Offenders(Compares("price", "<=", 0.3)),
    Offenders(Compares("price", ">", 10**14)),
    Offenders(Compares("cost", "<", -0.1)),
    Offenders(Compares("cost", ">=", 99999999.99)),
    Offenders(Compares("day", "<", "2024-01-01")),
    Offenders(Compares("day", "<=", "2024-01-01")),
    Offenders(Compares("day", ">", "2024-02-29T12:00:00Z")),
    Offenders(Compares("at", ">", "2024-01-01T10:00:00Z")),
    Offenders(Compares("at", ">=", "2024-01-01T11:00:00+01:00")),
    Offenders(Compares("at", "<", "1970-01-01")),
    Offenders(Compares("name", ">", "a")),
    Offenders(Compares(SIZE, ">", 100)),
    Offenders(LengthCompares("name", "<", 4)),
    Offenders(LengthCompares("name", ">", 6)),
    Offenders(NotMultipleOf("qty", 3)),
    Offenders(NotMultipleOf("qty", 1.5)),
    Offenders(NotMultipleOf("price", 0.1)),
    Offenders(NotMultipleOf("cost", 0.75)),
    Offenders(NotMultipleOf("cost", 0.01)),
    Offenders(Compares("at", "<", "2024-01-01T10:00:00", "America/New_York")),
    Offenders(Compares("at", "<=", "2024-01-01T15:00:00Z", "America/New_York")),
    Offenders(Compares("at", ">", "2024-01-01T15:00:00Z", "America/New_York")),
    Offenders(ZoneDiffers("at", zoned=True)),
    Offenders(ZoneDiffers("at", zoned=False)),
    *(
        Offenders(AnyOf((Compares(name, "<", low), Compares(name, ">", high))))
        for name in ("qty", "price", "cost")
        for low, high in (
            (-(2**7), 2**7 - 1),
            (0, 2**64 - 1),
            (-(2**127), 2**127 - 1),
            (0, 2**128 - 1),
            (-3.4028234663852886e38, 3.4028234663852886e38),
            (-1.7976931348623157e308, 1.7976931348623157e308),
        )
    ),
    Offenders(AnyOf((Null("qty"), Compares("qty", "<", 0), NotIn("name", ("ann",))))),
    Offenders(AnyOf(())),
    *(Duplicates(("name",), each) for each in Count),
    *(Duplicates(("day", "at"), each) for each in Count),
    Duplicates(("id",)),
    Duplicates(("nothing",)),
    Duplicates((SIZE,)),
    Newest("at"),
    Oldest("at"),
    Newest("at", "Europe/Berlin"),
    Newest("day", "America/New_York"),
    Oldest("day"),
]
OF_VISITS: list[Metric] = [
    RowCount(),
    *(Duplicates(("order_id", "region"), each) for each in Count),
    Duplicates(("order_id", "region", "day")),
    Orphans(("order_id",), Table("orders"), ("id",)),
    Orphans(("order_id", "region"), Table("regions"), ("order_id", "region")),
    Orphans(("region",), Table("regions"), ("region",)),
    Orphans(("order_id",), Table("Besuche & Co"), ("order_id",)),
    Orphans(("order_id",), Table("empty"), ("id",)),
    *(Offenders(NotFormat("host", each)) for each in FORMATS),
]
OF_STAMPS: list[Metric] = [
    Offenders(NotWritten("written", "^([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})$", "yyyy-MM-dd")),
    Offenders(NotWritten("written", "^([0-9]{2})\\.(0[1-9]|1[0-2])\\.([0-9]{4})$", "dd.MM.yyyy")),
    Offenders(ZoneDiffers("stamp", zoned=True)),
    Offenders(ZoneDiffers("stamp", zoned=False)),
    Offenders(Compares("clock", "<", "10:00")),
    Offenders(Compares("clock", "<=", "10:00:00")),
    Offenders(Compares("clock", ">", "10:30:00.25")),
    Offenders(Compares("clock", ">=", "23:59:59")),
    Offenders(NotIn("clock", ("10:00", "00:00:00", "never"))),
]
QUESTIONS = (
    *(Question(Table("stamps"), each) for each in OF_STAMPS),
    *(Question(Table("orders"), each) for each in OF_ORDERS),
    *(Question(Table("empty"), each) for each in OF_ORDERS),
    *(Question(Table("Besuche & Co"), each) for each in OF_VISITS),
)

NOT_PORTABLE = (
    "NotMatching", "NotFormat", "NotMultipleOf", "NotWritten", "ZoneDiffers", "Item", "Propert", "Query", "Expectation",
)  # fmt: skip
UNTYPED = "a file without a row has no types: every column is text"
Differs = Callable[[str, Question], bool]
DIFFERENCES: list[tuple[str, Differs, Callable[[Any], bool], str]] = [
    (
        "csv",
        lambda kind, asked: kind == "csv" and "ZoneDiffers(column='at'" in str(asked),
        lambda given: given == Measured(0) or "whether a zone was written" in given.reason,
        "timestamps of CSV are guessed from text, and the guess does not keep how zones are written",
    ),
    (
        "csv",
        lambda kind, asked: kind == "csv" and asked.table.name == "empty",
        lambda given: (
            given in (Measured(0), Measured(None)) or "and" in given.reason or "needs" in given.reason
        ),
        UNTYPED,
    ),
    (
        "json",
        lambda kind, asked: kind == "json" and "'empty'" in str(asked),
        lambda given: given.cause is Cause.NO_COLUMN or given == Measured(0),
        "a JSON file without a row has no columns either",
    ),
    (
        "json",
        lambda kind, asked: kind == "json" and '"nothing"' in str(asked).replace("'", '"'),
        lambda given: isinstance(given, Measured) or given.cause is Cause.BROKEN,
        "a column of JSON in which every value is null has no type, so patterns and lists make no sense of it",
    ),
    (
        "json",
        lambda kind, asked: kind == "json" and "NotIn(column='at'" in str(asked),
        lambda given: given == Measured(5),
        "timestamps of JSON that have several forms are text, and lists are compared as text",
    ),
    (
        "sqlalchemy",
        lambda kind, asked: KINDS[kind] == "sqlalchemy" and any(each in str(asked) for each in NOT_PORTABLE),
        lambda given: given.cause is Cause.UNSUPPORTED,
        "patterns, remainders and what is in values mean something else in each database",
    ),
    (
        "sqlalchemy",
        lambda kind, asked: KINDS[kind] == "sqlalchemy" and "Compares(column='name'" in str(asked),
        lambda given: given.cause is Cause.UNSUPPORTED,
        "each database orders texts in its own way",
    ),
    (
        "sqlalchemy-sqlite",
        lambda kind, asked: (
            kind == "sqlalchemy-sqlite" and any(f"column='{each}'" in str(asked) for each in ("at", "clock"))
        ),
        lambda given: given.cause is Cause.UNSUPPORTED,
        "SQLite keeps times as text, which only its own warehouse reads",
    ),
]


def difference(kind: str, question: Question) -> tuple[str, Differs, Callable[[Any], bool], str] | None:
    return next((each for each in DIFFERENCES if each[1](kind, question)), None)


def without_time(given: object) -> object:
    return Measured(given.value) if isinstance(given, Measured) else given


def test_every_file_on_the_shelf_is_in_this_suite() -> None:
    assert set(KINDS.values()) - {"_frames"} == set(on_shelf(warehouses, "WAREHOUSE"))


@every_warehouse
def test_every_answer_is_the_oracles(kind: str, loaded: Callable[..., Any]) -> None:
    answers = loaded(kind, TABLES).ask(QUESTIONS)
    wrong = []
    for each in QUESTIONS:
        given, expected = without_time(answers[each]), Measured(answer(each, TABLES))
        declared = difference(kind, each)
        if given != expected and not (declared and declared[2](given)):
            wrong.append((each, expected, given))
    assert wrong == []
    assert set(answers) == set(QUESTIONS)


@every_warehouse
def test_every_question_alone_has_the_answer_that_it_has_among_others(
    kind: str, loaded: Callable[..., Any]
) -> None:
    warehouse = loaded(kind, TABLES)
    together = warehouse.ask(QUESTIONS)
    for each in QUESTIONS[::7]:
        assert without_time(warehouse.ask((each,))[each]) == without_time(together[each])


def test_every_declared_difference_is_one() -> None:
    for _, applies, _, reason in DIFFERENCES:
        assert reason
        assert any(applies(kind, each) for kind in KINDS for each in QUESTIONS)


@every_warehouse
def test_columns_are_told_by_the_contracts_words(kind: str, loaded: Callable[..., Any]) -> None:
    question = Question(Table("orders"), Columns())
    columns = loaded(kind, TABLES).ask((question,))[question].value
    assert [each.name for each in columns] == list(COLUMNS)
    words = {each.name: each.logical_type for each in columns}
    expected = {
        "id": "integer", "name": "string", "qty": "integer", "price": "number", "cost": "number", "ok": "boolean",
        "day": "date", "at": "timestamp", "nothing": "string", SIZE: "integer", "select": "string",
    }  # fmt: skip
    if kind == "json":  # its timestamps are text unless all have one form, and nothing but nulls has no type
        expected |= {"nothing": words["nothing"], "at": "string"}
    assert words == expected
    keys = [each.name for each in columns if each.primary_key == 1]
    nullable = {each.name for each in columns if not each.nullable}
    if kind == "pandas":  # it knows no keys, and what may be missing is what is
        assert (keys, nullable) == ([], {each for each in COLUMNS if None not in ORDERS.column(each)})
    else:
        assert (keys, nullable) == ((["id"], {"id"}) if KINDS[kind] != "local" else ([], set()))


@every_warehouse
def test_a_table_that_is_not_there_is_named_with_what_is_near(kind: str, loaded: Callable[..., Any]) -> None:
    questions = (Question(Table("order"), RowCount()), Question(Table("regions"), RowCount()))
    gone, there = loaded(kind, TABLES).ask(questions).values()
    assert isinstance(gone, NotMeasured)
    assert gone.cause is Cause.NO_DATASET
    assert ("orders" if KINDS[kind] != "local" else f"order.{kind}") in gone.reason
    assert there.value == 5


@every_warehouse
def test_a_column_that_is_not_there_disturbs_no_other(kind: str, loaded: Callable[..., Any]) -> None:
    wrong = Question(Table("orders"), Offenders(Null("pric")))
    right = Question(Table("orders"), Offenders(Null("price")))
    answers = loaded(kind, TABLES).ask((wrong, right))
    assert answers[wrong] == NotMeasured(Cause.NO_COLUMN, 'no column "pric" in orders; did you mean "price"?')
    assert answers[right].value == 1


@every_warehouse
def test_a_question_that_makes_no_sense_says_so_and_disturbs_no_other(
    kind: str, loaded: Callable[..., Any]
) -> None:
    senseless = [
        Question(Table("orders"), each)
        for each in (
            Offenders(NotMatching("qty", "x")),
            Offenders(LengthCompares("day", ">", 3)),
            Offenders(Compares("name", ">", 3)),
            Offenders(Compares("qty", ">", "many")),
            Offenders(Compares("day", ">", "soon")),
            Offenders(NotMultipleOf("ok", 3)),
            Offenders(NotMultipleOf("qty", 0)),
            Newest("qty"),
            Newest("at", "Mars/Olympus"),
            Newest("name"),
        )
    ]
    right = Question(Table("orders"), Offenders(NotIn("name", ("ann", "Bob", "x"))))
    answers = loaded(kind, TABLES).ask((*senseless, right))
    refused = {Cause.BROKEN, Cause.UNSUPPORTED} if KINDS[kind] == "sqlalchemy" else {Cause.BROKEN}
    assert [each for each in senseless if getattr(answers[each], "cause", None) not in refused] == []
    assert answers[right].value == 2


@every_warehouse
@pytest.mark.parametrize("pattern", ["(", "[a", "a**", "(?x)a", "\\q", "a{3,1}", "x{70000}"])
def test_a_pattern_that_is_none_is_unsupported(kind: str, pattern: str, loaded: Callable[..., Any]) -> None:
    question = Question(Table("regions"), Offenders(NotMatching("region", pattern)))
    given = loaded(kind, TABLES).ask((question,))[question]
    assert given.cause is Cause.UNSUPPORTED
    assert given.reason


@every_warehouse
def test_looking_ahead_is_run_or_declined_but_never_passed(kind: str, loaded: Callable[..., Any]) -> None:
    question = Question(Table("regions"), Offenders(NotMatching("region", "^n(?=o)")))
    given = loaded(kind, TABLES).ask((question,))[question]
    if kind == "postgres":
        assert given.value == 3
    else:
        assert given.cause is Cause.UNSUPPORTED
        assert ("patterns" if KINDS[kind] == "sqlalchemy" else "look ahead") in given.reason


@every_warehouse
def test_a_contracts_own_query_returns_one_value(kind: str, loaded: Callable[..., Any]) -> None:
    queries = {
        "select count(*) from orders where qty > 2": 3,
        "select max(name) from regions_nowhere": None,
        "with a as (select qty from orders) select sum(qty) from a;": 11,
        "select min(region) from regions": "east",
        "select max(qty) from orders where false": None,
        "select count(*) > 3 from orders": True,
        "select qty from orders": "more than one row",
        "select qty, id from orders where id = 1": "one row of 2 columns",
        "select qty from orders where id = 77": "no rows",
    }
    asked = {Question(Table("orders"), Query(sql)): expected for sql, expected in queries.items()}
    answers = loaded(kind, TABLES).ask(tuple(asked))
    for question, expected in asked.items():
        given = answers[question]
        if KINDS[kind] == "sqlalchemy":  # which dialect it is guarded in is known for ours only
            assert given.cause is Cause.UNSUPPORTED
        elif "nowhere" in question.metric.sql:
            assert given.cause is Cause.BROKEN
        elif isinstance(expected, str) and "row" in expected:
            assert (given.cause, expected in given.reason) == (Cause.BROKEN, True)
        else:
            assert given.value == expected


@every_warehouse
@pytest.mark.requirement("B-04")
def test_a_probe_tells_how_long_it_took(kind: str, loaded: Callable[..., Any]) -> None:
    questions = tuple(Question(Table(each), Probe()) for each in ("orders", "regions", "nowhere"))
    answers = loaded(kind, TABLES).ask(questions)
    if kind == "pandas":  # what is in memory has no server that could be away
        assert {answers[each].cause for each in questions[:2]} == {Cause.UNSUPPORTED}
    else:
        assert all(0 < answers[each].value < 5 for each in questions[:2])
    assert answers[questions[2]].cause is Cause.NO_DATASET


@every_warehouse
def test_what_is_asked_twice_is_answered_twice_and_closing_twice_is_safe(
    kind: str, loaded: Callable[..., Any]
) -> None:
    warehouse = loaded(kind, TABLES)
    question = Question(Table("orders"), RowCount())
    assert warehouse.ask(()) == {}
    assert warehouse.statements() == 0
    assert warehouse.ask((question, question))[question].value == 6
    warehouse.close()
    warehouse.close()
    assert warehouse.ask((question,))[question].value == 6


TWELVE: tuple[Metric, ...] = (
    RowCount(),
    Offenders(Null("name")),
    Offenders(Null("qty")),
    Offenders(NotIn("name", ("ann",))),
    Offenders(NotMatching("name", "^a")),
    Offenders(Compares("qty", "<", 0)),
    Offenders(Compares("price", ">", 10)),
    Offenders(LengthCompares("name", ">", 10)),
    Offenders(NotMultipleOf("qty", 2)),
    Newest("at"),
    Duplicates(("id",)),
    Columns(),
)


@every_warehouse
def test_twelve_metrics_of_a_dataset_take_as_many_statements_as_are_cheapest_there(
    kind: str, loaded: Callable[..., Any]
) -> None:
    warehouse = loaded(kind, TABLES)
    if KINDS[kind] == "sqlalchemy":  # its inspector takes as many as its dialect wants
        warehouse.ask((Question(Table("orders"), Columns()),))
        read = warehouse.statements()
        able = (RowCount(), Offenders(Null("name")), Offenders(Compares("qty", "<", 0)), Duplicates(("id",)))
        warehouse.ask(tuple(Question(Table("orders"), each) for each in able))
        assert 0 < warehouse.statements() - read <= read + 2
        return
    questions = tuple(Question(Table("orders"), each) for each in TWELVE)
    answers = warehouse.ask(questions)
    assert all(isinstance(each, Measured) for each in answers.values())
    # the catalogue, the scan, the duplicates; what statistics answer is apart; text is parsed once
    assert warehouse.statements() == {"duckdb": 4, "parquet": 4, "csv": 2, "json": 2}.get(kind, 3)
    sent = [each for each in warehouse.explain(questions) if not each.only]
    assert len(sent) == warehouse.statements()


@every_warehouse
def test_the_catalogue_is_read_once_for_all_datasets(kind: str, loaded: Callable[..., Any]) -> None:
    warehouse = loaded(kind, TABLES)
    warehouse.ask(tuple(Question(Table(each), Columns()) for each in (*TABLES, "nowhere")))
    together = warehouse.statements()
    warehouse.ask((Question(Table("orders"), Columns()),))
    alone = warehouse.statements() - together
    assert together == 1 or (KINDS[kind] == "sqlalchemy" and together < 4 * alone)
