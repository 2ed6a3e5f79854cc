"""Replay: outcomes told once more, by the real recorder, into a store that forgets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from floe_dagster.posting import Posting
from floe_dagster.recorder import Recorder, no_link
from floe_dagster.rehearsal.memory import MemoryStore
from floe_dagster.surroundings import SurroundingsOf, nothing_around

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from floe_dagster.notify.alert import Alert
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.state.writing import Writing
    from floe_dagster.watchlist import Watchlist

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LEASE_SECONDS = 60.0


class _Recorder(Recorder):
    """Records what is told, without looking up what is behind it: nobody reads that."""

    def _explained(self, writing: Writing, alerts: Sequence[Alert]) -> list[Alert]:
        del writing
        return list(alerts)


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A platform on which nothing is measured and nothing leaves the house.

    Attributes:
        watchlist: the manifest, and the contracts where they are known.
        surroundings: which contracts feed which.
        store: what was told, and would be.
    """

    watchlist: Watchlist
    surroundings: SurroundingsOf = nothing_around
    store: MemoryStore = field(default_factory=MemoryStore)

    @cached_property
    def posting(self) -> Posting:
        """What says to whom."""
        return Posting(watchlist=self.watchlist, surroundings=self.surroundings)

    @cached_property
    def _recorder(self) -> Recorder:
        settings = self.watchlist.settings
        off = settings.model_copy(update={"lineage": type(settings.lineage)()})
        return _Recorder(
            watchlist=replace(self.watchlist, settings=off),
            link=no_link,
            tick="",
            name="rehearsal",
            started_at=_EPOCH,
            surroundings=self.surroundings,
        )

    def tick(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Record outcomes of one time and all that follows from them."""
        self._recorder.record(self.store.as_store, outcomes, now)

    def remind(self, people: Container[str], now: datetime) -> None:
        """Say again what is due to be said again at that time."""
        if self.store.open:
            with self.store.writing() as writing:
                writing.save(parcels=self.posting.remind(writing, people, now))

    def carry(self, now: datetime) -> None:
        """Have everything delivered that is due, at the time at which it was."""
        while claims := self.store.claim("alert", now=now, lease_seconds=_LEASE_SECONDS):
            for each in claims:
                self.store.delivered(each, now=max(each.waiting_since, each.parcel.created_at))
