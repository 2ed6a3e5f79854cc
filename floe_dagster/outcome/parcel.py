"""Parcels: what is to be carried to the outside, written in the same transaction as what caused it.

Named here, below the store, so that the store can keep them without knowing what is in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Topic = Literal["alert", "lineage"]


class ParcelState(StrEnum):
    """Where a parcel is on its way."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    """given up; can be replayed by hand"""
    SUPPRESSED = "suppressed"
    """held back on purpose by dedup or mute, kept for the record"""
    SKIPPED = "skipped"
    """the recovery of an episode whose opening never reached this channel"""
    UNROUTED = "unrouted"
    """for nobody: no route of the manifest takes it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One thing to carry to one channel.

    Attributes:
        key: unique for ever: `alert/<episode>/<sequence>/<channel>`, with one more part for what is said
            between two transitions; `lineage/<run id>/<event type>`, with one
            more part for a transport that has a name. Receivers drop repeats by what is derived from it.
        channel: the channel's name in the settings.
        group: parcels of one group and channel are carried in the order of `sequence`.
        about: the contract, server and check it is about, joined with a newline; dedup looks here.
        payload: JSON text without secrets; a channel gives it its form when it is carried.
        reason: why it is held back, skipped or dead.
        not_before: held until then by dedup; withdrawn where the episode is over before that.
        finished_at: when it came to the state it is in; None while it is pending.
    """

    key: str
    topic: Topic
    channel: str
    group: str
    sequence: int
    payload: str
    created_at: datetime
    about: str = ""
    severity: str = ""
    transition: str = ""
    state: ParcelState = ParcelState.PENDING
    reason: str = ""
    not_before: datetime | None = None
    finished_at: datetime | None = field(default=None, compare=False)
