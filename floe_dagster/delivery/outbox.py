"""Outbox: what delivery needs of the store, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.state.records import Claim


class Outbox(Protocol):
    """Parcels that wait. What is said of a claim that somebody else has taken over is answered with False."""

    def claim(self, topic: Topic, *, now: datetime, lease_seconds: float, limit: int) -> Sequence[Claim]:
        """The first parcels that are due, and of each group and channel only the first."""

    def delivered(self, claim: Claim, *, now: datetime, note: str) -> bool:
        """The parcel was accepted."""

    def failed(self, claim: Claim, *, now: datetime, error: str, retry_at: datetime | None) -> bool:
        """The parcel was not accepted; None gives it up."""


@runtime_checkable
class AcknowledgesTogether(Protocol):
    """An outbox that can write down many acknowledgements in one transaction, which lineage has a lot of."""

    def delivered_together(self, claims: Sequence[Claim], *, now: datetime, note: str) -> int:
        """These parcels were accepted; returns how many of them were still ours to say so of."""


def acknowledge(outbox: Outbox, claims: Sequence[Claim], *, now: datetime, note: str) -> int:
    """Write down that these parcels were accepted; returns how many of them were still ours to say so of."""
    if len(claims) > 1 and isinstance(outbox, AcknowledgesTogether):
        return outbox.delivered_together(claims, now=now, note=note)
    return sum(outbox.delivered(each, now=now, note=note) for each in claims)
