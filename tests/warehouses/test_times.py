"""Times: every engine reads the same text as the same time, in every zone, and refuses the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, Measured, Newest, NotMeasured, Offenders, Question, Table
from floe_dagster.plan.offence import Compares
from floe_dagster.warehouses._answers import instant, moment, wall
from tests.warehouses.oracle import Data

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

LAST = datetime.max.replace(tzinfo=UTC)
every_engine = pytest.mark.parametrize(
    "kind", ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
TWICE_OR_NEVER = (
    ("Europe/Berlin", "2024-10-27T02:30:00", "2024-10-27T01:30:00+00:00"),
    ("Europe/Berlin", "2024-03-31T02:30:00", "2024-03-31T01:30:00+00:00"),
    ("America/New_York", "2024-11-03T01:30:00", "2024-11-03T06:30:00+00:00"),
    ("America/New_York", "2024-03-10T02:30:00", "2024-03-10T07:30:00+00:00"),
    ("Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T15:15:00+00:00"),
    ("Africa/Casablanca", "2024-03-10T02:30:00", "2024-03-10T02:30:00+00:00"),
    ("Europe/Berlin", "1890-01-01T00:00:00", "1889-12-31T23:06:32+00:00"),
    ("Europe/Berlin", "0001-01-01T00:00:00", "0001-01-01T00:00:00+00:00"),
    ("America/New_York", "9999-12-31T23:00:00", "9999-12-31T23:59:59.999999+00:00"),
)


@every_engine
def test_a_time_that_a_clock_shows_twice_or_never_is_the_same_to_all(
    kind: str, loaded: Callable[..., Any]
) -> None:
    tables = {
        f"t{at}": Data({"written": "text", "kept": "timestamp"}, [(text, datetime.fromisoformat(text))])
        for at, (_, text, _) in enumerate(TWICE_OR_NEVER)
    }
    asked = {
        Question(Table(f"t{at}"), Newest(column, zone)): expected
        for at, (zone, _, expected) in enumerate(TWICE_OR_NEVER)
        for column in ("written", "kept")
    }

    answers = loaded(kind, tables).ask(tuple(asked))

    assert {each: answers[each].value.isoformat() for each in asked} == asked


@given(st.datetimes(), st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "UTC"]))
def test_every_time_of_the_calendar_has_an_instant_and_a_clock(at: datetime, zone: str) -> None:
    for text in (at.isoformat(), f"{at.isoformat()}+14:00", f"{at.isoformat()}-12:00"):
        assert instant(text, zone).tzinfo is UTC
        assert wall(text, zone).tzinfo is UTC


@pytest.mark.parametrize("text", ["infinity", "infinity+00:00", "10000-01-01 00:00:00", "294276-12-31"])
def test_what_is_later_than_can_be_told_is_the_last_that_can(text: str) -> None:
    assert moment(text, "UTC") == LAST


@pytest.mark.parametrize("text", ["-infinity", "0001-01-01 (BC) 00:00:00", "0001-01-01 00:00:00 BC", "n/a"])
def test_what_is_earlier_is_not_told(text: str) -> None:
    with pytest.raises(WarehouseError, match="not a time on the calendar"):
        moment(text, "UTC")


STAMPS = {
    **dict.fromkeys(
        ("2024-01-01", "2024-01-01T00:00", "2024-01-01 00:00:00.5", "2024-01-01T00:00:00Z"), True
    ),
    **dict.fromkeys(("2024-01-01T00:00:00+0545", "2024-01-01T00:00:00-08", "0001-01-01T00:00:00"), True),
    **dict.fromkeys(
        ("2024-01-01T00:00:00 Z", " 2024-01-01", "2024-01-01T00", "20240101", "2024-W01-1"), False
    ),
    **dict.fromkeys(("2024-01-01T0000", "2024-01-01x00:00", "2024-02-30", "n/a", "", "2024-01-01\n"), False),
}
CLOCKS = {
    **dict.fromkeys(("10:30", "00:00:00", "23:59:58.999999"), True),
    **dict.fromkeys(("24:00", "10:30 AM", "9:05", "1030", "T10:30", "10:30Z", "10:60", "", "10.30"), False),
}


@every_engine
@pytest.mark.parametrize(("texts", "limit"), [(STAMPS, "9999-01-01"), (CLOCKS, "23:59:59")])
def test_text_is_a_time_where_it_is_iso_8601(
    kind: str, texts: dict[str, bool], limit: str, loaded: Callable[..., Any]
) -> None:
    tables = {f"t{at}": Data({"at": "text"}, [(text,), (None,)]) for at, text in enumerate(texts)}
    asked = [Question(Table(each), Offenders(Compares("at", "<", limit))) for each in tables]

    answers = loaded(kind, tables).ask(tuple(asked))

    found = {text: answers[each] for text, each in zip(texts, asked, strict=True)}
    assert {text: isinstance(each, Measured) for text, each in found.items()} == texts
    assert {each.value for each in found.values() if isinstance(each, Measured)} == {1}
    assert {each.cause for each in found.values() if isinstance(each, NotMeasured)} == {Cause.BROKEN}
