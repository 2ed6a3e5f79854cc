"""Retiring: an episode of a check that nobody looks at any more is closed, and not called kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Phase, Step, Transition

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode, State


def retire(episode: Episode, state: State | None, now: datetime) -> Step:
    """Close an open episode whose check is watched no longer.

    Should the check come back it begins anew, as one that has never been measured.

    Args:
        episode: an open one.
        state: of its key, where there is one.
        now: when it was noticed.
    """
    over = replace(
        episode,
        resolved_at=max(now, episode.opened_at),
        sequence=episode.sequence + 1,
        flapping=False,
        retired=True,
    )
    begun_anew = state and replace(
        state,
        phase=Phase.UNKNOWN,
        streak=0,
        streak_since=None,
        episode=None,
        recent=(),
        turns=(),
        kept_since=None,
    )
    return Step(state=begun_anew, episode=over, transition=Transition.RESOLVED)
