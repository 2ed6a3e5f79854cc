"""Segments: stretches of time in one state; compliance is computed from them, never from counts of checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from floe_dagster.outcome.outcome import Key


class Health(StrEnum):
    """What was known of a promise over a stretch of time."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of time, from `start` inclusive to `end` exclusive, in which one key was in one state."""

    key: Key
    kind: str
    dataset: str
    health: Health
    start: datetime
    end: datetime
