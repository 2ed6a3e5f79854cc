"""Farewell: what is said of an episode that is closed because nobody looks any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.notify.alert import Alert
from floe_dagster.outcome.episode import Episode, Transition
from floe_dagster.outcome.outcome import stable_id
from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.contract.model import Contract


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
    return Alert(
        id=stable_id("alert", episode.id, str(episode.sequence)),
        episode=episode.id,
        sequence=episode.sequence,
        transition=Transition.RESOLVED,
        severity=episode.severity,
        contract=episode.key.contract,
        contract_title=contract.title if contract else episode.key.contract,
        version=contract.version if contract else episode.version,
        server=episode.key.server,
        dataset=episode.dataset,
        check=episode.key.check,
        element=episode.element,
        kind=episode.kind,
        title=episode.title,
        message=f"no longer watched after {lasted}, since {why}; whether it is kept now is not known",
        expected="",
        actual=None,
        since=episode.broken_since,
        at=at,
        environment=environment,
        owner=contract.owner if contract else None,
        consumers=contract.consumers if contract else (),
        source=contract.source if contract else "",
        broken=episode.broken,
    )
