"""Offences: what a row can do wrong; a warehouse counts the rows that do.

Columns are physical names. Rows that hold NULL in the column offend only against `Null` and `Missing`.
Of a field nested in a column, a row offends where any of its values does, and only where what holds the
field is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from floe_dagster.plan.field import ColumnRef

Literalish = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Null:
    """The column is NULL."""

    column: ColumnRef


@dataclass(frozen=True, slots=True)
class Missing:
    """The column holds one of the values that stand for missing, or NULL where `null` says so."""

    column: ColumnRef
    values: tuple[Literalish, ...]
    null: bool = True
    written: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keeps 1 and true apart, which Python takes for the same."""
        object.__setattr__(self, "written", tuple(map(repr, self.values)))


@dataclass(frozen=True, slots=True)
class NotIn:
    """The column holds none of the allowed values."""

    column: ColumnRef
    values: tuple[Literalish, ...]
    written: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keeps 1 and true apart, which Python takes for the same."""
        object.__setattr__(self, "written", tuple(map(repr, self.values)))


@dataclass(frozen=True, slots=True)
class NotMatching:
    """The text of the column is not matched by the pattern anywhere (search, as JSON Schema has it)."""

    column: ColumnRef
    pattern: str


@dataclass(frozen=True, slots=True)
class Compares:
    """The column compares so to the limit: `Compares("age", "<", 0)` offends where age is below zero.

    Stamps without a zone, in the column or in the limit, are read in `zone`.
    """

    column: ColumnRef
    operator: Literal["<", "<=", ">", ">="]
    limit: int | float | str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LengthCompares:
    """The number of characters of the column compares so to the limit."""

    column: ColumnRef
    operator: Literal["<", ">"]
    limit: int


@dataclass(frozen=True, slots=True)
class NotMultipleOf:
    """The column is not a multiple of the divisor."""

    column: ColumnRef
    divisor: int | float


@dataclass(frozen=True, slots=True)
class NotFormat:
    """The text of the column is not of a named format: email, uuid, uri, hostname, ipv4, ipv6, byte."""

    column: ColumnRef
    format: str


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The text of the column is no date or time as written: the pattern says the same as the format."""

    column: ColumnRef
    pattern: str
    format: str


@dataclass(frozen=True, slots=True)
class ZoneDiffers:
    """The timestamp of the column carries no zone where it should, or one where it should not."""

    column: ColumnRef
    zoned: bool


@dataclass(frozen=True, slots=True)
class ItemsCompare:
    """The number of items of the array compares so to the limit."""

    column: ColumnRef
    operator: Literal["<", ">"]
    limit: int


@dataclass(frozen=True, slots=True)
class RepeatsItem:
    """The array holds an item twice; two items that are NULL are the same."""

    column: ColumnRef


@dataclass(frozen=True, slots=True)
class NotNormalized:
    """The vector has not the length 1: the sum of its squares is farther from 1 than a millionth."""

    column: ColumnRef


@dataclass(frozen=True, slots=True)
class PropertiesCompare:
    """The number of properties of the object that hold a value compares so to the limit."""

    column: ColumnRef
    operator: Literal["<", ">"]
    limit: int


@dataclass(frozen=True, slots=True)
class LacksProperty:
    """The object has no property of that name, or only a NULL."""

    column: ColumnRef
    name: str


@dataclass(frozen=True, slots=True)
class Lag:
    """More than so many seconds lie between the stamp of the column and that of `to`, which is the later one.

    Stamps without a zone are read in `zone` and in `to_zone`; a date is its first instant. A row that holds
    NULL in either never offends.
    """

    column: str
    to: str
    seconds: float
    zone: str = "UTC"
    to_zone: str = "UTC"


SingleOffence = (
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
    | NotNormalized
    | PropertiesCompare
    | LacksProperty
)
"""Offences of one column."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The row commits at least one of these offences."""

    offences: tuple[Offence, ...]


Offence = SingleOffence | Lag | AnyOf
