"""Patterns: what is wrong with a regular expression by ECMA-262, whose patterns the standard promises.

Which engine can run a lawful pattern is the warehouses' to say. A pattern that other languages have and
ECMA-262 has not means something else there, or nothing, so that no warehouse is asked for it.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

from floe_dagster.contract.wording import quoted

_FOREIGN: Final = {
    "anchor": "an anchor that only other languages have; write ^ and $",
    "comment": "a comment; leave it out",
    "atomic": "an atomic group; write (?:...)",
    "condition": "a condition; write two patterns with | between them",
    "recall": 'written as in Python; write "\\k<name>"',
    "flags": "a flag; only (?i) at the start is understood, else write both cases, as in [Aa]",
    "possessive": "a possessive quantifier; leave the last + out",
}
_ONLY_ECMA: Final = re.compile(
    r"""
    (?P<plain> \\\\ )
    | (?P<named> \(\?< (?![=!]) )
    | \\k<(?P<recalled>\w+)>
    | \\[pP]\{[^}]*\} | \\u\{[0-9A-Fa-f]+\} | \\c[A-Za-z]
    """,
    re.VERBOSE,
)
_TOKEN: Final = re.compile(
    r"""
    \[ \^? \]? (?: \\. | [^\]\\] )* \]?            # a set of characters, whatever is in it
    | (?P<anchor> \\[AZzGQEh] )
    | \\.
    | (?P<comment> \(\?\# ) | (?P<atomic> \(\?> ) | (?P<condition> \(\?\( ) | (?P<recall> \(\?P[=>] )
    | (?P<flags> \(\? (?: [A-Za-z]{1,9} | [A-Za-z]{0,9}-[A-Za-z]{1,9} ) [:)] )
    | (?P<possessive> (?: [*+?] | \{[0-9]{1,5},?[0-9]{0,5}\} ) \+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def wrong_pattern(pattern: object) -> str | None:
    """Why this is no regular expression in any language; None where it is one, or where it is no text."""
    if not isinstance(pattern, str):
        return None
    translated = _ONLY_ECMA.sub(_as_python, pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(translated)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{quoted(pattern)} is no regular expression: {error}"
    return None


def _as_python(found: re.Match[str]) -> str:
    """What only ECMA-262 has, in the words of Python, which is to compile it."""
    match found.lastgroup:
        case "plain":
            return found[0]
        case "named":
            return "(?P<"
        case "recalled":
            return f"(?P={found['recalled']})"
        case _:
            return "x"


def foreign_pattern(pattern: object) -> str | None:
    """What other languages have and ECMA-262 has not; None where there is nothing of that."""
    if not isinstance(pattern, str):
        return None
    for token in _TOKEN.finditer(pattern.removeprefix("(?i)")):
        if token.lastgroup:
            what = f"{quoted(token[0])} is {_FOREIGN[token.lastgroup]}"
            return f"no warehouse is asked for the pattern {quoted(pattern)}: {what}"
    return None
