"""Deadlines: promises of the form "by 07:00 on weekdays", kept or missed once in each period.

The share of time that something was fresh says nothing of whether it was there when people came to work. Of
a deadline it is known that it was kept where what it asks for was seen by then, and that it was missed where
it was looked for close enough and not seen. Else it is unknown: nothing is made up from a look long before or
after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from floe_dagster.report.calendar import Grain, periods

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import timedelta


class Kept(StrEnum):
    """What became of a deadline."""

    HIT = "hit"
    MISS = "miss"
    UNKNOWN = "unknown"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A time by which something new has to be there.

    Attributes:
        day: the local date, as 2026-11-20.
        since: what arrives from here on is new: the local midnight before it.
        at: the deadline, aware, UTC.
    """

    day: str
    since: datetime
    at: datetime


class Look(NamedTuple):
    """What was seen at one time: the newest of what there was, or None where there was nothing."""

    at: datetime
    newest: datetime | None


def deadlines(
    by: time,
    start: datetime,
    end: datetime,
    *,
    zone: str = "UTC",
    weekdays: Collection[int] = range(7),
    holidays: Collection[date] = (),
) -> Iterator[Deadline]:
    """The deadlines from `start` inclusive to `end` exclusive, in order.

    Where clocks skip the time of day or show it twice, the deadline is the later of the two instants that it
    can mean, for the benefit of who promised.

    Args:
        by: the time of day, in the zone.
        start: where the window begins, aware.
        end: where it ends.
        zone: whose clock it is.
        weekdays: the days on which it counts, 0 being Monday.
        holidays: local dates on which it does not.
    """
    for each in periods(Grain.DAY, start, end, zone):
        day = date.fromisoformat(each.name)
        at = max(_instant(day, by.replace(fold=fold), zone) for fold in (0, 1))
        if start <= at < end and day.weekday() in weekdays and day not in holidays:
            yield Deadline(day=each.name, since=each.start, at=at)


def _instant(day: date, by: time, zone: str) -> datetime:
    return datetime.combine(day, by, ZoneInfo(zone)).astimezone(UTC)


def judged(deadline: Deadline, looks: Sequence[Look], near: timedelta) -> Kept:
    """What became of a deadline.

    Args:
        deadline: which one.
        looks: what was seen, in the order of time; from `since` to `near` after the deadline is enough.
        near: how close to the deadline a look has to be to show that it was missed; twice the cadence.
    """
    there = [each.newest is not None and each.newest >= deadline.since for each in looks]
    if any(found and each.at <= deadline.at for each, found in zip(looks, there, strict=True)):
        return Kept.HIT
    if any(not found and each.at >= deadline.at for each, found in zip(looks, there, strict=True)):
        return Kept.MISS
    close = deadline.at - near
    if any(close <= each.at <= deadline.at for each in looks):
        return Kept.MISS
    return Kept.UNKNOWN
