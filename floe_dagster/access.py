"""Access: the warehouse of a watch, as the manifest lets us open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, NotMeasured, Question, Statement, Warehouse
from floe_dagster.warehouses import open_warehouse

if TYPE_CHECKING:
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
