"""Flavours: a pattern's tree, written in the spelling of one engine."""

from __future__ import annotations

from dataclasses import dataclass

from floe_dagster.warehouses._pattern import (
    Anchor,
    Back,
    Chars,
    Choice,
    Group,
    Look,
    Node,
    Range,
    Repeat,
    Sequence,
    unsupported,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """How an engine spells regular expressions, and what it has none of.

    Attributes:
        name: for messages.
        code: how a control character is written, by its code point in hexadecimal.
        boundary: how the edges of words, and everything else, are written.
        most: the highest count of a repetition.
        looks: whether it can look ahead and behind, and refer back.
        properties: whether it knows Unicode properties.
        end: how the end of the text is written.
    """

    name: str
    code: str
    boundary: tuple[str, str]
    most: int
    looks: bool
    properties: bool
    end: str = "$"


RE2 = Flavour(
    name="DuckDB (RE2)", code="\\x{%X}", boundary=("\\b", "\\B"), most=1000, looks=False, properties=True
)
ARE = Flavour(
    name="PostgreSQL", code="\\u%04X", boundary=("\\y", "\\Y"), most=255, looks=True, properties=False
)

PYTHON = Flavour(
    name="Python",
    code="\\x%02X",
    boundary=("(?a:\\b)", "(?a:\\B)"),
    most=1000,
    looks=True,
    properties=False,
    end="\\Z",
)


def write(node: Node, flavour: Flavour) -> str:
    """The pattern in this engine's spelling.

    Raises:
        WarehouseError: the engine has no such construct.
    """
    match node:
        case Chars():
            return _chars(node, flavour)
        case Sequence():
            return "".join(_closed(each, flavour) for each in node.parts)
        case Choice():
            return "|".join(write(each, flavour) for each in node.options)
        case Repeat():
            return _repeat(node, flavour)
        case Group():
            return f"({write(node.node, flavour)})"
        case Anchor():
            word, inside = flavour.boundary
            return {"start": "^", "end": flavour.end, "word": word, "not word": inside}[node.place]
        case Look() | Back():
            return _look(node, flavour)


def _look(node: Look | Back, flavour: Flavour) -> str:
    if not flavour.looks:
        what = "refer back to a group" if isinstance(node, Back) else "look ahead or behind"
        raise unsupported(f"patterns in {flavour.name} cannot {what}")
    if isinstance(node, Back):
        return f"(?:\\{node.group})"
    opening = ("?" if node.ahead else "?<") + ("!" if node.negated else "=")
    return f"({opening}{write(node.node, flavour)})"


def _repeat(node: Repeat, flavour: Flavour) -> str:
    if max(node.least, node.most or 0) > flavour.most:
        raise unsupported(f"{flavour.name} repeats at most {flavour.most} times within a pattern")
    bounds = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.least, node.most))
    if bounds is None:
        most = "" if node.most is None else str(node.most)
        bounds = f"{{{node.least}}}" if node.least == node.most else f"{{{node.least},{most}}}"
    inner = write(node.node, flavour)
    body = inner if isinstance(node.node, Chars | Group) else f"(?:{inner})"
    return body + bounds + ("?" if node.lazy else "")


def _closed(node: Node, flavour: Flavour) -> str:
    inner = write(node, flavour)
    return f"(?:{inner})" if isinstance(node, Choice) else inner


def _chars(node: Chars, flavour: Flavour) -> str:
    if node.properties and not flavour.properties:
        raise unsupported(
            f"patterns in {flavour.name} know no Unicode properties such as {node.properties[0]}"
        )
    if (
        len(node.ranges) == 1
        and not node.negated
        and not node.properties
        and node.ranges[0][0] == node.ranges[0][1]
    ):
        return _char(node.ranges[0][0], flavour)
    inside = "".join(_range(each, flavour) for each in node.ranges) + "".join(node.properties)
    return f"[{'^' if node.negated else ''}{inside}]"


def _range(pair: Range, flavour: Flavour) -> str:
    low, high = pair
    return _char(low, flavour) if low == high else f"{_char(low, flavour)}-{_char(high, flavour)}"


def _char(code: int, flavour: Flavour) -> str:
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        raise unsupported("a pattern cannot hold the character 0 or half of a surrogate pair")
    char = chr(code)
    if code < 0x20 or code == 0x7F:
        return flavour.code % code
    return char if char.isalnum() or char == " " or code > 0x7F else "\\" + char
