"""Scores: how well the data of a contract kept its quality promises, as one number with its rule.

Each quality check counts with its weight for the time in which it was known: an error three times, a warning
twice, an info once. The score is what was kept of that; seconds are summed, percentages are never averaged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from floe_dagster.plan.check import Severity
from floe_dagster.report.parts import Score
from floe_dagster.report.rows import grouped
from floe_dagster.report.sla import Compliance, cut, measure, timeline, total
from floe_dagster.report.trend import trend
from floe_dagster.report.window import spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from floe_dagster.outcome.segment import Segment
    from floe_dagster.plan.check import Check
    from floe_dagster.report.model import CheckLine
    from floe_dagster.report.rows import Aggregate
    from floe_dagster.report.window import Window

    Span = tuple[datetime, datetime]

SCORED = "quality"
NO_DIMENSION = "no dimension named"
WEIGHTS = {Severity.INFO: 1, Severity.WARNING: 2, Severity.ERROR: 3, Severity.CRITICAL: 3}

RULE = (
    "the share of the known time in which the quality checks of a contract were kept, each weighted by its "
    "severity (error 3, warning 2, info 1). Unlike the compliance of the kind, kept only while every "
    "check is, it says how much of the quality was there."
)


class _Scored(NamedTuple):
    """A check that counts."""

    id: str
    dimension: str | None
    weight: int


def scores_of(
    checks: Iterable[CheckLine],
    segments: Iterable[Segment],
    window: Window,
    days: Iterable[Aggregate] = (),
    forgotten: Iterable[Check] = (),
) -> tuple[Score, ...]:
    """The score of all quality checks, and then of each dimension where any is named.

    Args:
        checks: those with an outcome.
        segments: of the time that is not known by sums.
        window: the time.
        days: of single checks, those that are known by their sums only.
        forgotten: promised checks of which no outcome is kept, but sums are.
    """
    scored = [
        *(_Scored(each.id, each.dimension, each.weight) for each in checks if each.kind == SCORED),
        *(
            _Scored(each.id, each.dimension, WEIGHTS[each.severity])
            for each in forgotten
            if each.kind == SCORED
        ),
    ]
    scored = [each for each in scored if each.weight]
    by_check = grouped((each for each in segments if each.kind == SCORED), lambda each: each.key.check)
    sums = grouped((each for each in days if each.kind == SCORED), lambda each: each.check)
    times = (*window.earlier, (window.start, window.end), *spans(window.parts))
    went = {
        each.id: _went(each.weight, by_check.get(each.id, ()), sums.get(each.id, ()), times)
        for each in scored
    }
    by_dimension = grouped(scored, lambda each: each.dimension or NO_DIMENSION)
    named = sorted(by_dimension.items()) if set(by_dimension) - {NO_DIMENSION} else []
    every = [("", scored), *named] if scored else []
    return tuple(_score(name, [went[each.id] for each in some], window) for name, some in every)


def _went(
    weight: int, segments: Sequence[Segment], days: Sequence[Aggregate], times: Sequence[Span]
) -> tuple[Compliance, ...]:
    """How a check went in each of these times, with its weight."""
    first = max(min((each.start for each in segments), default=times[-1][1]), times[0][0])
    whole = timeline(segments, first, max(end for _, end in times)) if segments else ()
    return tuple(
        _weighted(_together(measure(cut(whole, *each)), _summed(days, *each)), weight) for each in times
    )


def _together(fine: Compliance, sums: Compliance) -> Compliance:
    """What is left of the segments, in which the time of the sums is unknown, and the sums."""
    return total((replace(fine, unknown=max(0.0, fine.unknown - sums.total)), sums))


def _summed(days: Sequence[Aggregate], start: datetime, end: datetime) -> Compliance:
    """The days that lie in a time; what was when in a day is not known."""
    return total(
        Compliance(good=each.good, bad=each.bad, unknown=each.unknown)
        for each in days
        if start <= each.start and each.end <= end
    )


def _weighted(went: Compliance, weight: int) -> Compliance:
    return Compliance(good=went.good * weight, bad=went.bad * weight, unknown=went.unknown * weight)


def _score(name: str, went: Sequence[Sequence[Compliance]], window: Window) -> Score:
    by_time = [total(each) for each in zip(*went, strict=True)]
    earlier, (this, *parts) = by_time[: len(window.earlier)], by_time[len(window.earlier) :]
    return Score(
        dimension=name,
        ratio=this.ratio,
        checks=len(went),
        points=tuple(each.ratio for each in parts),
        trend=trend(this, earlier),
    )
