"""The monitor: one tick, from plan to engine to record to delivery.

The same tick is used by Dagster's ops, by the command line and by the tests. What is measured is recorded in
one
transaction together with the segments, episodes and parcels that follow from it, and then carried at once; a
crash
anywhere loses nothing, since what is not committed is measured again and what is committed is delivered. A
long tick commits what it has every second, so that an alert never waits for a slow neighbour.

A tick does not raise for what happens outside: a dead warehouse is an unknown outcome, a dead store is a
problem in the report (the outcomes still reach Dagster), a dead channel leaves its parcels in the outbox.
"""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING
from uuid import uuid4

from floe_dagster import engine
from floe_dagster.access import try_open
from floe_dagster.channels import open_channels
from floe_dagster.delivery import Delivery, DeliveryReport
from floe_dagster.errors import StoreError
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.recorder import LinkTo, Recorder, Told, Within, no_link
from floe_dagster.schedule import due
from floe_dagster.settings import store_url
from floe_dagster.state.store import Store, open_store
from floe_dagster.validity import validity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.plan.check import Check
    from floe_dagster.settings import Settings
    from floe_dagster.watchlist import Watch, Watchlist

_log = logging.getLogger(__name__)

_AT_ONCE_SECONDS = 5.0
"""How long a tick may spend on delivery; the sensors carry what is left."""

_COMMIT_EVERY_SECONDS = 1.0
_WORKERS = 4


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What one tick did.

    Attributes:
        outcomes: everything measured, in the order of the contracts.
        told: the transitions that it recorded.
        delivered: what was carried at once; None where nothing was recorded.
        problems: what could not be done, for people: the store is down, for example.
    """

    tick: str
    outcomes: tuple[Outcome, ...] = ()
    told: tuple[Told, ...] = ()
    delivered: DeliveryReport | None = None
    problems: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The report for a log."""
        counts = Counter(each.status for each in self.outcomes)
        yield f"{len(self.outcomes)} checks: " + (
            ", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "none due"
        )
        yield from (f"{each.transition}: {each.message}" for each in self.told)
        if self.delivered is not None:
            yield self.delivered.line()
        yield from self.problems


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """Runs ticks over a watchlist.

    Attributes:
        refused: contracts that Dagster cannot hold, and why, by source; they are reported as invalid.
        link: where in Dagster an outcome can be looked at.
        clock: the time, aware, UTC.
        new_id: a unique id for each tick.
    """

    watchlist: Watchlist
    refused: Mapping[str, str] = field(default_factory=dict)
    link: LinkTo = no_link
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = lambda: uuid4().hex

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

    @cached_property
    def delivery(self) -> Delivery:
        """What carries the parcels of this store."""
        return Delivery(self.store, open_channels(self.settings), self.settings, self.clock)

    def tick(self, cadence: str, *, within: Within | None = None) -> TickReport:
        """Measure what is due at this cadence, over all contracts; with `schema` the contract files too."""
        jobs = [(each, self._due(each, cadence)) for each in self.watchlist.watches]
        sources = [each.source for each in self.watchlist.readings] if cadence == "schema" else ()
        report = self._run(cadence, [(watch, checks) for watch, checks in jobs if checks], sources, within)
        return replace(report, problems=(*report.problems, *self._gone())) if cadence == "schema" else report

    def tick_checks(
        self, watch: Watch, checks: Sequence[Check], *, within: Within | None = None
    ) -> TickReport:
        """Measure these checks of one contract now, whatever their cadence."""
        return self._run("checks", [(watch, checks)] if checks else [], (), within)

    def tick_files(self, sources: Collection[str], *, within: Within | None = None) -> TickReport:
        """Look at these contract files now."""
        return self._run("files", [], sources, within)

    def measure(self, watch: Watch, checks: Sequence[Check], tick: str) -> tuple[Outcome, ...]:
        """Measure without recording."""
        with closing(try_open(watch, self.settings)) as warehouse:
            return engine.run(
                watch.plan,
                checks,
                warehouse,
                server=watch.server_name,
                tick=tick,
                clock=self.clock,
                kinds=self.watchlist.kinds,
                grading=self.settings.grading,
            )

    def drain(self, topic: Topic, *, budget_seconds: float = 20.0) -> DeliveryReport:
        """Carry what waits in the outbox.

        Raises:
            StoreError: the outbox cannot be read.
        """
        return self.delivery.drain(topic, budget_seconds=budget_seconds)

    def _run(
        self,
        name: str,
        jobs: Sequence[tuple[Watch, Sequence[Check]]],
        sources: Collection[str],
        within: Within | None,
    ) -> TickReport:
        tick = self.new_id()
        outcomes: list[Outcome] = []
        told: list[Told] = []
        problems: list[str] = []
        delivered: list[DeliveryReport] = []
        recorder = Recorder(
            watchlist=self.watchlist,
            link=self.link,
            tick=tick,
            name=name,
            started_at=self.clock(),
            within=within,
        )
        for batch in filter(None, chain([self._validity(sources, tick)], self._measured(jobs, tick))):
            outcomes += batch
            try:
                told += recorder.record(self.store, batch, self.clock())
                delivered.append(self.delivery.drain("alert", budget_seconds=_AT_ONCE_SECONDS))
            except StoreError as error:
                problems.append(
                    f"{len(batch)} outcomes are not recorded, and will be measured again: {error}"
                )
        place = {each.plan.contract.id: index for index, each in enumerate(self.watchlist.watches)}
        return TickReport(
            tick=tick,
            outcomes=tuple(sorted(outcomes, key=lambda each: place.get(each.key.contract, -1))),
            told=tuple(told),
            delivered=sum(delivered, DeliveryReport()) if delivered else None,
            problems=tuple(problems),
        )

    def _gone(self) -> Iterator[str]:
        """Contracts whose file is gone; one that is only invalid for now stays active."""
        files = {each.source for each in self.watchlist.readings}
        try:
            known = self.store.contracts(active=True)
            watched = {each.plan.contract.id for each in self.watchlist.watches}
            with self.store.writing() as writing:
                gone = writing.keep_active(watched | {each.id for each in known if each.source in files})
        except StoreError:
            return  # said already, by the outcomes that are not recorded
        for each in gone:
            yield f'contract "{each}" is no longer found; it is not watched any more'

    def _measured(
        self, jobs: Sequence[tuple[Watch, Sequence[Check]]], tick: str
    ) -> Iterator[tuple[Outcome, ...]]:
        """Outcomes as they come, in batches a second apart at most."""
        if not jobs:
            return
        with ThreadPoolExecutor(min(_WORKERS, len(jobs)), thread_name_prefix="floe") as pool:
            pending = {pool.submit(self.measure, watch, checks, tick) for watch, checks in jobs}
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
