"""Acknowledgements: somebody has seen an episode, says so, and says what they take it for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.plan.check import Severity


class Reason(StrEnum):
    """What somebody takes an episode for; the rate of false alarms is counted from these."""

    WORKING = "working"
    """somebody is on it; what it is is not known yet"""
    REAL = "real"
    FALSE_POSITIVE = "false-positive"
    """nothing was wrong with the data"""
    EXPECTED = "expected"
    """known and accepted, such as a migration or a holiday"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What somebody said of an episode; a later one takes its place.

    Attributes:
        author: who.
        note: in their own words.
        severity: of the episode at that time; where it gets worse, it wants to be acknowledged again.
    """

    episode: str
    at: datetime
    author: str
    reason: Reason
    severity: Severity
    note: str = ""

    def holds(self, episode: Episode) -> bool:
        """Whether it still speaks for the episode as it is now."""
        return episode.severity.rank <= self.severity.rank

    @property
    def words(self) -> str:
        """The same for people."""
        said = {
            Reason.WORKING: "acknowledged",
            Reason.REAL: "acknowledged as real",
            Reason.FALSE_POSITIVE: "called a false alarm",
            Reason.EXPECTED: "called expected",
        }[self.reason]
        return f"{said} by {self.author}" + (f": {self.note}" if self.note else "")
