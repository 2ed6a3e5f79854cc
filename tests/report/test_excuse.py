"""Excuses: maintenance that was declared before it began does not count, and nothing else is forgiven."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.report.excuse import excuse
from floe_dagster.report.rows import Rows, Watched
from floe_dagster.report.sla import compliance

pytestmark = pytest.mark.requirement("G-01")

START = datetime(2026, 11, 20, tzinfo=UTC)


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def segment(health: Health, first: float, last: float, check: str = "orders.freshness") -> Segment:
    key = Key(contract="orders", server="prod", check=check)
    return Segment(key=key, kind="freshness", dataset="orders", health=health, start=at(first), end=at(last))


def pause(first: float, last: float, **changes) -> Pause:
    values = {
        "id": "p",
        "what": PauseKind.MAINTENANCE,
        "start": at(first),
        "end": at(last),
        "author": "ada",
        "reason": "upgrade",
        "declared_at": at(first - 1),
    }
    return Pause(**values | changes)


def hours(segments, pauses=()):
    went = compliance(excuse(segments, pauses), at(0), at(24))
    return tuple(each / 3600 for each in (went.good, went.bad, went.unknown, went.excused))


GOOD_THEN_BAD = [segment(Health.GOOD, 0, 12), segment(Health.BAD, 12, 24)]


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([pause(12, 18)], (12, 6, 0, 6)),
        ([pause(10, 14)], (10, 10, 0, 4)),
        ([pause(12, 18), pause(16, 20)], (12, 4, 0, 8)),
        ([pause(12, 18, cancelled_at=at(13))], (12, 11, 0, 1)),
        ([pause(12, 18, cancelled_at=at(11))], (12, 12, 0, 0)),
        ([pause(12, 18, declared_at=at(12))], (12, 6, 0, 6)),
        ([pause(12, 18, declared_at=at(12.1))], (12, 12, 0, 0)),
        ([pause(12, 18, what=PauseKind.MUTE)], (12, 12, 0, 0)),
        ([pause(12, 18, contract="customers")], (12, 12, 0, 0)),
        ([pause(12, 18, kind="quality")], (12, 12, 0, 0)),
        ([pause(12, 18, contract="ord*", kind="fresh*")], (12, 6, 0, 6)),
        ([pause(-5, 30)], (0, 0, 0, 24)),
    ],
    ids=[
        "a window",
        "one over a change",
        "two that overlap",
        "one that was called off",
        "one that was called off before it began",
        "declared as it began",
        "declared after it began",
        "a mute",
        "of another contract",
        "of another kind",
        "by globs",
        "longer than the day",
    ],
)
def test_what_is_excused_of_a_day_that_is_half_good_and_half_bad(pauses, expected):
    assert hours(GOOD_THEN_BAD, pauses) == pytest.approx(expected)


def test_a_gap_in_a_window_is_excused_too_and_one_outside_it_is_not():
    assert hours([segment(Health.GOOD, 0, 6)], [pause(10, 14)]) == pytest.approx((6, 0, 14, 4))


def test_of_two_promises_taken_together_the_one_that_is_not_excused_counts():
    both = [*GOOD_THEN_BAD, segment(Health.GOOD, 0, 24, check="orders.other")]
    assert hours(both, [pause(12, 24, check="orders.freshness")]) == pytest.approx((24, 0, 0, 0))


def test_what_was_never_recorded_is_not_excused():
    assert hours([], [pause(0, 24)]) == (0, 0, 24, 0)


spans = st.tuples(st.integers(-5, 28), st.integers(0, 12))


@given(
    st.lists(st.tuples(st.sampled_from([Health.GOOD, Health.BAD, Health.UNKNOWN]), spans), max_size=8),
    st.lists(spans, max_size=4),
)
def test_an_excused_hour_is_out_of_every_figure_and_every_other_hour_stays_as_it_was(parts, windows):
    segments = [segment(health, first, first + length) for health, (first, length) in parts]
    pauses = [pause(first, first + length) for first, length in windows]
    for hour in range(24):
        here = compliance(excuse(segments, pauses), at(hour), at(hour + 1))
        covered = bool(segments) and any(first <= hour < first + length for first, length in windows)
        if covered:
            assert (here.excused, here.total) == (3600, 0)
        else:
            assert here == compliance(segments, at(hour), at(hour + 1))


def test_maintenance_before_a_check_was_first_measured_does_not_make_it_watched_earlier():
    """A pause is laid over all of its time, but what nobody watched then is not held against anybody."""
    recorded = (segment(Health.GOOD, 12, 18),)
    rows = Rows(segments=excuse(recorded, [pause(2, 14)]))
    assert {each.health for each in rows.segments} == {Health.GOOD, Health.EXCUSED}
    (first,) = rows.seen().values()
    assert first == at(14), "what is left of the first segment"

    known = replace(rows, first_seen={Watched(recorded[0].key, "freshness"): at(12)})
    assert set(known.seen().values()) == {at(12)}


def test_time_before_the_first_measurement_is_in_no_report_though_maintenance_covers_it(everything, now):
    new = next(each for each in everything.segments if each.key.contract == "airports")
    work = pause(0, 0, start=now - timedelta(hours=20), end=now - timedelta(hours=10), contract="airports")
    report = everything.report(contracts=["airports"], pauses=(work,))
    (line,) = report.contracts
    assert line.observed_since == new.start
    assert (line.compliance.excused, line.compliance.unknown) == (0, 0)
