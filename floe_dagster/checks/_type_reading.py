"""Reading types: the text of a type as a tree, whatever its names mean; which engine says what comes later.

Types come from contracts and catalogues, and both are strangers': a text that is too long, too deep or no
type is none, in time that grows with its length only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST = 10_000
DEEPEST = 40
"""What is longer or deeper is no type that anybody wrote; both are far below what Python can recurse."""

ARRAY = "ARRAY"
FIELDS = ("STRUCT", "ROW", "UNION")
_ITEMS = ("MAP", "LIST", ARRAY, "TUPLE")
_TOKEN = re.compile(
    r"""\s*(?:(?P<word>(?:[^\W\d][\w$]*\.)?"(?:[^"]|"")+"|[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*)"""
    r"""|(?P<value>-?[0-9]+|'(?:[^']|'')*')|(?P<mark>[()\[\],]))"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A type as it is written.

    Attributes:
        name: its words in capitals, `CHARACTER VARYING`; what was quoted stays as it is, with its quotes.
        arguments: lengths, precisions or labels.
        parts: the fields of a struct with their names; the items of an array, the key and value of a map.
    """

    name: str
    arguments: tuple[str, ...] = ()
    parts: tuple[tuple[str, Tree], ...] = ()


def tree(written: str) -> Tree | None:
    """A type as a tree; None where the text is none."""
    if len(written) > LONGEST:
        return None
    reader = _Reader(_tokens(written))
    try:
        found = reader.type_(0)
    except _NoTypeError:
        return None
    return found if reader.at_end else None


class _NoTypeError(Exception):
    """The text is no type."""


def _tokens(written: str) -> list[str]:
    tokens, at, end = [], 0, len(written.rstrip())
    while at < end:
        found = _TOKEN.match(written, at)
        if found is None:
            return [""]
        tokens.append(found["word"] or found["value"] or found["mark"])
        at = found.end()
    return tokens


@dataclass(slots=True)
class _Reader:
    """Reads one type after the other off a list of tokens."""

    tokens: list[str]
    at: int = field(default=0)

    @property
    def at_end(self) -> bool:
        return self.at == len(self.tokens)

    def type_(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise _NoTypeError
        words, arguments, parts = list[str](), tuple[str, ...](), tuple[tuple[str, Tree], ...]()
        arrays = list[Tree]()
        while (read := self._peek()) not in ("", ",", ")", "]"):
            self.at += 1
            if read == "(" and not arguments and not parts and words and not arrays:
                name = " ".join(words)
                if name in FIELDS or name in _ITEMS:
                    parts = self._parts(depth, named=name in FIELDS)
                else:
                    arguments = self._arguments()
            elif read == "[" and words:
                arrays.append(self._array())
                if len(arrays) > DEEPEST:
                    raise _NoTypeError
            elif _is_word(read) and not arrays:
                words.append(read if read.endswith('"') else read.upper())
            else:
                raise _NoTypeError
        return _wrapped(words, arguments, parts, arrays)

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _taken(self) -> str:
        read = self._peek()
        if not read:
            raise _NoTypeError
        self.at += 1
        return read

    def _array(self) -> Tree:
        size = self._taken()
        if size == "]":
            return Tree(name=ARRAY)
        if not size.isdecimal() or self._taken() != "]":
            raise _NoTypeError
        return Tree(name=ARRAY, arguments=(size,))

    def _parts(self, depth: int, *, named: bool) -> tuple[tuple[str, Tree], ...]:
        found = list[tuple[str, Tree]]()
        while True:
            name = self._taken() if named else ""
            if named and not _is_word(name):
                raise _NoTypeError
            found.append((_unquoted(name), self.type_(depth + 1)))
            if self._closed():
                return tuple(found)

    def _arguments(self) -> tuple[str, ...]:
        found = list[str]()
        while True:
            words = list[str]()
            while self._peek() not in (",", ")"):
                words.append(self._taken())
            if not words or {"(", "[", "]"} & set(words):
                raise _NoTypeError
            found.append(" ".join(each if each.startswith("'") else each.upper() for each in words))
            if self._closed():
                return tuple(found)

    def _closed(self) -> bool:
        """Whether the list ends here; else it goes on behind a comma."""
        read = self._taken()
        if read not in (",", ")"):
            raise _NoTypeError
        return read == ")"


def _is_word(read: str) -> bool:
    return read[:1].isalpha() or read[:1] in '_"'


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _wrapped(
    words: list[str],
    arguments: tuple[str, ...],
    parts: tuple[tuple[str, Tree], ...],
    arrays: list[Tree],
) -> Tree:
    if len(words) > 1 and words[-1] == ARRAY:  # INTEGER ARRAY, INTEGER ARRAY[3]
        words.pop()
        arrays = arrays or [Tree(name=ARRAY)]
    if not words:
        raise _NoTypeError
    found = Tree(name=" ".join(words), arguments=arguments, parts=parts)
    for each in arrays:
        found = Tree(name=ARRAY, arguments=each.arguments, parts=(("", found),))
    return found
