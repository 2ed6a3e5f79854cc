"""What holds of days and weeks, whatever the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.outcome.policy import Policy
from floe_dagster.outcome.segment import Health, Segment, hold_forward
from floe_dagster.plan.check import Status
from floe_dagster.report.calendar import Grain, period_of, periods
from floe_dagster.report.sla import compliance
from floe_dagster.upkeep.periods import Happened, Strand, days_of, weeks_of
from tests.state.ticks import outcome

pytestmark = pytest.mark.requirement("C-04")

AUTUMN = datetime(2026, 10, 12, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Casablanca"])
HOLD = Policy(cadence_seconds=6 * 3600).hold

moves = st.lists(
    st.tuples(st.integers(1, 40 * 60), st.sampled_from([Health.GOOD, Health.BAD, Health.UNKNOWN])),
    min_size=1,
    max_size=40,
)


def history(number: int, moves) -> list[Segment]:
    """The segments that measuring after so many minutes each leaves behind."""
    minute, found = 0, {}
    for wait, health in moves:
        minute += wait
        measured = outcome(
            number,
            at=AUTUMN + timedelta(minutes=minute),
            tick=str(minute),
            broken=health is Health.BAD,
            status=Status.ERROR if health is Health.UNKNOWN else Status.PASSED,
        )
        newest = max(found.values(), key=lambda each: each.start, default=None)
        found |= {each.start: each for each in hold_forward(newest, measured, HOLD)}
    return list(found.values())


def strands(*histories) -> list[Strand]:
    return [
        Strand(
            key=segments[0].key,
            kind="quality",
            recorded=segments,
            segments=segments,
            since=segments[0].start,
        )
        for segments in histories
    ]


def seconds(every) -> tuple[float, ...]:
    every = list(every)
    return tuple(
        pytest.approx(fsum(getattr(each, name) for each in every), abs=1e-6)
        for name in ("good", "bad", "unknown", "excused")
    )


@given(first=moves, second=moves, zone=ZONES)
def test_the_days_of_a_week_are_the_week_and_both_are_what_the_segments_say_at_once(first, second, zone):
    histories = [history(0, first), history(1, second)]
    week = period_of(Grain.WEEK, AUTUMN + timedelta(days=12), zone)
    days = [
        each
        for day in periods(Grain.DAY, week.start, week.end, zone)
        for each in days_of(day, strands(*histories), Happened())
    ]
    weeks = {each.check: each for each in weeks_of(week, days)}

    for name in {each.check for each in days}:
        own = [each for one in histories for each in one if name in ("", each.key.check)]
        begun = [min(each.start for each in one) for one in histories if name in ("", one[0].key.check)]
        at_once = compliance(own, max(week.start, min(begun)), week.end)
        of_days = [each for each in days if each.check == name]
        assert seconds([weeks[name]]) == seconds(of_days) == seconds([at_once])


@given(moves=moves, zone=ZONES)
def test_every_second_since_the_first_measurement_is_in_exactly_one_day(moves, zone):
    segments = history(0, moves)
    end = period_of(Grain.DAY, segments[-1].end, zone).end
    days = [
        each
        for day in periods(Grain.DAY, AUTUMN, end, zone)
        for each in days_of(day, strands(segments), Happened())
        if each.check
    ]

    assert sum(map(sum, map(_parts, days))) == pytest.approx((end - segments[0].start).total_seconds())


def _parts(each):
    return each.good, each.bad, each.unknown, each.excused


@given(moves=moves)
def test_no_two_neighbours_are_alike_so_that_there_is_nothing_to_merge(moves):
    segments = sorted(history(0, moves), key=lambda each: each.start)

    assert not [
        one for one, other in pairwise(segments) if one.end == other.start and one.health is other.health
    ]


@given(moves=moves, zone=ZONES)
def test_of_a_check_that_is_watched_no_longer_all_that_was_recorded_counts_and_nothing_after_it(moves, zone):
    segments = history(0, moves)
    gone = [replace(each, watched=False) for each in strands(segments)]
    end = period_of(Grain.DAY, segments[-1].end, zone).end
    days = [each for day in periods(Grain.DAY, AUTUMN, end, zone) for each in days_of(day, gone, Happened())]
    at_once = compliance(segments, AUTUMN, end)

    counted = [each for each in days if each.check]
    assert fsum(each.good for each in counted) == pytest.approx(at_once.good, abs=1e-6)
    assert fsum(each.bad for each in counted) == pytest.approx(at_once.bad, abs=1e-6)
    assert list(days_of(period_of(Grain.DAY, end + timedelta(days=1), zone), gone, Happened())) == []
