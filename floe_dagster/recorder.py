"""The recorder: outcomes become states, episodes, alerts and lineage, in one transaction of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from floe_dagster import lineage
from floe_dagster.background import Around, with_background
from floe_dagster.notify.compose import alert_for
from floe_dagster.outcome.episode import Step, Transition, advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.policy import Policy
from floe_dagster.posting import Posting
from floe_dagster.schedule import check_seconds
from floe_dagster.state.records import Tick
from floe_dagster.surroundings import MadeOf, SurroundingsOf, nothing_around, nothing_made

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.alert import Alert
    from floe_dagster.notify.dedup import Dispatch
    from floe_dagster.outcome.incident import Incident
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.plan.check import Severity
    from floe_dagster.settings import Settings
    from floe_dagster.state.store import Store
    from floe_dagster.state.writing import Writing
    from floe_dagster.watchlist import Watch, Watchlist

LinkTo = Callable[[Outcome], str | None]


def no_link(outcome: Outcome) -> str | None:
    """Nowhere in Dagster: what was measured was measured without it."""
    del outcome
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The Dagster run that a tick is part of.

    Attributes:
        made: how the making of datasets went, as Dagster remembers; it never raises, and never takes long.
        due_at: when its schedule had it due; None where somebody started it.
    """

    run_id: str
    job: str
    made: MadeOf = nothing_made
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One transition of one episode, and the channels that it was written to; none where no route matches."""

    transition: Transition
    severity: Severity
    message: str
    channels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Records the outcomes of one tick.

    Attributes:
        watchlist: what is watched; contracts are looked up here.
        link: where in Dagster an outcome can be looked at.
        tick: the tick's id.
        name: what kind of tick it is: a cadence, or `checks` where somebody asked.
        started_at: when it began.
        within: the Dagster run that it is part of, where there is one.
        surroundings: what stands around contracts in the graph of assets.
    """

    watchlist: Watchlist
    link: LinkTo
    tick: str
    name: str
    started_at: datetime
    within: Within | None = None
    surroundings: SurroundingsOf = nothing_around

    def record(self, store: Store, outcomes: Sequence[Outcome], now: datetime) -> list[Told]:
        """Record outcomes and everything that follows from them, whole or not at all.

        Raises:
            StoreError: the store does not answer; then nothing of this is recorded.
        """
        with store.writing() as writing:
            states = writing.states(each.key for each in outcomes)
            steps = [advance(states.get(each.key), each, self._policy(each)) for each in outcomes]
            alerts = [
                self._alert(step, outcome)
                for step, outcome in zip(steps, outcomes, strict=True)
                if step.transition
            ]
            alerts = self._explained(writing, alerts)
            incidents = self._posting.follow(writing, [each.episode for each in steps if each.episode], now)
            alerts = [_within(each, incidents.get(each.contract)) for each in alerts]
            dispatches = self._posting.dispatches(writing, alerts)
            writing.save(
                outcomes=outcomes,
                steps=steps,
                parcels=(
                    *self._lineage(outcomes, now),
                    *(each for one in dispatches for each in one.parcels),
                ),
                withdrawn={key: why for one in dispatches for key, why in one.withdrawn.items()},
                tick=Tick(id=self.tick, kind=self.name, started_at=self.started_at, ended_at=now),
                contracts={
                    each.plan.contract.id: each.plan.contract for each in self._watches(outcomes)
                }.values(),
                texts=self._texts,
            )
        return [told_of(alert, dispatch) for alert, dispatch in zip(alerts, dispatches, strict=True)]

    @property
    def _settings(self) -> Settings:
        return self.watchlist.settings

    @cached_property
    def _by_id(self) -> Mapping[str, Watch]:
        return {each.plan.contract.id: each for each in self.watchlist.watches}

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {each.contract.digest: each.text for each in self.watchlist.readings if each.contract}

    @cached_property
    def _schedules(self) -> Mapping[tuple[str, str], str]:
        return {
            (watch.plan.contract.id, each.id): each.schedule
            for watch in self.watchlist.watches
            for each in watch.plan.checks
            if each.schedule
        }

    def _watches(self, outcomes: Iterable[Outcome]) -> list[Watch]:
        return [self._by_id[each.key.contract] for each in outcomes if each.key.contract in self._by_id]

    def _contract(self, key: Key) -> Contract | None:
        watch = self._by_id.get(key.contract)
        return watch.plan.contract if watch else None

    def _policy(self, outcome: Outcome) -> Policy:
        schedule = self._schedules.get((outcome.key.contract, outcome.key.check))
        return Policy.of(
            self._settings.grading, check_seconds(self._settings.cadence, outcome.kind, schedule)
        )

    def _alert(self, step: Step, outcome: Outcome) -> Alert:
        contract = self._contract(outcome.key)
        return alert_for(
            step,
            outcome,
            contract,
            environment=self._settings.environment,
            link=self.link(outcome),
            pages=self._posting.pages,
        )

    def _explained(self, writing: Writing, alerts: Sequence[Alert]) -> list[Alert]:
        """The alerts with who is affected and what is likely behind them."""
        around = Around(
            contracts={name: watch.plan.contract for name, watch in self._by_id.items()},
            surroundings=self.surroundings(),
            made=self.within.made if self.within else nothing_made,
        )
        return with_background(writing.behind, alerts, around)

    @cached_property
    def _posting(self) -> Posting:
        return Posting(watchlist=self.watchlist, surroundings=self.surroundings)

    def _lineage(self, outcomes: Iterable[Outcome], now: datetime) -> tuple[Parcel, ...]:
        channels = lineage.destinations(self._settings)
        if not channels:
            return ()
        by_contract = defaultdict[str, list[Outcome]](list)
        for each in outcomes:
            by_contract[each.key.contract].append(each)
        events = (
            lineage.events_for(
                some,
                self._by_id[contract].plan,
                server=self._by_id[contract].server,
                namespace=self._settings.lineage.namespace,
                started_at=self.started_at,
                ended_at=now,
                parent_run_id=self.within.run_id if self.within else None,
                parent_job=self.within.job if self.within else "",
                nominal_at=self.within.due_at if self.within else None,
                access=self._access(contract),
                dagster_namespace=self._settings.lineage.dagster_namespace,
                contract_violation=self._settings.lineage.contract_violation,
            )
            for contract, some in by_contract.items()
            if contract in self._by_id
        )
        return tuple(parcel for each in events for parcel in lineage.parcels(each, now, channels))

    def _access(self, contract: str) -> Mapping[str, object]:
        return self._settings.connections.get(self._by_id[contract].server_name, {})


def _within(alert: Alert, incident: Incident | None) -> Alert:
    """The alert with the incident that it is part of, where it is part of one."""
    part = incident is not None and alert.episode in incident.open
    return replace(alert, incident=incident.words) if incident and part else alert


def told_of(alert: Alert, dispatch: Dispatch) -> Told:
    """What was told of an alert, and to whom."""
    return Told(
        transition=alert.transition,
        severity=alert.severity,
        message=alert.message,
        channels=tuple(
            each.channel for each in dispatch.parcels if each.state == "pending" and not each.not_before
        ),
    )
