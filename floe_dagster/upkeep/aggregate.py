"""Aggregating: the finished days and weeks of every contract are computed from the store, and kept in it.

How far a contract has come is a cursor of its own, written after the rows, so that a process that dies is
picked up where it was; what is computed twice is the same twice. The last two days are computed again each
time, and earlier ones where outcomes came late, since what is heard of late belongs to the day it was of.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from floe_dagster.contract.properties import ZONE, zone_problem
from floe_dagster.outcome.outcome import Key
from floe_dagster.report.calendar import Grain, last_finished, period_of, periods
from floe_dagster.report.excuse import excuse
from floe_dagster.schedule import check_seconds
from floe_dagster.state.coverage import EVERYTHING, PREFIX, Coverage, cursor_of
from floe_dagster.state.lookup import kept_key
from floe_dagster.upkeep.periods import Happened, Strand, days_of, weeks_of
from floe_dagster.validity import KIND, validity_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.contract.model import Contract
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.report.calendar import Period
    from floe_dagster.settings import Settings
    from floe_dagster.state.records import Aggregate
    from floe_dagster.state.store import Store
    from floe_dagster.watchlist import Watchlist

AGAIN = timedelta(days=2)

_DAY = timedelta(days=1)

_DAYS_AT_ONCE = 7
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregated:
    """What was computed.

    Attributes:
        rows: of days and weeks, those computed again among them.
        through: until when the periods of every contract are on record; None where there is nothing yet.
    """

    rows: int = 0
    through: datetime | None = None


class _Span(NamedTuple):
    """Time that several contracts have in common: to be computed from `begin` to `end`."""

    zone: str
    since: datetime
    begin: datetime
    end: datetime


def zone_of(contract: Contract, settings: Settings) -> str:
    """The zone of a contract's days: its own where it names one that is known, else the manifest's."""
    named = contract.custom.get(ZONE)
    return named if isinstance(named, str) and zone_problem(named) is None else settings.reports.zone


def aggregate(store: Store, watchlist: Watchlist, now: datetime) -> Aggregated:
    """Compute every day and week that is over and not on record yet.

    Raises:
        StoreError: the store does not answer; what is on record by then stays.
    """
    run = _Run(store, watchlist, now)
    rows = sum(run.compute(span, contracts) for span, contracts in run.spans().items())
    covered = store.cursors(PREFIX)
    known = [covered[name] for each in run.contracts if (name := cursor_of(each)) in covered]
    through = min((Coverage.read(each.value).through for each in known), default=None)
    if through is not None and len(known) == len(run.contracts):
        with store.writing() as writing:
            writing.set_cursor(EVERYTHING, through.isoformat(), now)
    return Aggregated(rows=rows, through=through)


class _Run:
    def __init__(self, store: Store, watchlist: Watchlist, now: datetime) -> None:
        self.store = store
        self.settings = watchlist.settings
        self.now = now
        self.newest = store.accounts.newest_segments()
        self.again: dict[str, datetime | None] = {}
        self.contracts = tuple(sorted({each.contract for each in self.newest}))
        self.planned = planned(watchlist)
        self.schedules = {
            kept_key(
                Key(contract=each.plan.contract.id, server=each.server_name, check=check.id)
            ): check.schedule
            for each in watchlist.watches
            for check in each.plan.checks
        }
        self.zones = {
            kept_key(Key(contract=each.plan.contract.id, server="", check="")).contract: zone_of(
                each.plan.contract, watchlist.settings
            )
            for each in watchlist.watches
        }

    def spans(self) -> Mapping[_Span, Sequence[str]]:
        """What is to be computed, and of which contracts."""
        cursors = self.store.cursors(PREFIX)
        covered = {
            each: Coverage.read(cursors[name].value)
            for each in self.contracts
            if (name := cursor_of(each)) in cursors
        }
        self.again = {contract: each.again for contract, each in covered.items()}
        firsts = self.store.accounts.oldest_segments() if len(covered) < len(self.contracts) else {}
        found: dict[_Span, list[str]] = defaultdict(list)
        for each in self.contracts:
            span = self._span(each, covered.get(each), firsts.get(each))
            if span is not None and span.begin < span.end:
                found[span].append(each)
        return found

    def _span(self, contract: str, covered: Coverage | None, first: datetime | None) -> _Span | None:
        zone = self.zones.get(contract, covered.zone if covered else self.settings.reports.zone)
        end = last_finished(Grain.DAY, self.now, zone).end
        if covered is None:
            if first is None:
                return None
            since, begin = period_of(Grain.WEEK, first, zone).start, first
        elif covered.zone != zone:
            since = begin = covered.through
        else:
            since, begin = covered.since, self._begin(covered)
        return _Span(zone, since, max(since, period_of(Grain.DAY, begin, zone).start), end)

    def _begin(self, covered: Coverage) -> datetime:
        begin = min(covered.through, self.now - AGAIN)
        if covered.again is not None:
            retention = self.settings.retention
            raw = self.now - min(retention.outcomes, retention.segments) + timedelta(days=1)
            begin = min(begin, max(covered.again, raw))
        return max(begin, covered.since)

    def compute(self, span: _Span, contracts: Sequence[str]) -> int:
        """Compute these contracts' days and weeks, some days at a time; returns how many rows."""
        days = [
            replace(each, start=max(each.start, span.since))
            for each in periods(Grain.DAY, span.begin, span.end, span.zone)
        ]
        rows = 0
        for first in range(0, len(days), _DAYS_AT_ONCE):
            some = days[first : first + _DAYS_AT_ONCE]
            rows += self._keep(self._days(some, contracts))
            rows += self._keep(self._weeks(some, span, contracts))
            self._cover(span, contracts, some[-1].end)
        return rows

    def _days(self, days: Sequence[Period], contracts: Sequence[str]) -> Iterator[Aggregate]:
        start, end, only = days[0].start, days[-1].end, contracts[0] if len(contracts) == 1 else None
        strands = tuple(self._strands(start, end, set(contracts)))
        episodes = self.store.episodes(start=start, end=end, contract=only)
        for day in days:
            happened = Happened(outcomes=self.store.accounts.counts(day.start, day.end), episodes=episodes)
            yield from days_of(day, strands, happened)

    def _weeks(self, days: Sequence[Period], span: _Span, contracts: Sequence[str]) -> Iterator[Aggregate]:
        only, ours = contracts[0] if len(contracts) == 1 else None, set(contracts)
        for week in periods(Grain.WEEK, days[0].start, days[-1].end, span.zone):
            if week.end <= days[-1].end:
                own = replace(week, start=max(week.start, span.since))
                parts = self.store.periods("day", start=own.start, end=own.end, contract=only)
                yield from weeks_of(own, (each for each in parts if each.contract in ours))

    def _strands(self, start: datetime, end: datetime, contracts: set[str]) -> Iterator[Strand]:
        raw: dict[tuple[Key, str], list[Segment]] = defaultdict(list)
        for each in self._segments(start, end, contracts):
            raw[each.key, each.kind].append(each)
        silent = {
            (key, kind)
            for key, kind in self.planned.items()
            if key.contract in contracts and key in self.newest and (key, kind) not in raw
        }
        first = {pair: min(each.start for each in every) for pair, every in raw.items()}
        unsure = {key for key, _ in silent} | {pair[0] for pair, at in first.items() if at > start}
        before = self.store.accounts.watched_before(unsure, start)
        excused: dict[tuple[Key, str], list[Segment]] = defaultdict(list)
        pauses = self.store.pauses(start=start, end=end)
        for each in excuse((each for every in raw.values() for each in every), pauses):
            excused[each.key, each.kind].append(each)
        for (key, kind), at in first.items():
            yield Strand(
                key=key,
                kind=kind,
                recorded=raw[key, kind],
                segments=excused[key, kind],
                since=None if at <= start or key in before else at,
                watched=self.planned.get(key) == kind,
            )
        yield from (Strand(key=key, kind=kind) for key, kind in silent if key in before)

    def _segments(self, start: datetime, end: datetime, contracts: set[str]) -> Iterator[Segment]:
        only = next(iter(contracts)) if len(contracts) == 1 else None
        longest = max((self._hold(key, kind) for key, kind in self.planned.items()), default=_DAY)
        for each in self.store.segments(start=start - max(longest, _DAY), end=end, contract=only):
            if each.key.contract not in contracts:
                continue
            if self.newest.get(each.key) == each.start:
                held = min(self.now, each.end + self._hold(each.key, each.kind))
                yield replace(each, end=max(each.end, held))
            else:
                yield each

    def _hold(self, key: Key, kind: str) -> timedelta:
        seconds = check_seconds(self.settings.cadence, kind, self.schedules.get(key))
        return timedelta(seconds=2 * seconds)

    def _keep(self, rows: Iterator[Aggregate]) -> int:
        """Write rows, so few at a time that nobody waits long."""
        every = list(rows)
        for first in range(0, len(every), _ROWS_AT_ONCE):
            with self.store.writing() as writing:
                writing.keep_periods(every[first : first + _ROWS_AT_ONCE])
        return len(every)

    def _cover(self, span: _Span, contracts: Sequence[str], end: datetime) -> None:
        with self.store.writing() as writing:
            known = writing.cursors(PREFIX)
            values = {}
            for each in contracts:
                name = cursor_of(each)
                old = Coverage.read(known[name].value) if name in known else None
                made = _moved(old, span, end, self.again.get(each))
                self.again[each], values[name] = made.again, made.written()
            writing.set_cursors(values, self.now)


def _moved(old: Coverage | None, span: _Span, end: datetime, seen: datetime | None) -> Coverage:
    """The coverage once everything until `end` is on record.

    Where it was to be computed again from some instant on, that is done with once all of it is; unless
    somebody else has named another instant since we looked.
    """
    through = max(end, old.through) if old else end
    again = old.again if old else None
    if again == seen:
        again = None if again is None or end >= through else max(again, end)
    return Coverage(zone=span.zone, since=span.since, through=through, again=again)


def planned(watchlist: Watchlist) -> Mapping[Key, str]:
    """The kind of every check that is watched now, by its key as the store has it."""
    checks = {
        kept_key(Key(contract=each.plan.contract.id, server=each.server_name, check=check.id)): check.kind
        for each in watchlist.watches
        for check in each.plan.checks
    }
    return checks | {kept_key(validity_key(each.source)): KIND for each in watchlist.readings}
