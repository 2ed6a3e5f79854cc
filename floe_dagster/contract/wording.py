"""Wording: how messages quote what a stranger wrote, and how they guess what was meant."""

from __future__ import annotations

import difflib
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 80
# comparing takes 20 microseconds a name: of more than this many, only those with the same first letter count
_MANY = 40


def quoted(value: object) -> str:
    """A value as it may stand in a message: on one short line, with nothing that moves a cursor."""
    text = value if isinstance(value, str) else _plain(value)
    text = "".join(each if each.isprintable() else _escaped(each) for each in text[: _LONGEST + 1])
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    return f'"{text}"' if isinstance(value, str) else text


def nearest(word: str, known: Iterable[str], closeness: float = 0.6) -> str | None:
    """The known name that looks most like `word`, if one does.

    Args:
        word: what was written.
        known: what could have been meant.
        closeness: 1 for equal names, 0 for names without a letter in common.
    """
    return _nearest(word[:_LONGEST], tuple(islice(known, 500)), closeness)


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, else all of them."""
    names = tuple(dict.fromkeys(islice(known, 500)))
    if close := nearest(word, names):
        return f"; did you mean {quoted(close)}?"
    return f"; known: {listed(names)}" if names else ""


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names in a row, and how many more there are."""
    every = list(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(map(quoted, every[:most])) + rest


def _plain(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return str(value)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


# a document of ten thousand equal mistakes asks ten thousand times, and one answer takes a millisecond
@lru_cache(maxsize=2_048)
def _nearest(word: str, known: tuple[str, ...], closeness: float) -> str | None:
    wanted = word.casefold()
    folded = {each[:_LONGEST].casefold(): each for each in reversed(known)}
    if wanted in folded:
        return folded[wanted]
    alike = [each for each in folded if len(folded) <= _MANY or each[:1] == wanted[:1]]
    close = difflib.get_close_matches(wanted, alike[:_MANY], n=1, cutoff=closeness)
    return folded[close[0]] if close else None
