"""Between: which two columns a latency lies between, where it lies between two.

Either the promise names both, the earlier one first, or its dataset does, in the custom property
`floe.latency`: `{from: created_at, to: loaded_at}`. There a `to` is not needed where the promise names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.contract.model import Dataset, Promise
    from floe_dagster.plan.construct import Target

PROPERTY = "floe.latency"


def is_between_columns(dataset: Dataset, promise: Promise) -> bool:
    """Whether a promise is a latency between two columns of a row, and not the age of one."""
    return promise.property == "latency" and (_names_several(promise) or PROPERTY in dataset.custom)


def columns_between(dataset: Dataset, promise: Promise, target: Target) -> tuple[str, str] | None:
    """The earlier and the later column, as they are named; None where another target says so.

    Raises:
        ValueError: there are no two; the message says why.
    """
    if _names_several(promise):
        names = list(dict.fromkeys(str(column) for _, column in promise.elements))
        if target.column != names[0]:
            return None
        if len(names) != 2:
            raise ValueError(f"a latency lies between two columns, and {len(names)} are named")
        return names[0], names[1]
    given = dataset.custom[PROPERTY]
    named = given if isinstance(given, Mapping) else {}
    since, until = named.get("from"), target.column or named.get("to")
    if not (isinstance(since, str) and isinstance(until, str)):
        raise ValueError(  # noqa: TRY004  a contract that says so is no programming error
            f"{PROPERTY} has to name two columns; write it as {{from: created_at, to: loaded_at}}"
        )
    if since == until:
        raise ValueError(f'{PROPERTY} names "{since}" as both columns, between which there is no time')
    return since, until


def _names_several(promise: Promise) -> bool:
    found = set(promise.elements)
    return len({dataset for dataset, _ in found}) == 1 < len(found) and all(column for _, column in found)
