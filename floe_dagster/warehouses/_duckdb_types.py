"""Types of DuckDB: the text by which it calls them, read into what is nested in them.

`STRUCT("a b" INTEGER, c VARCHAR[])[]` is an array whose items are objects with two fields. Members of a UNION
are no fields, since a value has one of them only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from floe_dagster.plan.field import ITEM, KEY, VALUE
from floe_dagster.plan.metric import LiveColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOGICAL = {
    "VARCHAR": "string",
    "UUID": "string",
    "ENUM": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "JSON": "object",
    "STRUCT": "object",
    "MAP": "map",
    "DECIMAL": "number",
    "FLOAT": "number",
    "DOUBLE": "number",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM"), "integer"),
}
_PIECE = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|[^"'(),\[\]]+|.""", re.DOTALL)
_DEEPEST = 50
_SUFFIX = re.compile(r"\[\d*\]$")


def logical_type(name: str) -> str | None:
    """The contract's word for a type of DuckDB."""
    if name.endswith("]"):
        return "array"
    if name.startswith("TIMESTAMP"):
        return "timestamp"
    return _LOGICAL.get(name.partition("(")[0].partition(" ")[0])


def fields_of(name: str, depth: int = 0) -> tuple[LiveColumn, ...]:
    """What is nested in a type; nothing in one that has no fields, or that lies deeper than is looked at."""
    if depth == _DEEPEST:
        return ()
    if suffix := _SUFFIX.search(name):
        return (_live(ITEM, name[: suffix.start()], depth),)
    head, _, inside = name.partition("(")
    if not inside.endswith(")"):
        return ()
    parts = [each.strip() for each in _split(inside[:-1])]
    if head == "MAP" and len(parts) == 2:
        return (_live(KEY, parts[0], depth), _live(VALUE, parts[1], depth))
    return tuple(_live(*_named(each), depth) for each in parts) if head == "STRUCT" else ()


def _live(name: str, kind: str, depth: int) -> LiveColumn:
    fields = fields_of(kind, depth + 1)
    return LiveColumn(name=name, type=kind, logical_type=logical_type(kind), fields=fields)


def _split(text: str) -> Iterator[str]:
    """The parts between commas, but for those within brackets or quotes."""
    part, depth = "", 0
    for found in _PIECE.finditer(text):
        piece = found[0]
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == "," and not depth:
            yield part
            part = ""
        else:
            part += piece
    yield part


def _named(text: str) -> tuple[str, str]:
    """A field's name and its type."""
    if text.startswith('"') and (quoted := _PIECE.match(text)):
        return quoted[0][1:-1].replace('""', '"'), text[quoted.end() :].strip()
    name, _, kind = text.partition(" ")
    return name, kind.strip()
