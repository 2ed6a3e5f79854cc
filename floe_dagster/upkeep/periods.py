"""Periods: how finished days and weeks went, from segments, outcomes and episodes. Pure.

A day counts the time in which a check was watched: from the first that was ever measured of it, and to the
last where it is watched no longer. A week is the sum of its days: seconds and counts are added, and nothing
is ever averaged.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from math import fsum
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Severity
from floe_dagster.report.sla import compliance
from floe_dagster.state.records import Aggregate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.report.calendar import Period
    from floe_dagster.state.records import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """What is known of one check, under one kind.

    Attributes:
        recorded: its segments, held; others than those of the period do no harm.
        segments: the same with what is excused laid over them.
        since: when it was first watched; None where that was before all of this.
        watched: whether it still is; of one that is not, no more counts of a day than from the first to the
            last that was recorded in it.
    """

    key: Key
    kind: str
    recorded: Sequence[Segment] = ()
    segments: Sequence[Segment] = ()
    since: datetime | None = None
    watched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What was counted in a period, by key and kind.

    Attributes:
        outcomes: how many of each status.
        episodes: those that were open at some time in it.
    """

    outcomes: Mapping[tuple[Key, str], Mapping[str, int]] = field(default_factory=dict)
    episodes: Iterable[Episode] = ()


def days_of(period: Period, strands: Iterable[Strand], happened: Happened) -> Iterator[Aggregate]:
    """How a day went, for each check that was watched in it and for each kind of each contract.

    A kind as a whole is good only while all of its checks that are known of are.
    """
    by_line: dict[tuple[str, str, str], list[Strand]] = defaultdict(list)
    for each in strands:
        if _watched(each, period):
            by_line[each.key.contract, each.key.server, each.kind].append(each)
    episodes: dict[tuple[Key, str], list[Episode]] = defaultdict(list)
    for one in happened.episodes:
        if one.broken_since < period.end and (one.resolved_at is None or one.resolved_at >= period.start):
            episodes[one.key, one.kind].append(one)
    for line in by_line.values():
        single = [_day(period, each, happened, episodes[each.key, each.kind]) for each in line]
        yield from single
        yield _together(period, line, single)


def _watched(strand: Strand, period: Period) -> tuple[datetime, datetime] | None:
    start, end = max(period.start, strand.since or period.start), period.end
    if not strand.watched:
        here = [each for each in strand.recorded if each.start < end and each.end > start]
        start = max(start, min((each.start for each in here), default=end))
        end = min(end, max((each.end for each in here), default=start))
    return (start, end) if start < end else None


def _day(period: Period, strand: Strand, happened: Happened, episodes: Sequence[Episode]) -> Aggregate:
    window = _watched(strand, period)
    assert window is not None, "who was not watched has no day"
    went = compliance(strand.segments, *window)
    counts = happened.outcomes.get((strand.key, strand.kind), {})
    return Aggregate(
        grain="day",
        start=period.start,
        end=period.end,
        zone=period.zone,
        contract=strand.key.contract,
        server=strand.key.server,
        kind=strand.kind,
        check=strand.key.check,
        good=went.good,
        bad=went.bad,
        unknown=went.unknown,
        excused=went.excused,
        passed=counts.get("passed", 0),
        failed=counts.get("failed", 0),
        warned=counts.get("warned", 0),
        error=counts.get("error", 0),
        opened=sum(period.start <= each.opened_at < period.end for each in episodes),
        worst=_worst(each.severity for each in episodes),
    )


def _together(period: Period, line: Sequence[Strand], days: Sequence[Aggregate]) -> Aggregate:
    windows = [window for each in line if (window := _watched(each, period))]
    start, end = min(start for start, _ in windows), max(end for _, end in windows)
    went = compliance((part for each in line for part in each.segments), start, end)
    return replace(
        _sum("day", period, days, check=""),
        good=went.good,
        bad=went.bad,
        unknown=went.unknown,
        excused=went.excused,
    )


def weeks_of(period: Period, days: Iterable[Aggregate]) -> Iterator[Aggregate]:
    """How a week went, from its days: the sum of each line."""
    by_line: dict[tuple[str, str, str, str], list[Aggregate]] = defaultdict(list)
    for each in days:
        if period.start <= each.start < period.end:
            by_line[each.contract, each.server, each.kind, each.check].append(each)
    for line in by_line.values():
        yield _sum("week", period, line, check=line[0].check)


def _sum(grain: Grain, period: Period, parts: Sequence[Aggregate], *, check: str) -> Aggregate:
    first = parts[0]
    return Aggregate(
        grain=grain,
        start=period.start,
        end=period.end,
        zone=period.zone,
        contract=first.contract,
        server=first.server,
        kind=first.kind,
        check=check,
        good=fsum(each.good for each in parts),
        bad=fsum(each.bad for each in parts),
        unknown=fsum(each.unknown for each in parts),
        excused=fsum(each.excused for each in parts),
        passed=sum(each.passed for each in parts),
        failed=sum(each.failed for each in parts),
        warned=sum(each.warned for each in parts),
        error=sum(each.error for each in parts),
        opened=sum(each.opened for each in parts),
        worst=_worst(Severity(each.worst) for each in parts if each.worst),
    )


def _worst(severities: Iterable[Severity]) -> str:
    worst = max(severities, key=lambda each: each.rank, default=None)
    return worst.value if worst else ""
