"""Kinds: how the promises of one kind of one contract went, taken together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.outcome.segment import Health
from floe_dagster.report.budget import budget
from floe_dagster.report.excuse import without
from floe_dagster.report.model import KindLine
from floe_dagster.report.rows import grouped
from floe_dagster.report.sla import Stretch, cut, measure, timeline
from floe_dagster.report.trend import trend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Promise
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.report.model import Breach, Tally
    from floe_dagster.report.rows import Aggregate
    from floe_dagster.report.window import Recorded, Window

KINDS = ("freshness", "schema", "quality", "availability")
PERCENT = ("%", "percent", "pct")
LONGEST_BURN = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The time of one kind.

    Attributes:
        since: when the first of its checks was first measured.
        stretches: from then, or from the earliest time that is of use, to the end of the window or to the
            last word of its checks where no contract asks for them any more.
        coarse: the days of the window that are known by their sums only.
    """

    since: datetime
    stretches: tuple[Stretch, ...]
    coarse: int = 0


def timelines_of(recorded: Recorded, window: Window) -> dict[str, Timeline]:
    """The timeline of each kind of which anything was ever measured."""
    segments = grouped(recorded.segments, lambda each: each.kind)
    days = grouped((each for each in recorded.days if not each.check), lambda each: each.kind)
    seen: dict[str, datetime] = {}
    for watched, at in recorded.first_seen.items():
        seen[watched.kind] = min(at, seen.get(watched.kind, at))
    for kind, sums in days.items():
        first = min(each.start for each in sums)
        seen[kind] = min(first, seen.get(kind, first))
    return {
        kind: _timeline(segments.get(kind, ()), days.get(kind, ()), since, window)
        for kind, since in seen.items()
        if since < window.end
    }


def kind_line(
    kind: str,
    contract: Contract,
    whole: Timeline | None,
    window: Window,
    *,
    breaches: Sequence[Breach],
    tally: Tally,
) -> KindLine:
    """The line of a kind; `whole` is None where nothing was ever measured of it."""
    own = target_of(contract, kind)
    target = window.target if own is None else own
    since = max(window.start, whole.since) if whole else None
    stretches = cut(whole.stretches, since, window.end) if whole and since else ()
    went = measure(stretches)
    earlier = [measure(cut(whole.stretches, *each)) for each in window.earlier] if whole else []
    return KindLine(
        kind=kind,
        observed_since=since,
        compliance=went,
        stretches=stretches,
        target=target,
        tally=tally,
        breaches=sum(each.kind == kind for each in breaches),
        promised=own is not None,
        budget=None
        if target is None or whole is None
        else budget(
            cut(whole.stretches, window.end - LONGEST_BURN, window.end),
            went,
            target=target,
            end=window.over_at,
            now=window.end,
            cadence=window.hold.get(kind, window.hold.get("*", timedelta())) / 2,
        ),
        trend=trend(went, earlier),
        coarse=whole.coarse if whole else 0,
    )


def target_of(contract: Contract, kind: str) -> float | None:
    """The share of time that the contract promises of a kind, the strictest where it promises several.

    Availability is promised as a share (ODCS `slaProperties`): 99.9 with a unit of percent, "99.9%", or
    0.999. Freshness, schema and quality are so where the contract writes percent, since a bare number means
    something else there. A value that is none of these is no target.
    """
    if kind not in KINDS:
        return None
    shares = (
        _share(each, bare=kind == "availability") for each in contract.promises if each.property == kind
    )
    return max((each for each in shares if each is not None), default=None)


def _share(promise: Promise, *, bare: bool) -> float | None:
    text = str(promise.value).strip()
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        return None
    says_so = text.endswith("%") or (promise.unit or "").strip().lower() in PERCENT
    if not says_so and not bare:
        return None
    share = value / 100 if says_so or value > 1 else value
    return share if 0 < share <= 1 else None


def _timeline(
    segments: Sequence[Segment], days: Sequence[Aggregate], since: datetime, window: Window
) -> Timeline:
    first = max(window.since, since)
    known = [each for each in segments if each.health is not Health.UNKNOWN]
    sums = [each for each in days if not _touched(each, known)] if days else []
    spans = sorted((each.start, each.end) for each in sums)
    parts = [part for each in segments for part in without(each, spans)] if spans else segments
    ends = [*(each.end for each in parts), *(each.end for each in sums)]
    last = max(ends, default=window.end)
    end = min(window.end, max(last, first))
    drawn = timeline([*parts, *(part for each in sums for part in _drawn(each))], first, end)
    coarse = sum(window.start <= each.start < window.end for each in sums)
    return Timeline(since=since, stretches=drawn, coarse=coarse)


def _touched(day: Aggregate, segments: Iterable[Segment]) -> bool:
    return any(each.start < day.end and each.end > day.start for each in segments)


def _drawn(day: Aggregate) -> Iterator[Stretch]:
    """The sums of a day: how long each state was, though not when."""
    at = day.start
    for health, seconds in (
        (Health.GOOD, day.good),
        (Health.UNKNOWN, day.unknown),
        (Health.BAD, day.bad),
        (Health.EXCUSED, day.excused),
    ):
        if seconds > 0:
            until = min(day.end, at + timedelta(seconds=seconds))
            yield Stretch(health=health, start=at, end=until)
            at = until
