"""Written: whether a text is a date or time as Java's DateTimeFormatter writes it, by trying letter after letter.

Written from what docs/checks.md says of `format`; names are English, and every month has 31 days.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SIXTY = range(60)


def numbers(of: range, digits: int) -> Callable[[str], bool]:
    """With a leading zero where there are two letters or more, and never with one where there is one."""
    return {str(each).zfill(digits) for each in of}.__contains__


def shaped(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


LETTERS: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(("yyyy", "uuuu"), shaped("[0-9]{4}")),
    "yy": shaped("[0-9]{2}"),
    "M": numbers(range(1, 13), 1),
    "MM": numbers(range(1, 13), 2),
    "MMM": {each[:3] for each in MONTHS}.__contains__,
    "MMMM": set(MONTHS).__contains__,
    "d": numbers(range(1, 32), 1),
    "dd": numbers(range(1, 32), 2),
    "DDD": numbers(range(1, 367), 3),
    **dict.fromkeys(("E", "EE", "EEE"), {each[:3] for each in DAYS}.__contains__),
    "EEEE": set(DAYS).__contains__,
    "H": numbers(range(24), 1),
    "HH": numbers(range(24), 2),
    "h": numbers(range(1, 13), 1),
    "hh": numbers(range(1, 13), 2),
    **dict.fromkeys(("m", "s"), numbers(SIXTY, 1)),
    **dict.fromkeys(("mm", "ss"), numbers(SIXTY, 2)),
    "a": {"AM", "PM"}.__contains__,
    "X": shaped(r"Z|[+-][0-9]{2}([0-9]{2})?"),
    "XX": shaped(r"Z|[+-][0-9]{4}"),
    "XXX": shaped(r"Z|[+-][0-9]{2}:[0-9]{2}"),
    "x": shaped(r"[+-][0-9]{2}([0-9]{2})?"),
    **dict.fromkeys(("xx", "Z", "ZZ", "ZZZ"), shaped(r"[+-][0-9]{4}")),
    "xxx": shaped(r"[+-][0-9]{2}:[0-9]{2}"),
    **{"S" * count: shaped(f"[0-9]{{{count}}}") for count in range(1, 10)},
}


def readable(written: str) -> bool:
    """Whether all of its letters are among those that are read."""
    return all(part in LETTERS for part, is_letter in _parts(written) if is_letter)


def is_written(text: str, written: str) -> bool:
    """Whether the whole text can be told apart into what the format lists."""
    return any(end == len(text) for end in _ends(text, 0, list(_parts(written))))


def _parts(written: str) -> Iterator[tuple[str, bool]]:
    """Runs of one letter, and all else character by character; quoted text is no letters."""
    for place, piece in enumerate(written.split("'")):
        if place % 2 == 0:
            for letter, run in groupby(piece):
                for each in [letter * len(list(run))] if letter.isalpha() else list(run):
                    yield each, letter.isalpha()
        else:
            yield from ((each, False) for each in piece or "'")


def _ends(text: str, start: int, parts: list[tuple[str, bool]]) -> Iterator[int]:
    """Every place at which the parts may have ended."""
    if not parts:
        yield start
        return
    (part, is_letter), rest = parts[0], parts[1:]
    if part == "[":
        close = _closing(rest)
        for end in {start, *_ends(text, start, rest[:close])}:
            yield from _ends(text, end, rest[close + 1 :])
    elif is_letter:
        for end in range(start + 1, len(text) + 1):
            if LETTERS[part](text[start:end]):
                yield from _ends(text, end, rest)
    elif text.startswith(part, start):
        yield from _ends(text, start + 1, rest)


def _closing(parts: list[tuple[str, bool]]) -> int:
    """Where the bracket ends that was just opened."""
    depth = 1
    for at, (part, is_letter) in enumerate(parts):
        depth += 0 if is_letter else {"[": 1, "]": -1}.get(part, 0)
        if depth == 0:
            return at
    raise ValueError(parts)
