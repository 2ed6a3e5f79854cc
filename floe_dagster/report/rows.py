"""Rows: what a report is made of, as read from the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from floe_dagster.outcome.episode import Episode
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.plan.check import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Scalar
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.plan.check import Plan

FILE = "contract"
"""the kind of outcomes about a contract file itself, which are kept by the file's name"""

NEVER_MEASURED = (Status.NOT_EXECUTABLE, Status.INFORMATIONAL)


class Place(NamedTuple):
    """Where a contract is served."""

    contract: str
    server: str


class Watched(NamedTuple):
    """A check, and the kind that it is of."""

    key: Key
    kind: str


class Sighting(Protocol):
    """What one check measured at one time."""

    @property
    def key(self) -> Key:
        """Which check."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def actual(self) -> Scalar:
        """What."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Since when what is on record is whole, since what is older is deleted; None where nothing is."""

    segments: datetime | None = None
    alerts: datetime | None = None


class Aggregate(Protocol):
    """How a finished day went, in seconds: of one check or, where that is empty, of a whole kind."""

    @property
    def start(self) -> datetime:
        """Its first instant."""

    @property
    def end(self) -> datetime:
        """The first instant after it."""

    @property
    def contract(self) -> str:
        """Whose it is."""

    @property
    def server(self) -> str:
        """Where."""

    @property
    def kind(self) -> str:
        """Of which promises."""

    @property
    def check(self) -> str:
        """Of which of them; empty for all."""

    @property
    def good(self) -> float:
        """Kept."""

    @property
    def bad(self) -> float:
        """Broken."""

    @property
    def unknown(self) -> float:
        """Not known."""

    @property
    def excused(self) -> float:
        """Not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a report is made of, in any order.

    Attributes:
        latest: the latest outcome of each key.
        segments: those that touch the window or the periods before it that it is held against.
        episodes: those that were open at some time of the window.
        parcels: alerts raised in the window or about those episodes; other parcels are ignored.
        worst: of each check whose promise can be used up in part, the outcome that used the most of it.
        days: finished days, for the time of which no segment is kept any more.
        pauses: those that touch the window or the periods before it.
        first_seen: when a check was first measured, for those whose segments begin later than that.
        unfinished: the keys whose newest segment is among these; None where these show it.
        sightings: what the checks saw whose sightings a promise of a time of day is held against.
        kept: since when segments and alerts are whole.
        last_kept: by episode, when its promise was last seen kept before it, where that is known.
    """

    latest: tuple[Outcome, ...] = ()
    segments: tuple[Segment, ...] = ()
    episodes: tuple[Episode, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    worst: tuple[Outcome, ...] = ()
    days: tuple[Aggregate, ...] = ()
    pauses: tuple[Pause, ...] = ()
    first_seen: Mapping[Watched, datetime] = field(default_factory=dict)
    unfinished: frozenset[Key] | None = None
    sightings: tuple[Sighting, ...] = ()
    last_kept: Mapping[str, datetime] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)

    def places(self) -> frozenset[Place]:
        """Every contract and server of which anything is on record."""
        keys = (each.key for group in (self.latest, self.segments, self.episodes) for each in group)
        days = (Place(each.contract, each.server) for each in self.days if each.kind != FILE)
        return frozenset((*(Place(key.contract, key.server) for key in keys), *days))

    def within(self, start: datetime, end: datetime, *, since: datetime | None = None) -> Rows:
        """The rows as they were at `end`, so that a past window can be reported again.

        Args:
            start: where the window begins.
            end: where it ends.
            since: from when on segments are of use, where that is before the window.
        """
        first = start if since is None else min(start, since)
        return replace(
            self,
            latest=tuple(each for each in self.latest if each.at <= end),
            segments=tuple(each for each in self.segments if each.start < end and each.end >= first),
            episodes=tuple(_as_of(each, end) for each in self.episodes if _touches(each, start, end)),
            parcels=tuple(
                _carried_by(each, end)
                for each in self.parcels
                if each.topic == "alert"
                and each.created_at <= end
                and each.state is not ParcelState.UNROUTED  # it is on no channel
            ),
            sightings=tuple(each for each in self.sightings if each.at < end),
        )

    def seen(self) -> dict[Watched, datetime]:
        """When each check was first measured, as far as these rows can tell."""
        first: dict[Watched, datetime] = dict(self.first_seen)
        instants = (
            *(
                (each.key, each.kind, each.start)
                for each in self.segments
                if each.health is not Health.EXCUSED  # a pause is laid over time that nobody watched as well
            ),
            *((each.key, each.kind, each.broken_since) for each in self.episodes),
            *((each.key, each.kind, each.at) for each in self.latest if each.status not in NEVER_MEASURED),
        )
        for key, kind, instant in instants:
            watched = Watched(key, kind)
            first[watched] = min(instant, first.get(watched, instant))
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
        first_seen={
            Watched(_at_home(key, kind, homes), kind): at for (key, kind), at in rows.first_seen.items()
        },
    )


def _moved(row: Row, homes: Mapping[str, Place]) -> Row:
    key = _at_home(row.key, row.kind, homes)
    return row if key is row.key else replace(row, key=key)


def _at_home(key: Key, kind: str, homes: Mapping[str, Place]) -> Key:
    home = homes.get(key.contract) if kind == FILE else None
    return replace(key, contract=home.contract, server=home.server) if home else key


def home_of(day: Aggregate, homes: Mapping[str, Place]) -> Place:
    """Where a finished day belongs."""
    place = Place(day.contract, day.server)
    return homes.get(day.contract, place) if day.kind == FILE else place


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
    # one that is broken, but not yet often enough to count, is no episode yet
    return episode.opened_at < end and (episode.resolved_at is None or episode.resolved_at >= start)


def _as_of(episode: Episode, end: datetime) -> Episode:
    if episode.resolved_at is not None and episode.resolved_at > end:
        episode = replace(episode, resolved_at=None, retired=False)
    if episode.broken and episode.broken_since >= end:
        return replace(episode, broken=False, broken_since=episode.opened_at)
    return episode


def _carried_by(parcel: Parcel, end: datetime) -> Parcel:
    if parcel.finished_at is None or parcel.finished_at <= end:
        return parcel
    return replace(parcel, state=ParcelState.PENDING)
