"""Fields: the way to what is nested in a column, step by step, in columns with types and in JSON.

Where a field lies in the items of an array or the entries of a map, a row offends where any of them does.
JSON has no types but those of its values, so it is read as the contract says: what is not of the promised
type keeps nothing of what is promised of it, and so offends. A JSON null is as NULL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.field import ITEM, KEY, MANY, VALUE, Field
from floe_dagster.plan.metric import Cause, LiveColumn
from floe_dagster.plan.offence import (
    Compares,
    ItemsCompare,
    LacksProperty,
    Missing,
    NotMultipleOf,
    NotNormalized,
    Null,
    PropertiesCompare,
    RepeatsItem,
)
from floe_dagster.warehouses._pattern import unsupported

if TYPE_CHECKING:
    from floe_dagster.plan.offence import SingleOffence
    from floe_dagster.warehouses._dialect import Dialect
    from floe_dagster.warehouses._json import JsonSql

Said = Callable[[LiveColumn], str]
"""What is said of a value, as a condition in SQL."""

_READ_AS: dict[str | None, str] = {
    None: "scalar",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    **dict.fromkeys(("string", "date", "timestamp", "time"), "string"),
}
_WHOLE = "json"
"""How JSON is read that is looked at as it is."""


@dataclass(frozen=True, slots=True)
class Reached(LiveColumn):
    """A field that is reached, to be asked about as if it were a column.

    Attributes:
        sql: its value.
        null: the condition that it is NULL, or a JSON null, though what holds it is there; empty where the
            value says so by itself.
    """

    sql: str = ""
    null: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of JSON.

    Attributes:
        document: the JSON that it is in, as SQL.
        engine: which looks into it.
        names: the way to it through the objects of the document; none where it is the whole.
        kind: what kind of JSON the document is, as SQL, where that is known.
    """

    document: str
    engine: JsonSql
    names: tuple[str, ...] = ()
    kind: str = ""

    def member(self, name: str) -> Piece:
        """What it holds under a name, where it is an object."""
        return replace(self, names=(*self.names, name))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a field is asked about.

    Attributes:
        said: what is said of its value.
        read_as: how a value in JSON is read.
        astray: whether a row offends of which JSON holds something else on the way to the field.
        misread: the same, where it holds something else in the field.
    """

    field: Field
    dialect: Dialect
    said: Said
    read_as: str
    astray: bool
    misread: bool

    def at(self, column: LiveColumn, steps: tuple[str, ...], depth: int) -> str:
        """The condition, from what is reached onwards."""
        if not steps:
            return self.said(column)
        step, rest = steps[0], steps[1:]
        if (piece := self.dialect.json_of(column, step)) is not None:
            return self.in_json(piece, steps, depth)
        found = _child(column, step, self.field, self.dialect)
        if step in MANY:
            return self.dialect.any_item(
                column, found, f"i{depth}", lambda item: self.at(item, rest, depth + 1)
            )
        return self.at(self.dialect.field_of(column, found, step), rest, depth)

    def in_json(self, piece: Piece, steps: tuple[str, ...], depth: int) -> str:
        """The same, where a piece of JSON is reached."""
        if not steps:
            return self.leaf(piece)
        engine, step, rest = piece.engine, steps[0], steps[1:]
        if step in MANY:
            inner = engine.json_any(piece, step, f"i{depth}", self._entry(step, rest, depth + 1))
        else:
            inner = self.in_json(piece.member(step), rest, depth)
        null, kind = (
            engine.text(engine.json_kinds[each][0])
            for each in ("null", "array" if step == ITEM else "object")
        )
        none, astray = engine.boolean(False), engine.boolean(self.astray)
        given = f"coalesce({engine.json_kind(piece)}, {null})"
        return f"case {given} when {kind} then {inner} when {null} then {none} else {astray} end"

    def _entry(self, step: str, rest: tuple[str, ...], depth: int) -> Callable[[Piece], str]:
        if step != KEY:
            return lambda item: self.in_json(item, rest, depth)
        return lambda key: self.at(self.dialect.text_of(key.document, str(self.field)), rest, depth)

    def leaf(self, piece: Piece) -> str:
        """What is said of a piece of JSON."""
        engine, name = piece.engine, str(self.field)
        if self.read_as == _WHOLE:
            return self.said(engine.json_whole(piece, name))
        said = self.said(engine.json_value(piece, self.read_as, name))
        readable = f"{engine.json_null(piece)} or {engine.json_is(piece, self.read_as)}"
        return f"case when {readable} then {said} else {engine.boolean(self.misread)} end"


def offending(offence: SingleOffence, field: Field, root: LiveColumn, dialect: Dialect, said: Said) -> str:
    """The rows of which any value of a field offends.

    Args:
        offence: which.
        field: where to.
        root: the column that the field is nested in.
        dialect: the engine's.
        said: the offence, of a column.

    Raises:
        WarehouseError: there is no such field, or the engine cannot look for it.
    """
    gone = not isinstance(offence, Missing) or offence.null or None in offence.values
    misread = not isinstance(offence, Missing)
    way = _Way(field, dialect, said, _read_as(offence, field), astray=gone, misread=misread)
    return way.at(root, field.path, 0)


def single(field: Field, root: LiveColumn, dialect: Dialect, *, key: bool = False) -> LiveColumn:
    """A field of which a row holds at most one value, as a column.

    Args:
        field: where to.
        root: the column that it is nested in.
        dialect: the engine's.
        key: whether it is only to be told whether two values are equal.

    Raises:
        WarehouseError: there is no such field, there may be many, or the engine cannot look for it.
    """
    if not field.is_single:
        raise unsupported(f'"{field}" has any number of values in a row')
    column = root
    for place, step in enumerate(field.path):
        if (found := dialect.json_of(column, step)) is not None:
            piece = replace(found, names=field.path[place:])
            if key:
                return Reached(str(field), "", None, sql=found.engine.json_key(piece, field.type, str(field)))
            return found.engine.json_value(piece, "string", str(field))
        column = dialect.field_of(column, _child(column, step, field, dialect), step)
    return column


def _read_as(offence: SingleOffence, field: Field) -> str:
    match offence:
        case (
            Null() | ItemsCompare() | RepeatsItem() | NotNormalized() | PropertiesCompare() | LacksProperty()
        ):
            return _WHOLE
        case Missing():
            return "scalar"
        case Compares(limit=limit) if field.type is None and not isinstance(limit, str):
            return "number"
        case NotMultipleOf() if field.type is None:
            return "number"
        case _:
            return _READ_AS.get(field.type, _WHOLE)


def _child(column: LiveColumn, step: str, field: Field, dialect: Dialect) -> LiveColumn:
    """The field of that name in what is reached."""
    if not column.fields:
        raise dialect.no_nesting(column)
    by_name = {each.name: each for each in column.fields}
    # as an engine compares names: in any case, or as they are
    found = by_name.get(step) or {name.casefold(): each for name, each in by_name.items()}.get(
        step.casefold()
    )
    if found is not None:
        return found
    if VALUE in by_name and step not in MANY:
        return by_name[VALUE]
    near = get_close_matches(step, by_name, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise WarehouseError(
        f'no field "{step}" in {column.name}, on the way to {field}{hint}', cause=Cause.NO_COLUMN
    )
