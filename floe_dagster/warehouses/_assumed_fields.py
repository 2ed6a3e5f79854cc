"""Assumed fields: what the columns look like that hold the nested fields which are asked about.

An engine whose columns usually have types for it is taken to have them; elsewhere such a column is JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from floe_dagster.plan.field import ITEM, KEY, VALUE
from floe_dagster.plan.metric import LiveColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.plan.field import Field

_Kinds = dict[tuple[str, ...], str]
_WORDS = {"date": "timestamp", "time": "timestamp", "map": "object", "vector": "array"}


class Habits(Protocol):
    """What has to be known of an engine to say what its tables may look like; a dialect has all of it."""

    @property
    def default_schema(self) -> str:
        """Where unqualified names are looked for."""

    @property
    def array_type(self) -> str:
        """A type of arrays."""

    @property
    def json_type(self) -> str:
        """The type of JSON; empty where there is none."""

    @property
    def nests(self) -> bool:
        """Whether columns with fields usually have types that tell of them."""


def holding(fields: Mapping[Field, str], types: Mapping[str, str], habits: Habits) -> tuple[LiveColumn, ...]:
    """The columns that hold these fields.

    Args:
        fields: with what each is asked as.
        types: the types of columns, by the contract's words.
        habits: the engine's.
    """
    columns: dict[str, _Kinds] = {}
    for field, hinted in fields.items():
        kind = _WORDS.get(field.type or "", field.type or hinted)
        columns.setdefault(field.column, {}).setdefault(field.path, kind)
    return tuple(_column(name, kinds, types, habits) for name, kinds in columns.items())


def _column(name: str, kinds: _Kinds, types: Mapping[str, str], habits: Habits) -> LiveColumn:
    if habits.nests or all(step == ITEM for path in kinds for step in path):
        return _nested(name, kinds, types)
    return LiveColumn(name=name, type=habits.json_type or types["object"], logical_type="object")


def _nested(name: str, kinds: _Kinds, types: Mapping[str, str]) -> LiveColumn:
    inside: dict[str, _Kinds] = {}
    for path, kind in kinds.items():
        if path:
            inside.setdefault(path[0], {})[path[1:]] = kind
    if not inside:
        kind = kinds[()]
        return LiveColumn(name=name, type=types[kind], logical_type=kind)
    if inside.keys() & {KEY, VALUE}:
        inside = {step: inside.get(step, {(): "string"}) for step in (KEY, VALUE)}
    fields = tuple(_nested(step, each, types) for step, each in inside.items())
    match fields[0].name:
        case "[]":
            return LiveColumn(name=name, type=f"{fields[0].type}[]", logical_type="array", fields=fields[:1])
        case "[key]":
            text = f"MAP({', '.join(each.type for each in fields)})"
            return LiveColumn(name=name, type=text, logical_type="map", fields=fields)
        case _:
            return LiveColumn(name=name, type="STRUCT", logical_type="object", fields=fields)
