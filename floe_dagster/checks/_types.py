"""Types: whether what the catalogue has is what the contract promised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.plan.metric import LiveColumn

_FITS = {
    "number": {"number", "integer"},
    "map": {"map", "object"},
    "object": {"object", "map"},
    "vector": {"array"},
}
"""Logical types that a promised one is kept by, beside itself."""

_ALIASES = {
    "INTEGER": ("INT", "INT4", "INT32", "SIGNED", "MEDIUMINT", "SERIAL"),
    "BIGINT": ("INT8", "INT64", "LONG", "BIGSERIAL"),
    "SMALLINT": ("INT2", "INT16", "SHORT"),
    "TINYINT": ("INT1",),
    "VARCHAR": (
        "TEXT",
        "STRING",
        "CHARACTER VARYING",
        "NVARCHAR",
        "VARCHAR2",
        "CLOB",
        "LONGTEXT",
        "CHAR VARYING",
    ),
    "CHAR": ("CHARACTER", "BPCHAR", "NCHAR"),
    "DOUBLE": ("DOUBLE PRECISION", "FLOAT8", "FLOAT64"),
    "REAL": ("FLOAT4", "FLOAT32"),
    "DECIMAL": ("NUMERIC", "NUMBER", "DEC"),
    "BOOLEAN": ("BOOL", "LOGICAL"),
    "TIMESTAMP": ("DATETIME", "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP_NTZ", "DATETIME2"),
    "TIMESTAMPTZ": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_TZ", "DATETIMEOFFSET"),
    "TIME": ("TIME WITHOUT TIME ZONE",),
    "TIMETZ": ("TIME WITH TIME ZONE",),
    "BLOB": ("BYTEA", "BINARY", "VARBINARY", "BYTES"),
    "DATE": (),
    "UUID": (),
    "JSON": (),
    "JSONB": (),
    "HUGEINT": ("INT128",),
}
_CANONICAL = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}


def fits(promised: str, live: LiveColumn, *, dates_are_timestamps: bool = False) -> bool | None:
    """Whether a live column keeps a promised logical type; None where no word of the contract fits its type.

    Args:
        promised: the contract's logical type.
        live: the column as the catalogue has it.
        dates_are_timestamps: ODCS before 3.1 has no timestamp, and says date for both.
    """
    found = live.logical_type
    if found is None:
        return None
    if promised == found or found in _FITS.get(promised, ()):
        return True
    if promised == "integer" and found == "number":
        # engines with one numeric type write whole numbers as NUMBER(38,0)
        _, arguments = split(live.type)
        return len(arguments) == 2 and arguments[1] == "0"
    return promised == "date" and found == "timestamp" and dates_are_timestamps


def same(promised: str, live: str) -> bool | None:
    """Whether two physical types are the same, aliases and omitted arguments apart; None if unknown.

    A live type without a length says nothing about a promised one: engines drop what they do not enforce.
    """
    (left, left_arguments), (right, right_arguments) = split(promised), split(live)
    if left not in _CANONICAL or right not in _CANONICAL:
        return True if _squeezed(promised) == _squeezed(live) else None
    if _CANONICAL[left] != _CANONICAL[right]:
        return False
    if not left_arguments or left_arguments == right_arguments:
        return True
    return False if right_arguments else None


def split(written: str) -> tuple[str, tuple[str, ...]]:
    """A type as its name and arguments: `numeric(10, 2)` is `("NUMERIC", ("10", "2"))`."""
    text = " ".join(written.upper().split())
    found = re.fullmatch(r"([^(]+?)\s*\(([^()]*)\)\s*(.*)", text)
    if not found:
        return text, ()
    name = f"{found[1]} {found[3]}".strip()
    return name, tuple(each.strip() for each in found[2].split(","))


def _squeezed(written: str) -> str:
    return "".join(written.upper().split())
