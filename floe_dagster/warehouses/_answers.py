"""Answers: what an engine returned, as the values that metrics promise; what cannot be one is refused."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from floe_dagster.errors import WarehouseError

if TYPE_CHECKING:
    from floe_dagster.plan.metric import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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

    Raises:
        WarehouseError: it is none that Python can hold, such as infinity or a year before 1.
    """
    if raw is None:
        return None
    if isinstance(raw, int):
        return _EPOCH + timedelta(microseconds=raw)
    try:
        return instant(str(raw), zone)
    except (ValueError, OverflowError) as error:
        raise WarehouseError(
            "the column holds what is not a time on the calendar, such as infinity"
        ) from error


def instant(text: str, zone: str) -> datetime:
    """An ISO 8601 date or timestamp with dashes, in UTC; read in `zone` where it names no offset.

    Raises:
        ValueError: it is not one.
        OverflowError: it is not within the years 1 to 9999 in UTC.
    """
    read = _read(text)
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    return read.astimezone(UTC)


def wall(text: str, zone: str) -> datetime:
    """The same as a clock on a wall in `zone` shows it, with UTC in the place of the zone.

    Raises:
        ValueError: it is not one.
        OverflowError: it is not within the years 1 to 9999 there.
    """
    read = _read(text)
    if read.tzinfo is not None:
        read = read.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    return read.replace(tzinfo=UTC)


def _read(text: str) -> datetime:
    plain = text.strip()
    if plain[4:8:3] != "--":  # Python also reads 20240101 and 2024-W01-1, which may as well be other numbers
        raise ValueError(plain)
    return datetime.fromisoformat(plain)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)
