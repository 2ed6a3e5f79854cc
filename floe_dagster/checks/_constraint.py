"""Constraints: the offence that a row commits against an option of a column's logical type."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Literal

from floe_dagster.checks._age import zone
from floe_dagster.checks._asked import Asked, Refused, Remark
from floe_dagster.checks._items import about_items
from floe_dagster.checks._shape import shape_of
from floe_dagster.plan.nested import ref_of
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    LengthCompares,
    NotFormat,
    NotMatching,
    NotMultipleOf,
    NotWritten,
    ZoneDiffers,
)
from floe_dagster.plan.wording import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Column, Constraint, Scalar

FORMATS = ("email", "uuid", "uri", "hostname", "ipv4", "ipv6", "byte")

_BOUNDS: Mapping[str, tuple[Literal["<", "<=", ">", ">="], str, str]] = {
    "minimum": ("<", "below", "at least"),
    "maximum": (">", "above", "at most"),
    "exclusive_minimum": ("<=", "not above", "above"),
    "exclusive_maximum": (">=", "not below", "below"),
}
_LENGTHS: Mapping[str, tuple[Literal["<", ">"], str, str]] = {
    "min_length": ("<", "shorter than", "at least"),
    "max_length": (">", "longer than", "at most"),
}
_WIDTHS = {"8": 8, "16": 16, "32": 32, "64": 64, "128": 128}
_FOR_PEOPLE = {
    "password": "says how the value is shown, not what it holds",
    "binary": "is any sequence of octets, so that no value offends",
}
_LARGEST = {"f32": 3.4028234663852886e38, "f64": 1.7976931348623157e308}
_TIMES = ("date", "timestamp", "time")


def asked_of(
    column: Column, constraint: Constraint, choices: Mapping[str, str]
) -> Asked | Refused | Remark | None:
    """What to ask about one constraint of a column; None for options that nothing can be asked about."""
    name, value = constraint.name, constraint.value
    if name in _BOUNDS:
        return _bound(column, name, value, choices)
    if name in _LENGTHS:
        return _length(column, name, value)
    match name:
        case "pattern":
            return _pattern(column, value, choices)
        case "format":
            return _format(column, str(value))
        case "multiple_of":
            return _multiple(column, value)
        case "default_timezone":
            return Remark(f"stamps without a zone are read in {value}")
        case "timezone":
            return _timezone(column, value)
        case _:
            return about_items(column, name, value)


def pattern_of(written: str, choices: Mapping[str, str]) -> str:
    """A pattern as it is searched for: as written, or held at both ends."""
    if choices["pattern"] != "full":
        return written
    flag = "(?i)" if written.startswith("(?i)") else ""  # which may only stand at the start
    return f"{flag}^(?:{written.removeprefix(flag)})$"


def _bound(column: Column, name: str, value: Scalar, choices: Mapping[str, str]) -> Asked | Refused:
    operator, words, title = _BOUNDS[name]
    if isinstance(value, bool) or value is None:
        return Refused(f"{name} is {value}, and a bound is a number or a date")
    if isinstance(value, str) and column.logical_type in ("integer", "number"):
        return Refused(f'{name} is the text "{value}", and the column holds numbers')
    if column.logical_type in _TIMES and (wrong := _no_time(column, str(value))):
        return Refused(f'{name} is "{value}", {wrong}')
    shown = str(value)
    stamped = column.logical_type == "timestamp"
    read_in = zone(column, choices) if stamped else "UTC"
    return Asked(
        offence=Compares(ref_of(column), operator, value, read_in),
        words=f"{words} {shown}",
        title=f"{column.name} is {title} {shown}",
        interpretation=(("naive_timestamps", read_in),) if stamped else (),
    )


def _no_time(column: Column, limit: str) -> str | None:
    """Why a limit cannot be held against dates or times; None where it can."""
    try:
        if column.logical_type != "time":
            datetime.fromisoformat(limit.strip())
        elif time.fromisoformat(limit.strip()).tzinfo is not None:
            return "and a time of day is compared without an offset; leave it out"
    except ValueError:
        return f"which is no ISO 8601 {column.logical_type}; write it so, whatever the format of the column"
    return None


def _length(column: Column, name: str, value: Scalar) -> Asked | Refused:
    operator, words, title = _LENGTHS[name]
    if isinstance(value, bool) or not isinstance(value, int):
        return Refused(f"{name} is {value}, and a length is a whole number")
    characters = "character" if value == 1 else "characters"
    return Asked(
        offence=LengthCompares(ref_of(column), operator, value),
        words=f"{words} {value} {characters}",
        title=f"{column.name} has {title} {value} {characters}",
    )


def _timezone(column: Column, value: Scalar) -> Asked:
    should = value is True
    return Asked(
        offence=ZoneDiffers(ref_of(column), should),
        words="without a zone" if should else "with a zone",
        title=f"{column.name} carries {'a' if should else 'no'} zone",
    )


def _pattern(column: Column, value: Scalar, choices: Mapping[str, str]) -> Asked | Refused:
    if not isinstance(value, str):
        return Refused(f"the pattern is {value}, and a pattern is a text")
    return Asked(
        offence=NotMatching(ref_of(column), pattern_of(value, choices)),
        words=f"not matching {value}",
        title=f"{column.name} matches {value}",
        interpretation=(("pattern", choices["pattern"]),),
    )


def _multiple(column: Column, value: Scalar) -> Asked | Refused:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return Refused(f"multipleOf is {value}, and a divisor is a number above 0")
    return Asked(
        offence=NotMultipleOf(ref_of(column), value),
        words=f"not a multiple of {number(value)}",
        title=f"{column.name} is a multiple of {number(value)}",
    )


def _format(column: Column, value: str) -> Asked | Refused | Remark:
    if value in FORMATS:
        article = "an" if value[0] in "aeio" else "a"
        return Asked(
            offence=NotFormat(ref_of(column), value),
            words=f"holding no {value}",
            title=f"{column.name} is {article} {value}",
        )
    if column.logical_type == "integer" and value[:1] in ("i", "u"):
        return _width(column, value)
    if column.logical_type in _TIMES:
        return _shape(column, value)
    if value in _LARGEST:
        return _within(column, value, -_LARGEST[value], _LARGEST[value])
    if value in _FOR_PEOPLE:
        return Remark(f"{value} {_FOR_PEOPLE[value]}")
    return Refused(f'no warehouse can be asked for the format "{value}"; a pattern can say the same')


def _width(column: Column, value: str) -> Asked | Refused:
    bits = _WIDTHS.get(value[1:])
    if bits is None:
        return Refused(f'"{value}" is no format of integers; known are i8 to i128 and u8 to u128')
    low, high = (0, 2**bits - 1) if value[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return _within(column, value, low, high)


def _shape(column: Column, value: str) -> Asked | Refused | Remark:
    physical = (column.physical_type or "").upper()
    if physical.startswith(("DATE", "TIME")):
        return Remark(f"{value} says how the value is shown; {column.physical_type} holds no text")
    try:
        pattern = shape_of(value)
    except ValueError as error:
        return Refused(str(error))
    return Asked(
        offence=NotWritten(ref_of(column), pattern, value),
        words=f"not written as {value}",
        title=f"{column.name} is written as {value}",
    )


def _within(column: Column, value: str, low: float, high: float) -> Asked:
    return Asked(
        offence=AnyOf((Compares(ref_of(column), "<", low), Compares(ref_of(column), ">", high))),
        words=f"not fitting {value}",
        title=f"{column.name} fits {value}",
    )
