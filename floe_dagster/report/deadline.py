"""Deadlines: promises of the form "by 07:00 on weekdays", kept or missed once in each period.

The share of time that something was fresh says nothing of whether it was there when people came to work. Of
a deadline it is known that it was kept where what it asks for was seen by then, and that it was missed where
it was looked for close enough and not seen. Else it is unknown: nothing is made up from a look long before or
after.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from floe_dagster.plan.holiday import dates_of
from floe_dagster.plan.metric import LastChange
from floe_dagster.plan.past import Deadline, Due, Earlier, Met
from floe_dagster.report.calendar import Grain, periods

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from floe_dagster.outcome.pause import Pause
    from floe_dagster.plan.check import Check, Plan
    from floe_dagster.plan.metric import Metric, Table

SKEW = timedelta(seconds=60)
"""how far the clocks of what writes and of what looks may be apart"""


class Look(NamedTuple):
    """What was seen at one time: the newest of what there was, or None where there was nothing."""

    at: datetime
    newest: datetime | None


def lookers(plan: Plan, table: Table, asked: Metric) -> tuple[Check, ...]:
    """The checks of a table whose outcomes tell what they saw of this."""
    return tuple(
        each
        for each in plan.checks
        if each.table == table
        and any(isinstance(own, Earlier | Due) and own.asked == asked for own in each.metrics)
    )


def thing(actual: object) -> int | float | datetime | None:
    """What was seen, as it was recorded; None where that is no number and no point in time."""
    match actual:
        case bool():
            return None
        case int() | float():
            return actual
        case str():
            try:
                found = datetime.fromisoformat(actual)
            except ValueError:
                return None
            return found if found.tzinfo else None
        case _:
            return None


def passed(
    due: Due,
    seen: Iterable[tuple[datetime, object]],
    near: timedelta,
    start: datetime,
    end: datetime,
    *,
    excused: Collection[Pause] = (),
) -> Iterator[Deadline]:
    """What became of each deadline from `start` inclusive to `end` exclusive, in order.

    Args:
        due: what is promised.
        seen: what was seen at which time, in the order of time.
        near: how close to a deadline a look has to be to show that it was missed; twice the cadence.
        start: where the window begins, aware.
        end: where it ends.
        excused: maintenance of what is looked at; a deadline in it does not count.
    """
    looks = _looks(due, seen)
    times = [each.at for each in looks]
    for each in _due_in(due, start, end):
        near_it = looks[bisect_left(times, each.since) : bisect_right(times, each.at + near)]
        met = judged(each, near_it, near)
        if any(pause.start <= each.at < pause.over_at for pause in excused):
            met = Met.EXCUSED
        yield replace(each, met=met)


def _looks(due: Due, seen: Iterable[tuple[datetime, object]]) -> list[Look]:
    looks = [Look(at, newest if isinstance(newest, datetime) else None) for at, newest in seen]
    if isinstance(due.asked, LastChange):  # that it was written says when it was there
        written = {each.newest for each in looks if each.newest and each.newest <= each.at + SKEW}
        looks = sorted([*looks, *(Look(each, each) for each in written)], key=lambda each: each.at)
    return looks


def _due_in(due: Due, start: datetime, end: datetime) -> Iterator[Deadline]:
    years = range(start.year - 1, end.year + 2)
    days = dates_of(due.holidays, years) if due.holidays else frozenset[date]()
    for each in deadlines(due.by, start, end, zone=due.zone, weekdays=due.weekdays, holidays=days):
        if due.schedule is None or _has_time(due.schedule, date.fromisoformat(each.day), due.zone):
            yield replace(each, since=_midnight(each.day, due.days_before, due.zone))


def _has_time(schedule: str, day: date, zone: str) -> bool:
    """Whether a cron expression has a time on that day."""
    from croniter import croniter  # noqa: PLC0415

    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    found = croniter(schedule, midnight - timedelta(seconds=1)).get_next(datetime)
    return bool(found.date() == day)


def _midnight(day: str, days_before: int, zone: str) -> datetime:
    return _instant(date.fromisoformat(day) - timedelta(days=days_before), time(), zone)


def deadlines(
    by: time,
    start: datetime,
    end: datetime,
    *,
    zone: str = "UTC",
    weekdays: Collection[int] = range(7),
    holidays: Collection[date] = (),
) -> Iterator[Deadline]:
    """The deadlines from `start` inclusive to `end` exclusive, in order, not judged yet.

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
            yield Deadline(each.name, each.start, at, Met.UNKNOWN)


def _instant(day: date, by: time, zone: str) -> datetime:
    return datetime.combine(day, by, ZoneInfo(zone)).astimezone(UTC)


def judged(deadline: Deadline, looks: Sequence[Look], near: timedelta) -> Met:
    """What became of a deadline, excuses apart.

    Args:
        deadline: which one.
        looks: what was seen, in the order of time; from `since` to `near` after the deadline is enough.
        near: how close to the deadline a look has to be to show that it was missed; twice the cadence.
    """
    there = [each.newest is not None and each.newest >= deadline.since for each in looks]
    if any(found and each.at <= deadline.at for each, found in zip(looks, there, strict=True)):
        return Met.HIT
    if any(not found and each.at >= deadline.at for each, found in zip(looks, there, strict=True)):
        return Met.MISS
    close = deadline.at - near
    if any(close <= each.at <= deadline.at for each in looks):
        return Met.MISS
    return Met.UNKNOWN
