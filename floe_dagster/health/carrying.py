"""Carrying: whether what is told arrives, and whether channels can be used. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.health.facts import Recorded, Silent
from floe_dagster.health.finding import Aspect, Finding, unknown
from floe_dagster.plan.check import Severity
from floe_dagster.plan.wording import counted, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from floe_dagster.health.facts import Facts
    from floe_dagster.state.standing import GivenUp, Waits

PATIENCE = timedelta(minutes=10)
"""how long a parcel may wait to be carried"""

NEWS = timedelta(days=1)
"""for how long a dead letter is red, and an alert that no route takes is counted"""

LATELY = timedelta(days=7)
"""how long a dead letter is a finding at all"""


def of_delivery(facts: Facts) -> Iterator[Finding]:
    """What waits for too long, was given up, or went to nobody."""
    match facts.memory:
        case Silent():
            yield unknown(Aspect.DELIVERY)
        case Recorded(waiting=waiting, given_up=given_up, unrouted=unrouted):
            yield from (_waits(each, facts.now) for each in waiting)
            yield from (_given_up(each, facts.now) for each in given_up)
            if unrouted:
                yield _to_nobody(unrouted)


def of_channels(facts: Facts) -> Iterator[Finding]:
    """Channels that cannot be used, do not answer, or that nothing leads to."""
    for name, wrong in facts.channels.items():
        if wrong:
            yield Finding(
                aspect=Aspect.CHANNELS,
                severity=Severity.ERROR,
                about=name,
                what=f"{name}: {wrong}",
                then=f"mend alerts.channels.{name}, or what it leads to; its alerts wait, then are given up",
            )
        elif name not in facts.routed:
            what, then = f"{name}: no route leads to it", "name it under alerts.routes, or remove it"
            yield Finding(aspect=Aspect.CHANNELS, severity=Severity.INFO, about=name, what=what, then=then)
    yield from _of_lineage(facts.lineage)


def _of_lineage(ways: Mapping[str, str]) -> Iterator[Finding]:
    for name, why in ways.items():
        if why:
            yield Finding(
                aspect=Aspect.CHANNELS,
                severity=Severity.WARNING,
                about=f"lineage by {name}",
                what=f"{name}: {why}",
                then="mend it under lineage in floe.yaml; its events wait, then are given up",
            )
    well = ", ".join(name for name, why in ways.items() if not why)
    if well or not ways:
        what = f"lineage leaves by {well}" if ways else "lineage is off"
        yield Finding(aspect=Aspect.CHANNELS, severity=Severity.INFO, about="lineage", what=what)


def _topic(of: Waits | GivenUp) -> str:
    return counted(of.count, "alert" if of.topic == "alert" else "lineage event")


def _waits(of: Waits, now: datetime) -> Finding:
    is_alert = of.topic == "alert"
    since = f"{'waits' if of.count == 1 else 'wait'} for up to {span(now - of.since)}"
    why = f"; the newest answer: {of.reason}" if of.reason else ""
    sensor = "floe_alerts" if is_alert else "floe_lineage"
    return Finding(
        aspect=Aspect.DELIVERY,
        severity=Severity.ERROR if is_alert else Severity.WARNING,
        about=f"{of.topic} to {of.channel}, waiting",
        what=f"{of.channel}: {_topic(of)} {since}{why}",
        then=f"see that the channel answers, and that the sensor {sensor} is on",
    )


def _given_up(of: GivenUp, now: datetime) -> Finding:
    is_alert, ago = of.topic == "alert", now - of.newest
    mend = "mend the channel, then: floe alerts dead, and floe alerts replay"
    return Finding(
        aspect=Aspect.DELIVERY,
        severity=Severity.ERROR if is_alert and ago <= NEWS else Severity.WARNING,
        about=f"{of.topic} to {of.channel}, given up",
        what=f"{of.channel}: {_topic(of)} given up lately, the newest {span(ago)} ago: {of.reason}",
        then=mend if is_alert else "mend where lineage goes; these events are lost to it",
    )


def _to_nobody(unrouted: Mapping[str, int]) -> Finding:
    counts = Counter(unrouted)
    named = ", ".join(f"{counts[each]} {each}" for each in reversed(Severity) if counts[each])
    severe = counts[Severity.ERROR] + counts[Severity.CRITICAL]
    return Finding(
        aspect=Aspect.DELIVERY,
        severity=Severity.ERROR if severe else Severity.WARNING,
        about="unrouted",
        what=f"{counted(counts.total(), 'alert')} within {span(NEWS)} went to nobody: {named}",
        then="add a route that takes them under alerts.routes; see: floe alerts list --state unrouted",
    )
