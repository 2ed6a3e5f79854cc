"""Episodes: the time from a promise first seen broken to its being kept again.

    unknown ──kept──▶ ok ◀───────────────kept──────────────────┐
       │              │                                        │
       └──broken──────┴──▶ pending ──n of m broken──▶ open ──worse──▶ open (escalated)
                                                       │  ▲
                                  kept, the n-th turn ─┘  └─ broken again
                                  open (flapping) ──kept for long enough──▶ ok

An outcome that could not be measured changes no phase: it neither opens nor resolves, and interrupts no row
of broken ones. A promise that is kept but close to its limit opens an episode that is not `broken`; when it
does break, that episode escalates. Once broken, an episode is over as soon as the promise is kept again,
however closely, unless it is flapping: then it is over when the promise has been kept for long enough to be
believed. Only breaches count towards critical, and only those of severity error become it: who called a
promise less important than that is not paged for it.
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
    FLAPPING = "flapping"
    """kept again, but it was so too often lately to be told each time"""
    ACKNOWLEDGED = "acknowledged"
    """somebody has taken it on; no outcome does that"""
    REMINDED = "reminded"
    """open for long, or nobody answered in time; no outcome does that"""
    RESOLVED = "resolved"


class Because(StrEnum):
    """Why a breach became critical."""

    OFTEN = "often"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One breach, or one time close to it, from opening to recovery.

    Attributes:
        id: deterministic over (key, when it was first seen bad).
        severity: the highest it has had; it never falls.
        message: of the outcome that opened it or made it worse; a recovery does not overwrite it.
        broken_since: the first of the broken outcomes in a row that opened it; while `broken` is False, the
            first that was close to its limit.
        opened_at: when it counted as open.
        resolved_at: when it was seen kept again; None while open.
        sequence: of its last transition, from 1.
        broken: whether the promise has been broken, and not only been close to its limit.
        flapping: it has opened and resolved too often lately for each turn to be worth telling.
        retired: nobody looks any more, so that it was closed; whether the promise is kept is not known.
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
    flapping: bool = False
    retired: bool = False


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
        recent: whether the promise was kept in the last known outcomes, the newest last.
        turns: when kept and broken changed places lately.
        kept_since: since when it has been kept again; None while it is not.
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
    recent: tuple[bool, ...] = ()
    turns: tuple[datetime, ...] = ()
    kept_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one outcome changes.

    Attributes:
        state: what is remembered from now on; None where nothing is.
        changed: False for a replay and for an outcome that is for people; then there is nothing to store.
        episode: opened, escalated or resolved by this outcome.
        because: why it has just become critical, where it has.
        segments: new or longer ones, the newest last.
    """

    state: State | None
    changed: bool = True
    episode: Episode | None = None
    transition: Transition | None = None
    because: Because | None = None
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
    if outcome.unknown:
        seen = replace(before, last_outcome=name, last_at=outcome.at, segment=segments[-1])
        return Step(state=seen, segments=segments)
    seen = _seen(before, name, outcome, policy, segments[-1])
    if outcome.broken:
        judged = _broken(seen, outcome, policy, again=before.recent[-1:] == (True,))
    elif outcome.status is Status.WARNED and not (seen.episode and seen.episode.broken):
        judged = _close(seen, outcome)
    else:
        judged = _kept(seen, outcome, policy)
    if isinstance(judged, State):
        return Step(state=judged, segments=segments)
    return replace(judged, segments=segments)


def _seen(before: State, name: str, outcome: Outcome, policy: Policy, segment: Segment) -> State:
    """What is remembered of a known outcome, whatever else follows from it.

    It is made at once and not change by change, since a tick makes thousands of them.
    """
    broken = outcome.broken
    return State(
        key=before.key,
        phase=before.phase,
        last_outcome=name,
        last_at=outcome.at,
        streak=before.streak + 1 if broken else 0,
        streak_since=before.streak_since or outcome.at if broken else None,
        breaches=before.breaches,
        episode=before.episode,
        segment=segment,
        recent=(*before.recent, not broken)[-policy.looks_back :],
        turns=_turns(before, outcome, policy),
        kept_since=None if broken else before.kept_since or outcome.at,
    )


