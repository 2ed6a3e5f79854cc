"""Facts: what was found of the platform itself, before anybody says what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from floe_dagster.outcome.outcome import Key
    from floe_dagster.state.standing import GivenUp, Waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A check that is watched.

    Attributes:
        cadence: the name of the tick that measures it.
        every: how often it is measured.
    """

    key: Key
    cadence: str
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the store told.

    Attributes:
        place: where it is, without credentials.
        version: of its tables.
        ticked: when the newest tick of each cadence began, of those that ever did.
        measured: when each key was measured last.
        since: of what was never measured, since when its contract is known; what is not in it is new.
        waiting: what should have been carried long ago, by channel.
        given_up: dead letters of late, by channel.
        unrouted: alerts of the last day that no route took, by severity.
    """

    place: str
    version: str
    ticked: Mapping[str, datetime] = field(default_factory=dict)
    measured: Mapping[Key, datetime] = field(default_factory=dict)
    since: Mapping[Key, datetime] = field(default_factory=dict)
    waiting: tuple[Waits, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    unrouted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is no store yet: nothing was ever recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """The store could not be looked at, and why."""

    reason: str


Memory = Recorded | Nothing | Silent


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    """What waits on this machine's disk for the store.

    Attributes:
        outcomes: how many.
        since: when the first of them was put aside; None where none waits.
        damaged: how many batches hold what cannot be read.
        reason: why the spool could not be looked at; empty where it could.
    """

    folder: str
    outcomes: int = 0
    since: datetime | None = None
    damaged: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that health is made of.

    Attributes:
        now: when it was looked, aware, UTC.
        cadences: how often each tick comes that has something to measure.
        due: every check that is watched.
        channels: what is wrong with each channel, or an empty text.
        routed: the channels that a route leads to.
        lineage: what is wrong with each way for lineage events, or an empty text; none where that is off.
        readable: how many contract files can be used.
        unusable: contract files that cannot be used, and why.
        quarantined: contract files that Dagster cannot hold, and why.
        connections: connections of the manifest that cannot be used, and why.
        linked: whether alerts link to Dagster's pages.
    """

    now: datetime
    memory: Memory
    put_aside: PutAside
    cadences: Mapping[str, timedelta] = field(default_factory=dict)
    due: tuple[Due, ...] = ()
    channels: Mapping[str, str] = field(default_factory=dict)
    routed: frozenset[str] = frozenset()
    lineage: Mapping[str, str] = field(default_factory=dict)
    readable: int = 0
    unusable: Mapping[str, str] = field(default_factory=dict)
    quarantined: Mapping[str, str] = field(default_factory=dict)
    connections: Mapping[str, str] = field(default_factory=dict)
    linked: bool = True
