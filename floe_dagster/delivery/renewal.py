"""Renewal: what has to be said again, since some receivers take what they hear no more of for over.

They know nothing of episodes either: what such a receiver was told of one before is said again
in each letter.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from floe_dagster.delivery.lane import Road, one_by_one
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from floe_dagster.delivery.outbox import Outbox
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.state.records import Claim


def told_so_far(parcels: Iterable[Parcel], still_open: Container[str]) -> Mapping[str, tuple[str, ...]]:
    """By channel, the payloads of what it was told of each open episode, in order.

    Args:
        parcels: of alerts, in any order; what has not reached its channel does not count.
        still_open: the ids of the episodes that are open; what is over is not renewed, even where the channel
            has not heard of that yet.
    """
    heard: dict[str, list[Parcel]] = defaultdict(list)
    for each in parcels:
        if each.state is ParcelState.SENT and each.group in still_open:
            heard[each.channel].append(each)
    return {
        channel: tuple(chain.from_iterable(told.values()))
        for channel, some in heard.items()
        if (told := _in_order(some, but=_over(some)))
    }


def road_of_retelling(outbox: Outbox, channel: str, tell: Callable[[Sequence[str], str], str]) -> Road:
    """The way to a channel that is told with each alert what it was told of the episode before.

    The outbox is read where parcels are bundled, and so by the drain and by none of its lanes.

    Args:
        outbox: what was told.
        channel: its name.
        tell: carries what was told of one episode, in order, and what is news, in one letter.
    """
    before: dict[str, tuple[str, ...]] = {}

    def bundles(claims: Sequence[Claim]) -> Iterable[Sequence[Claim]]:
        groups = {each.parcel.group for each in claims if each.parcel.sequence > 1}
        if groups:
            sent = outbox.parcels(topic="alert", state=ParcelState.SENT, groups=sorted(groups))
            before.update(_in_order(each for each in sent if each.channel == channel))
        return one_by_one(claims)

    def carry(claims: Sequence[Claim]) -> str:
        (parcel,) = (each.parcel for each in claims)
        return tell(before.pop(parcel.group, ()), parcel.payload)

    return Road(carry=carry, bundles=bundles)


def _over(parcels: Iterable[Parcel]) -> frozenset[str]:
    return frozenset(each.group for each in parcels if each.transition == Transition.RESOLVED)


def _in_order(parcels: Iterable[Parcel], *, but: Container[str] = ()) -> dict[str, tuple[str, ...]]:
    """What was told of each episode, by episode, but for some of them."""
    found: dict[str, list[Parcel]] = defaultdict(list)
    for each in sorted(parcels, key=lambda parcel: (parcel.sequence, parcel.created_at)):
        if each.group not in but:
            found[each.group].append(each)
    return {group: tuple(each.payload for each in some) for group, some in found.items()}
