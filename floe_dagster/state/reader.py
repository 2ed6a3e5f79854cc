"""Reader: what is remembered, for whoever may look at it but not change it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import func, or_, select, text

from floe_dagster.outcome.outcome import Key
from floe_dagster.state import looking_back, recall, rows, schema
from floe_dagster.state.accounts import Accounts
from floe_dagster.state.bulk import batches
from floe_dagster.state.lookup import cursors_of, pauses_of, states_of
from floe_dagster.state.prune import WALKED, prunable
from floe_dagster.state.records import (
    SIMULATED,
    Attempt,
    ContractVersion,
    Counted,
    Registered,
    Simulated,
    StoreInfo,
    Tick,
    Total,
)
from floe_dagster.state.response import Response
from floe_dagster.state.tables import (
    contract_versions,
    contracts,
    deliveries,
    episodes,
    metadata,
    newest,
    outcomes,
    parcels,
    periods,
    segments,
    ticks,
    totals,
)
from floe_dagster.state.trouble import told_as_store_error

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row, Select

    from floe_dagster.outcome.episode import Episode, State
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.parcel import Parcel, ParcelState, Topic
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.state.address import Address
    from floe_dagster.state.records import Aggregate, Cursor, Grain, Horizon, Pruned


class StoreReader:
    """Reads a store; its connections are read-only, so that nothing can be written by mistake.

    Every method raises `StoreError` where the store does not answer. Times are aware and in UTC; `start` is
    inclusive and `end` exclusive. Results are in the order of time; with a `limit`, the newest are kept.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._reading: Engine = address.engine(read_only=True)

    def check(self) -> None:
        """Look whether the store is there and up to date.

        Raises:
            StoreError: there is none, or it does not answer.
            StoreVersionError: it is newer or older than this code.
        """
        with told_as_store_error(self.place):
            schema.check(self._address, self._reading)

    @property
    def place(self) -> str:
        """Where it is, for people, without credentials."""
        return self._address.place

    def close(self) -> None:
        """Let go of its connections; safe to call twice."""
        self._reading.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def states(self, keys: Iterable[Key]) -> dict[Key, State]:
        """What is known of these keys; those that were never measured are left out."""
        with self._connected() as connection:
            return states_of(connection, keys)

    def episodes(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        contract: str | None = None,
        open_only: bool = False,
        limit: int | None = None,
    ) -> tuple[Episode, ...]:
        """Episodes that were open at some time between `start` and `end`."""
        query = select(episodes).order_by(episodes.c.opened_at.desc(), episodes.c.id)
        if start is not None:
            query = query.where(or_(episodes.c.resolved_at.is_(None), episodes.c.resolved_at >= start))
        if end is not None:
            query = query.where(episodes.c.opened_at < end)
        if contract is not None:
            query = query.where(episodes.c.contract == contract)
        if open_only:
            query = query.where(episodes.c.resolved_at.is_(None))
        return tuple(rows.episode(each) for each in self._newest(query, limit))

    def outcomes(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        contract: str | None = None,
        check: str | None = None,
        limit: int | None = None,
    ) -> tuple[Outcome, ...]:
        """Outcomes judged between `start` and `end`."""
        query = select(outcomes).order_by(outcomes.c.at.desc(), outcomes.c.id)
        if start is not None:
            query = query.where(outcomes.c.at >= start)
        if end is not None:
            query = query.where(outcomes.c.at < end)
        if contract is not None:
            query = query.where(outcomes.c.contract == contract)
        if check is not None:
            query = query.where(outcomes.c.check_id == check)
        return tuple(rows.outcome(each) for each in self._newest(query, limit))

    def seen(self, of: recall.Of, *, start: datetime) -> tuple[recall.Seen, ...]:
        """What some checks of a contract measured since `start`."""
        with self._connected() as connection:
            return recall.seen(connection, of, start)

    def tallies(self, of: recall.Of, *, start: datetime) -> tuple[recall.Tally, ...]:
        """How often some checks of a contract were measured since `start`, and found broken."""
        with self._connected() as connection:
            return recall.tallies(connection, of, start)

    def around(self, ids: Iterable[str]) -> dict[str, recall.Around]:
        """What is known around episodes: when their promise was last kept, when the first channel heard."""
        with self._connected() as connection:
            return recall.around(connection, ids)

    def sightings(
        self, kinds: Collection[str], *, start: datetime, end: datetime
    ) -> tuple[recall.Sighting, ...]:
        """What the checks of these kinds measured between `start` and `end`."""
        with self._connected() as connection:
            return recall.sightings(connection, kinds, start, end)

    def latest(self, contract: str | None = None, *, before: datetime | None = None) -> tuple[Outcome, ...]:
        """The newest outcome of each key, or what was the newest before then; in the order of the keys."""
        if before is not None:
            return tuple(rows.outcome(each) for each in self._all(looking_back.latest_before(before)))
        query = select(outcomes).join(newest, newest.c.outcome == outcomes.c.id).order_by(newest.c.key)
        if contract is not None:
            query = query.where(newest.c.contract == contract)
        return tuple(rows.outcome(each) for each in self._all(query))

    def worst(self, kind: str, *, start: datetime, end: datetime) -> tuple[Outcome, ...]:
        """Of each check of a kind, the outcome between `start` and `end` that used most of its promise."""
        return tuple(rows.outcome(each) for each in self._all(looking_back.worst(start, end, kind)))

    def first_segments(self, *, before: datetime) -> tuple[Segment, ...]:
        """The first segment of each key that was measured before then, as far as segments are kept."""
        return tuple(rows.segment(each) for each in self._all(looking_back.first_segments(before)))

    def unfinished(self, *, before: datetime) -> frozenset[Key]:
        """The keys whose newest segment began before then."""
        found = self._all(looking_back.unfinished(before))
        return frozenset(Key(contract=each[0], server=each[1], check=each[2]) for each in found)

    def segments(
        self, *, start: datetime | None = None, end: datetime | None = None, contract: str | None = None
    ) -> tuple[Segment, ...]:
        """Segments that touch the time between `start` and `end`, uncut, by key and time."""
        query = select(segments).order_by(segments.c.key, segments.c.started_at)
        if start is not None:
            query = query.where(segments.c.ended_at >= start)
        if end is not None:
            query = query.where(segments.c.started_at < end)
        if contract is not None:
            query = query.where(segments.c.contract == contract)
        return tuple(rows.segment(each) for each in self._all(query))

    def parcels(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        topic: Topic | None = None,
        state: ParcelState | None = None,
        groups: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> tuple[Parcel, ...]:
        """Parcels written between `start` and `end`; of these groups only, where any are named."""
        query = select(parcels).order_by(
            parcels.c.created_at.desc(), parcels.c.group_key, parcels.c.sequence.desc()
        )
        if start is not None:
            query = query.where(parcels.c.created_at >= start)
        if end is not None:
            query = query.where(parcels.c.created_at < end)
        if topic is not None:
            query = query.where(parcels.c.topic == topic)
        if state is not None:
            query = query.where(parcels.c.state == state.value)
        if groups is None:
            return tuple(rows.parcel(each) for each in self._newest(query, limit))
        some = (self._newest(query.where(parcels.c.group_key.in_(part)), limit) for part in batches(groups))
        every = [rows.parcel(each) for part in some for each in part]
        every.sort(key=lambda each: each.created_at)
        return tuple(every if limit is None else every[-limit:])

    def deliveries(
        self, *, parcel: str | None = None, start: datetime | None = None, limit: int | None = None
    ) -> tuple[Attempt, ...]:
        """Attempts to carry parcels since `start`."""
        query = select(deliveries).order_by(deliveries.c.id.desc())
        if parcel is not None:
            query = query.where(deliveries.c.parcel == parcel)
        if start is not None:
            query = query.where(deliveries.c.at >= start)
        names = ("parcel", "channel", "attempt", "at", "accepted", "note")
        return tuple(Attempt(**_named(each, names)) for each in self._newest(query, limit))

    def totals(self) -> tuple[Total, ...]:
        """The counters that only ever grow."""
        every = self._all(select(totals).order_by(*totals.primary_key.columns))
        return tuple(
            Total(
                counted=Counted(each.counted),
                contract=each.contract,
                kind=each.kind,
                label=each.label,
                total=each.total,
            )
            for each in every
        )

    def ticks(self, *, limit: int | None = None) -> tuple[Tick, ...]:
        """The runs."""
        query = select(ticks).order_by(ticks.c.started_at.desc(), ticks.c.id)
        return tuple(Tick(**_named(each, ticks.columns.keys())) for each in self._newest(query, limit))

    def simulated(self, *, start: datetime, end: datetime) -> tuple[Simulated, ...]:
        """What is on record between `start` and `end` that was not measured, whole."""
        first, last = func.min(ticks.c.started_at), func.max(ticks.c.ended_at)
        made_up = ticks.c.kind.startswith(SIMULATED, autoescape=True)
        query = select(ticks.c.kind, first, last).where(made_up).group_by(ticks.c.kind)
        query = query.having(first < end, last >= start).order_by(first, ticks.c.kind)
        return tuple(Simulated(kind=each[0], start=each[1], end=each[2]) for each in self._all(query))

    def contracts(self, *, active: bool | None = None) -> tuple[Registered, ...]:
        """Contracts ever seen, or only those that are active or gone, in the order of their ids."""
        query = select(contracts).order_by(contracts.c.id)
        if active is not None:
            query = query.where(contracts.c.active.is_(active))
        return tuple(Registered(**_named(each, contracts.columns.keys())) for each in self._all(query))

    def contract_versions(self, contract: str | None = None) -> tuple[ContractVersion, ...]:
        """Every version of every contract, or of one, in the order in which they were first seen."""
        query = select(contract_versions).order_by(
            contract_versions.c.first_seen, contract_versions.c.contract, contract_versions.c.digest
        )
        if contract is not None:
            query = query.where(contract_versions.c.contract == contract)
        names = contract_versions.columns.keys()
        return tuple(ContractVersion(**_named(each, names)) for each in self._all(query))

    def periods(
        self,
        grain: Grain,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        contract: str | None = None,
        kind: str | None = None,
        whole: bool | None = None,
    ) -> tuple[Aggregate, ...]:
        """Finished days or weeks that began between `start` and `end`, in the order of time.

        Args:
            grain: days or weeks.
            start: inclusive.
            end: exclusive.
            contract: of this one alone.
            kind: of this one alone.
            whole: True for kinds as a whole only, False for single checks only.
        """
        query = select(periods).where(periods.c.grain == grain).order_by(*periods.primary_key.columns)
        if start is not None:
            query = query.where(periods.c.start_at >= start)
        if end is not None:
            query = query.where(periods.c.start_at < end)
        if contract is not None:
            query = query.where(periods.c.contract == contract)
        if kind is not None:
            query = query.where(periods.c.kind == kind)
        if whole is not None:
            query = query.where((periods.c.check_id == "") == whole)
        return tuple(rows.period(each) for each in self._all(query))

    def pauses(self, *, start: datetime | None = None, end: datetime | None = None) -> tuple[Pause, ...]:
        """Pauses that touch the time between `start` and `end`, in the order of time; cancelled ones too."""
        with self._connected() as connection:
            return pauses_of(connection, start, end)

    @contextmanager
    def responses(self) -> Iterator[Response]:
        """What people answered, to read; it is good until the block ends."""
        with self._connected() as connection:
            yield Response(connection)

    @property
    def accounts(self) -> Accounts:
        """What finished periods are computed from."""
        return Accounts(self._connected)

    def prunable(self, horizon: Horizon) -> tuple[Pruned, ...]:
        """What of each table is older than the horizon, and would be pruned."""
        with self._connected() as connection:
            return tuple(prunable(connection, horizon))

    def cursor(self, name: str) -> Cursor | None:
        """How far that work has come; None where it never began."""
        return self.cursors(name).get(name)

    def cursors(self, prefix: str = "") -> dict[str, Cursor]:
        """How far every work has come whose name begins so, by name."""
        with self._connected() as connection:
            return cursors_of(connection, prefix)

    def info(self) -> StoreInfo:
        """What the store is, and how much is in it."""
        with self._connected() as connection:
            counts = {
                each.name: connection.execute(select(func.count()).select_from(each)).scalar_one()
                for each in sorted(metadata.tables.values(), key=lambda each: each.name)
            }
            oldest = {each.table.name: connection.execute(select(func.min(each))).scalar() for each in WALKED}
            open_ = select(func.count()).where(episodes.c.resolved_at.is_(None))
            states = select(parcels.c.state, func.count()).group_by(parcels.c.state)
            return StoreInfo(
                place=self.place,
                version=schema.version(connection),
                rows=counts,
                size_bytes=_size(connection),
                oldest_outcome=oldest["floe_outcomes"],
                oldest={name: at for name, at in oldest.items() if at is not None},
                cursors=cursors_of(connection),
                open_episodes=connection.execute(open_).scalar_one(),
                parcels=dict(sorted(connection.execute(states.order_by(parcels.c.state)).tuples())),
            )

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with told_as_store_error(self.place), self._reading.connect() as connection:
            yield connection

    def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with self._connected() as connection:
            return connection.execute(query).all()

    def _newest(self, query: Select[Any], limit: int | None) -> Sequence[Row[Any]]:
        return self._all(query.limit(limit))[::-1]


def _named(row: Row[Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _size(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        return int(
            connection.execute(
                text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            ).scalar_one()
        )
    sizes = [func.pg_total_relation_size(name) for name in metadata.tables]
    return sum(connection.execute(select(*sizes)).one())
