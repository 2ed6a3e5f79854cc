"""Shapes: how a date or time is written: the letters of Java's DateTimeFormatter as a pattern.

ODCS gives the `format` of dates and times in those letters. What is translated is the shape that parsing
accepts with the formatter's own (smart) resolving, so that every month has 31 days; names are English, and
years have four or two digits. Letters whose meaning depends on a locale, a calendar or a zone's name are not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_HOUR, _SIXTY = "[01][0-9]|2[0-3]", "[0-5][0-9]"
_MONTH, _DAY, _HALF = "0[1-9]|1[0-2]", "0[1-9]|[12][0-9]|3[01]", "0[1-9]|1[0-2]"
_HOURS, _COLON = "[+-][0-9]{2}", "[+-][0-9]{2}:[0-9]{2}"


def _short(names: str) -> str:
    return "|".join(each[:3] for each in names.split("|"))


_LETTERS: Mapping[str, str] = {
    **dict.fromkeys(("yyyy", "uuuu"), "[0-9]{4}"),
    **dict.fromkeys(("yy", "uu"), "[0-9]{2}"),
    **dict.fromkeys(("MM", "LL"), _MONTH),
    **dict.fromkeys(("M", "L"), "[1-9]|1[0-2]"),
    **dict.fromkeys(("MMM", "LLL"), _short(_MONTHS)),
    **dict.fromkeys(("MMMM", "LLLL"), _MONTHS),
    **dict.fromkeys(("E", "EE", "EEE"), _short(_DAYS)),
    "EEEE": _DAYS,
    "dd": _DAY,
    "d": "[1-9]|[12][0-9]|3[01]",
    "DDD": "00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6]",
    "HH": _HOUR,
    "H": "1?[0-9]|2[0-3]",
    "hh": _HALF,
    "h": "[1-9]|1[0-2]",
    **dict.fromkeys(("mm", "ss"), _SIXTY),
    **dict.fromkeys(("m", "s"), "[1-5]?[0-9]"),
    "a": "AM|PM",
    "X": f"Z|{_HOURS}([0-9]{{2}})?",
    "XX": "Z|[+-][0-9]{4}",
    "XXX": f"Z|{_COLON}",
    "x": f"{_HOURS}([0-9]{{2}})?",
    **dict.fromkeys(("xx", "Z", "ZZ", "ZZZ"), "[+-][0-9]{4}"),
    "xxx": _COLON,
}
_TOKENS = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>.)", re.DOTALL)
_RESERVED = frozenset("{}#'")


def shape_of(written: str) -> str:
    """The regular expression of texts that are written so: `yyyy-MM` is `^([0-9]{4})-(0[1-9]|1[0-2])$`.

    Raises:
        ValueError: the format holds what is not translated; the message says what.
    """
    if not written:
        raise ValueError("the format is empty")
    if not _is_balanced(written):
        raise ValueError(f'the brackets of the format "{written}" do not match')
    return f"^{''.join(_parts(written))}$"


def _parts(written: str) -> Iterator[str]:
    for token in _TOKENS.finditer(written):
        quoted, letters, other = token["quoted"], token["letters"], token["other"]
        if letters:
            yield _field(letters, written)
        elif quoted is not None:
            yield _literal(quoted.replace("''", "'") or "'")
        elif other in _RESERVED:
            raise ValueError(
                f'the format "{written}" holds {other}, which DateTimeFormatter keeps for itself'
            )
        else:
            yield {"[": "(", "]": ")?"}.get(other) or _literal(other)


def _field(letters: str, written: str) -> str:
    if set(letters) == {"S"} and len(letters) <= 9:
        return f"[0-9]{{{len(letters)}}}"
    if letters not in _LETTERS:
        raise ValueError(f'"{letters}" of the format "{written}" is not read; a pattern can say the same')
    return f"({_LETTERS[letters]})"


def _literal(text: str) -> str:
    return re.sub(r"([\^$\\.*+?()\[\]{}|/])", r"\\\1", text)


def _is_balanced(written: str) -> bool:
    depth = 0
    for token in _TOKENS.finditer(written):
        depth += {"[": 1, "]": -1}.get(token["other"] or "", 0)
        if depth < 0:
            return False
    return depth == 0
