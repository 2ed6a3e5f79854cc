"""Access: the warehouse of a watch, as the manifest lets us open it."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from floe_dagster.engine import questions_of
from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, NotMeasured, Question, Statement, Warehouse
from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._ahead import Ahead, Sharing

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from floe_dagster.plan.check import Check
    from floe_dagster.settings import Settings
    from floe_dagster.watchlist import Watch


def open_for(watch: Watch, settings: Settings) -> Warehouse:
    """The warehouse of a watch, not yet connected.

    Raises:
        WarehouseError: it cannot even be tried: no server, an unset variable, an unknown option.
    """
    server = watch.server
    if server is None:
        raise WarehouseError(
            f"{watch.plan.contract.source} names no server; add one under servers", Cause.MISCONFIGURED
        )
    if reason := settings.broken.get(f"connections.{server.name}"):
        raise WarehouseError(reason, Cause.MISCONFIGURED)
    return open_warehouse(
        server,
        root=settings.root,
        timeout_seconds=settings.timeout.total_seconds(),
        access=settings.connections.get(server.name, {}),
    )


def try_open(watch: Watch, settings: Settings) -> Warehouse:
    """The same, but where it cannot be tried, a warehouse whose every answer says why."""
    try:
        return open_for(watch, settings)
    except WarehouseError as error:
        return Absent(str(error))


class Borrowing:
    """The warehouses of a tick: what is open on a server is lent to one contract after the other.

    A warehouse is lent to one thread at a time; those on one server read its catalogue once, for the datasets
    of all contracts. They are closed with the last contract that asks there. A warehouse of somebody else's
    that does not say that it can be shared is opened for each contract.
    """

    def __init__(self, jobs: Sequence[tuple[Watch, Sequence[Check]]], settings: Settings) -> None:
        """Remember who is going to ask where.

        Args:
            jobs: each watch, and which of its checks; each is going to borrow once.
            settings: the manifest.
        """
        self._settings = settings
        self._lock = Lock()
        self._waiting = Counter(_place(watch) for watch, _ in jobs)
        self._idle: dict[Hashable, list[Warehouse]] = defaultdict(list)
        asked: dict[Hashable, list[Check]] = defaultdict(list)
        for watch, checks in jobs:
            asked[_place(watch)] += checks
        self._ahead = {place: Ahead(questions_of(checks)) for place, checks in asked.items()}

    @contextmanager
    def lent(self, watch: Watch) -> Iterator[Warehouse]:
        """A warehouse for a watch; where it cannot be opened, one whose every answer says why."""
        place = _place(watch)
        with self._lock:
            idle = self._idle[place].pop() if self._idle[place] else None
        warehouse = idle or self._opened(watch)
        try:
            yield warehouse
        finally:
            for each in self._returned(place, warehouse):
                each.close()

    def _opened(self, watch: Watch) -> Warehouse:
        warehouse = try_open(watch, self._settings)
        if isinstance(warehouse, Sharing):
            warehouse.share(self._ahead[_place(watch)])
        return warehouse

    def _returned(self, place: Hashable, warehouse: Warehouse) -> Sequence[Warehouse]:
        """Takes a warehouse back; what is returned is not needed any more."""
        with self._lock:
            self._waiting[place] -= 1
            if not isinstance(warehouse, Sharing):
                return (warehouse,)
            self._idle[place].append(warehouse)
            return () if self._waiting[place] > 0 else self._idle.pop(place)


def _place(watch: Watch) -> Hashable:
    """What two watches share that are on the same server, reached the same way, by the same name.

    What the operator adds goes by the server's name, and an error tells it, so that it counts too.
    """
    server = watch.server
    if server is None:
        return None
    options = sorted((name, repr(each)) for name, each in server.options.items())
    return server.name, server.type, tuple(options)


@dataclass(frozen=True)
class Absent:
    """The warehouse that cannot even be tried."""

    reason: str

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """No answer, and why."""
        return dict.fromkeys(questions, NotMeasured(Cause.MISCONFIGURED, self.reason))

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """Nothing would be sent."""
        del questions
        return ()

    def statements(self) -> int:
        """Nothing has been sent."""
        return 0

    def close(self) -> None:
        """There is nothing to let go of."""
