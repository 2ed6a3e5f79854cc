"""Iceberg doubts: questions that pyiceberg would answer wrongly, which are declined instead.

Where the items of a list are structs, or the values of a map, pyiceberg 0.12 reads NULL as an empty list or
an empty map. What is in the items is read as it is, and can be asked about.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from floe_dagster.plan.field import ITEM, VALUE, Field
from floe_dagster.plan.metric import Cause, LiveColumn, Metric, NotMeasured, Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.warehouses._iceberg_tables import LakeTable


def doubt(metric: Metric, table: LakeTable) -> NotMeasured | None:
    """Why a question is not put to a scan of a table; None where it can be."""
    asked = _mentioned(metric.sql, table) if isinstance(metric, Query) else _refs(metric)
    found = next((each for each in asked if _is_blurred(_node(each, table))), None)
    if found is None:
        return None
    said = f'NULL in "{found}" is not told from empty by pyiceberg, as items are structs; ask of its fields'
    return NotMeasured(Cause.UNSUPPORTED, said)


def _refs(part: Any) -> Iterator[ColumnRef]:
    """The columns and fields that a metric is about."""
    for each in fields(part):
        value = getattr(part, each.name)
        match each.name:
            case "column":
                yield value
            case "columns":
                yield from value
            case "offence":
                yield from _refs(value)
            case "offences":
                yield from (found for inner in value for found in _refs(inner))


def _mentioned(sql: str, table: LakeTable) -> Iterable[str]:
    words = {each.casefold() for each in re.findall(r"\w+", sql)}
    return (each.name for each in table.columns if words.issuperset(re.findall(r"\w+", each.name.casefold())))


def _node(asked: ColumnRef, table: LakeTable) -> LiveColumn | None:
    name, *path = (asked.column, *asked.path) if isinstance(asked, Field) else (asked,)
    found = table.column(name)
    for each in path:
        inner = found.fields if found is not None else ()
        found = next((one for one in inner if one.name.casefold() == each.casefold()), None)
    return found


def _is_blurred(node: LiveColumn | None) -> bool:
    """Whether it, or what is in it, may be NULL and is then read as empty."""
    if node is None:
        return False
    items = (each for each in node.fields if each.name in (ITEM, VALUE))
    if node.nullable and any(each.logical_type == "object" for each in items):
        return True
    return any(_is_blurred(each) for each in node.fields)
