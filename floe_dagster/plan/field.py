"""Fields: what is nested in a column, and what a column or a field is called by who asks about it.

The items of an array are a field named `[]`; the keys and the values of a map are `[key]` and `[value]`.
A row has as many values of a field as there are items on the way to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ITEM, KEY, VALUE = "[]", "[key]", "[value]"
MANY = frozenset({ITEM, KEY, VALUE})
"""Fields of which one row may hold any number of values."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field nested in a column, by physical names.

    Attributes:
        column: the column that it is nested in.
        path: the names from there, at least one: `("lines", "[]", "sku")`.
        type: the contract's logical type of it, by which JSON is read; None where it has none.
    """

    column: str
    path: tuple[str, ...]
    type: str | None = None

    def __str__(self) -> str:
        """The way to it, for people: `orders.lines[].sku`."""
        return spelled((self.column, *self.path))

    @property
    def is_single(self) -> bool:
        """Whether a row holds at most one value of it."""
        return MANY.isdisjoint(self.path)


ColumnRef = str | Field
"""A column by its physical name, or a field nested in one."""


def spelled(names: Iterable[str]) -> str:
    """Names on the way to a field, for people: `lines`, `[]` and `sku` are `lines[].sku`."""
    first, *rest = names
    return first + "".join(each if each in MANY else f".{each}" for each in rest)
