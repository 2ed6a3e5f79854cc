"""Offences: what a row can do wrong; a warehouse counts the rows that do.

Columns are physical names. Rows that hold NULL in the column offend only against `Null` and `Missing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Literalish = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Null:
    """The column is NULL."""

    column: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The column holds one of the values that stand for missing, or NULL where `null` says so."""

    column: str
    values: tuple[Literalish, ...]
    null: bool = True


@dataclass(frozen=True, slots=True)
class NotIn:
    """The column holds none of the allowed values."""

    column: str
    values: tuple[Literalish, ...]


@dataclass(frozen=True, slots=True)
class NotMatching:
    """The text of the column is not matched by the pattern anywhere (search, as JSON Schema has it)."""

    column: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Compares:
    """The column compares so to the limit: `Compares("age", "<", 0)` offends where age is below zero.

    Stamps without a zone, in the column or in the limit, are read in `zone`.
    """

    column: str
    operator: Literal["<", "<=", ">", ">="]
    limit: int | float | str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LengthCompares:
    """The number of characters of the column compares so to the limit."""

    column: str
    operator: Literal["<", ">"]
    limit: int


@dataclass(frozen=True, slots=True)
class NotMultipleOf:
    """The column is not a multiple of the divisor."""

    column: str
    divisor: int | float


@dataclass(frozen=True, slots=True)
class NotFormat:
    """The text of the column is not of a named format: email, uuid, uri, hostname, ipv4, ipv6, byte."""

    column: str
    format: str


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The text of the column is no date or time as written: the pattern says the same as the format."""

    column: str
    pattern: str
    format: str


@dataclass(frozen=True, slots=True)
class ZoneDiffers:
    """The timestamp of the column carries no zone where it should, or one where it should not."""

    column: str
    zoned: bool


@dataclass(frozen=True, slots=True)
class ItemsCompare:
    """The number of items of the array compares so to the limit."""

    column: str
    operator: Literal["<", ">"]
    limit: int


@dataclass(frozen=True, slots=True)
class RepeatsItem:
    """The array holds an item twice; two items that are NULL are the same."""

    column: str


@dataclass(frozen=True, slots=True)
class PropertiesCompare:
    """The number of properties of the object that hold a value compares so to the limit."""

    column: str
    operator: Literal["<", ">"]
    limit: int


@dataclass(frozen=True, slots=True)
class LacksProperty:
    """The object has no property of that name, or only a NULL."""

    column: str
    name: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The row commits at least one of these offences."""

    offences: tuple[Offence, ...]


Offence = (
    Null
    | Missing
    | NotIn
    | NotMatching
    | Compares
    | LengthCompares
    | NotMultipleOf
    | NotFormat
    | NotWritten
    | ZoneDiffers
    | ItemsCompare
    | RepeatsItem
    | PropertiesCompare
    | LacksProperty
    | AnyOf
)
