"""Writing: one transaction in which a tick is recorded, whole or not at all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import case, false, select, true, update

from floe_dagster.notify.dedup import about
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state import rows
from floe_dagster.state.behind import Behind
from floe_dagster.state.bulk import add, among, batches, upsert
from floe_dagster.state.coverage import Coverage, cursor_of
from floe_dagster.state.lookup import cursors_of, heard_of, pauses_of, states_of
from floe_dagster.state.past import Past
from floe_dagster.state.records import Counted, Registered
from floe_dagster.state.response import Response
from floe_dagster.state.tables import (
    check_states,
    contract_versions,
    contracts,
    cursors,
    episodes,
    newest,
    outcomes,
    parcels,
    pauses,
    periods,
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
    from floe_dagster.outcome.episode import Episode, State, Step
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.state.records import Aggregate, Cursor, Tick
    from floe_dagster.state.rows import Values


class Writing:
    """An open transaction; nobody else writes outcomes until it ends. Made by `Store.writing`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def behind(self) -> Behind:
        """What is on record that may be behind a breach."""
        return Behind(self._connection)

    @property
    def past(self) -> Past:
        """What is on record around a time gone by."""
        return Past(self._connection)

    @property
    def response(self) -> Response:
        """What people answered, and what reminders and silences are decided from."""
        return Response(self._connection)

    def states(self, keys: Iterable[Key]) -> dict[Key, State]:
        """What is known of these keys now; those that were never measured are left out."""
        return states_of(self._connection, keys)

    def heard(self, alerts: Sequence[Alert], dedup: timedelta) -> dict[str, list[Heard]]:
        """What dedup has to know of these alerts: what channels were told, by what it was about."""
        if not alerts:
            return {}
        since = min(each.at for each in alerts) - dedup
        return heard_of(self._connection, ((about(each), each.episode) for each in alerts), since)

    def register(
        self, known: Iterable[Contract], now: datetime, texts: Mapping[str, str] | None = None
    ) -> None:
        """Note these contracts as active and seen, each version of them for ever.

        Args:
            known: the contracts.
            now: when they were seen.
            texts: the texts of their files, by digest.
        """
        known = tuple(known)
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
        self._versions(known, now, texts or {})

    def registered(self) -> tuple[Registered, ...]:
        """The contracts that are active."""
        query = select(contracts).where(contracts.c.active == true()).order_by(contracts.c.id)
        return tuple(Registered(**row) for row in self._connection.execute(query).mappings())

    def open_episodes(self) -> tuple[Episode, ...]:
        """Every episode that is open."""
        query = select(episodes).where(episodes.c.resolved_at.is_(None)).order_by(episodes.c.id)
        return tuple(rows.episode(row) for row in self._connection.execute(query))

    def keep_active(self, ids: Collection[str]) -> tuple[str, ...]:
        """Note every other contract as gone, and return those that were active until now."""
        active = select(contracts.c.id).where(contracts.c.active == true()).order_by(contracts.c.id)
        gone = tuple(each for each in self._connection.execute(active).scalars() if each not in ids)
        for some in batches(gone):
            self._connection.execute(update(contracts).where(contracts.c.id.in_(some)).values(active=false()))
        return gone

    def pauses(self, start: datetime, end: datetime) -> tuple[Pause, ...]:
        """Pauses that touch the time from `start` to `end`, in the order of time; cancelled ones too."""
        return pauses_of(self._connection, start, end)

    def add_pause(self, pause: Pause) -> None:
        """Declare a pause; one of the same id stays as it is."""
        if not self._known(pauses.c.id, [pause.id]):
            add(self._connection, pauses, [rows.pause_values(pause)])

    def cancel_pause(self, id_: str, now: datetime) -> bool:
        """Call a pause off, and let go of what was held back for it.

        False where there is none of that id, or it was called off or over already.
        """
        called_off = (
            update(pauses)
            .where(pauses.c.id == id_, pauses.c.cancelled_at.is_(None), pauses.c.end_at > now)
            .values(cancelled_at=now)
        )
        if self._connection.execute(called_off).rowcount != 1:
            return False
        self.let_go({id_}, now)
        return True

    def let_go(self, ids: Collection[str], at: datetime) -> None:
        """Have what is held back for pauses or episodes told then; its reason ends with the id of one."""
        held = (parcels.c.state == ParcelState.PENDING.value, parcels.c.not_before > at)
        query = select(parcels.c.key, parcels.c.reason).where(*held, parcels.c.reason.endswith(")"))
        found = [key for key, reason in self._connection.execute(query) if _waited_for(reason) in ids]
        for some in batches(found):
            self._connection.execute(
                update(parcels)
                .where(parcels.c.key.in_(some), *held)
                .values(not_before=at, available_at=at, waiting_since=at)
            )

    def cursor(self, name: str) -> Cursor | None:
        """How far that work has come; None where it never began."""
        return cursors_of(self._connection, name).get(name)

    def cursors(self, prefix: str = "") -> dict[str, Cursor]:
        """How far every work has come whose name begins so, by name."""
        return cursors_of(self._connection, prefix)

    def set_cursor(self, name: str, value: str, now: datetime) -> None:
        """Note how far that work has come."""
        self.set_cursors({name: value}, now)

    def set_cursors(self, values: Mapping[str, str], now: datetime) -> None:
        """Note how far several works have come, by name."""
        upsert(
            self._connection,
            cursors,
            [{"name": name, "value": value, "at": now} for name, value in values.items()],
        )

    def reopen_periods(self, contract: str, at: datetime) -> None:
        """Have the finished periods of a contract computed again from then on, since outcomes came late."""
        name = cursor_of(contract)
        if known := self.cursor(name):
            again = Coverage.read(known.value).reopened(at)
            self.set_cursor(name, again.written(), known.at)

    def keep_periods(self, finished: Iterable[Aggregate]) -> None:
        """Keep how finished days and weeks went; what was kept of the same ones is replaced."""
        upsert(self._connection, periods, (rows.period_values(each) for each in finished))

    def save(
        self,
        *,
        outcomes: Iterable[Outcome] = (),
        steps: Iterable[Step] = (),
        parcels: Iterable[Parcel] = (),
        withdrawn: Mapping[str, str] | None = None,
        tick: Tick | None = None,
        contracts: Iterable[Contract] = (),
        texts: Mapping[str, str] | None = None,
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
            texts: the texts of the files of these contracts, by digest.
        """
        changed = [each for each in steps if each.changed]
        fresh = self._outcomes(outcomes)
        self._steps(changed)
        posted = self._parcels(parcels)
        self._withdraw(withdrawn or {})
        self._count(fresh, changed)
        if tick is not None:
            self._tick(tick, fresh, changed, posted)
            self.register(contracts, tick.ended_at, texts)

    def _versions(self, known: Iterable[Contract], now: datetime, texts: Mapping[str, str]) -> None:
        of = {(each.id, each.digest): each for each in known}
        if not of:
            return
        seen = contract_versions.c.digest
        old = select(contract_versions.c.contract, seen)
        there = {
            (row.contract, row.digest)
            for row in self._connection.execute(
                old.where(among(self._connection, seen, {digest for _, digest in of}))
            )
        }
        values = [
            {
                "contract": each.id,
                "digest": each.digest,
                "version": each.version,
                "text": "" if pair in there else texts.get(each.digest, ""),
                "first_seen": now,
                "last_seen": now,
            }
            for pair, each in of.items()
        ]
        upsert(self._connection, contract_versions, values, lambda new: {"last_seen": new.last_seen})

    def _outcomes(self, measured: Iterable[Outcome]) -> list[Outcome]:
        every = {each.id: each for each in measured}
        known = self._known(outcomes.c.id, every)
        fresh = [(name, each) for name, each in every.items() if name not in known]
        fresh.sort(key=lambda pair: pair[1].at)
        names, measured = [name for name, _ in fresh], [each for _, each in fresh]
        add(self._connection, outcomes, rows.outcome_columns(names, measured))
        latest = rows.newest_columns(names, measured)
        upsert(self._connection, newest, latest, where=lambda new: newest.c.at <= new.at)
        return measured

    def _steps(self, steps: Sequence[Step]) -> None:
        write = self._connection
        upsert(write, segments, rows.segment_columns([part for each in steps for part in each.segments]))
        upsert(write, episodes, rows.episode_columns([each.episode for each in steps if each.episode]))
        upsert(write, check_states, rows.state_columns([each.state for each in steps if each.state]))

    def _parcels(self, written: Iterable[Parcel]) -> int:
        every = {each.key: each for each in written}
        known = self._known(parcels.c.key, every)
        fresh = [each for name, each in every.items() if name not in known]
        add(self._connection, parcels, rows.parcel_columns(fresh))
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

    def _known(self, one: Column[str], values: Collection[str]) -> set[str]:
        if not values:
            return set()
        query = select(one).where(among(self._connection, one, values))
        return set(self._connection.execute(query).scalars())


def _waited_for(reason: str) -> str:
    """The id in brackets at the end of why a parcel is held back."""
    return reason.removesuffix(")").rpartition("(")[2]
