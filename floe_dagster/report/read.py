"""Reading: which rows of a store a report takes, from anything that can be read like one.

The number of questions does not grow with the number of contracts, and none of the answers depends on when
it is asked, once the window is over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from floe_dagster.checks.response import promised_by
from floe_dagster.report.deadline import lookers
from floe_dagster.report.due import dues_of
from floe_dagster.report.rows import Rows, Watched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.parcel import Parcel, Topic
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.plan.check import Plan
    from floe_dagster.report.rows import Aggregate, Sighting

AT_ONCE = 500
USED_UP_IN_PART = "freshness"
"""the kind whose worst figure is told beside the latest"""


class Around(Protocol):
    """What is known around an episode."""

    @property
    def last_kept(self) -> datetime | None:
        """When its promise was last seen kept before it; None where nobody knows."""


class Reader(Protocol):
    """What a report needs of a store; `start` is inclusive and `end` exclusive."""

    def latest(self, *, before: datetime | None = None) -> tuple[Outcome, ...]:
        """The newest outcome of each key, or what was the newest before then."""

    def worst(self, kind: str, *, start: datetime, end: datetime) -> tuple[Outcome, ...]:
        """Of each check of a kind, the outcome that used the most of its promise."""

    def segments(self, *, start: datetime | None = None, end: datetime | None = None) -> tuple[Segment, ...]:
        """Segments that touch the time between `start` and `end`."""

    def first_segments(self, *, before: datetime) -> tuple[Segment, ...]:
        """The first segment of each key that was measured before then."""

    def unfinished(self, *, before: datetime) -> frozenset[Key]:
        """The keys whose newest segment began before then."""

    def periods(
        self, grain: Literal["day", "week"], *, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[Aggregate, ...]:
        """Finished days that began between `start` and `end`."""

    def pauses(self, *, start: datetime | None = None, end: datetime | None = None) -> tuple[Pause, ...]:
        """Pauses that touch the time between `start` and `end`."""

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

    def sightings(self, kinds: Collection[str], *, start: datetime, end: datetime) -> tuple[Sighting, ...]:
        """What the checks of these kinds measured between `start` and `end`."""

    def around(self, ids: Collection[str]) -> Mapping[str, Around]:
        """What is known around these episodes, by id."""


def read_rows(
    reader: Reader, *, start: datetime, end: datetime, now: datetime, since: datetime | None = None
) -> Rows:
    """The rows of a window that begins at `start`, ends at `end` and is looked at `now`.

    Args:
        reader: a store.
        start: where the window begins.
        end: where it ends.
        now: when it is looked at; what is over is read as it was.
        since: where the earliest of the periods begins that the window is held against; `start` where it is
            held against none.

    Raises:
        StoreError: the store does not answer.
    """
    first = start if since is None else min(since, start)
    episodes = reader.episodes(start=start, end=end)
    parcels = [*reader.parcels(topic="alert", start=start, end=end)]
    names = [each.id for each in episodes]
    for place in range(0, len(names), AT_ONCE):
        parcels += reader.parcels(topic="alert", groups=names[place : place + AT_ONCE])
    return Rows(
        latest=reader.latest(before=end) if end < now else reader.latest(),
        segments=reader.segments(start=first, end=end),
        episodes=episodes,
        parcels=tuple({each.key: each for each in parcels}.values()),
        worst=reader.worst(USED_UP_IN_PART, start=start, end=end),
        days=reader.periods("day", start=first, end=end),
        pauses=reader.pauses(start=first, end=end),
        first_seen={Watched(each.key, each.kind): each.start for each in reader.first_segments(before=end)},
        unfinished=reader.unfinished(before=end),
    )


def read_promised(
    reader: Reader, rows: Rows, plans: Sequence[Plan], *, start: datetime, end: datetime
) -> Rows:
    """The rows, with what else these plans' promises of deadlines and of responses are held against.

    Nothing is asked where none of them promises any.

    Raises:
        StoreError: the store does not answer.
    """
    dues = [(plan, check, due) for plan in plans for check, due in dues_of(plan)]
    kinds = {each.kind for plan, check, due in dues for each in lookers(plan, check.table, due.asked)}
    if kinds:
        before = timedelta(days=2 + max(due.days_before for *_, due in dues))
        rows = replace(rows, sightings=reader.sightings(sorted(kinds), start=start - before, end=end))
    terms = (promised_by(check) for plan in plans for check in plan.checks)
    if any(each is not None and each.what == "detect" for each in terms):
        around = reader.around([each.id for each in rows.episodes if each.broken])
        kept = {name: each.last_kept for name, each in around.items() if each.last_kept is not None}
        rows = replace(rows, last_kept=kept)
    return rows
