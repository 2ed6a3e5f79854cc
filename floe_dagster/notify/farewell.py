"""Farewell: what is said of an episode that is closed because nobody looks any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.notify.standing import standing
from floe_dagster.outcome.episode import Episode, Transition
from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.alert import Alert


def farewell(
    episode: Episode, contract: Contract | None, why: str, *, environment: str, at: datetime
) -> Alert:
    """The alert that tells whoever heard of an episode that there will be no recovery.

    Args:
        episode: retired.
        contract: None where it is gone.
        why: nobody looks any more, for people.
        environment: as the manifest names it.
        at: when it was noticed.
    """
    lasted = span(at - episode.broken_since)
    message = f"no longer watched after {lasted}, since {why}; whether it is kept now is not known"
    return standing(episode, contract, Transition.RESOLVED, message, environment=environment, at=at)
