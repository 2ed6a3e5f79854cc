"""Keys: the primary key of a dataset, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.contract.model import Column


def primary_key(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns of the primary key, by position; those without one (the standard writes -1) come last."""
    return tuple(sorted((each for each in columns if each.primary_key), key=_position))


def _position(column: Column) -> tuple[bool, int]:
    position = column.primary_key_position or 0
    return position < 1, position
