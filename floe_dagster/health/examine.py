"""Examining: facts become findings. Pure.

Red is what keeps somebody from hearing of a broken promise now; yellow is what will, or what nobody knows.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from floe_dagster.health.carrying import PATIENCE, of_channels, of_delivery
from floe_dagster.health.facts import Nothing, Recorded, Silent
from floe_dagster.health.finding import Aspect, Finding, Health
from floe_dagster.health.measuring import of_checks, of_ticks
from floe_dagster.plan.check import Severity
from floe_dagster.plan.wording import counted, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from floe_dagster.health.facts import Facts, PutAside

ASIDE = timedelta(hours=1)
"""for how long outcomes may wait for the store"""


def examine(facts: Facts) -> Health:
    """What is wrong, and what is well."""
    sides = (_of_store, of_ticks, of_checks, of_delivery, of_channels, _of_contracts, _of_manifest)
    order = list(Aspect)
    findings = sorted(
        chain.from_iterable(each(facts) for each in sides),
        key=lambda each: (order.index(each.aspect), -each.severity.rank, each.about),
    )
    return Health(at=facts.now, findings=tuple(findings), well=_well(facts))


def _well(facts: Facts) -> dict[Aspect, str]:
    store = facts.memory
    answers = f"{store.place} answers, at version {store.version}" if isinstance(store, Recorded) else ""
    return {
        Aspect.STORE: answers or "nothing is recorded yet",
        Aspect.TICKS: f"{counted(len(facts.cadences), 'cadence')}, none late",
        Aspect.MEASURED: f"{counted(len(facts.due), 'check')}, none late",
        Aspect.DELIVERY: f"nothing waits for longer than {span(PATIENCE)}, and nothing was given up lately",
        Aspect.CHANNELS: f"{counted(len(facts.channels), 'channel')} can be used",
        Aspect.CONTRACTS: f"{counted(facts.readable, 'contract file')} can be used",
        Aspect.MANIFEST: "nothing is wrong in it",
    }


def _of_store(facts: Facts) -> Iterator[Finding]:
    match facts.memory:
        case Silent(reason=reason):
            yield Finding(
                aspect=Aspect.STORE,
                severity=Severity.ERROR,
                about="store",
                what=reason,
                then="until it is back nobody is alerted, and outcomes wait on disk and in Dagster",
                looked=False,
            )
        case Nothing():
            what, then = "nothing is recorded yet", "the first tick makes the store"
            yield Finding(aspect=Aspect.STORE, severity=Severity.INFO, about="store", what=what, then=then)
    yield from _of_spool(facts.put_aside, facts.now)


def _of_spool(aside: PutAside, now: datetime) -> Iterator[Finding]:
    if aside.reason:
        yield Finding(
            aspect=Aspect.STORE,
            severity=Severity.WARNING,
            about="spool",
            what=f"{aside.folder} cannot be looked at: {aside.reason}",
            then="give this user the right to read and write it; outcomes wait there while the store is away",
            looked=False,
        )
    if aside.since is not None:
        waiting = f"{counted(aside.outcomes, 'outcome')} wait for the store since {moment(aside.since)}"
        yield Finding(
            aspect=Aspect.STORE,
            severity=Severity.ERROR if now - aside.since > ASIDE else Severity.WARNING,
            about="degraded",
            what=f"degraded: {waiting}, in {aside.folder}",
            then="the next tick records them once the store answers, or: floe state reconcile",
        )
    if aside.damaged:
        yield Finding(
            aspect=Aspect.STORE,
            severity=Severity.WARNING,
            about="damaged",
            what=f"lines of {counted(aside.damaged, 'file')} in {aside.folder} cannot be read",
            then="all else in them is recorded; look at *.damaged there, then delete them",
        )


def _of_contracts(facts: Facts) -> Iterator[Finding]:
    for source, why in facts.unusable.items():
        yield Finding(
            aspect=Aspect.CONTRACTS,
            severity=Severity.ERROR,
            about=source,
            what=why,
            then=f"nothing of it is measured; see all that is wrong by: floe contract lint {source}",
        )
    for source, why in facts.quarantined.items():
        yield Finding(
            aspect=Aspect.CONTRACTS,
            severity=Severity.ERROR,
            about=source,
            what=f"{source}: {why}",
            then="its checks are measured and told, and Dagster shows none of them until then",
        )


def _of_manifest(facts: Facts) -> Iterator[Finding]:
    for name, why in facts.connections.items():
        yield Finding(
            aspect=Aspect.MANIFEST,
            severity=Severity.ERROR,
            about=f"connections.{name}",
            what=f"connections.{name}: {why}",
            then="nothing on that server is measured until then",
        )
    if facts.due and not facts.routed:
        yield Finding(
            aspect=Aspect.MANIFEST,
            severity=Severity.WARNING,
            about="alerts.routes",
            what="no route leads anywhere, so that nobody hears of a broken promise",
            then="add a channel under alerts.channels, and a route to it under alerts.routes",
        )
    if not facts.linked:
        yield Finding(
            aspect=Aspect.MANIFEST,
            severity=Severity.INFO,
            about="dagster_url",
            what="dagster_url is not set, so that alerts do not link to Dagster",
            then="set it to where people open Dagster",
        )
