"""Identity: a stable, unique, readable id for everything in a plan.

An id is what a rule calls itself, else what it is about: `flights.dest.relationship`. It holds letters,
digits, `_` and `.` only, and two ids of a contract still differ when `.` is read as `_` and case is ignored:
nothing that is less choosy with names (Dagster, file systems) can merge them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Check, PlanItem
from floe_dagster.plan.field import ITEM, MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST = 80


def slug(text: str) -> str:
    """A text as a part of an id: accents dropped, everything else that does not fit an underscore."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    fit = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")[:_LONGEST]
    return fit or f"x{_digest(text)}"


def item_id(dataset: str, *parts: str | None) -> str:
    """The id for something of a dataset: `item_id("flights", "dest", "relationship")`."""
    return ".".join(slug(each) for each in (dataset, *parts) if each)


def rule_id(dataset: str, element: tuple[str, ...], what: str, *, own: str | None, name: str | None) -> str:
    """The id for a rule: by the id it has, else by its name, else by what it is about."""
    if own:
        return item_id(dataset, own)
    return item_id(dataset, *element, name or what)


def element_parts(names: tuple[str, ...]) -> tuple[str, ...]:
    """What stands for a column or a nested field in an id: `lines[].sku` is `lines` and `sku`.

    Args:
        names: on the way to it; what follows `[]` is a field of the items, and needs no other word.
    """
    *way, last = names
    return (*(each.strip("[]") if each in MANY else each for each in way), "items" if last == ITEM else last)


def snake(name: str) -> str:
    """A word of the standard's as a part of an id: `rowCount` is `row_count`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def unique(items: Iterable[PlanItem]) -> Iterator[PlanItem]:
    """The items; the later of two with one id gets a short hash of its terms, and of its path if need be."""
    taken = set[str]()
    for each in items:
        found = next(id_ for id_ in _candidates(each) if _folded(id_) not in taken)
        taken.add(_folded(found))
        yield each if found == each.id else replace(each, id=found)


def _candidates(item: PlanItem) -> Iterator[str]:
    yield item.id
    if isinstance(item, Check):
        # without the path, so that a rule which is put before this one does not rename it
        yield f"{item.id}_{_digest(f'{item.metrics!r} {item.terms!r}')}"
    for attempt in count():
        yield f"{item.id}_{_digest(f'{item.path} {attempt}')}"


def _folded(id_: str) -> str:
    return id_.replace(".", "_").lower()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
