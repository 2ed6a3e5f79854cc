"""Trends: whether a promise is kept better or worse than before.

The rule is simple so that it can be said in a sentence: the share of time kept in this period is held against
the share over the periods before it taken together, and a change of less than a tenth of a point is none.
Seconds are summed over periods; percentages are never averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from floe_dagster.report.sla import total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.report.sla import Compliance

PERIODS = 4
"""how many earlier periods are compared with"""

LEAST_CHANGE = 0.001
LEAST_COVERAGE = 0.5

RULE = (
    f"improving or degrading where the share of time kept differs by {LEAST_CHANGE:.1%} or more from that of "
    f"the {PERIODS} periods before together; none where under {LEAST_COVERAGE:.0%} of either was measured"
)


class Direction(StrEnum):
    """Where a trend leads."""

    IMPROVING = "improving"
    STABLE = "stable"
    DEGRADING = "degrading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How a period compares with those before it.

    Attributes:
        change: of the share of time kept, from -1 to 1.
        before: the share over the earlier periods together.
    """

    direction: Direction
    change: float
    before: float


def trend(this: Compliance, earlier: Sequence[Compliance]) -> Trend | None:
    """The trend of a period against those before it, the newest last; None where too little was measured."""
    past = total(earlier[-PERIODS:])
    if this.ratio is None or past.ratio is None:
        return None
    if min(this.coverage, past.coverage) < LEAST_COVERAGE:
        return None
    change = this.ratio - past.ratio
    if abs(change) < LEAST_CHANGE:
        direction = Direction.STABLE
    else:
        direction = Direction.IMPROVING if change > 0 else Direction.DEGRADING
    return Trend(direction=direction, change=change, before=past.ratio)
