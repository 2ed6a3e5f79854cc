"""Writing: one transaction in which a tick is recorded, whole or not at all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import case, false, select, true, update

from floe_dagster.notify.dedup import about
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state import rows
from floe_dagster.state.bulk import add, batches, upsert
from floe_dagster.state.lookup import heard_of, states_of
from floe_dagster.state.records import Counted
from floe_dagster.state.tables import (
    check_states,
    contracts,
    episodes,
    newest,
    outcomes,
    parcels,
    segments,
    ticks,
    totals,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Column, Connection

    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.alert import Alert
    from floe_dagster.notify.dedup import Heard
    from floe_dagster.outcome.episode import State, Step
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.state.records import Tick
    from floe_dagster.state.rows import Values


class Writing:
    """An open transaction; nobody else writes outcomes until it ends. Made by `Store.writing`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def states(self, keys: Iterable[Key]) -> dict[Key, State]:
        """What is known of these keys now; those that were never measured are left out."""
        return states_of(self._connection, keys)

    def heard(self, alerts: Sequence[Alert], dedup: timedelta) -> dict[str, list[Heard]]:
        """What dedup has to know of these alerts: what channels were told, by what it was about."""
        if not alerts:
            return {}
        since = min(each.at for each in alerts) - dedup
        return heard_of(self._connection, ((about(each), each.episode) for each in alerts), since)

    def register(self, known: Iterable[Contract], now: datetime) -> None:
        """Note these contracts as active and seen."""
        values = [
            {
                "id": each.id,
                "version": each.version,
                "digest": each.digest,
                "source": each.source,
                "first_seen": now,
                "last_seen": now,
                "active": True,
            }
            for each in known
        ]
        kept = ("version", "digest", "source", "last_seen", "active")
        upsert(self._connection, contracts, values, lambda new: {name: new[name] for name in kept})

    def keep_active(self, ids: Collection[str]) -> tuple[str, ...]:
        """Note every other contract as gone, and return those that were active until now."""
        active = select(contracts.c.id).where(contracts.c.active == true()).order_by(contracts.c.id)
        gone = tuple(each for each in self._connection.execute(active).scalars() if each not in ids)
        for some in batches(gone):
            self._connection.execute(update(contracts).where(contracts.c.id.in_(some)).values(active=false()))
        return gone

    def save(
        self,
        *,
        outcomes: Iterable[Outcome] = (),
        steps: Iterable[Step] = (),
        parcels: Iterable[Parcel] = (),
        withdrawn: Mapping[str, str] | None = None,
        tick: Tick | None = None,
        contracts: Iterable[Contract] = (),
    ) -> None:
        """Record what a tick found and what follows from it.

        Outcomes and parcels that are there already are left as they are, and not counted again. A tick may be
        saved in several parts; what it counts is added up.

        Args:
            outcomes: as measured.
            steps: what they changed, from states read in this transaction.
            parcels: to be carried, or kept for the record.
            withdrawn: parcels that are held and no longer wanted, by key, and why.
            tick: the run that measured.
            contracts: that were measured; they are noted as active. Needs a tick.
        """
        changed = [each for each in steps if each.changed]
        fresh = self._outcomes(outcomes)
        self._steps(changed)
        posted = self._parcels(parcels)
        self._withdraw(withdrawn or {})
        self._count(fresh, changed)
        if tick is not None:
            self._tick(tick, fresh, changed, posted)
            self.register(contracts, tick.ended_at)

    def _outcomes(self, measured: Iterable[Outcome]) -> list[Outcome]:
        every = {each.id: each for each in measured}
        known = self._known(outcomes.c.id, every)
        fresh = [(name, each) for name, each in every.items() if name not in known]
        fresh.sort(key=lambda pair: pair[1].at)
        add(self._connection, outcomes, [rows.outcome_values(*each) for each in fresh])
        upsert(
            self._connection,
            newest,
            (rows.newest_values(*each) for each in fresh),
            where=lambda new: newest.c.at <= new.at,
        )
        return [each for _, each in fresh]

    def _steps(self, steps: Sequence[Step]) -> None:
        write = self._connection
        upsert(write, segments, (rows.segment_values(part) for each in steps for part in each.segments))
        upsert(write, episodes, (rows.episode_values(each.episode) for each in steps if each.episode))
        upsert(write, check_states, (rows.state_values(each.state) for each in steps if each.state))

    def _parcels(self, written: Iterable[Parcel]) -> int:
        every = {each.key: each for each in written}
        known = self._known(parcels.c.key, every)
        fresh = [rows.parcel_values(each) for name, each in every.items() if name not in known]
        add(self._connection, parcels, fresh)
        return len(fresh)

    def _withdraw(self, withdrawn: Mapping[str, str]) -> None:
        by_reason = dict[str, list[str]]()
        for key, reason in withdrawn.items():
            by_reason.setdefault(reason, []).append(key)
        for reason, keys in by_reason.items():
            for some in batches(keys):
                held = (
                    parcels.c.key.in_(some),
                    parcels.c.state == ParcelState.PENDING.value,
                    parcels.c.attempts == 0,
                )
                self._connection.execute(
                    update(parcels)
                    .where(*held)
                    .values(
                        state=ParcelState.SUPPRESSED.value, reason=reason, finished_at=parcels.c.not_before
                    )
                )

    def _count(self, fresh: Iterable[Outcome], steps: Iterable[Step]) -> None:
        counts = Counter(
            (Counted.OUTCOMES, each.key.contract, each.kind, each.status.value) for each in fresh
        )
        counts.update(
            (Counted.EPISODES, each.episode.key.contract, each.episode.kind, each.episode.severity.value)
            for each in steps
            if each.episode and each.transition is Transition.OPENED
        )
        values = [
            {"counted": counted.value, "contract": contract, "kind": kind, "label": label, "total": total}
            for (counted, contract, kind, label), total in counts.items()
        ]
        upsert(self._connection, totals, values, lambda new: {"total": totals.c.total + new.total})

    def _tick(self, tick: Tick, fresh: Sequence[Outcome], steps: Sequence[Step], posted: int) -> None:
        values: Values = {
            "id": tick.id,
            "kind": tick.kind,
            "started_at": tick.started_at,
            "ended_at": tick.ended_at,
            "outcomes": len(fresh),
            "broken": sum(each.broken for each in fresh),
            "unknown": sum(each.unknown for each in fresh),
            "transitions": sum(each.transition is not None for each in steps),
            "parcels": posted,
        }
        added = ("outcomes", "broken", "unknown", "transitions", "parcels")
        upsert(
            self._connection,
            ticks,
            [values],
            lambda new: {
                "ended_at": case((new.ended_at > ticks.c.ended_at, new.ended_at), else_=ticks.c.ended_at),
                **{name: ticks.c[name] + new[name] for name in added},
            },
        )

    def _known(self, column: Column[str], values: Iterable[str]) -> set[str]:
        every = (select(column).where(column.in_(some)) for some in batches(values))
        return {found for query in every for found in self._connection.execute(query).scalars()}