def _turns(before: State, outcome: Outcome, policy: Policy) -> tuple[datetime, ...]:
    """When kept and broken changed places lately, this time too if they did."""
    turns = before.turns
    if turns:
        turns = tuple(each for each in turns if each > outcome.at - policy.flap_within)
    if before.recent and before.recent[-1] is outcome.broken:
        turns = (*turns, outcome.at)[-max(policy.flap_turns, 1) :]
    return turns


def _broken(state: State, outcome: Outcome, policy: Policy, *, again: bool) -> State | Step:
    episode = state.episode
    if episode and episode.broken:
        if again:
            state, severity = _counted(state, outcome, policy)
            return _worse(state, episode, outcome, severity)
        return _lasting(state, episode, outcome, policy)
    if state.recent.count(False) < policy.open_after:
        return state if episode else replace(state, phase=Phase.PENDING)
    state, severity = _counted(state, outcome, policy)
    since = state.streak_since or outcome.at
    if episode is None:
        flapping = policy.flaps(len(state.turns))
        return _opened(state, outcome, severity, since, flapping=flapping)
    return _escalated(state, replace(episode, broken=True, broken_since=since), outcome, severity)


def _lasting(state: State, episode: Episode, outcome: Outcome, policy: Policy) -> State | Step:
    limit = policy.critical_after_open
    too_long = limit is not None and outcome.at - episode.broken_since >= limit
    if too_long and outcome.severity is Severity.ERROR and episode.severity is not Severity.CRITICAL:
        return replace(_escalated(state, episode, outcome, Severity.CRITICAL), because=Because.LONG)
    return _worse(state, episode, outcome, outcome.severity)


def _close(state: State, outcome: Outcome) -> State | Step:
    if state.episode is None:
        return _opened(state, outcome, outcome.severity, outcome.at)
    return _worse(state, state.episode, outcome, outcome.severity)


def _kept(state: State, outcome: Outcome, policy: Policy) -> State | Step:
    episode = state.episode
    if episode is not None and episode.broken and _is_restless(state, episode, outcome, policy):
        if episode.flapping:
            return state
        flapping = replace(episode, flapping=True, sequence=episode.sequence + 1)
        return Step(state=replace(state, episode=flapping), episode=flapping, transition=Transition.FLAPPING)
    if episode is None:
        return state if state.phase is Phase.OK else replace(state, phase=Phase.OK)
    over = replace(episode, resolved_at=outcome.at, sequence=episode.sequence + 1)
    resolved = replace(state, phase=Phase.OK, episode=None)
    return Step(state=resolved, episode=over, transition=Transition.RESOLVED)


def _is_restless(state: State, episode: Episode, outcome: Outcome, policy: Policy) -> bool:
    """Whether that it is kept now is not to be believed yet."""
    if not episode.flapping:
        return policy.flaps(len(state.turns))
    return outcome.at - (state.kept_since or outcome.at) < policy.quiet


def _counted(state: State, outcome: Outcome, policy: Policy) -> tuple[State, Severity]:
    recent = [each for each in state.breaches if each > outcome.at - policy.critical_within]
    breaches = (*recent, outcome.at)[-policy.critical_after_episodes - 1 :]
    often = len(breaches) > policy.critical_after_episodes
    critical = often and outcome.severity is Severity.ERROR
    return replace(state, breaches=breaches), Severity.CRITICAL if critical else outcome.severity


def _opened(
    state: State, outcome: Outcome, severity: Severity, since: datetime, *, flapping: bool = False
) -> Step:
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
        flapping=flapping,
    )
    return Step(
        state=replace(state, phase=Phase.OPEN, episode=episode),
        episode=episode,
        transition=Transition.OPENED,
        because=_because(severity, outcome),
    )


def _worse(state: State, episode: Episode, outcome: Outcome, severity: Severity) -> State | Step:
    if severity.rank <= episode.severity.rank:
        return state
    return _escalated(state, episode, outcome, severity)


def _escalated(state: State, episode: Episode, outcome: Outcome, severity: Severity) -> Step:
    episode = replace(
        episode,
        severity=max(episode.severity, severity, key=lambda each: each.rank),
        message=outcome.message,
        sequence=episode.sequence + 1,
    )
    return Step(
        state=replace(state, episode=episode),
        episode=episode,
        transition=Transition.ESCALATED,
        because=_because(severity, outcome),
    )


def _because(severity: Severity, outcome: Outcome) -> Because | None:
    """Why an episode is critical where its outcome is not."""
    return Because.OFTEN if severity is Severity.CRITICAL is not outcome.severity else None
