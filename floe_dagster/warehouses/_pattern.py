r"""Patterns: ECMA-262 regular expressions read once, so that every engine is asked the same thing.

Engines disagree on `\d`, `.`, `$`, escapes and flags. A pattern is therefore parsed to a small tree here and
written out again in the engine's own spelling, or declined where the engine has no such construct. What is
common to all: search, not full match; `\d`, `\w`, `\s`, `\b` and a leading `(?i)` are about ASCII; `.` is
anything but a line break; `$` is the end of the text only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause

Range = tuple[int, int]
LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ranges of code points, or of Unicode properties as the engine names them."""

    ranges: tuple[Range, ...]
    negated: bool = False
    properties: tuple[str, ...] = ()

    def holds(self, code: int) -> bool:
        """Whether the character of this code point is one of them."""
        return any(low <= code <= high for low, high in self.ranges) is not self.negated


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; an empty one matches the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of them."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """At least and at most so often; without end where `most` is None."""

    node: Node
    least: int
    most: int | None
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A capturing group, by number from 1 in the order of the opening brackets."""

    node: Node


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place that has no width."""

    place: Literal["start", "end", "word", "not word"]


@dataclass(frozen=True, slots=True)
class Look:
    """What follows, or precedes, and is not consumed."""

    node: Node
    ahead: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Back:
    """What a group matched before."""

    group: int


Node = Chars | Sequence | Choice | Repeat | Group | Anchor | Look | Back

_DIGIT: tuple[Range, ...] = ((0x30, 0x39),)
_WORD: tuple[Range, ...] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACE: tuple[Range, ...] = ((0x09, 0x0D), (0x20, 0x20))
_ANY = Chars(((0x0A, 0x0A), (0x0D, 0x0D)), negated=True)
_SETS = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"n": 0x0A, "r": 0x0D, "t": 0x09, "f": 0x0C, "v": 0x0B}
_POSIX: dict[str, tuple[Range, ...]] = {
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "digit": _DIGIT,
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "upper": ((0x41, 0x5A),),
    "lower": ((0x61, 0x7A),),
    "space": _SPACE,
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
    "word": _WORD,
}


def parse(pattern: str) -> Node:
    """The tree of a pattern.

    Raises:
        WarehouseError: it is not a regular expression, or holds what no engine here can run.
    """
    folded = pattern.startswith("(?i)")
    node = _Reader(pattern, 4 if folded else 0).whole()
    return _without_case(node) if folded else node


class _Reader:
    """Reads a pattern from left to right, one construct a method."""

    def __init__(self, pattern: str, at: int) -> None:
        self._text = pattern
        self._at = at
        self._depth = 0

    def whole(self) -> Node:
        node = self._choice()
        if self._at < len(self._text):
            raise self._wrong("there is nothing to close")
        return node

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > 100:
            raise self._wrong("it is nested more than 100 deep")
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._text) and self._peek() not in "|)":
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, node: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return node
        lazy = self._take("?")
        if self._bounds() is not None:
            raise self._wrong("a repetition cannot be repeated")
        if not _has_width(node):  # once is as good as any number of times, and some engines refuse to try
            return node if bounds[0] else Sequence(())
        return Repeat(node, *bounds, lazy=lazy)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        return self._braces() if self._peek() == "{" else None

    def _braces(self) -> tuple[int, int | None] | None:
        """The bounds in braces; None where the brace is only a brace."""
        inside, closed, _ = self._text[self._at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not _number(low) or not (high == "" or _number(high)):
            return None
        self._at += len(inside) + 2
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if most is not None and most < least:
            raise self._wrong("the bounds of the repetition are the wrong way round")
        return least, most

    def _atom(self) -> Node:
        char = self._next()
        match char:
            case ".":
                return _ANY
            case "^":
                return Anchor("start")
            case "$":
                return Anchor("end")
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise self._wrong("there is nothing to repeat")
            case _:
                return _one(ord(char))

    def _group(self) -> Node:
        if not self._take("?"):
            return self._closed(Group(self._choice()))
        for opening, ahead, negated in (
            ("=", True, False),
            ("!", True, True),
            ("<=", False, False),
            ("<!", False, True),
        ):
            if self._take(opening):
                return self._closed(Look(self._choice(), ahead=ahead, negated=negated))
        if self._take(":"):
            return self._closed(self._choice())
        if self._take("P<") or self._take("<"):
            self._until(">")
            return self._closed(Group(self._choice()))
        raise self._wrong("flags are allowed at the start only, and only (?i)")

    def _closed(self, node: Node) -> Node:
        if not self._take(")"):
            raise self._wrong("a bracket is not closed")
        return node

    def _class(self) -> Chars:
        negated, ranges, properties = self._take("^"), list[Range](), list[str]()
        while not self._take("]"):
            item = self._class_item()
            if isinstance(item, Chars):
                ranges += _outside(item.ranges) if item.negated else item.ranges
                properties += item.properties
            elif self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                ranges.append((item, self._range_end(item)))
            else:
                ranges.append((item, item))
        if not ranges and not properties:
            raise self._wrong("a set of no characters")
        return Chars(tuple(ranges), negated, tuple(properties))

    def _range_end(self, start: int) -> int:
        end = self._class_item()
        if isinstance(end, Chars) or end < start:
            raise self._wrong("a range of characters has no end, or is the wrong way round")
        return end

    def _class_item(self) -> int | Chars:
        char = self._next()
        if char == "[" and self._take(":"):
            name = self._until(":]")
            if name not in _POSIX:
                raise self._wrong(f"there is no set [:{name}:]")
            return Chars(_POSIX[name])
        if char != "\\":
            return ord(char)
        if self._take("b"):
            return 0x08
        escaped = self._escape()
        if not isinstance(escaped, Chars):
            raise self._wrong("this escape has no meaning within a set")
        single = (
            len(escaped.ranges) == 1 and escaped.ranges[0][0] == escaped.ranges[0][1] and not escaped.negated
        )
        return escaped.ranges[0][0] if single else escaped

    def _escape(self) -> Node:
        char = self._next()
        if char.lower() in _SETS:
            return Chars(_SETS[char.lower()], negated=char.isupper())
        if char in _CONTROLS:
            return _one(_CONTROLS[char])
        match char:
            case "b":
                return Anchor("word")
            case "B":
                return Anchor("not word")
            case "x":
                return _one(self._hex(2))
            case "u":
                return _one(int(self._until("}"), 16) if self._take("{") else self._hex(4))
            case "p" | "P" if self._take("{"):
                return Chars((), negated=False, properties=(f"\\{char}{{{self._until('}')}}}",))
            case _ if char in "123456789":
                return Back(int(char))
            case _ if char.isalnum():
                raise self._wrong(f"\\{char} is no escape")
            case _:
                return _one(ord(char))

    def _hex(self, digits: int) -> int:
        text = self._text[self._at : self._at + digits]
        self._at += digits
        try:
            return int(text, 16)
        except ValueError:
            raise self._wrong(f"an escape needs {digits} hexadecimal digits") from None

    def _until(self, end: str) -> str:
        at = self._text.find(end, self._at)
        if at < 0:
            raise self._wrong(f'"{end}" is missing')
        found, self._at = self._text[self._at : at], at + len(end)
        return found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise self._wrong("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _take(self, expected: str) -> bool:
        taken = self._text.startswith(expected, self._at)
        self._at += len(expected) * taken
        return taken

    def _wrong(self, why: str) -> WarehouseError:
        return unsupported(f'the pattern "{self._text[:60]}" cannot be run: {why} (at character {self._at})')


def unsupported(reason: str) -> WarehouseError:
    """The error for what this engine will never answer."""
    return WarehouseError(reason, cause=Cause.UNSUPPORTED)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _one(code: int) -> Chars:
    return Chars(((code, code),))


def _outside(ranges: tuple[Range, ...]) -> list[Range]:
    """Every code point but 0 (text never holds it) that is in none of the ranges, which are sorted."""
    starts = [1, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), LAST]
    return [(low, high) for low, high in zip(starts, ends, strict=True) if low <= high]


def _has_width(node: Node) -> bool:
    match node:
        case Chars() | Back():
            return True
        case Sequence(parts) | Choice(parts):
            return any(_has_width(each) for each in parts)
        case Repeat() | Group():
            return _has_width(node.node)
        case _:
            return False


def _without_case(node: Node) -> Node:
    match node:
        case Chars():
            return replace(node, ranges=tuple(each for pair in node.ranges for each in _both_cases(pair)))
        case Sequence():
            return Sequence(tuple(_without_case(each) for each in node.parts))
        case Choice():
            return Choice(tuple(_without_case(each) for each in node.options))
        case Repeat() | Group() | Look():
            return replace(node, node=_without_case(node.node))
        case _:
            return node


def _both_cases(pair: Range) -> list[Range]:
    """The range, and the ASCII letters in it in their other case."""
    low, high = pair
    upper = (max(low, 0x41) + 32, min(high, 0x5A) + 32)
    lower = (max(low, 0x61) - 32, min(high, 0x7A) - 32)
    return [pair, *(each for each in (upper, lower) if each[0] <= each[1])]
