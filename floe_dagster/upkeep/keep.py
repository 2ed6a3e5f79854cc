"""Keeping up: the periods first, then what is too old, so that no day is lost between the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from floe_dagster.state.coverage import EVERYTHING
from floe_dagster.state.records import Horizon
from floe_dagster.upkeep.aggregate import aggregate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.settings import Settings
    from floe_dagster.state.reader import StoreReader
    from floe_dagster.state.records import Pruned
    from floe_dagster.state.store import Store
    from floe_dagster.watchlist import Watchlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was done.

    Attributes:
        rows: of finished days and weeks that were computed.
        through: until when every period is on record; None where there is nothing yet.
        pruned: what was deleted, by table.
    """

    rows: int
    through: datetime | None
    pruned: tuple[Pruned, ...]

    def lines(self) -> Iterator[str]:
        """The same for a log or a terminal."""
        until = f", and is complete until {self.through:%Y-%m-%d %H:%M} UTC" if self.through else ""
        yield f"the record of days and weeks has {self.rows:,} rows written{until}"
        yield from went(self.pruned)


def went(pruned: tuple[Pruned, ...]) -> Iterator[str]:
    """What went of each table, a line each."""
    for each in pruned:
        held = f", the store was locked for {each.longest_seconds:.2f} s at most" if each.slices else ""
        yield f"{each.rows:>12,}  {each.table}{held}"


def keep_up(store: Store, watchlist: Watchlist, now: datetime) -> Kept:
    """Compute the days and weeks that are over, then delete what is older than the retention.

    Safe to stop anywhere, to repeat, and to run in several processes at once.

    Raises:
        StoreError: the store does not answer; what is done by then stays done.
    """
    made = aggregate(store, watchlist, now)
    pruned = store.prune(horizon(store, watchlist.settings, now))
    return Kept(rows=made.rows, through=made.through, pruned=pruned)


def horizon(reader: StoreReader, settings: Settings, now: datetime) -> Horizon:
    """Until when what may be deleted: outcomes and segments only where their days are on record.

    Raises:
        StoreError: the store does not answer.
    """
    kept = settings.retention
    cursor = reader.cursor(EVERYTHING)
    nothing = datetime.min.replace(tzinfo=now.tzinfo)
    on_record = datetime.fromisoformat(cursor.value) if cursor else nothing
    return Horizon(
        outcomes=min(now - kept.outcomes, on_record),
        segments=min(now - kept.segments, on_record),
        parcels=now - max(kept.parcels, settings.alerts.dedup),
        dead_letters=now - kept.dead_letters,
        lineage=now - kept.lineage,
        ticks=now - kept.ticks,
        deliveries=now - kept.deliveries,
    )
