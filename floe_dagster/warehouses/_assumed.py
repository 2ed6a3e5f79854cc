"""Assumed: the catalogue that the questions suggest, so that a plan can be shown without a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.field import ColumnRef, Field
from floe_dagster.plan.metric import (
    Duplicates,
    Gaps,
    LiveColumn,
    Metric,
    Newest,
    Offenders,
    Oldest,
    Orphans,
    Question,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    ItemsCompare,
    LacksProperty,
    Lag,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotNormalized,
    NotWritten,
    Null,
    Offence,
    PropertiesCompare,
    RepeatsItem,
    ZoneDiffers,
)
from floe_dagster.warehouses._answers import instant
from floe_dagster.warehouses._assumed_fields import holding
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable, qualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from floe_dagster.warehouses._assumed_fields import Habits

_TYPES = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "object": "json",
}


def assumed(questions: Sequence[Question], habits: Habits) -> Catalogue:
    """A catalogue in which every table and column is there, of the type that the questions make likely."""
    return Catalogue(tables={name: _table(name, questions, habits) for name in tables_of(questions)})


def tables_of(questions: Iterable[Question]) -> tuple[str, ...]:
    """Every table that the questions name, in their order."""
    names: dict[str, None] = {}
    for each in questions:
        names[each.table.name] = None
        if isinstance(each.metric, Orphans):
            names[each.metric.to.name] = None
    return tuple(names)


def _table(name: str, questions: Sequence[Question], habits: Habits) -> LiveTable:
    types: dict[str, str] = {}
    fields: dict[Field, str] = {}
    for question in questions:
        if question.table.name == name:
            for column, kind in _hints(question.metric):
                if isinstance(column, Field):
                    fields.setdefault(column, kind)
                else:
                    types.setdefault(column, kind)
    known = _TYPES | {"array": habits.array_type}
    held = holding(fields, known, habits)
    of_held = {each.name for each in held}
    flat = (
        LiveColumn(name=each, type=known[kind], logical_type=kind)
        for each, kind in types.items()
        if each not in of_held
    )
    columns = (*flat, *held)
    schema, table = qualified(name) or (habits.default_schema, name)
    text = frozenset(each for each, kind in types.items() if kind == "string")
    return LiveTable(schema=schema, name=table, columns=columns, bytewise=text, assumed=True)


def _hints(metric: Metric) -> Iterator[tuple[ColumnRef, str]]:
    match metric:
        case Newest(column) | Oldest(column) | Gaps(column):
            yield column, "timestamp"
        case Offenders(offence):
            yield from _offence_hints(offence)
        case Duplicates(columns):
            # what a column is, its name says nothing of; of a field it has to be known that it is there
            yield from ((each, "string") for each in columns if isinstance(each, Field))
        case _:
            return


def _offence_hints(offence: Offence) -> Iterator[tuple[ColumnRef, str]]:  # noqa: C901  one case an offence
    match offence:
        case NotMatching(column) | LengthCompares(column) | NotFormat(column) | NotWritten(column):
            yield column, "string"
        case Null(Field() as field):
            yield field, "string"
        case ZoneDiffers(column) | Lag(column):
            yield column, "timestamp"
        case ItemsCompare(column) | RepeatsItem(column) | NotNormalized(column):
            yield column, "array"
        case PropertiesCompare(column) | LacksProperty(column):
            yield column, "object"
        case NotIn(column, values) | Missing(column, values):
            yield from ((column, _kind(each)) for each in values if each is not None)
            if isinstance(column, Field):
                yield column, "string"
        case NotMultipleOf(column, value) | Compares(column, _, value):
            yield column, _kind(value)
        case AnyOf(offences):
            for each in offences:
                yield from _offence_hints(each)
        case _:
            return


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case _:
            return "timestamp" if _is_time(str(value)) else "string"


def _is_time(text: str) -> bool:
    try:
        instant(text, "UTC")
    except (ValueError, OverflowError):
        return False
    return True
