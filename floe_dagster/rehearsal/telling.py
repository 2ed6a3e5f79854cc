"""Telling: what was told in a stretch of time, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key
    from floe_dagster.outcome.parcel import Parcel

_OF_A_BREACH = (Transition.OPENED, Transition.ESCALATED, Transition.FLAPPING, Transition.REMINDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An episode of which at least one channel was told.

    Attributes:
        at: when the first of them was.
        channels: all of them, by name.
        end: when the episode was over, or else the time as of which it is told.
    """

    episode: Episode
    at: datetime
    channels: tuple[str, ...]
    end: datetime

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether it was open at some time between these two."""
        return self.episode.broken_since <= end and start <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What was told in a stretch of time.

    Attributes:
        alerts: how many were delivered, by channel and severity.
        messages: the same by channel, where what comes about one contract within a minute counts as one.
        checks: the same by check.
        opened: how many episodes opened.
        told: the episodes of which somebody was told, also before that time.
        began: those of them that were first told in that time.
        held: alerts that were held back for a while.
        withheld: alerts that were held back and never told, since they were over before or overtaken.
        unrouted: alerts that no route takes.
    """

    alerts: Mapping[tuple[str, str], int]
    messages: Mapping[str, int]
    checks: Mapping[Key, int]
    opened: int
    told: tuple[Told, ...]
    began: tuple[Told, ...]
    held: int
    withheld: int
    unrouted: int
    _by_key: dict[Key, list[Told]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for each in self.told:
            self._by_key.setdefault(each.episode.key, []).append(each)

    @property
    def total(self) -> int:
        """All alerts."""
        return sum(self.alerts.values())

    def tells_of(self, key: Key, start: datetime, end: datetime) -> bool:
        """Whether somebody was told of an episode of that check that was open at some time of these."""
        return any(each.touches(start, end) for each in self._by_key.get(key, ()))


def told_of(
    parcels: Iterable[Parcel],
    episodes: Mapping[str, Episode],
    start: datetime,
    end: datetime,
    wanted: Callable[[str], bool],
) -> Telling:
    """What was told between two times.

    Args:
        parcels: of alerts.
        episodes: by id.
        start: inclusive.
        end: exclusive; nothing is known of later.
        wanted: which contracts count, by id.
    """
    alerts, checks = Counter[tuple[str, str]](), Counter["Key"]()
    moments: defaultdict[str, set[tuple[str, datetime]]] = defaultdict(set)
    first: dict[str, datetime] = {}
    channels: defaultdict[str, dict[str, None]] = defaultdict(dict)
    held = withheld = unrouted = 0
    for each in parcels:
        key = episodes[each.group].key
        at = each.not_before or each.created_at
        if not wanted(key.contract):
            continue
        if start <= each.created_at < end:
            held += each.not_before is not None
            withheld += each.state is ParcelState.SUPPRESSED
            unrouted += each.state is ParcelState.UNROUTED
        if each.state is not ParcelState.SENT or at >= end:
            continue
        if each.transition in _OF_A_BREACH:
            first[each.group] = min(first.get(each.group, at), at)
            channels[each.group][each.channel] = None
        if at >= start:
            alerts[each.channel, each.severity] += 1
            checks[key] += 1
            moments[each.channel].add((key.contract, at.replace(second=0, microsecond=0)))
    told = tuple(
        Told(
            episode=episodes[name],
            at=at,
            channels=tuple(sorted(channels[name])),
            end=episodes[name].resolved_at or end,
        )
        for name, at in first.items()
    )
    return Telling(
        alerts=alerts,
        messages={channel: len(some) for channel, some in moments.items()},
        checks=checks,
        opened=sum(start <= each.opened_at < end and wanted(each.key.contract) for each in episodes.values()),
        told=told,
        began=tuple(each for each in told if each.at >= start),
        held=held,
        withheld=withheld,
        unrouted=unrouted,
    )
