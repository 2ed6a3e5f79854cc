"""Schedules: which checks are due when a cadence ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from croniter import croniter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.plan.check import Check
    from floe_dagster.settings import Cadence

CADENCES = ("availability", "freshness", "schema", "quality")
"""The four ticks, the most frequent first. Kinds of any other name are measured with quality, but these."""

_WITH = {
    "server": "availability",
    "uptime": "availability",
    "time_of_availability": "freshness",
    "response": "freshness",
}

_ANY_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
_TIMES = 60


def cadence_of(check: Check) -> str:
    """The tick that measures a check.

    One with a schedule of its own is looked at by the most frequent tick, so that it starts close to its
    time.
    """
    return CADENCES[0] if check.schedule else cadence_of_kind(check.kind)


def cadence_of_kind(kind: str) -> str:
    """The tick that measures a kind."""
    return kind if kind in CADENCES else _WITH.get(kind, "quality")


def interval(cadence: Cadence, name: str) -> timedelta:
    """How often a tick comes, as the manifest has it."""
    match name:
        case "availability":
            return cadence.availability
        case "freshness":
            return cadence.freshness
        case "schema":
            return cadence.schema_
        case _:
            return cadence.quality


def cadence_seconds(cadence: Cadence, kind: str) -> float:
    """How often a kind is measured, in seconds."""
    return interval(cadence, "schema" if kind == "contract" else cadence_of_kind(kind)).total_seconds()


def check_seconds(cadence: Cadence, kind: str, schedule: str | None = None) -> float:
    """How often a check is measured, in seconds.

    One with a schedule of its own may wait for as long as its times are ever apart: from Friday to Monday,
    where it is measured on weekdays.
    """
    return cadence_seconds(cadence, kind) if schedule is None else _widest_seconds(schedule)


@lru_cache(maxsize=1024)
def _widest_seconds(schedule: str) -> float:
    times = croniter(schedule, _ANY_MONDAY)
    moments = [times.get_next(datetime) for _ in range(_TIMES)]
    return max((later - earlier).total_seconds() for earlier, later in pairwise(moments))


def due(
    checks: Iterable[Check], cadence: str, last: Mapping[str, datetime], now: datetime
) -> tuple[Check, ...]:
    """The checks that this tick measures.

    Args:
        checks: all checks of a contract.
        cadence: which tick it is.
        last: when the checks with a schedule of their own were last measured, by id.
        now: aware, UTC.
    """
    return tuple(
        each
        for each in checks
        if cadence_of(each) == cadence
        and (each.schedule is None or _has_come(each.schedule, last.get(each.id), now))
    )


def _has_come(schedule: str, last: datetime | None, now: datetime) -> bool:
    return last is None or last < croniter(schedule, now).get_prev(datetime)
