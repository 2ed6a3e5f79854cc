"""The story of the simulated month: what breaks when, so that a report has something of everything to show.

It is made up, and the same for the same moment: nothing of it was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Verdict
from floe_dagster.plan.metric import Cause, Measured, NotMeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.plan.check import Check, CheckKind

SEED = 2013
LENGTH = timedelta(days=30)
FLAPS = "weather.available"
BREAKS = "flights.few_cancellations"

_HOURS_BETWEEN_LOADS = {
    "weather": (18.0, 25.0, 28.0, 33.0),
    "flights": (12.0,),
    "airports": (120.0,),
    "planes": (120.0,),
    "airlines": (120.0,),
}
"""of each week, the last going on; `weather` promises to be at most 24 hours old"""

_DOWN = NotMeasured(Cause.UNREACHABLE, "simulated: the warehouse does not answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, from `start` inclusive to `end` exclusive."""

    start: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens in the month before the demo's first moment.

    Attributes:
        start, end: the month.
        outage: a night in which the warehouse does not answer.
        broken: two days in which a quality rule does not hold.
        flapping: a night in which a dataset can be read every other time.
        maintenance: the warehouse is down, and that was declared before.
        closed: nothing is measured, as where a laptop is closed.
        changed_at: since when the contracts read as they do now.
        loads: when each dataset was loaded.
    """

    start: datetime
    end: datetime
    outage: Span
    broken: Span
    flapping: Span
    maintenance: Span
    closed: Span
    changed_at: datetime
    loads: Mapping[str, tuple[datetime, ...]]

    def verdict(self, check: Check, kind: CheckKind, at: datetime, random: Random) -> Verdict:
        """What the check finds at that moment; availability and freshness are judged by their real kinds."""
        if at in self.outage or at in self.maintenance:
            if check.kind == "availability":
                return kind.judge(check, (_DOWN,), at)
            return Verdict.not_known(check.title, _DOWN)
        match check.kind:
            case "availability" if check.id == FLAPS and at in self.flapping and self._down_again(at):
                return kind.judge(check, (_DOWN,), at)
            case "availability":
                return kind.judge(check, (Measured(round(random.uniform(0.001, 0.02), 4)),), at)
            case "freshness":
                return kind.judge(check, (Measured(self.newest(check.dataset, at)),), at)
            case _ if check.id == BREAKS and at in self.broken:
                return Verdict(broken=True, actual=11.4, message=f"{check.title}: 11.4 % are (simulated)")
            case _:
                return Verdict(broken=False, message=f"{check.title}: as promised (simulated)")

    def _down_again(self, at: datetime) -> bool:
        return (at - self.flapping.start) // timedelta(minutes=30) % 2 == 0

    def newest(self, dataset: str, at: datetime) -> datetime | None:
        """When the dataset was last loaded."""
        return max((each for each in self.loads[dataset] if each <= at), default=None)


def story_of(first: datetime) -> Story:
    """The story of the month before `first`, aware, UTC; the same for the same moment."""
    start = first - LENGTH
    midnight = datetime.combine(start.date() + timedelta(days=1), time(), UTC)

    def span(day: int, hour: float, hours: float) -> Span:
        begins = midnight + timedelta(days=day, hours=hour)
        return Span(start=begins, end=begins + timedelta(hours=hours))

    random = Random(SEED)  # noqa: S311 - a story, not a secret
    return Story(
        start=start,
        end=first,
        outage=span(4, 1, 2.5),
        maintenance=span(9, 2, 2),
        broken=span(12, 8, 48),
        closed=span(17, 9, 36),
        flapping=span(22, 1, 6),
        changed_at=midnight + timedelta(days=20),
        loads={
            dataset: _loads(hours, start, first, random)
            for dataset, hours in sorted(_HOURS_BETWEEN_LOADS.items())
        },
    )


def _loads(hours: tuple[float, ...], start: datetime, end: datetime, random: Random) -> tuple[datetime, ...]:
    """Loads so far apart, and one shortly before the end, since what is simulated is over by then."""
    found = [start - timedelta(hours=1)]
    while True:
        week = max(0, (found[-1] - start) // timedelta(days=7))
        apart = timedelta(hours=hours[min(week, len(hours) - 1)], minutes=random.randint(-20, 20))
        if found[-1] + apart >= end - timedelta(hours=2):
            return (*found, end - timedelta(hours=2))
        found.append(found[-1] + apart)
