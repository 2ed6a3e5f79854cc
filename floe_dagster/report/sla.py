"""SLA: how much of a window a promise was kept, weighted by time.

Counting passed checks over all checks is wrong as soon as a check repeats faster while it fails, so nothing
is counted here: seconds are summed. Whatever is neither good nor bad in the window is unknown, and unknown
time widens the bounds instead of counting for either side. Time that is excused, since its maintenance was
declared before it began, is in no ratio and no bound; it is shown beside them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING

from floe_dagster.outcome.segment import Health, Segment

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from floe_dagster.outcome.outcome import Key

WORST_FIRST = (Health.BAD, Health.UNKNOWN, Health.GOOD, Health.EXCUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a timeline, from `start` inclusive to `end` exclusive."""

    health: Health
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """How a window went, in seconds; the four add up to the window."""

    good: float = 0.0
    bad: float = 0.0
    unknown: float = 0.0
    excused: float = 0.0

    @property
    def known(self) -> float:
        """The seconds in which the promise was seen kept or seen broken."""
        return self.good + self.bad

    @property
    def total(self) -> float:
        """The seconds that count: those of the window, without the excused."""
        return self.good + self.bad + self.unknown

    @property
    def ratio(self) -> float | None:
        """The share of the known time in which the promise was kept; None where nothing was known."""
        return self.good / self.known if self.known else None

    @property
    def coverage(self) -> float:
        """The share of the window that was known; 0 for an empty window."""
        return self.known / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        """What the compliance is at least, all unknown time counted as bad; 0 for an empty window."""
        return self.good / self.total if self.total else 0.0

    @property
    def high(self) -> float:
        """What the compliance is at most, all unknown time counted as good; 1 for an empty window."""
        return (self.good + self.unknown) / self.total if self.total else 1.0


def timeline(segments: Iterable[Segment | Stretch], start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The window in one piece: every moment in exactly one state.

    Segments may come in any order, of one key or of several, and are clipped to the window. Where they
    overlap the worst state wins (bad, then unknown, then good, then excused), so that several promises taken
    together are kept only while all of them are, and excused only while all of them are. Where there is no
    segment the state is unknown. An empty window has no stretches.
    """
    if start >= end:
        return ()
    edges: dict[datetime, Counter[Health]] = {start: Counter(), end: Counter()}
    for each in segments:
        first, last = max(each.start, start), min(each.end, end)
        if first < last:
            edges.setdefault(first, Counter())[each.health] += 1
            edges.setdefault(last, Counter())[each.health] -= 1
    active: Counter[Health] = Counter()
    stretches: list[Stretch] = []
    for here, there in pairwise(sorted(edges)):
        active.update(edges[here])
        health = next((each for each in WORST_FIRST if active[each] > 0), Health.UNKNOWN)
        if stretches and stretches[-1].health is health:
            stretches[-1] = replace(stretches[-1], end=there)
        else:
            stretches.append(Stretch(health=health, start=here, end=there))
    return tuple(stretches)


def cut(stretches: Sequence[Stretch], start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The part of a timeline from `start` to `end`."""
    return tuple(
        replace(each, start=max(each.start, start), end=min(each.end, end))
        for each in stretches
        if each.start < end and each.end > start
    )


def measure(stretches: Iterable[Stretch]) -> Compliance:
    """The compliance of a timeline."""
    seconds: dict[Health, list[float]] = {health: [] for health in Health}
    for each in stretches:
        seconds[each.health].append(each.seconds)
    return Compliance(
        good=fsum(seconds[Health.GOOD]),
        bad=fsum(seconds[Health.BAD]),
        unknown=fsum(seconds[Health.UNKNOWN]),
        excused=fsum(seconds[Health.EXCUSED]),
    )


def compliance(segments: Iterable[Segment], start: datetime, end: datetime) -> Compliance:
    """How the window from `start` inclusive to `end` exclusive went; see `timeline` for overlaps and gaps."""
    return measure(timeline(segments, start, end))


def total(parts: Iterable[Compliance]) -> Compliance:
    """Several windows together: their seconds summed, never their percentages averaged."""
    every = tuple(parts)
    return Compliance(
        good=fsum(each.good for each in every),
        bad=fsum(each.bad for each in every),
        unknown=fsum(each.unknown for each in every),
        excused=fsum(each.excused for each in every),
    )


def held(
    segments: Iterable[Segment],
    now: datetime,
    hold: Mapping[str, timedelta],
    only: Container[Key] | None = None,
) -> tuple[Segment, ...]:
    """The segments, with the last of each key held until `now`, but no longer than its kind may be.

    A segment ends with the last measurement, and a measurement says something of the time until the next one.

    Args:
        segments: in any order.
        now: nothing is held beyond it.
        hold: by kind, how long a measurement counts, `*` standing for every other kind; nothing is held for
            a kind that is not in it. A check that is measured at times of its own stands under the text of
            its key.
        only: the keys whose last segment there is none after; all of them where not given.
    """
    every = tuple(segments)
    last: dict[Key, Segment] = {}
    for each in every:
        # the newest begins where the one before it ends, and may have no length yet
        if each.key not in last or (each.end, each.start) > (last[each.key].end, last[each.key].start):
            last[each.key] = each
    return tuple(
        _held(each, now, hold) if last[each.key] is each and (only is None or each.key in only) else each
        for each in every
    )


def _held(segment: Segment, now: datetime, hold: Mapping[str, timedelta]) -> Segment:
    usual = hold.get(segment.kind, hold.get("*", timedelta()))
    until = min(now, segment.end + hold.get(segment.key.text, usual))
    return replace(segment, end=until) if until > segment.end else segment
