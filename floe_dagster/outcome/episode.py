"""Episodes: the time from a promise first seen broken to its being kept again.

    unknown ──kept──▶ ok ◀───────────────kept──────────────────┐
       │              │                                        │
       └──broken──────┴──▶ pending ──open_after in a row──▶ open ──worse──▶ open (escalated)

An outcome that could not be measured changes no phase: it neither opens nor resolves, and interrupts no row
of broken ones. A promise that is kept but close to its limit opens an episode that is not `broken`; when it
does break, that episode escalates. Once broken, an episode is over as soon as the promise is kept again,
however closely. Only breaches count towards critical, and only those of severity error become it: who
called a promise less important than that is not paged for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from floe_dagster.outcome.outcome import Key, Outcome, stable_id
from floe_dagster.outcome.segment import Segment, hold_forward
from floe_dagster.plan.check import Severity, Status

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.policy import Policy


class Transition(StrEnum):
    """What happened to an episode that is worth telling."""

    OPENED = "opened"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One breach, or one time close to it, from opening to recovery.

    Attributes:
        id: deterministic over (key, when it was first seen bad).
        severity: the highest it has had; it never falls.
        message: of the outcome that opened it or made it worse; a recovery does not overwrite it.
        broken_since: the first outcome that showed it broken; while `broken` is False, close to its limit.
        opened_at: when it counted as open (after `open_after` broken outcomes in a row).
        resolved_at: when it was seen kept again; None while open.
        sequence: of its last transition, from 1.
        broken: whether the promise has been broken, and not only been close to its limit.
    """

    id: str
    key: Key
    version: str
    dataset: str
    element: str | None
    kind: str
    title: str
    severity: Severity
    message: str
    broken_since: datetime
    opened_at: datetime
    resolved_at: datetime | None = None
    sequence: int = 1
    broken: bool = True


class Phase(StrEnum):
    """Where a check stands."""

    UNKNOWN = "unknown"
    """it has never been measured"""
    OK = "ok"
    PENDING = "pending"
    """broken, but not yet often enough in a row to count"""
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is remembered of a key between two outcomes.

    Attributes:
        last_outcome: the id of the newest outcome, known or not.
        streak: broken outcomes in a row.
        streak_since: when the first of those was.
        breaches: when the last episodes became broken; no more of them than it takes to call one critical.
        episode: the open one.
        segment: the newest one.
    """

    key: Key
    phase: Phase
    last_outcome: str
    last_at: datetime
    streak: int = 0
    streak_since: datetime | None = None
    breaches: tuple[datetime, ...] = ()
    episode: Episode | None = None
    segment: Segment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one outcome changes.

    Attributes:
        state: what is remembered from now on; None where nothing is.
        changed: False for a replay and for an outcome that is for people; then there is nothing to store.
        episode: opened, escalated or resolved by this outcome.
        segments: new or longer ones, the newest last.
    """

    state: State | None
    changed: bool = True
    episode: Episode | None = None
    transition: Transition | None = None
    segments: tuple[Segment, ...] = ()


def advance(state: State | None, outcome: Outcome, policy: Policy) -> Step:
    """What an outcome makes of what was known.

    A replay, an outcome that is not later than the last one, and one that is only for people change nothing.
    """
    if outcome.status in (Status.NOT_EXECUTABLE, Status.INFORMATIONAL):
        return Step(state=state, changed=False)
    name = outcome.id
    if state is not None and (name == state.last_outcome or outcome.at <= state.last_at):
        return Step(state=state, changed=False)
    before = state or State(key=outcome.key, phase=Phase.UNKNOWN, last_outcome=name, last_at=outcome.at)
    segments = hold_forward(before.segment, outcome, policy.hold)
    current = replace(before, last_outcome=name, last_at=outcome.at, segment=segments[-1])
    return replace(_judged(current, outcome, policy), segments=segments)


def _judged(state: State, outcome: Outcome, policy: Policy) -> Step:
    if outcome.unknown:
        return Step(state=state)
    if outcome.broken:
        return _broken(state, outcome, policy)
    kept = replace(state, streak=0, streak_since=None)
    if outcome.status is Status.WARNED and not (state.episode and state.episode.broken):
        return _close(kept, outcome)
    return _kept(kept, outcome)


def _broken(state: State, outcome: Outcome, policy: Policy) -> Step:
    since = state.streak_since or outcome.at
    state = replace(state, streak=state.streak + 1, streak_since=since)
    episode = state.episode
    if state.streak < policy.open_after:
        return Step(state=state if episode else replace(state, phase=Phase.PENDING))
    if episode and episode.broken:
        return _worse(state, episode, outcome, outcome.severity)
    state, severity = _counted(state, outcome, policy)
    if episode is None:
        return _opened(state, outcome, severity, since)
    return _escalated(state, replace(episode, broken=True, broken_since=since), outcome, severity)


def _close(state: State, outcome: Outcome) -> Step:
    if state.episode is None:
        return _opened(state, outcome, outcome.severity, outcome.at)
    return _worse(state, state.episode, outcome, outcome.severity)


def _kept(state: State, outcome: Outcome) -> Step:
    episode = state.episode
    state = replace(state, phase=Phase.OK, episode=None)
    if episode is None:
        return Step(state=state)
    over = replace(episode, resolved_at=outcome.at, sequence=episode.sequence + 1)
    return Step(state=state, episode=over, transition=Transition.RESOLVED)


def _counted(state: State, outcome: Outcome, policy: Policy) -> tuple[State, Severity]:
    recent = [each for each in state.breaches if each > outcome.at - policy.critical_within]
    breaches = (*recent, outcome.at)[-policy.critical_after_episodes - 1 :]
    often = len(breaches) > policy.critical_after_episodes
    critical = often and outcome.severity is Severity.ERROR
    return replace(state, breaches=breaches), Severity.CRITICAL if critical else outcome.severity


def _opened(state: State, outcome: Outcome, severity: Severity, since: datetime) -> Step:
    episode = Episode(
        id=stable_id("episode", outcome.key.text, since.isoformat()),
        key=outcome.key,
        version=outcome.version,
        dataset=outcome.dataset,
        element=outcome.element,
        kind=outcome.kind,
        title=outcome.title,
        severity=severity,
        message=outcome.message,
        broken_since=since,
        opened_at=outcome.at,
        broken=outcome.broken,
    )
    return Step(
        state=replace(state, phase=Phase.OPEN, episode=episode), episode=episode, transition=Transition.OPENED
    )


def _worse(state: State, episode: Episode, outcome: Outcome, severity: Severity) -> Step:
    if severity.rank <= episode.severity.rank:
        return Step(state=state)
    return _escalated(state, episode, outcome, severity)


def _escalated(state: State, episode: Episode, outcome: Outcome, severity: Severity) -> Step:
    episode = replace(
        episode,
        severity=max(episode.severity, severity, key=lambda each: each.rank),
        message=outcome.message,
        sequence=episode.sequence + 1,
    )
    return Step(state=replace(state, episode=episode), episode=episode, transition=Transition.ESCALATED)
