"""Records: what the store keeps beside outcomes, episodes, segments and parcels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.parcel import Parcel


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
    """

    parcel: Parcel
    token: str
    attempts: int
    waiting_since: datetime
    lease_until: datetime


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
class StoreInfo:
    """What a store is.

    Attributes:
        place: where it is, without credentials.
        version: of its tables.
        rows: by table, in the order of the names.
        size_bytes: on disk.
        oldest_outcome: None where there is none.
    """

    place: str
    version: str
    rows: dict[str, int]
    size_bytes: int
    oldest_outcome: datetime | None
