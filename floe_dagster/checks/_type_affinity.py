"""Affinities: what SQLite makes of a declared type, which may be any words at all.

SQLite keeps the words, looks for a few letters in them, and holds no value to them. So two types are the same
where it treats them the same, and a length is compared as it is declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from floe_dagster.checks._type_reading import Tree

_LETTERS: Final = (
    ("INT", "integer"),
    ("CHAR", "text"),
    ("CLOB", "text"),
    ("TEXT", "text"),
    ("BLOB", "blob"),
    ("REAL", "real"),
    ("FLOA", "real"),
    ("DOUB", "real"),
)
"""In the order in which SQLite looks for them (SQLite, "Determination Of Column Affinity")."""

_DECIMALS: Final = ("NUMERIC", "DECIMAL", "DEC", "NUMBER")
_STAMPS: Final = ("TIMESTAMP", "DATETIME", "TIMESTAMP WITHOUT TIME ZONE")
_TRUTHS: Final = ("BOOLEAN", "BOOL")


def same_affinity(promised: Tree | None, live: Tree | None) -> bool | None:
    """Whether SQLite treats two declared types the same; None where either is none."""
    if promised is None or live is None:
        return None
    if _family(promised.name) != _family(live.name) or promised.parts != live.parts:
        return False
    return not promised.arguments or _numbers(promised) == _numbers(live)


def _family(name: str) -> str:
    """The affinity; where that is numeric, which kinds of values are meant."""
    for letters, affinity in _LETTERS:
        if letters in name:
            return affinity
    for family in (_DECIMALS, _STAMPS, _TRUTHS):
        if name in family:
            return family[0]
    return name


def _numbers(tree: Tree) -> tuple[str, ...]:
    return tuple(each.lstrip("0") for each in tree.arguments)
