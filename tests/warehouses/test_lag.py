"""The time between two columns, and between the values of one, in every warehouse, held to the oracle."""

# naive timestamps are what this suite is about
# ruff: noqa: DTZ001

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2
import pytest

from floe_dagster.plan.metric import (
    MOST_GAPS,
    Arrivals,
    Cause,
    Gaps,
    Measured,
    Offenders,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import AnyOf, Lag, Null
from tests.warehouses.oracle import Data, answer
from tests.warehouses.test_conformance import KINDS, every_warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-05")

HOUR, DAY = 3600.0, 86400.0
COLUMNS = {"id": "integer", "day": "date", "at": "timestamp", "loaded": "timestamp", "written": "text"}
TRIPS = Data(
    COLUMNS,
    [
        (1, date(2026, 3, 1), datetime(2026, 3, 1, 10), datetime(2026, 3, 1, 11), "2026-03-01T11:30:00Z"),
        (
            2,
            date(2026, 3, 1),
            datetime(2026, 3, 1, 10),
            datetime(2026, 3, 1, 11, 0, 0, 1),
            "2026-03-01 12:00:00",
        ),
        (3, date(2026, 3, 2), datetime(2026, 3, 2, 10), datetime(2026, 3, 2, 9), "2026-03-02T12:00:00+02:00"),
        (4, date(2026, 3, 28), datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), "2026-03-29"),
        (
            5,
            date(2026, 3, 29),
            datetime(2026, 3, 29, 1, 30),
            datetime(2026, 3, 29, 3, 30),
            "2026-03-29T01:31:00Z",
        ),
        (6, date(2026, 10, 24), datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), None),
        (7, None, datetime(2026, 10, 25), None, "2026-10-26T00:00:00Z"),
        (8, date(2026, 10, 26), None, datetime(2026, 10, 26), None),
        (9, None, None, None, None),
        (10, date(1900, 1, 1), datetime(1900, 1, 1), datetime(9999, 12, 31), "1900-01-01T00:00:00Z"),
    ],
    key=("id",),
)
TABLES = {"trips": TRIPS, "no trips": Data(COLUMNS, [], key=("id",))}
BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"
LAGS = (
    Lag("at", "loaded", HOUR),
    Lag("at", "loaded", 3600.000001),
    Lag("at", "loaded", DAY),
    Lag("at", "loaded", 23 * HOUR, zone=BERLIN, to_zone=BERLIN),
    Lag("at", "loaded", 23 * HOUR - 1, zone=BERLIN, to_zone=BERLIN),
    Lag("at", "loaded", DAY, zone=BERLIN, to_zone=BERLIN),
    Lag("at", "loaded", HOUR, zone=TOKYO, to_zone="UTC"),
    Lag("loaded", "at", 0.5),
    Lag("day", "at", 11 * HOUR),
    Lag("day", "loaded", DAY, zone=TOKYO),
    Lag("at", "day", HOUR, to_zone="America/New_York"),
    Lag("at", "written", HOUR),
    Lag("written", "loaded", 0.0, zone=BERLIN),
    Lag("at", "loaded", 3650 * DAY),
    Lag("at", "at", 0.0),
)
METRICS = (
    *(Offenders(each) for each in LAGS),
    Offenders(AnyOf((Null("day"), Lag("at", "loaded", HOUR)))),
    *(
        Gaps(column, apart, within, zone)
        for column in ("at", "loaded", "day", "written")
        for apart, within in ((DAY, None), (0.0, 10 * DAY), (1.5 * DAY, 30 * DAY), (HOUR, 0.0), (DAY, 300 * DAY))
        for zone in ("UTC", BERLIN)
    ),
)  # fmt: skip
QUESTIONS = tuple(Question(Table(table), each) for table in TABLES for each in METRICS)


def without_time(given: object) -> object:
    return Measured(given.value) if isinstance(given, Measured) else given


def is_guessed(kind: str, question: Question) -> bool:
    """Files of text have no types: DuckDB guesses them, of a file without rows too, and text as times in UTC."""
    return kind in ("csv", "json") and (
        question.table.name == "no trips" or "written" in str(question.metric)
    )


@every_warehouse
def test_every_answer_is_the_oracles(kind: str, loaded: Callable[..., Any]) -> None:
    answers = loaded(kind, TABLES).ask(QUESTIONS)
    wrong = []
    for each in QUESTIONS:
        given, expected = without_time(answers[each]), Measured(answer(each, TABLES))
        if KINDS[kind] == "sqlalchemy":
            assert given.cause is Cause.UNSUPPORTED
        elif given != expected and not is_guessed(kind, each):
            wrong.append((each, expected, given))
    assert wrong == []


@every_warehouse
def test_what_makes_no_sense_disturbs_no_other(kind: str, loaded: Callable[..., Any]) -> None:
    senseless = tuple(
        Question(Table("trips"), each)
        for each in (
            Offenders(Lag("id", "at", HOUR)),
            Offenders(Lag("at", "id", HOUR)),
            Offenders(Lag("at", "loaded", HOUR, zone="Mars/Olympus")),
            Gaps("id", HOUR),
            Gaps("at", HOUR, None, "Mars/Olympus"),
        )
    )
    missing = tuple(
        Question(Table("trips"), each) for each in (Offenders(Lag("at", "lodaed", HOUR)), Gaps("att", HOUR))
    )
    right = Question(Table("trips"), RowCount())
    answers = loaded(kind, TABLES).ask((*senseless, *missing, right))
    refused = Cause.UNSUPPORTED if KINDS[kind] == "sqlalchemy" else Cause.BROKEN
    assert {answers[each].cause for each in senseless} == {refused}
    gone = {Cause.NO_COLUMN} if KINDS[kind] != "sqlalchemy" else {Cause.UNSUPPORTED}
    assert {answers[each].cause for each in missing} <= gone
    assert answers[right].value == len(TRIPS.rows)


