"""Matcher: patterns for engines that have none, in time linear in the text.

SQLite calls back into Python for regular expressions. Python's own `re` backtracks, cannot be interrupted,
and a contract is not trusted: `(a+)+$` on thirty characters would hang the process. So the pattern becomes
an automaton whose states are built as texts need them and then cost one dictionary look-up a character.
"""

from __future__ import annotations

from typing import NamedTuple

from floe_dagster.warehouses._pattern import (
    Anchor,
    Chars,
    Choice,
    Group,
    Node,
    Repeat,
    Sequence,
    parse,
    unsupported,
)

_MOST_STEPS = 20_000
_MOST_MEMORIES = 100_000
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class _Step(NamedTuple):
    """A step: it consumes one of `chars`, or passes at `place`, or branches; the one without any accepts."""

    chars: Chars | None = None
    place: str | None = None
    then: tuple[int, ...] = ()


class Matcher:
    """Whether a text holds a match of a pattern.

    Raises:
        WarehouseError: the pattern cannot be run without backtracking, or is too large.
    """

    def __init__(self, pattern: str) -> None:
        self._steps: list[_Step] = []
        accept = self._add(_Step())
        self._start = self._build(parse(pattern), accept)
        self._memories = 0
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self.matched = _Matched()

    def __call__(self, text: str) -> bool:
        """Whether there is a match anywhere in the text."""
        state: _State | _Matched = self.state(frozenset((self._start,)), "start")
        for char in text:
            state = state[char]
        return state.accepts

    def state(self, steps: frozenset[int], before: str) -> _State:
        """The one state of these steps, after a character of this kind."""
        found = self._states.get((steps, before))
        if found is None:
            found = self._states[steps, before] = _State(self, steps, before)
        return found

    def after(self, steps: frozenset[int], before: str, char: str) -> _State | _Matched:
        """Where a character leads."""
        self._remember()
        kind = "word" if char in _WORD else "other"
        reached = self.reached(steps, before, kind)
        if 0 in reached:
            return self.matched
        code = ord(char)
        following = {self._steps[at].then[0] for at in reached if _consumes(self._steps[at], code)}
        return self.state(frozenset(following | {self._start}), kind)

    def reached(self, steps: frozenset[int], before: str, following: str) -> set[int]:
        """Every step that can be reached between two characters of these kinds without consuming one."""
        reached: set[int] = set()
        waiting = list(steps)
        while waiting:
            at = waiting.pop()
            if at in reached:
                continue
            reached.add(at)
            step = self._steps[at]
            if step.chars is None and (step.place is None or _passes(step.place, before, following)):
                waiting.extend(step.then)
        return reached

    def _remember(self) -> None:
        self._memories += 1
        if self._memories > _MOST_MEMORIES:
            for each in self._states.values():
                each.clear()
            self._states.clear()
            self._memories = 0

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= _MOST_STEPS:
            raise unsupported("the pattern is too large; use smaller repetitions")
        self._steps.append(step)
        return len(self._steps) - 1

    def _build(self, node: Node, then: int) -> int:
        """Adds the steps of a node that lead on to `then`; the number of the first."""
        match node:
            case Chars():
                if node.properties:
                    raise unsupported(
                        f"patterns in SQLite know no Unicode properties such as {node.properties[0]}"
                    )
                return self._add(_Step(chars=node, then=(then,)))
            case Anchor():
                return self._add(_Step(place=node.place, then=(then,)))
            case Sequence():
                for each in reversed(node.parts):
                    then = self._build(each, then)
                return then
            case Choice():
                return self._add(_Step(then=tuple(self._build(each, then) for each in node.options)))
            case Group():
                return self._build(node.node, then)
            case Repeat():
                return self._repeat(node, then)
            case _:
                raise unsupported("patterns in SQLite cannot look ahead or behind, or refer back to a group")

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            loop = self._add(_Step())
            self._steps[loop] = _Step(then=(self._build(node.node, loop), then))
            then = loop
        for _ in range((node.most or node.least) - node.least):
            then = self._add(_Step(then=(self._build(node.node, then), then)))
        for _ in range(node.least):
            then = self._build(node.node, then)
        return then


class _State(dict[str, "_State | _Matched"]):
    """Where the automaton is, and where each character that came so far leads."""

    __slots__ = ("_before", "_matcher", "_steps", "accepts")

    def __init__(self, matcher: Matcher, steps: frozenset[int], before: str) -> None:
        super().__init__()
        self._matcher, self._steps, self._before = matcher, steps, before
        self.accepts = 0 in matcher.reached(steps, before, "end")

    def __missing__(self, char: str) -> _State | _Matched:
        found = self[char] = self._matcher.after(self._steps, self._before, char)
        return found


class _Matched(dict[str, "_Matched"]):
    """A match was seen, whatever follows."""

    accepts = True

    def __missing__(self, char: str) -> _Matched:
        return self


def _consumes(step: _Step, code: int) -> bool:
    return step.chars is not None and step.chars.holds(code)


def _passes(place: str, before: str, following: str) -> bool:
    match place:
        case "start":
            return before == "start"
        case "end":
            return following == "end"
        case _:
            return ((before == "word") is not (following == "word")) is (place == "word")
