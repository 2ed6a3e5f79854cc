"""Late: outcomes that are heard of after newer ones, and what they change of what is remembered.

What an outcome says of its time it says whenever it arrives: the timeline becomes what it would have been in
order. What was told stays told: an episode that is on record keeps its identity, and one that was missed as a
whole is added as over, for nobody to be woken by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from floe_dagster.outcome.episode import Episode, State, Step, advance
from floe_dagster.outcome.segment import Segment, health_of, hold_forward
from floe_dagster.plan.check import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.policy import Policy

_NEVER_MEASURED = (Status.NOT_EXECUTABLE, Status.INFORMATIONAL)


class Turn(NamedTuple):
    """A transition of an episode, and the outcome that made it."""

    step: Step
    outcome: Outcome

    @property
    def episode(self) -> Episode:
        """The episode, as it was afterwards."""
        assert self.step.episode is not None, "a step without a transition is no turn"
        return self.step.episode


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that count, by time; of several at the same instant one, whichever came first."""
    counted = (each for each in outcomes if each.status not in _NEVER_MEASURED)
    by_time: dict[datetime, Outcome] = {}
    for each in sorted(counted, key=lambda each: (each.at, each.id)):
        by_time.setdefault(each.at, each)
    return list(by_time.values())


def rebuilt(
    segments: Sequence[Segment], outcomes: Sequence[Outcome], first: datetime, hold: timedelta
) -> tuple[Segment, ...] | None:
    """The timeline of a key from where late outcomes change it, until its newest outcome.

    It takes the place of every segment that does not begin before it. None where the outcomes around that
    time are no longer kept, so that what it was then stays as it is.

    Args:
        segments: of this key, by time, from the one in which the first of the outcomes lies.
        outcomes: of this key, the late ones among them, as `in_order` has them; some from before the late
            ones, and all that are later.
        first: when the first of the late ones was.
        hold: how long an outcome speaks for the time after it.
    """
    for place in range(len(outcomes) - 1, -1, -1):
        before = outcomes[place]
        if before.at < first and (anchor := _ending_with(segments, before)):
            return tuple(_chain(anchor, outcomes[place + 1 :], hold))
    if not outcomes or any(each.start < outcomes[0].at for each in segments):
        return None
    return tuple(_chain(None, outcomes, hold))


def missed(
    outcomes: Iterable[Outcome], late: Collection[str], known: Sequence[Episode], policy: Policy
) -> tuple[tuple[Turn, ...], ...]:
    """Episodes that would have been opened and resolved had the late outcomes come in time.

    Args:
        outcomes: of this key as `in_order` has them, some from before the late ones.
        late: the ids of the late ones; only an episode in which one of them is broken or close is missed.
        known: what is on record of this key; who touches one of them is not missed.
        policy: of this key.

    Returns:
        For each episode its transitions, the last being its recovery.
    """
    state: State | None = None
    told: dict[str, list[Turn]] = {}
    touched: set[str] = set()
    for each in outcomes:
        before = state.episode if state else None
        step = advance(state, each, policy)
        state = step.state
        episode = step.episode or (state.episode if state else None) or before
        if episode and each.id in late and (each.broken or each.status is Status.WARNED):
            touched.add(episode.id)
        if step.episode and step.transition:
            told.setdefault(step.episode.id, []).append(Turn(step, each))
    return tuple(
        tuple(every)
        for name, every in told.items()
        if name in touched and not _on_record(every[-1].episode, known)
    )


def _ending_with(segments: Sequence[Segment], outcome: Outcome) -> Segment | None:
    """The segment that an outcome made or made longer, as it was right after it."""
    begun = [each for each in segments if each.start <= outcome.at]
    if not begun or begun[-1].end < outcome.at or begun[-1].health is not health_of(outcome):
        return None
    return replace(begun[-1], end=outcome.at)


def _chain(newest: Segment | None, outcomes: Iterable[Outcome], hold: timedelta) -> Iterator[Segment]:
    for each in outcomes:
        *over, newest = hold_forward(newest, each, hold)
        yield from over
    if newest is not None:
        yield newest


def _on_record(episode: Episode, known: Iterable[Episode]) -> bool:
    """Whether an episode is not over, or one that it touches is known: that one speaks for it."""
    over = episode.resolved_at
    return over is None or any(
        each.broken_since <= over and (each.resolved_at is None or each.resolved_at >= episode.broken_since)
        for each in known
    )
