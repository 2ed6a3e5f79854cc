"""Deadlines: kept or missed once in each period, and unknown where nobody looked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from floe_dagster.plan.past import Deadline, Met
from floe_dagster.report.deadline import Look, deadlines, judged

pytestmark = pytest.mark.requirement("B-05")

NEAR = timedelta(minutes=30)
SINCE = datetime(2026, 11, 20, tzinfo=UTC)
SEVEN = Deadline(day="2026-11-20", since=SINCE, at=SINCE + timedelta(hours=7), met=Met.UNKNOWN)


def look(hour: float, newest: float | None) -> Look:
    """What was seen so many hours after midnight, the newest being of that hour."""
    return Look(SINCE + timedelta(hours=hour), None if newest is None else SINCE + timedelta(hours=newest))


@pytest.mark.parametrize(
    ("looks", "kept"),
    [
        ([look(6.9, 6.5)], Met.HIT),
        ([look(7, 0)], Met.HIT),
        ([look(6.9, -1)], Met.MISS),
        ([look(6.9, None)], Met.MISS),
        ([look(9, -1)], Met.MISS),
        ([look(7.1, 6.5)], Met.UNKNOWN),
        ([look(3, -1), look(9, 8)], Met.UNKNOWN),
        ([look(6.9, -1), look(7.1, 7)], Met.MISS),
        ([], Met.UNKNOWN),
    ],
    ids=[
        "seen in time",
        "new from midnight on, seen at the deadline itself",
        "looked for in time, and only the old was there",
        "looked for in time, and nothing was there",
        "not even there later",
        "seen only after it, when it may have been there in time",
        "looked for too long before it, seen after it",
        "not there shortly before it, there shortly after it",
        "never looked",
    ],
)
def test_a_deadline_is(looks, kept):
    assert judged(SEVEN, looks, NEAR) is kept


def test_weekdays_and_holidays_are_those_of_the_place():
    found = deadlines(
        time(7),
        datetime(2026, 12, 23, tzinfo=UTC),
        datetime(2026, 12, 30, tzinfo=UTC),
        zone="Europe/Berlin",
        weekdays=range(5),
        holidays={date(2026, 12, 25)},
    )
    assert [(each.day, each.at.hour) for each in found] == [
        ("2026-12-23", 6),
        ("2026-12-24", 6),
        ("2026-12-28", 6),
        ("2026-12-29", 6),
    ]


def test_a_deadline_that_the_clock_skips_or_shows_twice_is_the_later_one():
    skipped, doubled = (
        next(deadlines(time(2, 30), day, day + timedelta(days=1), zone="Europe/Berlin"))
        for day in (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC))
    )
    assert skipped.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert doubled.at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
