"""Budgets and trends: what is left, how fast it goes, and whether it gets better."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.report.budget import PAIRS, budget
from floe_dagster.report.sla import Compliance, compliance
from floe_dagster.report.trend import Direction, trend

pytestmark = pytest.mark.requirement("G-05")

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = Key(contract="orders", server="prod", check="orders.availability")


def stretch(health: Health, first_hour: float, last_hour: float) -> Segment:
    start, end = (START + timedelta(hours=each) for each in (first_hour, last_hour))
    return Segment(key=KEY, kind="availability", dataset="orders", health=health, start=start, end=end)


def made(segments, *, target=0.99, days=30, now_hours=240.0, cadence=timedelta(minutes=1)):
    now = START + timedelta(hours=now_hours)
    went = compliance(segments, START, now)
    return budget(segments, went, target=target, end=START + days * DAY, now=now, cadence=cadence)


def test_a_month_at_99_percent_may_be_bad_for_7_hours_and_12_minutes():
    found = made([stretch(Health.GOOD, 0, 238), stretch(Health.BAD, 238, 240)])
    assert found.allowed == pytest.approx(7.2 * 3600)
    assert found.left == pytest.approx(5.2 * 3600)
    assert found.share_left == pytest.approx(5.2 / 7.2)


def test_an_outage_burns_a_hundred_times_faster_than_99_percent_allow():
    found = made([stretch(Health.GOOD, 0, 236), stretch(Health.BAD, 236, 240)])
    first = found.burns[0]
    assert (first.long, first.short) == (pytest.approx(100), pytest.approx(100))
    assert first.high


def test_what_is_over_burns_no_more():
    found = made(
        [stretch(Health.GOOD, 0, 236), stretch(Health.BAD, 236, 239.5), stretch(Health.GOOD, 239.5, 240)]
    )
    assert found.burns[0].short == 0
    assert not found.burns[0].high


def test_a_rate_over_fewer_than_three_measurements_is_not_given():
    assert [each.pair for each in made([], cadence=timedelta(minutes=5)).burns] == list(PAIRS[1:])
    assert made([], cadence=timedelta(hours=6)).burns == ()


def test_nothing_measured_burns_nothing_and_does_not_run_out():
    found = made([])
    assert all(each.long is None and not each.high for each in found.burns)
    assert (found.spent, found.unknown, found.exhausted_at) == (0, 240 * 3600, None)


def test_the_budget_runs_out_when_what_is_left_is_used_as_in_the_longest_window():
    # 1 h bad in the last 72 h: 6.2 h are left, which is 6.2 * 72 h away
    found = made([stretch(Health.GOOD, 0, 239), stretch(Health.BAD, 239, 240)])
    assert found.exhausted_at == START + timedelta(hours=240) + timedelta(hours=6.2 * 72)


def test_a_budget_that_lasts_until_the_window_is_over_does_not_run_out():
    used = [stretch(Health.GOOD, 0, 239.5), stretch(Health.BAD, 239.5, 240)]
    assert made(used).left > 0
    assert made(used).exhausted_at is None, (
        "half an hour in 72 h would last for 42 days more, of which 20 are left"
    )
    over = made([stretch(Health.GOOD, 0, 239), stretch(Health.BAD, 239, 240)], days=10)
    assert over.left > 0
    assert over.exhausted_at is None, "the window is over"


def test_excused_time_is_in_no_budget():
    found = made([stretch(Health.EXCUSED, 0, 120), stretch(Health.GOOD, 120, 240)])
    assert found.allowed == pytest.approx((30 * 24 - 120) * 36)


def test_a_promise_of_all_time_has_no_budget_to_burn():
    found = made([stretch(Health.BAD, 0, 240)], target=1.0)
    assert (found.allowed, found.share_left, found.left) == (0, None, -240 * 3600)
    assert all(each.long is None for each in found.burns)


@given(st.floats(0.5, 0.9999), st.integers(0, 240), st.integers(0, 240))
def test_what_is_allowed_is_what_is_spent_and_left(target, bad, good):
    segments = [stretch(Health.BAD, 0, bad), stretch(Health.GOOD, bad, bad + good)]
    found = made(segments, target=target, now_hours=480)
    assert found.spent + found.left == pytest.approx(found.allowed)
    assert found.left >= 0 or found.exhausted_at is None


@pytest.mark.parametrize(
    ("kept", "direction"),
    [(0.95, Direction.IMPROVING), (0.9005, Direction.STABLE), (0.85, Direction.DEGRADING)],
)
@pytest.mark.requirement("G-02")
def test_a_trend_is_told_against_the_periods_before_taken_together(kept, direction):
    # 98 % of one day and 88 % of four are 90 % of five: seconds are summed
    earlier = [Compliance(good=98, bad=2), Compliance(good=352, bad=48)]
    found = trend(Compliance(good=kept * 100, bad=(1 - kept) * 100), earlier)
    assert found is not None
    assert (found.direction, found.before) == (direction, pytest.approx(0.9))


@pytest.mark.parametrize(
    ("this", "earlier"),
    [
        (Compliance(unknown=100), [Compliance(good=100)]),
        (Compliance(good=100), []),
        (Compliance(good=49, unknown=51), [Compliance(good=100)]),
        (Compliance(good=100), [Compliance(good=1, unknown=99)]),
    ],
    ids=["nothing measured now", "nothing before", "half unknown now", "half unknown before"],
)
def test_there_is_no_trend_where_too_little_was_measured(this, earlier):
    assert trend(this, earlier) is None
