"""Assumed: the catalogue that the questions suggest, so that a plan can be shown without a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.metric import LiveColumn, Metric, Newest, Offenders, Oldest, Orphans, Question
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    ItemsCompare,
    LacksProperty,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotWritten,
    Offence,
    PropertiesCompare,
    RepeatsItem,
    ZoneDiffers,
)
from floe_dagster.warehouses._answers import instant
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable, qualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from floe_dagster.warehouses._dialect import Dialect

_TYPES = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "array": "integer[]",
    "object": "json",
}


def assumed(questions: Sequence[Question], dialect: Dialect) -> Catalogue:
    """A catalogue in which every table and column is there, of the type that the questions make likely."""
    return Catalogue(tables={name: _table(name, questions, dialect) for name in tables_of(questions)})


def tables_of(questions: Iterable[Question]) -> tuple[str, ...]:
    """Every table that the questions name, in their order."""
    names: dict[str, None] = {}
    for each in questions:
        names[each.table.name] = None
        if isinstance(each.metric, Orphans):
            names[each.metric.to.name] = None
    return tuple(names)


def _table(name: str, questions: Sequence[Question], dialect: Dialect) -> LiveTable:
    types: dict[str, str] = {}
    for question in questions:
        if question.table.name == name:
            for column, kind in _hints(question.metric):
                types.setdefault(column, kind)
    columns = tuple(
        LiveColumn(name=each, type=_TYPES[kind], logical_type=kind) for each, kind in types.items()
    )
    schema, table = qualified(name) or (dialect.default_schema, name)
    text = frozenset(each for each, kind in types.items() if kind == "string")
    return LiveTable(schema=schema, name=table, columns=columns, bytewise=text, assumed=True)


def _hints(metric: Metric) -> Iterator[tuple[str, str]]:
    match metric:
        case Newest(column) | Oldest(column):
            yield column, "timestamp"
        case Offenders(offence):
            yield from _offence_hints(offence)
        case _:
            return


def _offence_hints(offence: Offence) -> Iterator[tuple[str, str]]:
    match offence:
        case NotMatching(column) | LengthCompares(column) | NotFormat(column) | NotWritten(column):
            yield column, "string"
        case ZoneDiffers(column):
            yield column, "timestamp"
        case ItemsCompare(column) | RepeatsItem(column):
            yield column, "array"
        case PropertiesCompare(column) | LacksProperty(column):
            yield column, "object"
        case NotIn(column, values) | Missing(column, values):
            yield from ((column, _kind(each)) for each in values if each is not None)
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
