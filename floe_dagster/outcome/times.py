"""Times: how long it took to detect a breach, to tell of it, and to repair it, by an episode's own times.

When a promise was broken is not known to the second: it was so no later than when it was first seen broken,
and no earlier than when it was last seen kept. So the time to detect has two bounds, and no middle is made
up. Episodes that were never broken, but only close to a limit, have no such times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long the three took for one episode.

    Attributes:
        detect_low: what it took to detect at least: from when it was first seen broken until it opened.
        detect: what it took at most: from when it was last seen kept; None where it never was.
        notify: from when it opened until the first channel had accepted word of it; None where none has.
        repair: from when it was first seen broken until it was seen kept again; None where it is still open,
            or where nobody looked any more.
    """

    detect_low: timedelta
    detect: timedelta | None
    notify: timedelta | None
    repair: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """So many lengths of time, the middle one, the one that 95 % do not exceed, and the longest."""

    count: int
    median: timedelta
    p95: timedelta
    longest: timedelta


def times_of(
    episode: Episode, *, last_kept: datetime | None = None, told_at: datetime | None = None
) -> Times | None:
    """The times of an episode; None where it was never broken.

    Args:
        episode: open or resolved.
        last_kept: when its promise was last seen kept before; None where nobody knows.
        told_at: when the first channel accepted word of it.
    """
    if not episode.broken:
        return None
    over = None if episode.retired else episode.resolved_at
    return Times(
        detect_low=max(episode.opened_at - episode.broken_since, _NONE),
        detect=None if last_kept is None else max(episode.opened_at - last_kept, _NONE),
        notify=None if told_at is None else max(told_at - episode.opened_at, _NONE),
        repair=None if over is None else max(over - episode.broken_since, _NONE),
    )


def summary(lengths: Iterable[timedelta | None]) -> Summary | None:
    """The lengths in a few figures, each of them one that occurred; None where there is none.

    A percentile is by nearest rank: the least length that so many of a hundred do not exceed.
    """
    every = sorted(each for each in lengths if each is not None)
    if not every:
        return None
    return Summary(count=len(every), median=_ranked(every, 50), p95=_ranked(every, 95), longest=every[-1])


def _ranked(ascending: list[timedelta], percent: int) -> timedelta:
    return ascending[max(math.ceil(len(ascending) * percent / 100), 1) - 1]
