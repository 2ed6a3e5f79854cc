"""Reading: which rows of a store a report takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from floe_dagster.outcome.segment import Health
from floe_dagster.report.build import build_report
from floe_dagster.report.read import read_rows
from floe_dagster.report.rows import Watched


@dataclass
class Shelf:
    """A store that is four lists."""

    outcomes_kept: list = field(default_factory=list)
    segments_kept: list = field(default_factory=list)
    episodes_kept: list = field(default_factory=list)
    parcels_kept: list = field(default_factory=list)

    def latest(self, *, before=None):
        return tuple({each.key: each for each in self.outcomes(end=before)}.values())

    def worst(self, kind, *, start, end):
        return ()

    def periods(self, grain, *, start=None, end=None):
        return ()

    def pauses(self, *, start=None, end=None):
        return ()

    def first_segments(self, *, before):
        first = {}
        for each in sorted(self.segments_kept, key=lambda each: each.start, reverse=True):
            if each.start < before:
                first[each.key] = each
        return tuple(first.values())

    def unfinished(self, *, before):
        later = {each.key for each in self.segments_kept if each.start >= before}
        return frozenset(each.key for each in self.segments_kept if each.key not in later)

    def outcomes(self, *, start=None, end=None, contract=None, check=None, limit=None):
        found = [
            each
            for each in sorted(self.outcomes_kept, key=lambda each: each.at)
            if (start is None or each.at >= start)
            and (end is None or each.at < end)
            and contract in (None, each.key.contract)
            and check in (None, each.key.check)
        ]
        return tuple(found[-limit:] if limit else found)

    def segments(self, *, start=None, end=None):
        return tuple(
            each
            for each in self.segments_kept
            if (start is None or each.end >= start) and (end is None or each.start < end)
        )

    def episodes(self, *, start=None, end=None):
        return tuple(
            each
            for each in self.episodes_kept
            if (start is None or each.resolved_at is None or each.resolved_at >= start)
            and (end is None or each.opened_at < end)
        )

    def parcels(self, *, start=None, end=None, topic=None, groups=None):
        return tuple(
            each
            for each in self.parcels_kept
            if topic in (None, each.topic)
            and (start is None or each.created_at >= start)
            and (end is None or each.created_at < end)
            and (groups is None or each.group in groups)
        )


@pytest.fixture
def shelf(everything):
    return Shelf(everything.outcomes, everything.segments, everything.episodes, everything.parcels)


def test_reading_gives_the_report_that_the_rows_give(everything, shelf, now):
    start = now - timedelta(days=1)
    rows = read_rows(shelf, start=start, end=now, now=now)
    made = build_report(
        rows,
        start=start,
        end=now,
        now=now,
        plans=everything.plans,
        environment="prod",
        hold={"*": timedelta(hours=1)},
    )
    assert made == everything.report(hold={"*": timedelta(hours=1)})


def test_a_breach_from_before_the_window_still_knows_who_was_told(everything, shelf, now):
    rows = read_rows(shelf, start=now - timedelta(hours=1), end=now, now=now)
    made = build_report(rows, start=now - timedelta(hours=1), end=now, now=now, plans=everything.plans)
    assert [each.channel for each in made.open[0].told] == ["console", "ops-webhook"]
    assert made.channels == ()


def test_silence_at_the_beginning_of_a_window_is_unknown_where_it_was_watched_before(everything, shelf, now):
    start = now - timedelta(days=1)
    one = next(each for each in everything.segments if each.key.contract == "airports")
    long_ago = start - timedelta(days=30)
    shelf.segments_kept.insert(0, replace(one, start=long_ago, end=long_ago + timedelta(days=1)))
    rows = read_rows(shelf, start=start, end=now, now=now)
    assert rows.first_seen[Watched(one.key, "quality")] == long_ago
    made = build_report(rows, start=start, end=now, now=now, plans=everything.plans, contracts=("airports",))
    assert made.compliance.unknown == 86_400 - (89 * 60)


def test_a_kind_that_is_new_in_the_window_is_not_looked_for_before_it(shelf, now):
    rows = read_rows(shelf, start=now - timedelta(days=1), end=now, now=now)
    assert {each.contract: at for (each, _), at in rows.first_seen.items()}["airports"] == now - timedelta(
        minutes=90
    )


def test_a_past_window_shows_what_came_of_the_checks_then(everything, shelf, now):
    later = [replace(each, at=now + timedelta(hours=2), message="later") for each in everything.outcomes]
    shelf.outcomes_kept = [*everything.outcomes, *later]
    rows = read_rows(shelf, start=now - timedelta(days=1), end=now, now=now + timedelta(hours=3))
    assert {each.at <= now for each in rows.latest} == {True}
    assert len(rows.latest) == len(everything.outcomes)


def test_a_segment_that_was_not_the_newest_is_not_held_again(everything, shelf, now):
    """It was held as long as it may be when it ended; the one that followed lies behind the window."""
    key = everything.segments[0].key
    start, end = now - timedelta(hours=20), now - timedelta(hours=10)
    mine = [each for each in everything.segments if each.key == key]
    first = replace(mine[0], health=Health.GOOD, start=start, end=end - timedelta(hours=2))
    second = replace(mine[0], health=Health.GOOD, start=end + timedelta(hours=1), end=now)
    shelf.segments_kept = [first, second]
    rows = read_rows(shelf, start=start, end=end, now=now)
    made = build_report(
        rows, start=start, end=end, now=now, hold={"*": timedelta(hours=12)}, contracts=("flights",)
    )
    (flights,) = made.contracts
    assert flights.compliance.good == 8 * 3600
    assert flights.compliance.unknown >= 2 * 3600