@pytest.mark.parametrize(
    "kind", ["duckdb", "parquet", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
@pytest.mark.parametrize("seed", range(3))
def test_random_arrivals_are_those_of_the_oracle(kind: str, seed: int, loaded: Callable[..., Any]) -> None:
    random = Random(seed)
    start = datetime(2026, 3, 20)

    def some() -> datetime | None:
        return (
            None
            if random.random() < 0.1
            else start + timedelta(minutes=random.randrange(0, 60 * 24 * 20, 17))
        )

    rows = [(n, None, some(), some(), None) for n in range(400)]
    tables = {"t": Data(COLUMNS, rows, key=("id",))}
    zones = ("UTC", BERLIN, "America/St_Johns")
    metrics = [
        *(Gaps("at", apart, within, zone) for apart in (0.0, HOUR, 5 * HOUR) for within in (DAY, None) for zone in zones),
        *(Offenders(Lag("at", "loaded", seconds, zone, zones[1])) for seconds in (0.0, DAY, 5 * DAY) for zone in zones),
    ]  # fmt: skip
    questions = tuple(Question(Table("t"), each) for each in metrics)
    answers = loaded(kind, tables).ask(questions)
    assert [without_time(answers[each]) for each in questions] == [
        Measured(answer(each, tables)) for each in questions
    ]


def test_no_more_gaps_are_told_of_than_anybody_reads(loaded: Callable[..., Any]) -> None:
    rows = [(n, None, datetime(2026, 1, 1) + timedelta(hours=2 * n), None, None) for n in range(500)]
    asked = Question(Table("t"), Gaps("at", HOUR))
    found = loaded("duckdb", {"t": Data(COLUMNS, rows)}).ask((asked,))[asked].value
    assert len(found.gaps) == MOST_GAPS
    assert found.gaps[0][1] == found.newest


ZONED = """create table t (a timestamptz, b timestamp, c timestamptz);
insert into t values ('2026-03-01 10:00+02', '2026-03-01 09:00', '2026-03-01 10:00+00'), (null, null, null)"""


def test_stamps_with_and_without_a_zone_are_points_in_time_in_duckdb(tmp_path: Any, opened: Any) -> None:
    with duckdb.connect(str(tmp_path / "z.duckdb")) as connection:
        connection.execute(ZONED)
        connection.execute(
            "create table ns as select timestamp_ns '2026-03-01 10:00:00.5' as a, date '2026-03-01' as b"
        )
        connection.execute(
            "create table inf as select timestamp 'infinity' as a, timestamp '2026-01-01' as b"
        )
    check_zoned(opened("duckdb", database="z.duckdb"))
    more = (
        Question(Table("ns"), Offenders(Lag("b", "a", 10 * HOUR))),
        Question(Table("inf"), Offenders(Lag("b", "a", HOUR))),
        Question(Table("inf"), Offenders(Lag("a", "b", HOUR))),
        Question(Table("ns"), Gaps("a", HOUR)),
        Question(Table("inf"), Gaps("a", HOUR)),
    )
    first, *counted, gaps, never = opened("duckdb", database="z.duckdb").ask(more).values()
    assert [first.value, *(each.value for each in counted)] == [1, 1, 0]
    assert gaps.value == Arrivals(newest=datetime(2026, 3, 1, 10, 0, 0, 500000, tzinfo=UTC))
    assert never.cause is Cause.BROKEN


@pytest.mark.postgres
def test_stamps_with_and_without_a_zone_are_points_in_time_in_postgres(
    postgres_url: str, opened: Any
) -> None:
    connection = psycopg2.connect(postgres_url)
    with connection.cursor() as cursor:
        cursor.execute(ZONED)
        cursor.execute("create table inf as select timestamp 'infinity' as a, timestamp '2026-01-01' as b")
    connection.commit()
    connection.close()
    warehouse = opened("postgres", access={"url": postgres_url})
    check_zoned(warehouse)
    late, gap = (
        Question(Table("inf"), Offenders(Lag("b", "a", HOUR))),
        Question(Table("inf"), Gaps("a", HOUR)),
    )
    answers = warehouse.ask((late, gap))
    assert (answers[late].value, answers[gap].cause) == (1, Cause.BROKEN)


def check_zoned(warehouse: Any) -> None:
    lags = {
        Lag("a", "b", 0.5 * HOUR): 1,  # 08:00 to 09:00
        Lag("a", "b", HOUR): 0,
        Lag("a", "b", 0.5 * HOUR, to_zone=BERLIN): 0,  # 08:00 to 08:00
        Lag("a", "c", HOUR): 1,
        Lag("a", "c", 2 * HOUR): 0,
    }
    questions = {Question(Table("t"), Offenders(each)): count for each, count in lags.items()}
    answers = warehouse.ask(tuple(questions))
    assert {each: answers[each].value for each in questions} == questions
