"""A platform whose outcomes are given, with the real recorder, posting, store and outbox, and a channel that
takes everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.check import Severity, Status
from floe_dagster.posting import Posting
from floe_dagster.recorder import Recorder, no_link
from floe_dagster.settings import Settings
from floe_dagster.surroundings import Surroundings
from floe_dagster.watchlist import Watchlist

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.notify.alert import Alert
    from floe_dagster.outcome.acknowledgement import Reason
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.state.store import Store

START = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERYTHING = {"routes": [{"channels": ["team"], "severity": "info"}]}


def at(minute: float) -> datetime:
    return START + minute * MINUTE


def measured(minute: float, check: str = "fresh", *, broken: bool = True, **more) -> Outcome:
    """What came of a check of orders at that minute."""
    contract, server = more.pop("contract", "orders"), more.pop("server", "prod")
    return Outcome(
        **{
            "tick": f"tick-{minute}",
            "key": Key(contract=contract, server=server, check=check),
            "version": "1.0.0",
            "dataset": contract,
            "element": None,
            "kind": "freshness",
            "title": f"{contract} {check}",
            "status": Status.FAILED if broken else Status.PASSED,
            "severity": Severity.ERROR,
            "broken": broken,
            "expected": "at most 4 h",
            "actual": 1.0,
            "message": f"{contract} is {'not ' if broken else ''}{check}",
            "path": "slaProperties[0]",
            "source": "orders.odcs.yaml",
            "line": 31,
            "at": at(minute),
            "duration_seconds": 0.1,
        }
        | more
    )


@dataclass
class Platform:
    """Attributes:
    alerts: the section of the manifest.
    upstream: which contracts feed which.
    told: what the channels got, in order, as `minute channel transition check`.
    """

    store: Store
    alerts: dict = field(default_factory=lambda: dict(EVERYTHING))
    upstream: dict = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    people: tuple[str, ...] = ("team",)

    @property
    def watchlist(self) -> Watchlist:
        settings = Settings.model_validate({"alerts": self.alerts})
        return Watchlist(settings=settings, readings=(), watches=(), kinds=())

    @property
    def posting(self) -> Posting:
        return Posting(watchlist=self.watchlist, surroundings=self.surroundings)

    def surroundings(self) -> Surroundings:
        return Surroundings(upstream=self.upstream)

    def record(self, *outcomes: Outcome) -> None:
        """One tick."""
        now = max(each.at for each in outcomes)
        recorder = Recorder(
            watchlist=self.watchlist,
            link=no_link,
            tick=outcomes[0].tick,
            name="freshness",
            started_at=now,
            surroundings=self.surroundings,
        )
        recorder.record(self.store, outcomes, now)
        self.carry(now)

    def remind(self, minute: float) -> None:
        with self.store.writing() as writing:
            writing.save(parcels=self.posting.remind(writing, self.people, at(minute)))
        self.carry(at(minute))

    def acknowledge(self, minute: float, reason: Reason, *, author: str = "ada", note: str = "") -> None:
        with self.store.writing() as writing:
            self.posting.acknowledge(
                writing, writing.open_episodes(), at(minute), reason=reason, author=author, note=note
            )
        self.carry(at(minute))

    def carry(self, now: datetime) -> None:
        while claims := self.store.claim("alert", now=now, lease_seconds=60):
            for each in claims:
                self.told.append(_line(from_json(each.parcel.payload), each.parcel, now))
                self.store.delivered(each, now=now)

    def parcels(self, state: ParcelState | None = None) -> Iterable[Parcel]:
        return self.store.parcels(topic="alert", state=state)

    def held(self) -> list[str]:
        return [each.reason for each in self.parcels(ParcelState.PENDING)]


def _line(alert: Alert, parcel: Parcel, now: datetime) -> str:
    return f"{(now - START) // MINUTE} {parcel.channel} {alert.transition} {alert.contract} {alert.check}"
