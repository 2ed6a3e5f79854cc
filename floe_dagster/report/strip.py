"""Strips: a timeline in little room, as cells of equal width.

A cell is bad if the promise was broken at any time in it, so that a short outage can be seen however long the
window is; else it is in the state that took up most of it. Time before the timeline begins is `None`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from floe_dagster.outcome.segment import Health

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from floe_dagster.report.sla import Stretch

GLYPHS = {Health.GOOD: "─", Health.BAD: "█", Health.UNKNOWN: "·", Health.EXCUSED: "╌", None: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Neighbouring cells of one state, from cell `start`, `width` cells wide."""

    health: Health
    start: int
    width: int


def cells(
    stretches: Sequence[Stretch], start: datetime, end: datetime, count: int
) -> tuple[Health | None, ...]:
    """The timeline in `count` cells that divide the time from `start` to `end` evenly."""
    span = (end - start).total_seconds()
    if span <= 0:
        return (None,) * count
    shares: list[dict[Health, float]] = [{} for _ in range(count)]
    for each in stretches:
        first = max(0.0, (each.start - start).total_seconds() / span * count)
        last = min(float(count), (each.end - start).total_seconds() / span * count)
        for cell in range(int(first), min(count, int(last) + 1)):
            share = min(last, cell + 1.0) - max(first, float(cell))
            if share > 0:
                shares[cell][each.health] = shares[cell].get(each.health, 0.0) + share
    return tuple(_state(share) for share in shares)


def bars(stretches: Sequence[Stretch], start: datetime, end: datetime, count: int) -> tuple[Bar, ...]:
    """The timeline as bars, for drawing."""
    drawn: list[Bar] = []
    place = 0
    for health, run in groupby(cells(stretches, start, end, count)):
        width = len(tuple(run))
        if health is not None:
            drawn.append(Bar(health=health, start=place, width=width))
        place += width
    return tuple(drawn)


def glyphs(stretches: Sequence[Stretch], start: datetime, end: datetime, count: int) -> str:
    """As text: `─` kept, `█` broken, `·` unknown, `╌` excused, blank before it was watched."""
    return "".join(GLYPHS[each] for each in cells(stretches, start, end, count))


def _state(shares: dict[Health, float]) -> Health | None:
    if Health.BAD in shares:
        return Health.BAD
    return max(shares, key=lambda health: (shares[health], health.value), default=None)
