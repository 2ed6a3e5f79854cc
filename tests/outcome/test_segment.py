from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from floe_dagster.outcome.segment import Health
from tests.outcome.outcomes import START, broken, close, kept, unknown

pytestmark = pytest.mark.requirement("G-01")


def minutes(moment: datetime) -> float:
    return (moment - START) / timedelta(minutes=1)


def stretches(history) -> list[tuple[Health, float, float]]:
    """The segments as a store keeps them: by their start, the last word of each."""
    kept_rows = {each.start: each for step in history.steps for each in step.segments}
    return [(each.health, minutes(each.start), minutes(each.end)) for _, each in sorted(kept_rows.items())]


def test_a_state_holds_until_the_next_outcome(check):
    check.see(kept(0), broken(15), kept(30))

    assert stretches(check) == [(Health.GOOD, 0, 15), (Health.BAD, 15, 30), (Health.GOOD, 30, 30)]


def test_equal_neighbours_are_one_segment(check):
    check.see(*(kept(minute) for minute in range(0, 150, 15)))

    assert stretches(check) == [(Health.GOOD, 0, 135)]


def test_one_missed_measurement_is_no_gap(check):
    check.see(kept(0), kept(30))

    assert stretches(check) == [(Health.GOOD, 0, 30)]


def test_a_state_holds_no_longer_than_twice_the_cadence(check):
    check.see(kept(0), kept(120))

    assert stretches(check) == [(Health.GOOD, 0, 30), (Health.GOOD, 120, 120)]


def test_what_could_not_be_measured_is_unknown(check):
    check.see(kept(0), unknown(15), unknown(30), broken(45))

    assert stretches(check) == [(Health.GOOD, 0, 15), (Health.UNKNOWN, 15, 45), (Health.BAD, 45, 45)]


def test_a_promise_that_is_kept_closely_is_kept(check):
    check.see(kept(0), close(15), kept(30))

    assert stretches(check) == [(Health.GOOD, 0, 30)]


def test_a_broken_promise_is_bad_from_the_first_outcome_whatever_opens_an_episode(check):
    check.see(broken(0), kept(15))

    assert stretches(check)[0] == (Health.BAD, 0, 15)
