"""Silence: what nobody measured, as time of which nothing is known.

A kind is kept while all of its checks are, so that a check which is silent must not hide behind the others.
Its silence counts from when it was first measured to the end of the window, or to its last word where the
contract no longer asks for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.outcome.segment import Health
from floe_dagster.report.rows import Watched, grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.outcome.segment import Segment


def with_silence(
    segments: Iterable[Segment],
    seen: Mapping[Watched, datetime],
    start: datetime,
    end: datetime,
    asked_for: Callable[[Watched], bool],
) -> tuple[Segment, ...]:
    """The segments, with every gap of each key as a segment that is unknown.

    Args:
        segments: of any keys, in any order; those of one key may overlap.
        seen: when each was first measured.
        start: nothing is said of the time before.
        end: nor of the time from here on.
        asked_for: whether a check is still promised at the end.
    """
    by_key = grouped(segments, lambda each: Watched(each.key, each.kind))
    return tuple(
        each
        for watched, mine in by_key.items()
        for each in _whole(
            sorted(mine, key=lambda each: (each.start, each.end)),
            max(start, seen.get(watched, start)),
            end if asked_for(watched) else _last_word(mine, end),
        )
    )


def _last_word(mine: Iterable[Segment], end: datetime) -> datetime:
    return min(end, max((each.end for each in mine if each.health is not Health.EXCUSED), default=end))


def _whole(mine: Sequence[Segment], first: datetime, last: datetime) -> Iterator[Segment]:
    known = first
    for each in mine:
        begins, ends = max(each.start, first), min(each.end, last)
        if begins > known and begins <= last:
            yield replace(each, health=Health.UNKNOWN, start=known, end=begins)
        if begins < ends:
            yield each if each.health is not Health.EXCUSED else replace(each, start=begins, end=ends)
        known = max(known, ends)
    if known < last:
        yield replace(mine[-1], health=Health.UNKNOWN, start=known, end=last)
