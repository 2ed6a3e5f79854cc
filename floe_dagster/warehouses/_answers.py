"""Answers: what an engine returned, as the values that metrics promise; what cannot be one is refused."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from floe_dagster.errors import WarehouseError

if TYPE_CHECKING:
    from floe_dagster.plan.metric import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
# DuckDB takes -infinity for the year 5877642 BC where statistics answer
_BEYOND = re.compile(r"infinity|\d{5,}-(?!.*BC)")
_LONGEST_TEXT = 1000


def count(raw: object) -> int:
    """A number of rows."""
    return int(raw) if isinstance(raw, int | Decimal | float) else 0


def scalar(raw: object) -> Value:
    """The one value of a contract's own statement.

    Raises:
        WarehouseError: it is no number, boolean or text, or not a finite number.
    """
    match raw:
        case None | bool() | int():
            return raw
        case float() | Decimal() if not math.isfinite(raw):
            raise WarehouseError(f"the query returned {raw}, which is not a finite number")
        case Decimal():
            return int(raw) if raw == raw.to_integral_value() else float(raw)
        case float():
            return raw
        case str():
            if len(raw) > _LONGEST_TEXT:
                raise WarehouseError(
                    f"the query returned {len(raw)} characters, and {_LONGEST_TEXT} are the most"
                )
            return raw
        case datetime() | date() | time():
            return raw.isoformat()
        case _:
            raise WarehouseError(
                f"the query returned a {type(raw).__name__}; it has to return one number, boolean or text"
            )


def moment(raw: object, zone: str) -> datetime | None:
    """A point in time, in UTC: from microseconds since 1970, or from the engine's text.

    What is later than Python can tell, infinity among it, is the last instant that it can.

    Raises:
        WarehouseError: it is none that Python can hold, such as -infinity or a year before 1.
    """
    if raw is None:
        return None
    if isinstance(raw, int):
        return _EPOCH + timedelta(microseconds=raw)
    if _BEYOND.match(str(raw)):
        return _LAST
    try:
        return instant(str(raw), zone)
    except (ValueError, OverflowError) as error:
        raise WarehouseError(
            "the column holds what is not a time on the calendar, such as -infinity"
        ) from error


def instant(text: str, zone: str) -> datetime:
    """An ISO 8601 date or timestamp with dashes, in UTC; read in `zone` where it names no offset.

    A time that a clock shows twice, or skips, is the later of both readings, as in PostgreSQL and DuckDB.
    What lies outside the years 1 to 9999 in UTC is the first or the last instant in them.

    Raises:
        ValueError: it is not one.
    """
    read = _read(text)
    if read.tzinfo is not None:
        return _within(read, UTC)
    if zone == "UTC":
        return read.replace(tzinfo=UTC)
    return max(_within(read.replace(tzinfo=ZoneInfo(zone), fold=fold), UTC) for fold in (0, 1))


def wall(text: str, zone: str) -> datetime:
    """The same as a clock on a wall in `zone` shows it, with UTC in the place of the zone.

    Raises:
        ValueError: it is not one.
    """
    read = _read(text)
    if read.tzinfo is not None:
        read = _within(read, UTC if zone == "UTC" else ZoneInfo(zone))
    return read.replace(tzinfo=UTC, fold=0)


def _within(at: datetime, zone: tzinfo) -> datetime:
    """The same in another zone, or the end of the calendar that is nearest."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return (_FIRST if at.year == 1 else _LAST).replace(tzinfo=zone)


def _read(text: str) -> datetime:
    plain = text.strip()
    if plain[4:8:3] != "--":  # Python also reads 20240101 and 2024-W01-1, which may as well be other numbers
        raise ValueError(plain)
    return datetime.fromisoformat(plain)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)
