"""Episodes: the time from a promise first seen broken to its being kept again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from floe_dagster.outcome.outcome import Key
from floe_dagster.plan.check import Severity


class Transition(StrEnum):
    """What happened to an episode that is worth telling."""

    OPENED = "opened"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One breach, from opening to recovery.

    Attributes:
        id: deterministic over (key, when it was first seen broken).
        severity: the highest it has had; it never falls.
        broken_since: the first outcome that showed it broken.
        opened_at: when it counted as open (after `open_after` broken outcomes in a row).
        resolved_at: when it was seen kept again; None while open.
        sequence: of its last transition, from 1.
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
