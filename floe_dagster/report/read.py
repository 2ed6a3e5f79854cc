"""Reading: which rows of a store a report takes, from anything that can be read like one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from floe_dagster.report.rows import Line, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.parcel import Parcel, Topic
    from floe_dagster.outcome.segment import Segment

LAST_OF_A_PAST_WINDOW = timedelta(days=1)
"""how far back from the end of a past window its latest outcomes are looked for"""

AT_ONCE = 500


class Reader(Protocol):
    """What a report needs of a store; `start` is inclusive and `end` exclusive."""

    def latest(self) -> tuple[Outcome, ...]:
        """The newest outcome of each key."""

    def outcomes(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        contract: str | None = None,
        check: str | None = None,
        limit: int | None = None,
    ) -> tuple[Outcome, ...]:
        """Outcomes judged between `start` and `end`, by time; with a limit the newest of them."""

    def segments(self, *, start: datetime | None = None) -> tuple[Segment, ...]:
        """Segments that end at `start` or later."""

    def episodes(self, *, start: datetime | None = None, end: datetime | None = None) -> tuple[Episode, ...]:
        """Episodes that were open at some time between `start` and `end`."""

    def parcels(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        topic: Topic | None = None,
        groups: Sequence[str] | None = None,
    ) -> tuple[Parcel, ...]:
        """Parcels written between `start` and `end`; of these groups only, where any are named."""


def read_rows(reader: Reader, *, start: datetime, end: datetime, now: datetime) -> Rows:
    """The rows of a window that begins at `start`, ends at `end` and is looked at `now`.

    Segments are read beyond the end: only the newest of a key is held, and which one that is shows only then.

    Raises:
        StoreError: the store does not answer.
    """
    episodes = reader.episodes(start=start, end=end)
    parcels = [*reader.parcels(topic="alert", start=start, end=end)]
    names = [each.id for each in episodes]
    for first in range(0, len(names), AT_ONCE):
        parcels += reader.parcels(topic="alert", groups=names[first : first + AT_ONCE])
    rows = Rows(
        latest=_latest(reader, end, now),
        segments=reader.segments(start=start),
        episodes=episodes,
        parcels=tuple({each.key: each for each in parcels}.values()),
    )
    return replace(rows, first_seen=_watched_before(reader, rows, start))


def _latest(reader: Reader, end: datetime, now: datetime) -> tuple[Outcome, ...]:
    newest = reader.latest()
    if end >= now:
        return newest
    then = reader.outcomes(start=end - LAST_OF_A_PAST_WINDOW, end=end)
    by_key = {each.key: each for each in newest if each.at < end}
    return tuple((by_key | {each.key: each for each in then}).values())


def _watched_before(reader: Reader, rows: Rows, start: datetime) -> dict[Line, datetime]:
    """The lines that were measured before the window, though nothing of the window's beginning is known.

    Their silence is unknown time; without this it would look as if they were only watched from later on.
    """
    late = [line for line, instant in rows.seen().items() if instant > start]
    if not late or not reader.outcomes(end=start, limit=1):
        return {}
    every: tuple[Outcome | Episode | Segment, ...] = (*rows.latest, *rows.episodes, *rows.segments)
    one_of = {Line(each.key.contract, each.key.server, each.kind): each.key for each in every}
    return {line: start for line in late if _measured_before(reader, one_of[line], start)}


def _measured_before(reader: Reader, key: Key, start: datetime) -> bool:
    found = reader.outcomes(end=start, contract=key.contract, check=key.check, limit=1)
    return any(each.key == key for each in found)
