"""Answers: what an engine returned, as the values that metrics promise; what cannot be one is refused."""

from __future__ import annotations

import math
import re
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
    """An ISO 8601 date or timestamp, in UTC; read in `zone` where it names no offset.

    Raises:
        ValueError: it is not one.
        OverflowError: it is not within the years 1 to 9999 in UTC.
    """
    read = datetime.fromisoformat(_trimmed(text))
    placed = read if read.tzinfo is not None else read.replace(tzinfo=ZoneInfo(zone))
    return placed.astimezone(UTC)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)


_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def _trimmed(text: str) -> str:
    """With one to six digits of a fraction, as Python reads them; engines drop zeros at the end."""
    return _FRACTION.sub(lambda found: "." + found[1].ljust(6, "0"), text.strip(), count=1)
