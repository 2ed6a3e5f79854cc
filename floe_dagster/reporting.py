"""Reporting: reads what a period left in the store, and makes its report, and its files.

A report of a period that is over says the same whenever it is made: contracts are taken as they were at its
end, and what was recorded since is left out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.bygone import Bygone, changes_between, promised_at, promised_before
from floe_dagster.report.build import build_report
from floe_dagster.report.parts import MadeUp
from floe_dagster.report.read import read_promised, read_rows
from floe_dagster.report.rows import FILE, Kept
from floe_dagster.report.window import earlier_than
from floe_dagster.schedule import cadence_seconds, check_seconds
from floe_dagster.validity import KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.check import Plan
    from floe_dagster.report.calendar import Period
    from floe_dagster.report.model import SlaReport
    from floe_dagster.report.rows import Rows
    from floe_dagster.settings import Settings
    from floe_dagster.state.reader import StoreReader
    from floe_dagster.watchlist import Watchlist


def report_on(
    reader: StoreReader,
    watchlist: Watchlist,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    contracts: Sequence[str] = (),
    kinds: Sequence[str] = (),
    domains: Sequence[str] = (),
    period: Period | None = None,
    zone: str = "",
) -> SlaReport:
    """How the time from `start` to `end` went.

    Args:
        reader: the store.
        watchlist: what is watched now.
        start: where the window begins, aware.
        end: where it ends.
        now: when it is looked at.
        contracts: globs over ids and titles; all where none is given.
        kinds: of promises; all where none is given.
        domains: globs; all where none is given.
        period: the day, week or month that the window is, where it is one.
        zone: in whose time it is told; that of the period, else that of the settings, where not given.

    Raises:
        StoreError: the store does not answer.
    """
    settings = watchlist.settings
    earlier = earlier_than(start, end, period)
    since = min(first for first, _ in earlier)
    rows = read_rows(reader, start=start, end=end, now=now, since=since)
    rows = replace(rows, kept=_kept(settings, now))
    versions = reader.contract_versions()
    over = end < now
    then = promised_at(versions, watchlist, rows.latest, end)
    promised = then if over else Bygone(plans=tuple(each.plan for each in watchlist.watches))
    before = promised_before(versions, watchlist, start)
    return build_report(
        read_promised(reader, rows, promised.plans, start=start, end=end),
        start=start,
        end=end,
        now=now,
        plans=promised.plans,
        environment=settings.environment,
        contracts=contracts,
        kinds=kinds,
        domains=domains,
        hold=_holds(watchlist, promised.plans, rows),
        unreadable=_unreadable_then(rows.latest) if over else _unreadable(watchlist),
        period=period,
        zone=zone or (period.zone if period else settings.reports.zone),
        target=settings.reports.target,
        changes=changes_between(before, then, versions, start, end),
        notes=promised.notes,
        made_up=[
            MadeUp(kind=each.kind, start=each.start, end=each.end)
            for each in reader.simulated(start=since, end=end)
        ],
    )


def report_of(
    reader: StoreReader,
    watchlist: Watchlist,
    period: Period,
    *,
    now: datetime,
    contracts: Sequence[str] = (),
    kinds: Sequence[str] = (),
    domains: Sequence[str] = (),
) -> SlaReport:
    """How a day, a week or a month went; see `report_on`.

    Raises:
        StoreError: the store does not answer.
    """
    return report_on(
        reader,
        watchlist,
        period.start,
        period.end,
        now=now,
        contracts=contracts,
        kinds=kinds,
        domains=domains,
        period=period,
    )


def _kept(settings: Settings, now: datetime) -> Kept:
    """Since when nothing may have been deleted; older alerts and segments may or may not be there."""
    retention = settings.retention
    alerts = max(retention.parcels, settings.alerts.dedup)
    return Kept(segments=now - retention.segments, alerts=now - alerts)


def _holds(watchlist: Watchlist, plans: Iterable[Plan], rows: Rows) -> Mapping[str, timedelta]:
    """How long a measurement counts: twice the cadence of its kind, or of its own where it has one."""
    cadence = watchlist.settings.cadence
    kinds = {"*", KIND, *(check.kind for plan in plans for check in plan.checks)}
    kinds |= {each.kind for each in rows.segments}
    usual = {each: timedelta(seconds=2 * cadence_seconds(cadence, each)) for each in sorted(kinds)}
    own = {
        (plan.contract.id, check.id): timedelta(
            seconds=2 * check_seconds(cadence, check.kind, check.schedule)
        )
        for plan in plans
        for check in plan.checks
        if check.schedule
    }
    keys = (each.key for each in rows.latest) if own else ()
    special = {
        each.text: own[each.contract, each.check] for each in keys if (each.contract, each.check) in own
    }
    return usual | special


def _unreadable(watchlist: Watchlist) -> Mapping[str, str]:
    return {
        each.source: next(problem.message for problem in each.problems if problem.severity == "error")
        for each in watchlist.readings
        if each.contract is None
    }


def _unreadable_then(latest: Iterable[Outcome]) -> Mapping[str, str]:
    return {each.dataset: each.message for each in latest if each.kind == FILE and each.broken}
