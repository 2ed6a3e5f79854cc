"""Budgets: how much more a promise may be broken, and how fast that is being used up.

A target of 99.9 % of a month allows 0.1 % of its seconds to be bad. A burn rate of 1 uses the budget up just
as the window ends, one of 14.4 uses a month's in two days (Google's SRE workbook, chapter 5, from which the
pairs of windows are). A rate over a window that holds fewer than three measurements says nothing, and is not
given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.report.sla import measure, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.outcome.segment import Segment
    from floe_dagster.report.sla import Compliance, Stretch

LEAST_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two windows that have to burn at once, so that neither a blip nor what is long over is told of."""

    long: timedelta
    short: timedelta
    at_least: float


PAIRS = (
    Pair(long=timedelta(hours=1), short=timedelta(minutes=5), at_least=14.4),
    Pair(long=timedelta(hours=6), short=timedelta(minutes=30), at_least=6.0),
    Pair(long=timedelta(days=3), short=timedelta(hours=6), at_least=1.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """How fast the budget is used up over a pair of windows; None where nothing was known of one.

    Attributes:
        long, short: the rates, 1 being what the budget allows.
        high: whether both are at or above what the pair asks for.
    """

    pair: Pair
    long: float | None
    short: float | None

    @property
    def high(self) -> bool:
        """Whether it is worth telling."""
        rates = (self.long, self.short)
        return all(each is not None and each >= self.pair.at_least for each in rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of a window may be bad, and how much of that is left.

    Attributes:
        target: the promised share of time.
        allowed: seconds of the whole window that may be bad, time to come included.
        spent: seconds that were bad.
        unknown: seconds that may have been; they are not counted as spent.
        burns: the rates of those pairs of windows that the sampling supports.
        exhausted_at: when it is used up if it goes on as in the longest of those windows; None where it
            lasts until the window is over, or is used up already.
    """

    target: float
    allowed: float
    spent: float
    unknown: float
    burns: tuple[Burn, ...] = ()
    exhausted_at: datetime | None = None

    @property
    def left(self) -> float:
        """Seconds that may still be bad; below zero where the promise is broken for this window."""
        return self.allowed - self.spent

    @property
    def share_left(self) -> float | None:
        """The same as a share of what is allowed; None where nothing is."""
        return self.left / self.allowed if self.allowed else None


def budget(
    segments: Sequence[Segment | Stretch],
    went: Compliance,
    *,
    target: float,
    end: datetime,
    now: datetime,
    cadence: timedelta,
) -> Budget:
    """The budget of a window of which `went` is known until `now`, and which is over at `end`.

    Args:
        segments: of the promise, excused time and all; those before the window too, for the rates.
        went: how the window went until now.
        target: the promised share of time, above 0 and at most 1.
        end: when the window is over.
        now: until when it is known; not after `end`.
        cadence: how often the promise is measured.
    """
    to_come = max(0.0, (end - now).total_seconds())
    allowed = (1 - target) * (went.total + to_come)
    supported = [each for each in PAIRS if each.short >= LEAST_SAMPLES * cadence]
    burns = tuple(
        Burn(
            pair=each,
            long=_rate(segments, now - each.long, now, target),
            short=_rate(segments, now - each.short, now, target),
        )
        for each in supported
    )
    return Budget(
        target=target,
        allowed=allowed,
        spent=went.bad,
        unknown=went.unknown,
        burns=burns,
        exhausted_at=_exhausted(allowed - went.bad, burns, target, now, end),
    )


def _rate(
    segments: Sequence[Segment | Stretch], start: datetime, end: datetime, target: float
) -> float | None:
    went = measure(timeline(segments, start, end))
    if not went.known or target >= 1:
        return None
    return went.bad / went.known / (1 - target)


def _exhausted(
    left: float, burns: Sequence[Burn], target: float, now: datetime, end: datetime
) -> datetime | None:
    rate = burns[-1].long if burns else None
    if not rate or left <= 0:
        return None
    seconds = left / (rate * (1 - target))
    return now + timedelta(seconds=seconds) if seconds < (end - now).total_seconds() else None
