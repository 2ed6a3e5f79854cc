"""Policy: when bad outcomes are an episode, when episodes are critical, and how long an outcome holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.settings import Grading


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How outcomes of one check are read over time.

    Attributes:
        cadence_seconds: how often the check is measured.
        open_after: broken outcomes in a row that count as broken.
        critical_after_episodes: more breaches than this within `critical_within` are critical.
    """

    cadence_seconds: float
    open_after: int = 1
    critical_after_episodes: int = 3
    critical_within: timedelta = timedelta(hours=24)

    @classmethod
    def of(cls, grading: Grading, cadence_seconds: float) -> Policy:
        """The policy that the manifest sets for a check of this cadence."""
        return cls(
            cadence_seconds=cadence_seconds,
            open_after=grading.open_after,
            critical_after_episodes=grading.critical_after_episodes,
            critical_within=grading.critical_within,
        )

    @property
    def hold(self) -> timedelta:
        """How long an outcome speaks for the time after it: one missed measurement is no gap, two are."""
        return timedelta(seconds=2 * self.cadence_seconds)
