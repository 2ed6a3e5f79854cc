"""Nested: the fields of columns, each as a column of its own, which is asked about as any other."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Column, Dataset
from floe_dagster.plan.field import MANY, ColumnRef, Field, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested(Column):
    """A field nested in a column. Its name is the way to it, by logical names: `lines[].sku`.

    Attributes:
        field: the way to it by physical names, as which it is asked about.
        parts: the logical names on the way.
    """

    field: Field
    parts: tuple[str, ...]


def nested_in(column: Column) -> Iterator[Nested]:
    """All fields of a column and of those fields, in the order of the document; a measure has none."""
    if not column.measure:
        yield from _inside(column, (column.name,), (column.physical_name,))


def with_fields(column: Column) -> tuple[Column, ...]:
    """A column, and all fields that are nested in it."""
    return (column, *nested_in(column))


def ref_of(column: Column) -> ColumnRef:
    """What a column, or a field nested in one, is called by who asks about it."""
    return column.field if isinstance(column, Nested) else column.physical_name


def is_of_items(column: Column) -> bool:
    """Whether a row may hold any number of values of it: a field of the items of an array, or of a map."""
    return isinstance(column, Nested) and not column.field.is_single


def names_of(column: Column) -> tuple[str, ...]:
    """The logical names on the way to a column; its own alone, unless it is nested."""
    return column.parts if isinstance(column, Nested) else (column.name,)


def found_in(dataset: Dataset, name: str) -> Column | None:
    """The column of that name, else the field: its logical names are joined by dots, as in references."""
    if (column := dataset.column(name)) is not None:
        return column
    nested = (each for column in dataset.columns for each in nested_in(column))
    return next((each for each in nested if ".".join(each.parts) == name), None)


def _inside(column: Column, names: tuple[str, ...], physical: tuple[str, ...]) -> Iterator[Nested]:
    for each in column.columns:
        if each.measure:
            continue
        way = (*names, each.name)
        # what an engine calls the items of an array, or the keys of a map, is no name of a field
        there = (*physical, each.name if each.name in MANY else each.physical_name)
        given = {one.name: getattr(each, one.name) for one in fields(Column)}
        field = Field(there[0], there[1:], each.logical_type)
        yield Nested(**given | {"name": spelled(way), "field": field, "parts": way})
        yield from _inside(each, way, there)
