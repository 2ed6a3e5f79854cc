"""Records: what the store keeps beside outcomes, episodes, segments and parcels."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.parcel import Parcel

SIMULATED = "simulated "
"""how the kind of a tick begins that measured nothing; what follows says by whom, for people"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A time of which something is on record that was not measured.

    Attributes:
        kind: of the ticks, which says by whom it was made up.
        start: of the first of these ticks.
        end: of the last.
    """

    kind: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One run of some checks.

    Attributes:
        kind: what made it run: a cadence, a materialization, the command line.
        outcomes: how many it recorded, and of these how many are broken or unknown; counted by the store.
        transitions: of episodes, counted by the store.
        parcels: written to the outbox, counted by the store.
    """

    id: str
    kind: str
    started_at: datetime
    ended_at: datetime
    outcomes: int = 0
    broken: int = 0
    unknown: int = 0
    transitions: int = 0
    parcels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A contract as it was last seen; `active` is False once it is gone."""

    id: str
    version: str
    digest: str
    source: str
    first_seen: datetime
    last_seen: datetime
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractVersion:
    """A contract as it was at some time.

    Attributes:
        digest: of its text, which tells one version from another, whatever it calls itself.
        text: as it stood in its file; empty where nobody passed it on.
    """

    contract: str
    digest: str
    version: str
    text: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far some work has come, for whoever goes on with it.

    Attributes:
        value: what it means is known to who wrote it.
        at: when it was written.
    """

    name: str
    value: str
    at: datetime


Grain = Literal["day", "week"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """How a finished day or week went for one check, or for all checks of a kind together; kept for ever.

    Attributes:
        start: its first instant; where the check was first watched later than that, when that was.
        end: the first instant after it; where the check was watched no longer, when that ended.
        zone: whose calendar it is of.
        check: empty for the kind as a whole, which is good only while all of its checks are.
        good, bad, unknown, excused: seconds; they add up to what was watched of the period.
        passed, failed, warned, error: how many outcomes.
        opened: how many episodes.
        worst: the severity of the worst episode that was open at some time in it; empty where none was.
    """

    grain: Grain
    start: datetime
    end: datetime
    zone: str
    contract: str
    server: str
    kind: str
    check: str = ""
    good: float = 0.0
    bad: float = 0.0
    unknown: float = 0.0
    excused: float = 0.0
    passed: int = 0
    failed: int = 0
    warned: int = 0
    error: int = 0
    opened: int = 0
    worst: str = ""


class Counted(StrEnum):
    """What is counted for ever; retention does not touch it."""

    OUTCOMES = "outcomes"
    """by status"""
    EPISODES = "episodes"
    """by the severity with which they opened"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A counter that only ever grows."""

    counted: Counted
    contract: str
    kind: str
    label: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to carry a parcel for a while.

    Attributes:
        token: proves the right; it is lost once somebody else has claimed the parcel.
        attempts: how often it was claimed, this time among them.
        waiting_since: when it could first be carried, or was replayed.
        failures: how often it was tried since then and not accepted; a kill is none.
    """

    parcel: Parcel
    token: str
    attempts: int
    waiting_since: datetime
    lease_until: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to carry a parcel, and what was answered."""

    parcel: str
    channel: str
    attempt: int
    at: datetime
    accepted: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Until when what was recorded may be deleted: parcels by when they were done with."""

    outcomes: datetime
    segments: datetime
    parcels: datetime
    dead_letters: datetime
    lineage: datetime
    ticks: datetime
    deliveries: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went of one table, or would.

    Attributes:
        slices: how many transactions it took.
        longest_seconds: that one of them held the write lock.
    """

    table: str
    rows: int
    slices: int = 0
    longest_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreInfo:
    """What a store is.

    Attributes:
        place: where it is, without credentials.
        version: of its tables.
        rows: by table, in the order of the names.
        size_bytes: on disk.
        oldest_outcome: None where there is none.
        oldest: of each table that is pruned, when its oldest row is of; those without rows are left out.
        cursors: how far every work has come.
        open_episodes: how many.
        parcels: how many of each state.
    """

    place: str
    version: str
    rows: dict[str, int]
    size_bytes: int
    oldest_outcome: datetime | None
    oldest: dict[str, datetime] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    open_episodes: int = 0
    parcels: dict[str, int] = field(default_factory=dict)
