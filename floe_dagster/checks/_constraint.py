"""Constraints: the offence that a row commits against an option of a column's logical type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from floe_dagster.plan.metric import (
    AnyOf,
    Compares,
    LengthCompares,
    NotFormat,
    NotMatching,
    NotMultipleOf,
    Offence,
)
from floe_dagster.plan.wording import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Column, Constraint, Scalar

FORMATS = ("email", "uuid", "uri", "hostname", "ipv4", "ipv6")

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
_WIDTHS = {"8": 8, "16": 16, "32": 32, "64": 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to ask: the offence, what is said of a row that commits it, and what the column promises."""

    offence: Offence
    words: str
    title: str
    interpretation: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it cannot be asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to know; nothing to ask."""

    note: str


def asked_of(
    column: Column, constraint: Constraint, choices: Mapping[str, str]
) -> Asked | Refused | Remark | None:
    """What to ask about one constraint of a column; None for options that nothing can be asked about."""
    name, value = constraint.name, constraint.value
    if name in _BOUNDS:
        return _bound(column, name, value)
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
            return Refused("whether stamps carry a zone is not looked at")
        case _:
            return None


def pattern_of(written: str, choices: Mapping[str, str]) -> str:
    """A pattern as it is searched for: as written, or held at both ends."""
    return f"^(?:{written})$" if choices["pattern"] == "full" else written


def _bound(column: Column, name: str, value: Scalar) -> Asked | Refused:
    operator, words, title = _BOUNDS[name]
    if isinstance(value, bool) or value is None:
        return Refused(f"{name} is {value}, and a bound is a number or a date")
    if isinstance(value, str) and column.logical_type in ("integer", "number"):
        return Refused(f'{name} is the text "{value}", and the column holds numbers')
    shown = str(value)
    return Asked(
        offence=Compares(column.physical_name, operator, value),
        words=f"{words} {shown}",
        title=f"{column.name} is {title} {shown}",
    )


def _length(column: Column, name: str, value: Scalar) -> Asked | Refused:
    operator, words, title = _LENGTHS[name]
    if isinstance(value, bool) or not isinstance(value, int):
        return Refused(f"{name} is {value}, and a length is a whole number")
    characters = "character" if value == 1 else "characters"
    return Asked(
        offence=LengthCompares(column.physical_name, operator, value),
        words=f"{words} {value} {characters}",
        title=f"{column.name} has {title} {value} {characters}",
    )


def _pattern(column: Column, value: Scalar, choices: Mapping[str, str]) -> Asked | Refused:
    if not isinstance(value, str):
        return Refused(f"the pattern is {value}, and a pattern is a text")
    return Asked(
        offence=NotMatching(column.physical_name, pattern_of(value, choices)),
        words=f"not matching {value}",
        title=f"{column.name} matches {value}",
        interpretation=(("pattern", choices["pattern"]),),
    )


def _multiple(column: Column, value: Scalar) -> Asked | Refused:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return Refused(f"multipleOf is {value}, and a divisor is a number above 0")
    return Asked(
        offence=NotMultipleOf(column.physical_name, value),
        words=f"not a multiple of {number(value)}",
        title=f"{column.name} is a multiple of {number(value)}",
    )


def _format(column: Column, value: str) -> Asked | Refused | Remark:
    if value in FORMATS:
        article = "an" if value[0] in "aeio" else "a"
        return Asked(
            offence=NotFormat(column.physical_name, value),
            words=f"holding no {value}",
            title=f"{column.name} is {article} {value}",
        )
    if column.logical_type == "integer" and value[:1] in ("i", "u"):
        return _width(column, value)
    if value == "password":
        return Remark("password says how the value is shown, not what it holds")
    if value in ("f32", "f64"):
        return Remark(f"{value} says how the number is stored; the physical type is checked with the schema")
    return Refused(f'no warehouse can be asked for the format "{value}"; a pattern can say the same')


def _width(column: Column, value: str) -> Asked | Refused:
    bits = _WIDTHS.get(value[1:])
    if bits is None:
        return Refused(f'integers of the format "{value}" are wider than warehouses compare exactly')
    low, high = (0, 2**bits - 1) if value[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return Asked(
        offence=AnyOf((Compares(column.physical_name, "<", low), Compares(column.physical_name, ">", high))),
        words=f"not fitting {value}",
        title=f"{column.name} fits {value}",
    )
