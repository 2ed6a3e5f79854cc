"""Durations: how long, in the spellings that contracts and the manifest use.

A number with a unit (`4` and `h`), both in one text (`4h`, `15 min`), or ISO 8601 (`P1DT12H`). The unit `m`
is minutes: the standard does not say, freshness is the most frequent use, and months have `mo`. A month is
30 days and a year 365, since a promise of "3 years" is a length and has no calendar.
"""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Final

from floe_dagster.contract.wording import quoted

_SECONDS: Final = {
    1: ("s", "sec", "secs", "second", "seconds"),
    60: ("m", "min", "mins", "minute", "minutes"),
    3_600: ("h", "hr", "hrs", "hour", "hours"),
    86_400: ("d", "day", "days"),
    604_800: ("w", "wk", "wks", "week", "weeks"),
    30 * 86_400: ("mo", "month", "months"),
    365 * 86_400: ("y", "yr", "yrs", "year", "years"),
}
UNITS: Final = {unit: seconds for seconds, units in _SECONDS.items() for unit in units}
ACCEPTED: Final = "a number with s, min, h, d, w, mo or y (4 h, 15 min), or ISO 8601 (P1DT12H)"

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*([A-Za-z]*)")


class DurationError(ValueError):
    """What was written is no duration; the message says what is accepted."""


def duration(value: object, unit: str | None = None) -> timedelta:
    """The length that a value and its unit say.

    Args:
        value: a number, or text with a number, with a number and a unit, or in ISO 8601.
        unit: the unit of a bare number, in any case.

    Raises:
        DurationError: it is not a duration, it is negative, or a bare number has no unit.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise DurationError(f"{quoted(value)} is no duration; write {ACCEPTED}")
    # a small float would print as 1e-05
    text = f"{value:f}" if isinstance(value, float) else str(value).strip()
    if text[:1] in ("P", "p"):
        return _iso(text)
    if not (match := _WITH_UNIT.fullmatch(text)):
        raise DurationError(f"{quoted(value)} is no duration; write {ACCEPTED}")
    number, written = match.groups()
    if written and unit and UNITS.get(written.lower()) != UNITS.get(unit.strip().lower()):
        raise DurationError(f"{quoted(value)} has a unit, and another is given beside it; keep one")
    return _length(number, written or (unit or "").strip())


def _length(number: str, unit: str) -> timedelta:
    if not unit:
        raise DurationError(f"{number} has no unit; write {ACCEPTED}")
    if unit.lower() not in UNITS:
        raise DurationError(f"{quoted(unit)} is no unit of time; write {ACCEPTED}")
    return _bounded(float(number) * UNITS[unit.lower()])


def _iso(text: str) -> timedelta:
    # pydantic is a tenth of a second to import, and few contracts are written this way
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    try:
        found = TypeAdapter(timedelta).validate_python(text.upper()[:64])
    except ValidationError:
        raise DurationError(f"{quoted(text)} is no ISO 8601 duration; write {ACCEPTED}") from None
    return _bounded(found.total_seconds())


def _bounded(seconds: float) -> timedelta:
    if not math.isfinite(seconds) or not 0 <= seconds <= 10_000 * 365 * 86_400:
        raise DurationError(f"a duration is between 0 and 10,000 years; write {ACCEPTED}")
    return timedelta(seconds=seconds)
