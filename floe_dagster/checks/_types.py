"""Types: whether what the catalogue has is what the contract promised.

A physical type is read as the live engine reads it: FLOAT has eight bytes in PostgreSQL and four in DuckDB. A
promise in names that this engine does not have was written for another one, and is read as that one's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from floe_dagster.checks._type_affinity import same_affinity
from floe_dagster.checks._type_foreign import DIALECTS, called, foreign
from floe_dagster.checks._type_names import KNOWN, UNSURE, Type, named
from floe_dagster.checks._type_reading import LONGEST, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.plan.metric import LiveColumn

_FITS = {
    "number": {"number", "integer"},
    "map": {"map", "object"},
    "object": {"object", "map"},
    "vector": {"array"},
}
"""Logical types that a promised one is kept by, beside itself."""


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


def same(promised: str, live: str, engine: str = "") -> bool | None:
    """Whether a live type is the promised one, whatever either is called; None where that cannot be told.

    Lengths, precisions and labels are compared where the promise has them. An engine that keeps none, such as
    DuckDB of text, says nothing about a promised one.

    Args:
        promised: as the contract has it, for this engine or for another.
        live: as the catalogue has it.
        engine: whose catalogue, as sqlglot or SQLAlchemy call its dialect; empty where nobody knows.
    """
    if promised == live:
        return True
    if max(len(promised), len(live)) > LONGEST:
        return None
    if engine == "sqlite":
        return same_affinity(tree(promised), tree(live))
    there = reading(live, engine)
    if there is None:
        return True if _squeezed(promised) == _squeezed(live) else None
    verdicts = [_compared(each, there) for each in _promised(promised, called(engine))]
    return next((each for each in verdicts if each is not None), None)


def reading(live: str, engine: str) -> Type | None:
    """A type of the catalogue, as its engine means it; None where nobody can read it."""
    of = called(engine)
    if len(live) > LONGEST or of not in KNOWN:
        return foreign(live, of)
    found = tree(live)
    return named(found, of, live=True) if found else None


def _promised(written: str, engine: str) -> Iterator[Type]:
    """What a promise may mean, the likeliest first."""
    found = tree(written)
    if engine in KNOWN and found:
        own = named(found, engine, live=False)
        yield own
        if own.all_known:
            return
    elif (own_dialect := foreign(written, engine)) is not None:
        yield own_dialect
        return
    there = (foreign(written, each) for each in DIALECTS)
    yield from [each for each in there if each is not None][:1]


def _compared(promised: Type, live: Type) -> bool | None:
    if not (promised.known and live.known):
        return True if _is_one_name(promised, live) else None
    if promised.name != live.name:
        return None if UNSURE in (promised.name, live.name) else False
    if len(promised.parts) != len(live.parts):
        return None if not promised.parts or not live.parts else False
    verdicts = [_arguments(promised, live)]
    for (name, wanted), (there, found) in zip(promised.parts, live.parts, strict=True):
        verdicts += [name.casefold() == there.casefold(), _compared(wanted, found)]
    return False if False in verdicts else None if None in verdicts else True


def _arguments(promised: Type, live: Type) -> bool | None:
    if not promised.arguments or promised.arguments == live.arguments:
        return True
    return False if live.arguments else None


def _is_one_name(promised: Type, live: Type) -> bool:
    """Whether two types of users are one, of which either may name its schema."""
    (one, of), (other, of_other) = _in_schema(promised.name), _in_schema(live.name)
    return of == of_other and (not one or not other or one == other) and promised.arguments == live.arguments


def _in_schema(name: str) -> tuple[str, str]:
    schema, dot, own = name.partition('."') if name.endswith('"') else name.rpartition(".")
    if name.startswith('"') or not dot:
        schema, own = "", name
    elif name.endswith('"'):
        own = f'"{own}'
    plain = own[1:-1]
    # what is quoted in small letters is the same unquoted
    return schema, plain.upper() if own.startswith('"') and plain.islower() else own


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
