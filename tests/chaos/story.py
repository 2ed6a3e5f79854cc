"""Story: which checks break and recover when, and the parcels that follow. The same for everybody with that seed."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.notify.dedup import parcels_for
from floe_dagster.outcome.episode import Transition, advance
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity
from floe_dagster.state.records import Tick
from tests.channels.alerts import OPENED
from tests.chaos.terms import CHANNELS
from tests.state.ticks import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from floe_dagster.notify.alert import Alert
    from floe_dagster.outcome.episode import State, Step
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.state.store import Store
    from tests.chaos.terms import Terms

POLICY = Policy(cadence_seconds=43200)
BREACHES = ("WEk", "Wkk", "EEk", "Ekk", "WWE")
"""close to its limit or not so important, broken, kept: four ticks, of which the last one is kept"""

_TICK_MINUTES = 720


def outcomes_of(terms: Terms, tick: int) -> list[Outcome]:
    """What is measured at that tick."""
    return [_outcome(terms, check, tick) for check in range(terms.checks)]


def _outcome(terms: Terms, check: int, tick: int) -> Outcome:
    turn, at = divmod(tick + check, 4)
    what = (random.Random(f"{terms.seed}/{check}/{turn}").choice(BREACHES) + "k")[at]
    severity = Severity.WARNING if what == "W" else Severity.ERROR
    return outcome(check, tick * _TICK_MINUTES, broken=what != "k", severity=severity)


def record(store: Store, terms: Terms, tick: int, who: str) -> None:
    """Record a tick as the monitor does, in one transaction, told by the real router."""
    measured = outcomes_of(terms, tick)
    with store.writing() as writing:
        now = terms.clock()
        states = writing.states(each.key for each in measured)
        steps = [advance(states.get(each.key), each, POLICY) for each in measured]
        alerts = [_alert(each, now) for each in steps if each.transition]
        heard = writing.heard(alerts, timedelta(0))
        dispatches = [parcels_for(each, CHANNELS, heard, dedup=timedelta(0)) for each in alerts]
        writing.save(
            outcomes=measured,
            steps=steps,
            parcels=[parcel for each in dispatches for parcel in each.parcels],
            tick=Tick(id=f"{who}-{tick}", kind="quality", started_at=now, ended_at=now),
        )


def _alert(step: Step, now: datetime) -> Alert:
    episode = step.episode
    return replace(
        OPENED,
        id=f"{episode.id}.{episode.sequence}",
        episode=episode.id,
        sequence=episode.sequence,
        transition=step.transition,
        severity=episode.severity,
        server=episode.key.server,
        contract=episode.key.contract,
        check=episode.key.check,
        at=now,
    )


def told(terms: Terms) -> Iterator[list[tuple[str, int, Transition]]]:
    """What has to be told of each tick, for ever: episode, sequence and transition."""
    states: dict[Key, State] = {}
    tick = 0
    while True:
        steps = [advance(states.get(each.key), each, POLICY) for each in outcomes_of(terms, tick)]
        states |= {each.state.key: each.state for each in steps if each.state}
        yield [(each.episode.id, each.episode.sequence, each.transition) for each in steps if each.transition]
        tick += 1


def ticks_of(terms: Terms) -> int:
    """How many ticks it takes until there is so much to carry."""
    count = 0
    for tick, some in enumerate(told(terms), 1):
        count += len(some) * len(CHANNELS)
        if count >= terms.events:
            return tick
    raise AssertionError("the story never ends")


def expected(terms: Terms) -> dict[str, Transition]:
    """The key of every parcel, and what it tells."""
    every = told(terms)
    return {
        f"alert/{episode}/{sequence}/{channel}": transition
        for _ in range(ticks_of(terms))
        for episode, sequence, transition in next(every)
        for channel in CHANNELS
    }
