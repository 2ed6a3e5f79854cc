"""The monitor: one tick, from plan to engine to record to delivery.

The same tick is used by Dagster's ops, by the command line and by the tests. What is measured is recorded in
one transaction together with the segments, episodes and parcels that follow from it, and then carried at
once; a crash anywhere loses nothing, since what is not committed is measured again and what is committed is
delivered. A long tick commits what it has every second, so that an alert never waits for a slow neighbour.

A tick does not raise for what happens outside: a dead warehouse is an unknown outcome, a dead store is a
problem in the report (the outcomes still reach Dagster), a dead channel leaves its parcels in the outbox.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import chain
from secrets import token_bytes
from typing import TYPE_CHECKING
from uuid import uuid4

from floe_dagster import engine
from floe_dagster.access import Borrowing
from floe_dagster.channels import open_channels
from floe_dagster.delivery import Beside, Delivery, DeliveryReport
from floe_dagster.errors import StoreError
from floe_dagster.history import History, Remembered
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.posting import Posting
from floe_dagster.reconcile import Caught, FromSpool, Reconciler
from floe_dagster.recorder import LinkTo, Recorder, Told, Within, no_link
from floe_dagster.schedule import cadence_seconds, due
from floe_dagster.settings import store_url
from floe_dagster.spool import spool_of
from floe_dagster.state.store import Store, find_reader, open_store
from floe_dagster.surroundings import SurroundingsOf, nothing_around
from floe_dagster.tick import TickReport
from floe_dagster.upkeep.keep import Kept, keep_up
from floe_dagster.upkeep.retire import retire_what_is_gone
from floe_dagster.validity import validity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.plan.check import Check
    from floe_dagster.plan.metric import Warehouse
    from floe_dagster.plan.sample import Sample
    from floe_dagster.reconcile import Elsewhere
    from floe_dagster.settings import Settings
    from floe_dagster.spool import Spool
    from floe_dagster.watchlist import Watch, Watchlist

_log = logging.getLogger(__name__)

_AT_ONCE_SECONDS = 5.0
"""How long a tick may spend on delivery when it has recorded everything; the sensors carry what is left."""

_CATCHING_UP_SECONDS = 5.0
"""How long a tick may spend on what was left elsewhere; the next ones go on with it."""

_COMMIT_EVERY_SECONDS = 1.0
_WORKERS = 4


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """Runs ticks over a watchlist.

    Attributes:
        refused: contracts that Dagster cannot hold, and why, by source; they are reported as invalid.
        link: where in Dagster an outcome can be looked at.
        clock: the time, aware, UTC.
        new_id: a unique id for each tick.
        secret: the key of the hashes in samples, where the manifest has none.
        surroundings: what stands around contracts in the graph of assets.
    """

    watchlist: Watchlist
    refused: Mapping[str, str] = field(default_factory=dict)
    link: LinkTo = no_link
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = lambda: uuid4().hex
    secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    surroundings: SurroundingsOf = nothing_around

    @property
    def settings(self) -> Settings:
        """The manifest."""
        return self.watchlist.settings

    @cached_property
    def store(self) -> Store:
        """What we remember, opened when it is first needed.

        Raises:
            StoreError: it cannot be opened.
        """
        return open_store(store_url(self.settings))

    @property
    def _posting(self) -> Posting:
        return Posting(watchlist=self.watchlist, surroundings=self.surroundings)

    @property
    def spool(self) -> Spool:
        """Where outcomes wait that the store could not take."""
        return spool_of(self.settings)

    @cached_property
    def delivery(self) -> Delivery:
        """What carries the parcels of this store."""
        return Delivery(self.store, open_channels(self.settings), self.settings, self.clock)

    def tick(
        self,
        cadence: str,
        *,
        within: Within | None = None,
        sampled: bool = False,
        elsewhere: Sequence[Elsewhere] = (),
    ) -> TickReport:
        """Measure what is due at this cadence, over all contracts; with `schema` the contract files too.

        Args:
            cadence: the name of one.
            within: the Dagster run that it is part of.
            sampled: whether whoever calls shows samples; there are none where the manifest has them off.
            elsewhere: where outcomes may have been left, beside the spool, while the store was away.
        """
        jobs = [(each, self._due(each, cadence)) for each in self.watchlist.watches]
        sources = [each.source for each in self.watchlist.readings] if cadence == "schema" else ()
        wanted = [(watch, checks) for watch, checks in jobs if checks]
        report = self._run(cadence, wanted, sources, within, sampled=sampled, elsewhere=elsewhere)
        return replace(report, problems=(*report.problems, *self._gone())) if cadence == "schema" else report

    def tick_checks(
        self,
        watch: Watch,
        checks: Sequence[Check],
        *,
        within: Within | None = None,
        sampled: bool = False,
    ) -> TickReport:
        """Measure these checks of one contract now, whatever their cadence."""
        return self._run("checks", [(watch, checks)] if checks else [], (), within, sampled=sampled)

    def tick_files(self, sources: Collection[str], *, within: Within | None = None) -> TickReport:
        """Look at these contract files now."""
        return self._run("files", [], sources, within)

    def measure(
        self, watch: Watch, checks: Sequence[Check], tick: str, samples: dict[Key, Sample] | None = None
    ) -> tuple[Outcome, ...]:
        """Measure without recording; samples are taken where there is something to put them into."""
        warehouses = Borrowing([(watch, checks)], self.settings)
        url = store_url(self.settings)
        return self._measure(
            watch, checks, tick, samples, warehouses, lambda: find_reader(url) or nullcontext()
        )

    def _measure(  # noqa: PLR0917
        self,
        watch: Watch,
        checks: Sequence[Check],
        tick: str,
        samples: dict[Key, Sample] | None,
        warehouses: Borrowing,
        store: Remembered,
    ) -> tuple[Outcome, ...]:
        every = partial(cadence_seconds, self.settings.cadence)
        with warehouses.lent(watch) as warehouse:
            outcomes = engine.run(
                watch.plan,
                checks,
                warehouse,
                server=watch.server_name,
                tick=tick,
                clock=self.clock,
                kinds=self.watchlist.kinds,
                grading=self.settings.grading,
                memory=History(watch.plan, watch.server_name, store, every),
            )
            if samples is not None and self.settings.samples.rows:
                samples.update(self._samples(watch, outcomes, warehouse))
            return outcomes

    def drain(self, topic: Topic, *, budget_seconds: float = 20.0) -> DeliveryReport:
        """Carry what waits in the outbox.

        Raises:
            StoreError: the outbox cannot be read.
        """
        return self.delivery.drain(topic, budget_seconds=budget_seconds)

    def remind(self) -> int:
        """Write down what is to be said again of what is open; whoever drains next carries it.

        Returns:
            How many letters that will be.

        Raises:
            StoreError: the store cannot be read or written.
        """
        if not self.store.episodes(open_only=True):
            return 0
        with self.store.writing() as writing:
            parcels = self._posting.remind(writing, self.delivery.people, self.clock())
            writing.save(parcels=parcels)
        return len(parcels)

    def _run(
        self,
        name: str,
        jobs: Sequence[tuple[Watch, Sequence[Check]]],
        sources: Collection[str],
        within: Within | None,
        *,
        sampled: bool = False,
        elsewhere: Sequence[Elsewhere] = (),
    ) -> TickReport:
        tick = self.new_id()
        caught = self._caught_up(elsewhere, within)
        samples: dict[Key, Sample] | None = {} if sampled else None
        outcomes: list[Outcome] = []
        told: list[Told] = []
        problems = [*caught.problems]
        unrecorded = set[Key]()
        delivering = Beside(lambda: self.delivery.drain("alert", budget_seconds=_AT_ONCE_SECONDS))
        recorder = Recorder(
            watchlist=self.watchlist,
            link=self.link,
            tick=tick,
            name=name,
            started_at=self.clock(),
            within=within,
            surroundings=self.surroundings,
        )
        for batch in filter(
            None, chain([self._validity(sources, tick)], self._measured(jobs, tick, samples))
        ):
            outcomes += batch
            try:
                told += recorder.record(self.store, batch, self.clock())
            except StoreError as error:
                unrecorded |= {each.key for each in batch}
                problems.append(self._put_aside(batch, error))
                continue
            delivering.begin()
        place = {each.plan.contract.id: index for index, each in enumerate(self.watchlist.watches)}
        return TickReport(
            tick=tick,
            outcomes=tuple(sorted(outcomes, key=lambda each: place.get(each.key.contract, -1))),
            told=tuple(told),
            delivered=delivering.end(),
            problems=tuple(problems),
            samples=samples or {},
            unrecorded=frozenset(unrecorded),
            caught=caught,
        )

    def reconcile(
        self, elsewhere: Sequence[Elsewhere] = (), *, budget_seconds: float | None = None
    ) -> Caught:
        """Record what was left in the spool, and elsewhere, while the store was away.

        Raises:
            StoreError: the store does not answer; what was recorded until then stays recorded.
        """
        return self._reconciler(None).catch_up(
            self.store, (FromSpool(self.spool), *elsewhere), self.clock, budget_seconds
        )

    def _reconciler(self, within: Within | None) -> Reconciler:
        return Reconciler(
            watchlist=self.watchlist,
            link=self.link,
            tick=uuid4().hex,
            name="reconcile",
            started_at=self.clock(),
            within=within,
            surroundings=self.surroundings,
        )

    def _caught_up(self, elsewhere: Sequence[Elsewhere], within: Within | None) -> Caught:
        places = (*([FromSpool(self.spool)] if self.spool.paths() else []), *elsewhere)
        if not places:
            return Caught()
        try:
            return self._reconciler(within).catch_up(self.store, places, self.clock, _CATCHING_UP_SECONDS)
        except StoreError as error:
            _log.warning("what was left elsewhere waits: %s", error)
            return Caught()

    def _put_aside(self, batch: Sequence[Outcome], error: StoreError) -> str:
        said = f"{len(batch)} outcomes are not recorded yet: {error}"
        try:
            path = self.spool.put(batch, self.clock())
        except OSError as full:
            return f"{said}; nor could they be put aside: {full}"
        return f"{said}; they wait in {path.parent}, and are recorded once the store answers"

    def _samples(self, watch: Watch, outcomes: Sequence[Outcome], warehouse: Warehouse) -> dict[Key, Sample]:
        settings = self.settings.samples
        secret = settings.salt.encode() or self.secret
        return engine.samples_of(watch.plan, outcomes, warehouse, samples=settings, secret=secret)

    def _gone(self) -> Iterator[str]:
        """What is watched no longer; a contract that is only invalid for now still is."""
        try:
            with self.store.writing() as writing:
                retired = retire_what_is_gone(writing, self.watchlist, self.clock())
            if retired.episodes:
                self.delivery.drain("alert", budget_seconds=_AT_ONCE_SECONDS)
        except StoreError:
            return  # said already, by the outcomes that are not recorded
        yield from retired.lines()

    def keep_up(self) -> Kept:
        """Compute the days and weeks that are over, and delete what is older than the retention.

        Raises:
            StoreError: the store does not answer; what is done by then stays done.
        """
        return keep_up(self.store, self.watchlist, self.clock())

    def _measured(
        self,
        jobs: Sequence[tuple[Watch, Sequence[Check]]],
        tick: str,
        samples: dict[Key, Sample] | None,
    ) -> Iterator[tuple[Outcome, ...]]:
        """Outcomes as they come, in batches a second apart at most."""
        if not jobs:
            return
        warehouses = Borrowing(jobs, self.settings)
        with ThreadPoolExecutor(min(_WORKERS, len(jobs)), thread_name_prefix="floe") as pool:
            pending = {
                pool.submit(self._measure, *job, tick, samples, warehouses, lambda: nullcontext(self.store))
                for job in jobs
            }
            while pending:
                done, pending = wait(pending, timeout=_COMMIT_EVERY_SECONDS)
                if done:
                    yield tuple(outcome for future in done for outcome in future.result())

    def _validity(self, sources: Collection[str], tick: str) -> tuple[Outcome, ...]:
        now = self.clock()
        return tuple(
            validity(each, self.refused.get(each.source), tick=tick, now=now)
            for each in self.watchlist.readings
            if each.source in sources
        )

    def _due(self, watch: Watch, cadence: str) -> tuple[Check, ...]:
        own = [each.id for each in watch.plan.checks if each.schedule]
        last = self._last_times(watch, own) if own else {}
        return due(watch.plan.checks, cadence, last, self.clock())

    def _last_times(self, watch: Watch, checks: Iterable[str]) -> Mapping[str, datetime]:
        keys = [Key(contract=watch.plan.contract.id, server=watch.server_name, check=each) for each in checks]
        try:
            return {key.check: state.last_at for key, state in self.store.states(keys).items()}
        except StoreError as error:
            _log.warning(
                "checks with a schedule of their own run now, since their last time is not known: %s", error
            )
            return {}
