"""Laws: what holds after any storm, between what happened, what the store says and what the receiver has."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from tests.chaos.receiver import Receipt, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.state.records import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known when everything is over.

    Attributes:
        expected: the key of every parcel that there has to be, and what it tells.
        attempts: in the order in which they were written down.
        receipts: in the order in which they came.
        late_seconds: for how long after it was given up a parcel may still be on its way, by somebody who had
            begun with it before.
    """

    expected: Mapping[str, Transition]
    parcels: Sequence[Parcel]
    attempts: Sequence[Attempt]
    receipts: Sequence[Receipt]
    late_seconds: float

    def by_key(self) -> dict[str, list[Receipt]]:
        """What came, by the key of its parcel."""
        found: dict[str, list[Receipt]] = defaultdict(list)
        for each in self.receipts:
            found[f"alert/{each.episode}/{each.sequence}/{each.channel}"].append(each)
        return found


def broken(found: Found) -> Iterator[str]:
    """Each law that does not hold, with an example."""
    for name, offences in _LAWS.items():
        if bad := list(offences(found)):
            yield f"{name}: {len(bad)} times, first {bad[0]}"


def _not_recorded(found: Found) -> Iterable[str]:
    """Every transition has one parcel for each channel, whoever was killed when it was written."""
    written = {each.key: each.transition for each in found.parcels}
    return (key for key in {*written, *found.expected} if written.get(key) != found.expected.get(key))


def _lost(found: Found) -> Iterable[str]:
    """What has not arrived was refused, or not worth telling since its opening had not arrived either."""
    came = found.by_key()
    return (
        each.key
        for each in found.parcels
        if not any(one.verdict.kept for one in came[each.key])
        and not any(one.verdict is Verdict.REFUSED for one in came[each.key])
        and each.state is not ParcelState.SKIPPED
    )


def _told_under_two_ids(found: Found) -> Iterable[str]:
    ids: dict[object, set[object]] = defaultdict(set)
    of: dict[object, set[object]] = defaultdict(set)
    for each in found.receipts:
        ids[each.episode, each.sequence].add(each.id)
        of[each.id].add((each.episode, each.sequence))
    return (str(each) for names in (ids, of) for each, others in names.items() if len(others) > 1)


def _overtaken(found: Found) -> Iterable[str]:
    """Nothing came before what goes first in its episode and channel had arrived for the first time."""
    first_came: dict[str, int] = {}
    first_kept: dict[str, int] = {}
    for place, (key, each) in enumerate(_keyed(found.receipts)):
        first_came.setdefault(key, place)
        if each.verdict.kept:
            first_kept.setdefault(key, place)
    for group in _groups(found.parcels):
        for earlier, later in pairwise(group):
            # what is refused never arrives; it has at least to have come
            before = first_kept.get(earlier.key, first_came.get(earlier.key))
            if later.key in first_came and (before is None or before > first_came[later.key]):
                yield f"{later.transition} {later.key}"


def _resolved_unheard(found: Found) -> Iterable[str]:
    """No recovery comes where nothing was heard of the episode."""
    came = found.by_key()
    for group in _groups(found.parcels):
        heard = False
        for each in group:
            if each.transition == Transition.RESOLVED and came[each.key] and not heard:
                yield each.key
            heard = heard or any(one.verdict.kept for one in came[each.key])


def _carried_when_dead(found: Found) -> Iterable[str]:
    came = found.by_key()
    return (
        each.key
        for each in found.parcels
        if each.state is ParcelState.DEAD and each.finished_at
        for one in came[each.key]
        if one.at > each.finished_at.timestamp() + found.late_seconds
    )


def _left_over(found: Found) -> Iterable[str]:
    return (each.key for each in found.parcels if each.state is ParcelState.PENDING)


def _said_wrongly(found: Found) -> Iterable[str]:
    """What the store says of a parcel is what the receiver knows."""
    came = found.by_key()
    for each in found.parcels:
        kept = any(one.verdict.kept for one in came[each.key])
        refused = any(one.verdict is Verdict.REFUSED for one in came[each.key])
        right = {
            ParcelState.SENT: kept,
            ParcelState.DEAD: refused and not kept,
            ParcelState.SKIPPED: not came[each.key] and each.transition == Transition.RESOLVED,
        }
        if not right.get(each.state):
            yield f"{each.state} {each.key}"


def _acknowledged_by_others(found: Found) -> Iterable[str]:
    """Only who holds the lease has a say: attempts are written down in their order, and none after the last."""
    last: dict[str, int] = {}
    finished: set[str] = set()
    states = {each.key: each.state for each in found.parcels}
    for each in found.attempts:
        if each.attempt <= last.get(each.parcel, 0) or each.parcel in finished:
            yield f"attempt {each.attempt} at {each.parcel}"
        last[each.parcel] = each.attempt
        finished |= {each.parcel} if each.accepted else set()
    accepted = Counter(each.parcel for each in found.attempts if each.accepted)
    yield from (
        key for key, state in states.items() if accepted[key] != (1 if state is ParcelState.SENT else 0)
    )


_LAWS = {
    "not recorded, or recorded and never happened": _not_recorded,
    "lost": _lost,
    "told under two ids": _told_under_two_ids,
    "came before what goes first": _overtaken,
    "recovery of what nobody heard of": _resolved_unheard,
    "carried when given up": _carried_when_dead,
    "left over": _left_over,
    "the store says otherwise than the receiver": _said_wrongly,
    "acknowledged by somebody without the lease": _acknowledged_by_others,
}


def _keyed(receipts: Iterable[Receipt]) -> Iterator[tuple[str, Receipt]]:
    return ((f"alert/{each.episode}/{each.sequence}/{each.channel}", each) for each in receipts)


def _groups(parcels: Iterable[Parcel]) -> Iterable[list[Parcel]]:
    found: dict[tuple[str, str], list[Parcel]] = defaultdict(list)
    for each in sorted(parcels, key=lambda each: each.sequence):
        found[each.group, each.channel].append(each)
    return found.values()
