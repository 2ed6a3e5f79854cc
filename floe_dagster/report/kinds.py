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


def in_order(kinds: Iterable[str]) -> list[str]:
    """Kinds in the order of a report: the four usual ones first."""
    return sorted(kinds, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The time of one kind.

    Attributes:
        since: when the first of its checks was first measured.
        stretches: from then, or from the earliest time that is of use, to the end of the window or to the
            last word of its checks where no contract asks for them any more.
        sums: the days that are known by their sums only.
    """

    since: datetime
    stretches: tuple[Stretch, ...]
    sums: tuple[Aggregate, ...] = ()


def timelines_of(recorded: Recorded, window: Window) -> dict[str, Timeline]:
    """The timeline of each kind of which anything was ever measured."""
    segments = grouped(recorded.segments, lambda each: each.kind)
    days = grouped((each for each in recorded.days if not each.check), lambda each: each.kind)
    seen: dict[str, datetime] = {}
    for watched, at in recorded.first_seen.items():
        seen[watched.kind] = min(at, seen.get(watched.kind, at))
    for kind, sums in days.items():
        first = _begins(min(sums, key=lambda each: each.start))
        seen[kind] = min(first, seen.get(kind, first))
    return {
        kind: _timeline(
            segments.get(kind, ()), days.get(kind, ()), since, window, whole_since=recorded.whole_since
        )
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
        coarse=sum(window.start <= each.start < window.end for each in whole.sums) if whole else 0,
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
    segments: Sequence[Segment],
    days: Sequence[Aggregate],
    since: datetime,
    window: Window,
    *,
    whole_since: datetime | None,
) -> Timeline:
    first = max(window.since, since)
    sums = [each for each in days if _is_coarse(each, segments, whole_since)]
    spans = sorted((each.start, each.end) for each in sums)
    parts = [part for each in segments for part in without(each, spans)] if spans else segments
    drawn = [part for each in sums for part in _drawn(each, min(spans)[0])]
    ends = [*(each.end for each in parts), *(each.end for each in drawn)]
    last = max(ends, default=window.end)
    end = min(window.end, max(last, first))
    return Timeline(since=since, stretches=timeline([*parts, *drawn], first, end), sums=tuple(sums))


def _is_coarse(day: Aggregate, segments: Sequence[Segment], whole_since: datetime | None) -> bool:
    """Whether the sums of a day say more than its segments: some of these may be deleted, or all of them.

    What is excused is laid over what was recorded, and says nothing of whether that is still there.
    """
    if whole_since is not None and day.start < whole_since:
        return True
    return not any(
        each.start < day.end and each.end > day.start
        for each in segments
        if each.health in (Health.GOOD, Health.BAD)
    )


def _begins(day: Aggregate) -> datetime:
    """Since when it was watched on its first day, of which the sums are those of the rest."""
    return max(day.start, day.end - timedelta(seconds=day.good + day.bad + day.unknown + day.excused))


def _drawn(day: Aggregate, first: datetime) -> Iterator[Stretch]:
    """The sums of a day: how long each state was, though not when; `first` is where the first day begins."""
    at = _begins(day) if day.start == first else day.start
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
