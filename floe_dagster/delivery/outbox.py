"""Outbox: what delivery needs of the store, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from floe_dagster.outcome.parcel import Parcel, ParcelState, Topic
    from floe_dagster.state.records import Claim


class Outbox(Protocol):
    """Parcels that wait. What is said of a claim that somebody else has taken over is answered with False."""

    def claim(
        self, topic: Topic, *, now: datetime, lease_seconds: float, limit: int, without: Collection[str]
    ) -> Sequence[Claim]:
        """The first parcels that are due, of each group and channel only the first; none of some channels."""

    def delivered(self, claim: Claim, *, now: datetime, note: str) -> bool:
        """The parcel was accepted."""

    def failed(self, claim: Claim, *, now: datetime, error: str, retry_at: datetime | None) -> bool:
        """The parcel was not accepted; None gives it up."""

    def delivered_together(self, claims: Sequence[Claim], *, now: datetime, note: str) -> int:
        """These parcels were accepted, written down in one transaction, since lineage has a lot of them.

        Returns how many of them were still ours to say so of.
        """

    def give_back(self, claims: Sequence[Claim]) -> int:
        """These were not tried: others may have them at once, and no attempt is counted.

        Returns how many of them were still ours to give.
        """

    def parcels(self, *, topic: Topic, state: ParcelState, groups: Sequence[str]) -> Sequence[Parcel]:
        """Those of these groups in this state."""
