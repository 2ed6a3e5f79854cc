"""Ahead: the catalogue of a server, read once for all that is asked of it in a tick.

Whoever asks first reads it for everybody; several threads may ask, each over a connection of its own. Where
that fails, everybody reads what they need themselves, so that no dataset disturbs another.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from floe_dagster.errors import WarehouseError
from floe_dagster.warehouses._assumed import tables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from floe_dagster.plan.metric import Question
    from floe_dagster.warehouses._catalogue import Catalogue


class Ahead:
    """What is going to be asked of one server, and its catalogue once somebody has read it."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self._tables = tables_of(questions)
        self._lock = Lock()
        self._found: Catalogue | None = None
        self._failed = False

    def catalogue(self, tables: tuple[str, ...], read: Callable[[tuple[str, ...]], Catalogue]) -> Catalogue:
        """The catalogue of at least these tables.

        Args:
            tables: what is needed now.
            read: reads it over the connection of who asks.

        Raises:
            WarehouseError: it cannot be read.
        """
        found = self._for_all(read) if set(self._tables).issuperset(tables) else None
        return found or read(tables)

    def _for_all(self, read: Callable[[tuple[str, ...]], Catalogue]) -> Catalogue | None:
        with self._lock:
            if self._found is None and not self._failed:
                try:
                    self._found = read(self._tables)
                except WarehouseError:
                    self._failed = True
            return self._found


@runtime_checkable
class Sharing(Protocol):
    """A warehouse that can be asked for one contract after the other, by whichever thread, one at a time."""

    def share(self, ahead: Ahead) -> None:
        """Read the catalogue through `ahead`, with all other warehouses on the same server."""
