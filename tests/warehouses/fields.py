"""Fields in Python: nested values, and which of them offend; slow, obvious, and right by definition.

Nested values are dicts, lists and scalars. `typed` says whether an engine knows their types: JSON does not,
so that a value of another kind may stand anywhere, and offends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from floe_dagster.plan.offence import (
    Compares,
    ItemsCompare,
    LengthCompares,
    Missing,
    NotIn,
    NotMatching,
    Null,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.plan.field import Field


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


KINDS: dict[str, Any] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and value == int(value),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
}
COMPARE = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


class Astray(Exception):  # noqa: N818  it is an answer
    """On the way to the field stands something that has none."""


def offends(offence: Any, row: dict[str, Any]) -> bool:
    """Whether any value of the field in this row offends."""
    field: Field = offence.column
    return any(_one(offence, value, field.type) for value in _values(row[field.column], field.path))


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What the field holds; NULL only where what holds it is there."""
    if not path:
        yield value
        return
    if value is None:
        return
    step, rest = path[0], path[1:]
    kind = list if step == "[]" else dict
    if not isinstance(value, kind):
        yield Astray()
        return
    inside = {"[]": lambda: value, "[key]": lambda: list(value), "[value]": lambda: list(value.values())}
    for each in inside.get(step, lambda: [value.get(step)])():
        yield from _values(each, rest)


def _one(offence: Any, value: Any, promised: str | None) -> bool:
    if isinstance(offence, Null):
        return value is None or isinstance(value, Astray)
    if isinstance(offence, Missing):
        if value is None or isinstance(value, Astray):
            return offence.null
        return _text(value) in [_text(each) for each in offence.values]
    if isinstance(value, Astray):
        return True
    if value is None:
        return False
    if isinstance(offence, ItemsCompare):
        return COMPARE[offence.operator](len(value) if isinstance(value, list) else 0, offence.limit)
    if not KINDS[promised or "string"](value):
        return True
    match offence:
        case NotIn(_, values):
            return value not in values
        case NotMatching(_, pattern):
            return re.search(pattern, value) is None
        case LengthCompares(_, operator, limit):
            return COMPARE[operator](len(value), limit)
        case Compares(_, operator, limit):
            return COMPARE[operator](value, limit)
    raise AssertionError(offence)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
