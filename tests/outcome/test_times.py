from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.outcome.episode import Episode
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.times import summary, times_of
from floe_dagster.plan.check import Severity

pytestmark = pytest.mark.requirement("B-05")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EPISODE = Episode(
    id="e1",
    key=Key(contract="sales", server="prod", check="orders.freshness"),
    version="1.0.0",
    dataset="orders",
    element=None,
    kind="freshness",
    title="orders is fresh",
    severity=Severity.ERROR,
    message="orders is late",
    broken_since=NOON,
    opened_at=NOON + 10 * MINUTE,
)


def test_detecting_took_between_first_seen_broken_and_last_seen_kept():
    times = times_of(EPISODE, last_kept=NOON - 5 * MINUTE)

    assert (times.detect_low, times.detect) == (10 * MINUTE, 15 * MINUTE)


def test_nobody_knows_how_long_detecting_took_at_most_where_it_was_never_seen_kept():
    assert times_of(EPISODE).detect is None


def test_notifying_took_from_opening_until_a_channel_accepted_word_of_it():
    assert times_of(EPISODE, told_at=NOON + 12 * MINUTE).notify == 2 * MINUTE
    assert times_of(EPISODE).notify is None


def test_repairing_took_from_first_seen_broken_until_kept_again():
    assert times_of(EPISODE).repair is None
    assert times_of(replace(EPISODE, resolved_at=NOON + 60 * MINUTE)).repair == 60 * MINUTE


def test_an_episode_at_which_nobody_looks_any_more_was_not_repaired():
    assert times_of(replace(EPISODE, resolved_at=NOON + 60 * MINUTE, retired=True)).repair is None


def test_an_episode_that_was_only_close_to_its_limit_has_no_times():
    assert times_of(replace(EPISODE, broken=False, resolved_at=NOON + 60 * MINUTE)) is None


def test_a_clock_that_went_back_makes_no_negative_times():
    times = times_of(EPISODE, last_kept=NOON + 60 * MINUTE, told_at=NOON)

    assert (times.detect, times.notify) == (timedelta(0), timedelta(0))


def test_figures_are_lengths_that_occurred():
    found = summary([None, *(n * MINUTE for n in range(20, 0, -1))])

    assert (found.count, found.median, found.p95, found.longest) == (
        20,
        10 * MINUTE,
        19 * MINUTE,
        20 * MINUTE,
    )
    assert summary([]) is None
    assert summary([None]) is None


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_figures_are_in_order(minutes):
    found = summary(each * MINUTE for each in minutes)

    assert found.median <= found.p95 <= found.longest == max(minutes) * MINUTE
    assert sum(each * MINUTE <= found.p95 for each in minutes) >= 0.95 * len(minutes)
