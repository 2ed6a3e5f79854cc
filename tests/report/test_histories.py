"""Histories: outcomes as a monitor makes them, through the real code, against a count of every second.

A history has gaps, retries while it fails, maintenance and days on which clocks are changed. What is counted
is what docs/reports.md says: a result holds until the next one, but no longer than twice the cadence.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from floe_dagster.outcome.episode import State, advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.policy import Policy
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.plan.check import Severity, Status
from floe_dagster.report.calendar import Grain, periods
from floe_dagster.report.excuse import excuse
from floe_dagster.report.sla import Compliance, compliance, held

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.requirement("G-01")

HISTORIES = 500
KEY = Key(contract="orders", server="prod", check="orders.freshness")
CHANGES = (
    datetime(2026, 3, 27, 5, tzinfo=UTC),  # Berlin loses an hour on the 29th
    datetime(2026, 10, 23, 5, tzinfo=UTC),  # and gains one on the 25th
    datetime(2026, 11, 18, 5, tzinfo=UTC),
)
GOOD, BAD, UNKNOWN, EXCUSED = range(4)
CODES = {Health.GOOD: GOOD, Health.BAD: BAD, Health.UNKNOWN: UNKNOWN}


@dataclass(frozen=True)
class History:
    """What was measured, in whole seconds from `start`."""

    start: datetime
    seconds: int
    cadence: int
    results: list[tuple[int, Health]]
    windows: list[tuple[int, int]]

    def at(self, second: int) -> datetime:
        return self.start + timedelta(seconds=second)


def history(seed: int) -> History:
    draw = random.Random(seed)
    cadence, seconds = draw.choice([300, 900, 1_800, 3_600]), 3 * 86_400
    outages = [(draw.randrange(seconds), draw.randrange(60, 40_000)) for _ in range(draw.randrange(4))]
    silences = [(draw.randrange(seconds), draw.randrange(60, 30_000)) for _ in range(draw.randrange(3))]
    results, now = [], draw.randrange(cadence)
    while now < seconds:
        failing = any(first <= now < first + length for first, length in outages)
        if not any(first <= now < first + length for first, length in silences):
            unknown = draw.random() < 0.02
            results.append((now, Health.UNKNOWN if unknown else Health.BAD if failing else Health.GOOD))
        now += draw.randrange(30, 90) if failing and draw.random() < 0.3 else cadence + draw.randrange(-5, 30)
    windows = [
        (first := draw.randrange(seconds), first + draw.randrange(60, 20_000)) for _ in range(seed % 3)
    ]
    return History(draw.choice(CHANGES), seconds, cadence, results, windows)


def outcome(made: History, second: int, health: Health) -> Outcome:
    status = {Health.GOOD: Status.PASSED, Health.BAD: Status.FAILED, Health.UNKNOWN: Status.ERROR}[health]
    return Outcome(
        tick=str(second),
        key=KEY,
        version="1",
        dataset="orders",
        element=None,
        kind="freshness",
        title="orders are fresh",
        status=status,
        severity=Severity.ERROR,
        broken=health is Health.BAD,
        expected="at most 4 h",
        actual=None,
        message="",
        path="slaProperties[0]",
        source="orders.odcs.yaml",
        line=1,
        at=made.at(second),
        duration_seconds=0.0,
    )


def recorded(made: History) -> tuple[Segment, ...]:
    """What the store would hold: each segment under its start, the later version of it winning."""
    policy = Policy(cadence_seconds=made.cadence)
    state: State | None = None
    kept: dict[datetime, Segment] = {}
    for second, health in made.results:
        step = advance(state, outcome(made, second, health), policy)
        state = step.state
        kept |= {each.start: each for each in step.segments}
    return held(kept.values(), made.at(made.seconds), {"*": policy.hold})


def every_second(made: History) -> NDArray[np.int8]:
    """The state of every second, by the words of the documentation alone."""
    state = np.full(made.seconds, UNKNOWN, dtype=np.int8)
    following = [second for second, _ in made.results[1:]] + [made.seconds]
    for (second, health), then in zip(made.results, following, strict=True):
        state[second : min(then, second + 2 * made.cadence)] = CODES[health]
    if made.results:
        for first, last in made.windows:
            state[first:last] = EXCUSED
    return state


def counted(state: NDArray[np.int8], first: int, last: int) -> Compliance:
    part = state[max(first, 0) : max(last, 0)]
    good, bad, unknown, excused = (float(np.count_nonzero(part == each)) for each in range(4))
    return Compliance(good=good, bad=bad, unknown=unknown, excused=excused)


def test_every_local_day_of_500_histories_is_what_counting_its_seconds_gives():
    days = 0
    for seed in range(HISTORIES):
        made = history(seed)
        pauses = [
            Pause(
                id=str(first),
                what=PauseKind.MAINTENANCE,
                start=made.at(first),
                end=made.at(last),
                author="ada",
                reason="upgrade",
                declared_at=made.start - timedelta(days=1),
            )
            for first, last in made.windows
        ]
        segments, state = excuse(recorded(made), pauses), every_second(made)
        end = made.at(made.seconds)
        for day in periods(Grain.DAY, made.start, end, "Europe/Berlin"):
            start, stop = max(day.start, made.start), min(day.end, end)
            went = compliance(segments, start, stop)
            first, last = (int((each - made.start).total_seconds()) for each in (start, stop))
            expected = counted(state, first, last)
            assert went == expected, (seed, day.name)
            days += 1
    assert days == HISTORIES * 4


@pytest.mark.parametrize("seed", range(10))
def test_a_month_of_checks_that_repeat_faster_while_failing_is_within_a_tenth_of_a_point_of_the_truth(seed):
    draw = random.Random(seed)
    seconds, cadence = 30 * 86_400, 900
    truth = np.zeros(seconds, dtype=np.int8)
    for _ in range(3):
        first = draw.randrange(seconds)
        truth[first : first + draw.randrange(10_800, 36_000)] = BAD
    results, now = [], 0
    while now < seconds:
        results.append((now, Health.BAD if truth[now] else Health.GOOD))
        now += 60 if truth[now] else cadence
    made = History(CHANGES[0], seconds, cadence, results, [])
    went = compliance(recorded(made), made.start, made.at(seconds))
    counted_checks = sum(health is Health.GOOD for _, health in results) / len(results)
    assert went.ratio == pytest.approx(1 - truth.mean(), abs=0.001)
    assert abs(counted_checks - (1 - truth.mean())) > 0.1  # what counting checks would say
