"""SLA: time-weighted compliance, against a count of every second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.report.sla import Compliance, compliance, held, timeline, total

pytestmark = pytest.mark.requirement("G-01")

START = datetime(2026, 3, 29, tzinfo=UTC)  # the clocks of Berlin jump on this day
WORST_FIRST = (Health.BAD, Health.UNKNOWN, Health.GOOD, Health.EXCUSED)


def second(number: float) -> datetime:
    return START + timedelta(seconds=number)


def segment(health: Health, start: float, end: float, check: str = "check", kind: str = "quality") -> Segment:
    key = Key(contract="orders", server="prod", check=check)
    return Segment(key=key, kind=kind, dataset="orders", health=health, start=second(start), end=second(end))


def oracle(segments: list[Segment], start: datetime, end: datetime) -> dict[Health, int]:
    """Every second looked at by itself."""
    counts = dict.fromkeys(Health, 0)
    for number in range(int((end - start).total_seconds())):
        moment = start + timedelta(seconds=number)
        there = {each.health for each in segments if each.start <= moment < each.end}
        counts[next((each for each in WORST_FIRST if each in there), Health.UNKNOWN)] += 1
    return counts


stretches = st.builds(
    lambda health, start, length: segment(health, start, start + length),
    st.sampled_from(list(Health)),
    st.integers(-400, 1_000),
    st.integers(0, 500),
)


@settings(deadline=None, max_examples=500)
@given(st.lists(stretches, max_size=12), st.integers(0, 200), st.integers(1, 700))
def test_compliance_is_what_counting_every_second_gives(segments, first, length):
    start, end = second(first), second(first + length)
    went, counted = compliance(segments, start, end), oracle(segments, start, end)
    assert (went.good, went.bad, went.unknown, went.excused) == tuple(counted[each] for each in Health)
    known = counted[Health.GOOD] + counted[Health.BAD]
    expected = counted[Health.GOOD] / known if known else None
    assert went.ratio == pytest.approx(expected, abs=0.001) if known else went.ratio is None
    assert went.low <= (went.ratio if known else went.high) <= went.high
    assert went.total + went.excused == length


@settings(deadline=None)
@given(st.lists(stretches, max_size=12), st.integers(1, 700), st.randoms())
def test_the_order_of_segments_does_not_matter(segments, length, chance):
    shuffled = list(segments)
    chance.shuffle(shuffled)
    assert timeline(segments, START, second(length)) == timeline(shuffled, START, second(length))


@settings(deadline=None)
@given(st.lists(stretches, max_size=12), st.integers(1, 699))
def test_two_halves_add_up_to_the_whole(segments, cut):
    halves = [compliance(segments, START, second(cut)), compliance(segments, second(cut), second(700))]
    assert total(halves) == compliance(segments, START, second(700))


@settings(deadline=None)
@given(st.lists(stretches, max_size=12), st.integers(1, 700))
def test_a_timeline_covers_its_window_without_gaps_or_repeats(segments, length):
    line = timeline(segments, START, second(length))
    assert line[0].start == START
    assert line[-1].end == second(length)
    for one, other in pairwise(line):
        assert one.end == other.start
        assert one.health is not other.health


def test_where_nothing_was_known_there_is_no_ratio():
    went = compliance([], START, second(60))
    assert (went.ratio, went.coverage, went.low, went.high) == (None, 0.0, 0.0, 1.0)


def test_unknown_time_is_neither_kept_nor_broken_but_widens_the_bounds():
    went = compliance([segment(Health.GOOD, 0, 30), segment(Health.BAD, 30, 40)], START, second(100))
    assert went == Compliance(good=30, bad=10, unknown=60)
    assert (went.ratio, went.coverage, went.low, went.high) == (0.75, 0.4, 0.3, 0.9)


def test_where_segments_overlap_the_worst_wins():
    every = [segment(Health.GOOD, 0, 10), segment(Health.UNKNOWN, 4, 8), segment(Health.BAD, 6, 7)]
    assert compliance(every, START, second(10)) == Compliance(good=6, bad=1, unknown=3)


def test_an_empty_window_has_nothing_in_it():
    assert compliance([segment(Health.GOOD, 0, 10)], second(5), second(5)) == Compliance()
    assert compliance([segment(Health.GOOD, 0, 10)], second(6), second(5)).ratio is None


def test_faster_checks_while_failing_change_nothing():
    """Passed over total would say 50 %: one passed check in twelve minutes, one failed check in each of the last."""
    slow = [segment(Health.GOOD, 0, 648), segment(Health.BAD, 648, 720)]
    fast = [segment(Health.GOOD, 0, 648), *(segment(Health.BAD, at, at + 1) for at in range(648, 720))]
    assert compliance(slow, START, second(720)).ratio == compliance(fast, START, second(720)).ratio == 0.9


def test_totals_sum_seconds_and_do_not_average_percentages():
    assert total([Compliance(good=99, bad=1), Compliance(bad=1)]).ratio == pytest.approx(99 / 101)


def test_only_the_newest_segment_of_a_key_is_held():
    old, new = segment(Health.BAD, 0, 10), segment(Health.GOOD, 20, 30)
    other = segment(Health.GOOD, 0, 10, check="other")
    ends = {each.end for each in held([new, old, other], second(1000), {"quality": timedelta(seconds=5)})}
    assert ends == {second(10), second(35), second(15)}


def test_nothing_is_held_beyond_now_or_for_a_kind_without_a_time():
    (one,) = held([segment(Health.GOOD, 0, 10)], second(12), {"*": timedelta(hours=1)})
    assert one.end == second(12)
    (later,) = held([segment(Health.GOOD, 0, 10)], second(5), {"*": timedelta(hours=1)})
    assert later.end == second(10)
    (bare,) = held([segment(Health.GOOD, 0, 10)], second(12), {"freshness": timedelta(hours=1)})
    assert bare.end == second(10)


def test_the_state_that_the_last_measurement_found_is_held_and_not_the_one_before_it():
    seen = [segment(Health.GOOD, 0, 100), segment(Health.BAD, 100, 100)]
    went = compliance(held(seen, second(150), {"*": timedelta(hours=1)}), second(0), second(150))
    assert (went.good, went.bad) == (100, 50)
