"""Values: tables as engines hold them, and what the docs say of single values: order, equality, multiples."""

from __future__ import annotations

import re
import struct
import sys
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from fractions import Fraction
from math import isfinite, isnan
from typing import Any
from zoneinfo import ZoneInfo

Document = dict[str, Any]
Value = Any
ISO_8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?", re.ASCII
)
LARGEST = {"f32": (2 - 2**-23) * 2.0**127, "f64": sys.float_info.max}
WRITTEN = ("stamp", "day", "clock")
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class NotMeasurableError(Exception):
    """A table or column that the contract names and that is not there, or a rule that its type makes no sense of."""


@dataclass(frozen=True)
class Held:
    """A table as an engine holds it: its columns with their types, and its rows.

    Types: text; integer; double and single, of eight and four bytes; decimal, whole and tiny, of 38 digits of
    which 4, none or all are behind the point; boolean; date; timestamp; zoned; time; stamp, day and clock, which
    are dates and times written as text; array (of integers); object. Numeric, shown and
    listing are what an engine makes of decimals, of stamps with an offset and of arrays that has none of them:
    numbers of eight bytes or integers, text, and text with JSON in it.
    """

    columns: dict[str, str]
    rows: list[tuple[Value, ...]]

    def at(self, name: str) -> str:
        """The column's name here: as written, or in another case where no column has it exactly."""
        same = [each for each in self.columns if each.casefold() == name.casefold()]
        if name not in self.columns and len(same) != 1:
            raise NotMeasurableError(name)
        return name if name in self.columns else same[0]

    def kind(self, name: str) -> str:
        return self.columns[self.at(name)]

    def column(self, name: str) -> list[Value]:
        at = list(self.columns).index(self.at(name))
        return [row[at] for row in self.rows]


# Documents.


def physical(element: Document) -> str:
    return element.get("physicalName") or element["name"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def chosen(element: Document) -> dict[str, str]:
    return {
        name: choice
        for each in element.get("customProperties", ())
        if each["property"] == "floe.interpretation"
        for name, choice in each["value"].items()
    }


# Keys.


def excess(keys: list[tuple[Value, ...]]) -> int:
    """The rows that repeat the key of another, which stood before."""
    return len(keys) - len(set(map(countable, keys)))


def countable(key: tuple[Value, ...]) -> tuple[Value, ...]:
    """The key as something to count by, with its NaN equal to each other, as databases group them."""
    return tuple(_countable(each) for each in key)


def _countable(value: Value) -> Value:
    if isinstance(value, list):
        return tuple(value)
    return "NaN" if isinstance(value, float) and isnan(value) else value


# Times.


def moment(value: Value, zone: str = "UTC") -> datetime:
    """A point in time: a date is its first instant, and what names no zone is read in this one.

    In the hour that a clock shows twice it is the second; one that the clock skips is read by the offset before.
    That is the later of both readings. What UTC has no year from 1 to 9999 for is the first or the last instant.
    """
    value = read(value)
    if value.tzinfo is not None:
        return _in_utc(value)
    return max(_in_utc(value.replace(tzinfo=ZoneInfo(zone), fold=fold)) for fold in (0, 1))


def read(value: Value) -> datetime:
    """A date, a timestamp or an ISO 8601 text as a timestamp; it may be without a zone."""
    if isinstance(value, str):
        if not ISO_8601.fullmatch(value):
            raise ValueError(value)
        value = datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return FIRST if value.year == 1 else LAST


def wall(value: Value, zone: str) -> datetime:
    """What a clock in the zone shows at that time."""
    value = read(value)
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError:
        return (FIRST if value.year == 1 else LAST).replace(tzinfo=None)


# Order and equality.


def order(value: Value, limit: Value, kind: str, zone: str) -> int:
    """-1 below the limit, 0 at it, 1 above it; NaN is above every number, as databases sort it."""
    left, right = _sides(value, limit, kind, zone)
    return (left > right) - (left < right)


def _sides(value: Value, limit: Value, kind: str, zone: str) -> tuple[Any, Any]:
    match kind:
        case "date":
            return moment(value), moment(limit)
        case "timestamp" | "shown":  # by what a clock of the zone shows, which is not asked when it was
            return wall(value, zone), wall(limit, zone)
        case "zoned" | "stamp" | "day":
            return moment(value, zone), moment(limit, zone)
        case "time" | "clock":
            return _clock(value), time.fromisoformat(limit)
    if isinstance(value, float) and not isfinite(value):
        return (0, 1) if value == float("-inf") else (1, 0)
    if isinstance(value, float):
        return value, single(float(limit)) if kind == "single" else float(limit)
    return Fraction(value), Fraction(numeric(Decimal(str(limit))) if kind == "numeric" else str(limit))


def numeric(value: Decimal) -> float:
    """As a column of numbers in SQLite keeps it: as an integer where it is one, else in eight bytes."""
    whole = value == value.to_integral_value()
    number: float = int(value) if whole and abs(value) < 2**63 else float(value)
    return (
        int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**63 else number
    )


def _clock(value: Value) -> time:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?", value, re.ASCII):
        raise ValueError(value)
    return time.fromisoformat(value)


def single(number: float) -> float:
    """As four bytes hold it; what is too large or too small for them stays as it is."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0]) or number
    except OverflowError:
        return number


def same(value: Value, mark: Value, kind: str) -> bool:
    """Whether a value is one of a contract's list, read as the column's type; what is of no such type is not."""
    if mark is None:
        return False
    if kind in ("text", *WRITTEN):
        return bool(value == (str(mark).lower() if isinstance(mark, bool) else str(mark)))
    if kind == "boolean":
        return value is {"true": True, "false": False}.get(str(mark).lower())
    try:
        if kind in ("date", "timestamp", "zoned", "shown"):
            return moment(value) == moment(str(mark))
        if kind == "time":
            return bool(value == time.fromisoformat(str(mark)))
        return not isinstance(mark, bool) and bool(value == _number(Decimal(str(mark)), value, kind))
    except (ValueError, ArithmeticError):
        return False


def _number(mark: Decimal, value: Value, kind: str) -> Value:
    """A number as the column would hold it."""
    if kind == "numeric":
        return numeric(mark)
    if kind == "single":
        return single(float(mark))
    return float(mark) if isinstance(value, float) else mark


def multiple(value: Value, divisor: float, kind: str) -> bool:
    """Exactly for whole numbers and decimals; for doubles where the quotient is whole to nine decimal places."""
    if isinstance(value, float) or kind == "numeric":
        if not isfinite(value):
            return False
        quotient = Fraction(value) / Fraction(divisor)  # which may be more than eight bytes hold
        return abs(quotient - round(quotient)) <= max(Fraction(1, 10**9), abs(quotient) / 10**15)
    return Fraction(value) % Fraction(repr(divisor)) == 0


def is_base64(value: str) -> bool:
    try:
        return value.isascii() and b64encode(b64decode(value, validate=True)).decode() == value
    except ValueError:
        return False
