"""Rows: what a report is made of, as read from the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from floe_dagster.outcome.episode import Episode
from floe_dagster.outcome.outcome import Outcome
from floe_dagster.outcome.segment import Segment
from floe_dagster.plan.check import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.plan.check import Plan

FILE = "contract"
"""the kind of outcomes about a contract file itself, which are kept by the file's name"""

NEVER_MEASURED = (Status.NOT_EXECUTABLE, Status.INFORMATIONAL)


class Place(NamedTuple):
    """Where a contract is served."""

    contract: str
    server: str


class Line(NamedTuple):
    """The promises of one kind of one contract on one server."""

    contract: str
    server: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a report is made of, in any order.

    Attributes:
        latest: the latest outcome of each key.
        segments: those that touch the window, and all later ones, so that the newest of each key is there.
        episodes: those that were open at some time of the window.
        parcels: alerts raised in the window or about those episodes; other parcels are ignored.
        first_seen: when a line was first measured, for those where the segments begin later than that.
    """

    latest: tuple[Outcome, ...] = ()
    segments: tuple[Segment, ...] = ()
    episodes: tuple[Episode, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    first_seen: Mapping[Line, datetime] = field(default_factory=dict)

    def places(self) -> frozenset[Place]:
        """Every contract and server of which anything is on record."""
        keys = (each.key for group in (self.latest, self.segments, self.episodes) for each in group)
        return frozenset(Place(key.contract, key.server) for key in keys)

    def within(self, start: datetime, end: datetime) -> Rows:
        """The rows as they were at `end`, so that a past window can be reported again."""
        return replace(
            self,
            latest=tuple(each for each in self.latest if each.at <= end),
            segments=tuple(each for each in self.segments if each.start < end and each.end >= start),
            episodes=tuple(_as_of(each, end) for each in self.episodes if _touches(each, start, end)),
            parcels=tuple(each for each in self.parcels if each.topic == "alert" and each.created_at <= end),
        )

    def seen(self) -> dict[Line, datetime]:
        """When each line was first measured, as far as these rows can tell."""
        first: dict[Line, datetime] = dict(self.first_seen)
        instants = (
            *((each.key, each.kind, each.start) for each in self.segments),
            *((each.key, each.kind, each.broken_since) for each in self.episodes),
            *((each.key, each.kind, each.at) for each in self.latest if each.status not in NEVER_MEASURED),
        )
        for key, kind, instant in instants:
            line = Line(key.contract, key.server, kind)
            first[line] = min(instant, first.get(line, instant))
        return first


Row = TypeVar("Row", Outcome, Segment, Episode)


def homes_of(rows: Rows, known: Mapping[str, Plan]) -> dict[str, Place]:
    """Where outcomes about a contract file belong, by file: with the contract that the file holds or held."""
    served: dict[str, str] = {}
    for place in sorted(rows.places(), reverse=True):
        served[place.contract] = place.server or served.get(place.contract, "")
    remembered = {each.source: each.key.contract for each in rows.latest if each.kind != FILE}
    by_source = remembered | {plan.contract.source: name for name, plan in known.items()}
    return {source: Place(name, served.get(name, "")) for source, name in by_source.items()}


def at_home(rows: Rows, homes: Mapping[str, Place]) -> Rows:
    """The rows, with those about a contract file moved to where it belongs."""
    return replace(
        rows,
        latest=tuple(_moved(each, homes) for each in rows.latest),
        segments=tuple(_moved(each, homes) for each in rows.segments),
        episodes=tuple(_moved(each, homes) for each in rows.episodes),
    )


def _moved(row: Row, homes: Mapping[str, Place]) -> Row:
    home = homes.get(row.key.contract) if row.kind == FILE else None
    return replace(row, key=replace(row.key, contract=home.contract, server=home.server)) if home else row


def by_place(rows: Iterable[Row]) -> dict[Place, list[Row]]:
    """Rows by where they belong."""
    return grouped(rows, lambda each: Place(each.key.contract, each.key.server))


Item = TypeVar("Item")
Group = TypeVar("Group")


def grouped(items: Iterable[Item], by: Callable[[Item], Group]) -> dict[Group, list[Item]]:
    """Items by something that they share, each group in the order in which they came."""
    groups: defaultdict[Group, list[Item]] = defaultdict(list)
    for each in items:
        groups[by(each)].append(each)
    return groups


def selects(globs: Iterable[str], *names: str) -> bool:
    """Whether one of the globs matches one of the names; no glob at all matches everything."""
    wanted = tuple(globs)
    return not wanted or any(fnmatchcase(name, glob) for name in names for glob in wanted)


def _touches(episode: Episode, start: datetime, end: datetime) -> bool:
    return episode.broken_since < end and (episode.resolved_at is None or episode.resolved_at >= start)


def _as_of(episode: Episode, end: datetime) -> Episode:
    later = episode.resolved_at is not None and episode.resolved_at > end
    return replace(episode, resolved_at=None) if later else episode
