"""Functions that SQLite lacks, called from its statements: patterns, and ISO 8601 text as numbers."""

from __future__ import annotations

import re
from datetime import time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.warehouses._answers import instant, microseconds, wall
from floe_dagster.warehouses._iso import CLOCK, NAIVE, ZONED
from floe_dagster.warehouses._matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


# Python reads more than these, and other engines do not
_STAMP = re.compile(f"{ZONED}|{NAIVE}", re.ASCII)
_TIME = re.compile(CLOCK, re.ASCII)


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Matcher:
    """The matcher of a pattern, built once.

    Raises:
        WarehouseError: it cannot be run here.
    """
    return Matcher(pattern)


def matches(pattern: str, text: object) -> bool | None:
    return None if text is None else matcher(pattern)(str(text))


def instant_of(raw: object, zone: str) -> int | None:
    """Microseconds since 1970 of ISO 8601 text.

    Raises:
        WarehouseError: it is none.
    """
    return _micros(raw, zone, instant)


def wall_of(raw: object, zone: str) -> int | None:
    """The same of what a clock in the zone shows.

    Raises:
        WarehouseError: it is none.
    """
    return _micros(raw, zone, wall)


def _micros(raw: object, zone: str, read: Callable[[str, str], datetime]) -> int | None:
    if raw is None:
        return None
    try:
        return microseconds(read(_spelled(raw, _STAMP), zone))
    except (ValueError, OverflowError):
        raise WarehouseError("the column holds what is no ISO 8601 date or timestamp") from None


def _spelled(raw: object, pattern: re.Pattern[str]) -> str:
    text = str(raw)
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text


def time_of_day(raw: object) -> int | None:
    """Microseconds since midnight of an ISO 8601 time of day.

    Raises:
        WarehouseError: it is none.
    """
    if raw is None:
        return None
    try:
        at = time.fromisoformat(_spelled(raw, _TIME))
    except ValueError:
        raise WarehouseError("the column holds what is no ISO 8601 time of day") from None
    since = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    return since // timedelta(microseconds=1)
