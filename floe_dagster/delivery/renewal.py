"""Renewal: what has to be said again, since some receivers take what they hear no more of for over. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from floe_dagster.outcome.parcel import Parcel


def told_last(parcels: Iterable[Parcel], still_open: Container[str]) -> Mapping[str, tuple[str, ...]]:
    """By channel, the payload of what it was told last of each open episode.

    Args:
        parcels: of alerts, in any order; what has not reached its channel does not count.
        still_open: the ids of the episodes that are open; what is over is not renewed, even where the channel
            has not heard of that yet.
    """
    newest: dict[tuple[str, str], Parcel] = {}
    for each in parcels:
        known = newest.get((each.channel, each.group))
        if each.state is ParcelState.SENT and (known is None or each.sequence > known.sequence):
            newest[each.channel, each.group] = each
    found: dict[str, list[str]] = {}
    for (channel, group), each in newest.items():
        if group in still_open and each.transition != Transition.RESOLVED:
            found.setdefault(channel, []).append(each.payload)
    return {channel: tuple(payloads) for channel, payloads in found.items()}
