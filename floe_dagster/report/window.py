"""Windows: the time that a report is about, and what is on record of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from floe_dagster.report.calendar import Grain, Period, before, periods
from floe_dagster.report.trend import PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.report.model import Breach
    from floe_dagster.report.parts import MadeUp
    from floe_dagster.report.rows import Aggregate, Sighting, Watched

HOURS = 24
"""how many parts a window is cut into that is no week and no month"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that is reported on, and what it is held against.

    Attributes:
        start, end: the part of it that is known.
        over_at: where it ends, which may be later.
        earlier: the windows before it, the newest last.
        parts: where the parts begin that trends are drawn of, and where the last ends.
        target: of kinds whose contract names none.
        hold: how long a measurement counts, by kind; half of it is how often it is made.
        looking_back: whether the window was over before now.
        made_up: time of which nothing was measured.
    """

    start: datetime
    end: datetime
    over_at: datetime
    earlier: tuple[tuple[datetime, datetime], ...] = ()
    parts: tuple[datetime, ...] = ()
    target: float | None = None
    hold: Mapping[str, timedelta] = field(default_factory=dict)
    looking_back: bool = False
    made_up: tuple[MadeUp, ...] = ()

    @property
    def since(self) -> datetime:
        """Where the earliest of the windows before it begins."""
        return min((start for start, _ in self.earlier), default=self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is on record of one contract on one server.

    Attributes:
        latest: the latest outcome of each key.
        segments: without gaps from where each key was first measured, in the window and those before.
        breaches: episodes of the window.
        first_seen: when each check was first measured.
        worst: by check, the outcome that used the most of its promise.
        days: finished days of which no segment is kept.
        sightings: what its checks saw, where promises are held against that.
        pauses: those that touch the window.
        whole_since: of days that began earlier, segments may be deleted; None where none are.
    """

    latest: Sequence[Outcome] = ()
    segments: Sequence[Segment] = ()
    breaches: Sequence[Breach] = ()
    first_seen: Mapping[Watched, datetime] = field(default_factory=dict)
    worst: Mapping[str, Outcome] = field(default_factory=dict)
    days: Sequence[Aggregate] = ()
    sightings: Sequence[Sighting] = ()
    pauses: Sequence[Pause] = ()
    whole_since: datetime | None = None


def earlier_than(
    start: datetime, end: datetime, period: Period | None
) -> tuple[tuple[datetime, datetime], ...]:
    """The windows before one that it is held against, the newest last: of the calendar, or just as long."""
    found: list[tuple[datetime, datetime]] = []
    for _ in range(PERIODS):
        if period is not None:
            period = before(period)
            start, end = period.start, period.end
        else:
            start, end = start - (end - start), start
        found.append((start, end))
    return tuple(reversed(found))


def parts_of(start: datetime, end: datetime, period: Period | None) -> tuple[datetime, ...]:
    """Where the parts of a window begin, and where the last ends: days of a week or a month, else 24."""
    if period is not None and period.grain is not Grain.DAY:
        return (*(each.start for each in periods(Grain.DAY, start, end, period.zone)), end)
    return tuple(start + (end - start) * part / HOURS for part in range(HOURS + 1))


def spans(parts: Sequence[datetime]) -> tuple[tuple[datetime, datetime], ...]:
    """The parts as pairs of where each begins and ends."""
    return tuple(pairwise(parts))
