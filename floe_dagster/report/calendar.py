"""Calendar: days, weeks and months as a place on earth has them.

A day begins at the first instant that its zone calls that date, so that days of 23 and of 25 hours come out
right. Weeks are those of ISO 8601 and begin on Monday.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Grain(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A day, a week or a month.

    Attributes:
        name: `2026-11-20`, `2026-W47` or `2026-11`.
        start: its first instant, aware, UTC.
        end: the first instant after it.
        zone: whose calendar it is of.
    """

    grain: Grain
    name: str
    start: datetime
    end: datetime
    zone: str = "UTC"

    @property
    def seconds(self) -> float:
        """How long it is: 82,800 or 90,000 s for a day on which clocks are changed."""
        return (self.end - self.start).total_seconds()


def period_of(grain: Grain, at: datetime, zone: str = "UTC") -> Period:
    """The period that an instant is in."""
    return _period(grain, at.astimezone(ZoneInfo(zone)).date(), zone)


def period_named(name: str, zone: str = "UTC") -> Period:
    """The period of that name.

    Raises:
        ValueError: it names none.
    """
    try:
        if week := _WEEK.fullmatch(name):
            return _period(Grain.WEEK, date.fromisocalendar(int(week[1]), int(week[2]), 1), zone)
        if month := _MONTH.fullmatch(name):
            return _period(Grain.MONTH, date(int(month[1]), int(month[2]), 1), zone)
        return _period(Grain.DAY, date.fromisoformat(name), zone)
    except ValueError as error:
        raise ValueError(
            f'"{name}" names no period; write a day as 2026-11-20, a week as 2026-W47, a month as 2026-11'
        ) from error


def before(period: Period) -> Period:
    """The period that ends where this one begins."""
    return period_of(period.grain, period.start - timedelta(seconds=1), period.zone)


def after(period: Period) -> Period:
    """The period that begins where this one ends."""
    return period_of(period.grain, period.end, period.zone)


def last_finished(grain: Grain, now: datetime, zone: str = "UTC") -> Period:
    """The newest period that is over."""
    return before(period_of(grain, now, zone))


def periods(grain: Grain, start: datetime, end: datetime, zone: str = "UTC") -> Iterator[Period]:
    """The periods that touch the time from `start` inclusive to `end` exclusive, in order."""
    if start >= end:
        return
    one = period_of(grain, start, zone)
    while one.start < end:
        yield one
        one = after(one)


def _period(grain: Grain, day: date, zone: str) -> Period:
    match grain:
        case Grain.DAY:
            first, last, name = day, _later(day, 1), f"{day:%Y-%m-%d}"
        case Grain.WEEK:
            first = day - timedelta(days=day.weekday())
            last = _later(first, 7)
            year, week, _ = first.isocalendar()
            name = f"{year:04d}-W{week:02d}"
        case Grain.MONTH:
            first = day.replace(day=1)
            last = _later(first, 32).replace(day=1)
            name = f"{first:%Y-%m}"
    return Period(grain=grain, name=name, start=_begins(first, zone), end=_begins(last, zone), zone=zone)


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _begins(day: date, zone: str) -> datetime:
    """Midnight; where clocks skip it, the instant at which they do; where it comes twice, the first."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
