"""Segments: stretches of time in one state; compliance is computed from them, never from counts of checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from floe_dagster.outcome.outcome import Key, Outcome


class Health(StrEnum):
    """What was known of a promise over a stretch of time."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    EXCUSED = "excused"
    """in a maintenance window; never recorded, only laid over what was"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of time, from `start` inclusive to `end` exclusive, in which one key was in one state.

    The newest segment of a key ends with its last outcome, so it may have no length yet. What that outcome
    says of the time since is for whoever reads it later, and holds no longer than `Policy.hold`.
    """

    key: Key
    kind: str
    dataset: str
    health: Health
    start: datetime
    end: datetime


def health_of(outcome: Outcome) -> Health:
    """What an outcome says of its time: a promise that is kept, however closely, is kept."""
    if outcome.unknown:
        return Health.UNKNOWN
    return Health.BAD if outcome.broken else Health.GOOD


def hold_forward(newest: Segment | None, outcome: Outcome, hold: timedelta) -> tuple[Segment, ...]:
    """The segments that an outcome changes, the newest last.

    A state holds until the next outcome and no longer than `hold`; after that nothing is known, and there
    is no segment. Equal neighbours are one segment.

    Args:
        newest: the segment that ends with the outcome before this one.
        outcome: later than that one.
        hold: how long an outcome speaks for the time after it.
    """
    health = health_of(outcome)
    if newest is None:
        return (_from(outcome, health),)
    until = min(outcome.at, newest.end + hold)
    held = Segment(
        key=newest.key,
        kind=newest.kind,
        dataset=newest.dataset,
        health=newest.health,
        start=newest.start,
        end=until,
    )
    if until == outcome.at and newest.health is health:
        return (held,)
    return (held, _from(outcome, health))


def _from(outcome: Outcome, health: Health) -> Segment:
    return Segment(
        key=outcome.key,
        kind=outcome.kind,
        dataset=outcome.dataset,
        health=health,
        start=outcome.at,
        end=outcome.at,
    )
