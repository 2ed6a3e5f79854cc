"""The loader: YAML from strangers, read within bounds, with the line of every node.

YAML can be a bomb (aliases that double, nesting that ends the interpreter's stack) and full of surprises
(`no` is false, `1.10` is 1.1, `22:22` is 1342, the last of two equal keys wins). So this is a composer of
our own over PyYAML's events: no anchors, aliases, merge keys, tags or second documents; no duplicate keys;
bounded in size, depth and nodes; and plain scalars mean what they mean in JSON, everything else is text. It
does not recurse, because depth is up to whoever wrote the document.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from floe_dagster.contract.problem import Problem
from floe_dagster.contract.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Steps = tuple[str | int, ...]

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 64
MAX_NODES: Final = 50_000

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,37})")
_FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A document as it was read.

    Attributes:
        value: dicts with text keys, lists, text, numbers, booleans and None; None where there are problems.
        lines: the line of every node, counted from 1: of its key in a mapping, of its start in a list.
        texts: how each plain scalar that is not text was written, so that `1.10` can be said again.
        problems: why it could not be read.
    """

    value: object = None
    lines: Mapping[Steps, int] = field(default_factory=dict)
    texts: Mapping[Steps, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: Steps) -> int:
        """The line of a path, or of the nearest node above it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def spell(path: Steps) -> str:
    """A path in the spelling of the standard: `schema[0].properties[2]`."""
    parts = (
        f"[{step}]" if isinstance(step, int) else f".{step}" if _PLAIN_KEY.fullmatch(step) else f'["{step}"]'
        for step in path
    )
    return "".join(parts).removeprefix(".")


def load(text: str) -> Tree:
    """Read one document. Never raises for what is in it: problems are in the tree."""
    try:
        _check_text(text)
        composer = _Composer()
        for event in _events(text):
            composer.take(event)
        return composer.tree()
    except _Refused as refused:
        return Tree(problems=(refused.problem,))
    except yaml.YAMLError as error:
        return Tree(problems=(_not_yaml(error, text),))


class _Refused(Exception):  # noqa: N818
    def __init__(self, rule: str, line: int, message: str, path: Steps = ()) -> None:
        super().__init__(message)
        self.problem = Problem(rule=rule, severity="error", path=spell(path), line=line, message=message)


def _check_text(text: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _Refused("yaml.too-large", 0, f"the document is larger than {MAX_BYTES:,} bytes; split it")
    if found := _FORBIDDEN.search(text, 1 if text.startswith("\ufeff") else 0):
        line = text.count("\n", 0, found.start()) + 1
        message = f"the control character U+{ord(found.group()):04X} stands here; remove it"
        raise _Refused("yaml.control-character", line, message)


def _events(text: str) -> Iterator[yaml.Event]:
    # libyaml is ten times as fast, and only its recursive composer, which is not used here, is unsafe
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


def _not_yaml(error: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    what = getattr(error, "problem", None) or "it cannot be parsed"
    context, start = getattr(error, "context", None), getattr(error, "context_mark", None)
    if context and start and start.line + 1 != line:
        what = f"{what}, {context} that starts on line {start.line + 1}"
    written = text.splitlines()[line - 1 : line] if mark else []
    hint = "; indent with spaces, this line has a tab" if written and re.match(r"\s*\t", written[0]) else ""
    return Problem(
        rule="yaml.invalid", severity="error", path="", line=line, message=f"not valid YAML: {what}{hint}"
    )


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    path: Steps
    line: int
    value: dict[str, object] | list[object]
    keys: dict[str, int] = field(default_factory=dict)
    key: str | None = None


class _Composer:
    """Builds the tree from events, with a stack of its own."""

    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.root: list[object] = []
        self.lines: dict[Steps, int] = {}
        self.texts: dict[Steps, str] = {}
        self.problems: list[Problem] = []
        self.nodes = 0

    def tree(self) -> Tree:
        if self.problems:
            return Tree(lines=self.lines, texts=self.texts, problems=tuple(self.problems))
        return Tree(value=self.root[0] if self.root else None, lines=self.lines, texts=self.texts)

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        match event:
            case yaml.AliasEvent():
                raise _Refused(
                    "yaml.alias",
                    line,
                    f"{quoted(f'*{event.anchor}')} is an alias; write its content out here",
                    self._here(),
                )
            case yaml.NodeEvent():
                self._refuse_extras(event, line)
                self._node(event, line)
            case yaml.CollectionEndEvent():
                self.stack.pop()
            case yaml.DocumentStartEvent() if self.root:
                raise _Refused(
                    "yaml.documents", line, "a second document begins here; keep one document to a file"
                )

    def _here(self) -> Steps:
        if not self.stack:
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            return (*top.path, len(top.value))
        return top.path if top.key is None else (*top.path, top.key)

    def _refuse_extras(self, event: Any, line: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Refused(
                "yaml.too-many-nodes", line, f"the document has more than {MAX_NODES:,} values; split it"
            )
        if event.anchor is not None:
            name = quoted(f"&{event.anchor}")
            message = f"{name} is an anchor; remove it, and write the content out where it is used"
            raise _Refused("yaml.anchor", line, message, self._here())
        if event.tag is not None:
            message = f"{quoted(event.tag)} is a tag; remove it, and put the value in quotes if it is text"
            raise _Refused("yaml.tag", line, message, self._here())
        if isinstance(event, yaml.ScalarEvent) and (found := _FORBIDDEN.search(event.value)):
            message = f"the text here holds the control character U+{ord(found.group()):04X}; leave it out"
            raise _Refused("yaml.control-character", line, message, self._here())

    def _node(self, event: Any, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._begin_member(top, event, line)
            return
        path = self._here()
        # a member of a mapping stands where its key stands
        self.lines[path] = self.lines.get(path, line)
        value = self._value(event, line, path)
        if top is None:
            self.root.append(value)
        elif isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value[top.key or ""] = value
            top.key = None
        if isinstance(value, (dict, list)):
            self._open(value, path, line)

    def _open(self, value: dict[str, object] | list[object], path: Steps, line: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _Refused(
                "yaml.too-deep", line, f"the document is nested deeper than {MAX_DEPTH} levels", path[:3]
            )
        self.stack.append(_Open(path, line, value))

    def _begin_member(self, top: _Open, event: Any, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise _Refused(
                "yaml.key", line, "a key must be text, and this one is a list or mapping", top.path
            )
        key, plain = event.value, event.implicit[0]
        if plain and key == "<<":
            raise _Refused(
                "yaml.merge-key", line, '"<<" merges another mapping; write its keys out here', top.path
            )
        if plain and not key:
            raise _Refused("yaml.key", line, "a key is missing before the colon", top.path)
        path = (*top.path, key)
        if key in top.keys:
            message = f"{quoted(key)} is already given on line {top.keys[key]}; keep one of the two"
            duplicate = Problem(
                rule="yaml.duplicate-key", severity="error", path=spell(path), line=line, message=message
            )
            self.problems.append(duplicate)
        top.keys.setdefault(key, line)
        top.key = key
        self.lines[path] = line

    def _value(self, event: Any, line: int, path: Steps) -> object:
        match event:
            case yaml.MappingStartEvent():
                return {}
            case yaml.SequenceStartEvent():
                return []
            case yaml.ScalarEvent() if event.implicit[0]:
                value = _plain(event.value)
                if not isinstance(value, str):
                    self.texts[path] = event.value
                return value
            case yaml.ScalarEvent():
                return event.value
        raise _Refused("yaml.invalid", line, "this cannot be read", path)


def _plain(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if text.strip("+-").isdecimal():
        return text  # longer than the integers of any database, or with a leading zero as codes have
    if len(text) <= 400 and _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
