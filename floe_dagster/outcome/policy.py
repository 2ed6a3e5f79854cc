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
        open_after: how many broken outcomes count as broken.
        open_within: among how many of the newest known outcomes; fewer than `open_after` means in a row.
        critical_after_episodes: more breaches than this within `critical_within` are critical.
        critical_after_open: a breach that lasts as long is critical; None where none is for that.
        flap_turns: so many changes between kept and broken within `flap_within` are too many to tell of each;
            0 for never.
        flap_quiet: how long a promise that was flapping has to be kept before that is believed.
    """

    cadence_seconds: float
    open_after: int = 1
    open_within: int = 0
    critical_after_episodes: int = 3
    critical_within: timedelta = timedelta(hours=24)
    critical_after_open: timedelta | None = None
    flap_turns: int = 6
    flap_within: timedelta = timedelta(hours=6)
    flap_quiet: timedelta = timedelta(hours=1)

    @classmethod
    def of(cls, grading: Grading, cadence_seconds: float) -> Policy:
        """The policy that the manifest sets for a check of this cadence."""
        return cls(
            cadence_seconds=cadence_seconds,
            open_after=grading.open_after,
            open_within=grading.open_within or 0,
            critical_after_episodes=grading.critical_after_episodes,
            critical_within=grading.critical_within,
            critical_after_open=grading.critical_after_open,
            flap_turns=grading.flapping.turns,
            flap_within=grading.flapping.within,
            flap_quiet=grading.flapping.quiet,
        )

    @property
    def hold(self) -> timedelta:
        """How long an outcome speaks for the time after it: one missed measurement is no gap, two are."""
        return timedelta(seconds=2 * self.cadence_seconds)

    @property
    def looks_back(self) -> int:
        """How many known outcomes decide whether a promise counts as broken."""
        return max(self.open_after, self.open_within)

    def flaps(self, turns: int) -> bool:
        """Whether so many changes are too many."""
        return 0 < self.flap_turns <= turns

    @property
    def quiet(self) -> timedelta:
        """How long a promise has to be kept to flap no more: two measurements at least have to show it."""
        return max(self.flap_quiet, self.hold)
