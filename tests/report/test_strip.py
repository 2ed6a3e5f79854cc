"""Strips: a timeline in little room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.outcome.segment import Health
from floe_dagster.report.sla import Stretch
from floe_dagster.report.strip import bars, cells, glyphs

START = datetime(2026, 11, 20, tzinfo=UTC)


def line(*parts: tuple[Health, float]) -> tuple[Stretch, ...]:
    at, made = START, []
    for health, hours in parts:
        made.append(Stretch(health=health, start=at, end=at + timedelta(hours=hours)))
        at = made[-1].end
    return tuple(made)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def test_a_day_is_drawn_hour_by_hour():
    drawn = line((Health.GOOD, 12), (Health.BAD, 6), (Health.UNKNOWN, 6))
    assert glyphs(drawn, START, at(24), 24) == "─" * 12 + "█" * 6 + "·" * 6


def test_an_outage_of_a_minute_can_be_seen_in_a_month():
    drawn = line((Health.GOOD, 300.5), (Health.BAD, 1 / 60), (Health.GOOD, 419))
    assert cells(drawn, START, at(720), 24).count(Health.BAD) == 1


def test_a_short_gap_does_not_hide_what_was_known():
    drawn = line((Health.GOOD, 12.4), (Health.UNKNOWN, 0.2), (Health.GOOD, 11.4))
    assert set(cells(drawn, START, at(24), 24)) == {Health.GOOD}


def test_time_before_anything_was_watched_is_blank():
    late = tuple(Stretch(health=Health.GOOD, start=at(18), end=at(24)) for _ in range(1))
    assert glyphs(late, START, at(24), 24) == " " * 18 + "─" * 6


def test_a_window_without_length_is_blank():
    assert glyphs(line((Health.GOOD, 1)), START, START, 4) == "    "


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Health)), st.floats(0.001, 9)), max_size=30))
def test_bars_lie_beside_each_other_and_within_the_strip(parts):
    drawn = bars(line(*parts), START, at(100), 50)
    assert all(one.start + one.width <= other.start for one, other in pairwise(drawn))
    assert all(each.width > 0 and each.start + each.width <= 50 for each in drawn)
