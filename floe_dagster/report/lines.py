"""Lines: what a report says of one contract on one server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Contract
from floe_dagster.plan.check import Check, Declined, Noted, Plan, PlanItem, Status
from floe_dagster.plan.coverage import coverage
from floe_dagster.report.due import due_lines
from floe_dagster.report.excuse import without
from floe_dagster.report.kinds import Timeline, in_order, kind_line, timelines_of
from floe_dagster.report.model import (
    CheckLine,
    ContractLine,
    DatasetLine,
    Tally,
    gravest_first,
    tallied,
)
from floe_dagster.report.parts import Worst
from floe_dagster.report.responses import response_lines
from floe_dagster.report.rows import FILE, Place, Watched, grouped
from floe_dagster.report.score import WEIGHTS, scores_of
from floe_dagster.report.sla import Compliance, compliance, total

if TYPE_CHECKING:
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.report.rows import Aggregate
    from floe_dagster.report.window import Recorded, Window


def contract_line(
    place: Place, plan: Plan | None, window: Window, recorded: Recorded, kinds: Collection[str] = ()
) -> ContractLine:
    """One contract on one server; all rows are of that place. Only of these kinds, where any are named."""
    latest = recorded.latest
    contract = plan.contract if plan else _remembered(place, latest)
    asked_for = {each.id for each in plan.items} if plan else {each.key.check for each in latest}
    current = [each for each in latest if each.key.check in asked_for or each.kind == FILE]
    timelines = timelines_of(recorded, window)
    by_sums = _by_sums(recorded, timelines)
    forgotten = {each.check for each in by_sums if window.start <= each.start < window.end}
    forgotten -= {each.key.check for each in latest}
    tallies = {
        about: tally
        for about, tally in _tallies(current, plan, forgotten).items()
        if not kinds or about[1] in kinds
    }
    shown = [each for each in current if not kinds or each.kind in kinds]
    broken = [each for each in recorded.breaches if each.broken and (not kinds or each.kind in kinds)]
    lines = tuple(
        kind_line(
            kind,
            contract,
            timelines.get(kind),
            window,
            breaches=broken,
            tally=tallied(_of(tallies, kind=kind)),
        )
        for kind in _kinds(tallies, timelines)
        if not kinds or kind in kinds
    )
    fine = _without_sums(recorded.segments, timelines)
    checks = _checks(shown, fine, replace(recorded, days=by_sums), window, plan)
    return ContractLine(
        contract=place.contract,
        title=contract.title,
        version=contract.version,
        server=place.server,
        owner=contract.owner,
        domain=contract.domain,
        consumers=contract.consumers,
        source=contract.source,
        known=plan is not None,
        observed_since=min((each.observed_since for each in lines if each.observed_since), default=None),
        compliance=total(each.compliance for each in lines),
        tally=tallied(tallies.values()),
        kinds=lines,
        datasets=tuple(
            DatasetLine(dataset=dataset, tally=tallied(_of(tallies, dataset=dataset)))
            for dataset in sorted({dataset for dataset, _ in tallies})
        ),
        checks=checks,
        breaches=gravest_first(broken),
        close=gravest_first(
            each
            for each in recorded.breaches
            if each.open and not each.broken and (not kinds or each.kind in kinds)
        ),
        ledger=coverage(plan, _unsupported(current)) if plan else None,
        retired=len(latest) - len(current),
        scores=scores_of(checks, fine, window, by_sums, _scored(plan, forgotten, kinds)),
        forgotten=frozenset(forgotten),
        deadlines=tuple(due_lines(place, plan, window, recorded, kinds)) if plan else (),
        responses=tuple(response_lines(plan, recorded.breaches, window.end, kinds)) if plan else (),
    )


def _unsupported(outcomes: Iterable[Outcome]) -> set[str]:
    return {each.key.check for each in outcomes if each.status is Status.NOT_EXECUTABLE}


def _remembered(place: Place, latest: Sequence[Outcome]) -> Contract:
    """What the outcomes tell of a contract that is not served any more."""
    newest = max(latest, key=lambda each: each.at, default=None)
    return Contract(
        id=place.contract,
        version=newest.version if newest else "",
        api_version="",
        status="",
        source=newest.source if newest else "",
        digest="",
    )


Tallies = Mapping[tuple[str, str], Tally]


def _by_sums(recorded: Recorded, timelines: Mapping[str, Timeline]) -> tuple[Aggregate, ...]:
    """The days of single checks that are known by their sums only."""
    coarse = {kind: {each.start for each in timeline.sums} for kind, timeline in timelines.items()}
    return tuple(each for each in recorded.days if each.check and each.start in coarse.get(each.kind, ()))


def _without_sums(segments: Iterable[Segment], timelines: Mapping[str, Timeline]) -> tuple[Segment, ...]:
    """The segments of the time that is not known by the sums of days."""
    spans = {
        kind: sorted((each.start, each.end) for each in timeline.sums)
        for kind, timeline in timelines.items()
        if timeline.sums
    }
    return tuple(
        part
        for each in segments
        for part in (without(each, spans[each.kind]) if each.kind in spans else (each,))
    )


def _scored(plan: Plan | None, forgotten: Collection[str], kinds: Collection[str]) -> tuple[Check, ...]:
    return tuple(
        each
        for each in (plan.checks if plan else ())
        if each.id in forgotten and (not kinds or each.kind in kinds)
    )


def _tallies(outcomes: Iterable[Outcome], plan: Plan | None, forgotten: Collection[str]) -> Tallies:
    """By dataset and kind."""
    counts: Counter[tuple[str, str, str]] = Counter()
    counts.update((each.dataset, each.kind, each.status.value) for each in outcomes)
    seen = {each.key.check for each in outcomes}
    silent = (each for each in (plan.items if plan else ()) if each.id not in seen)
    counts.update((each.dataset, each.kind, _without_outcome(each, forgotten)) for each in silent)
    return {
        place: Tally(**{status: counts[(*place, status)] for *_, status in every})
        for place, every in grouped(counts, lambda each: each[:2]).items()
    }


def _without_outcome(item: PlanItem, forgotten: Collection[str]) -> str:
    match item:
        case Check() if item.id in forgotten:
            return "forgotten"
        case Check():
            return "unmeasured"
        case Declined():
            return Status.NOT_EXECUTABLE.value
        case Noted():
            return Status.INFORMATIONAL.value


def _of(tallies: Tallies, *, dataset: str | None = None, kind: str | None = None) -> Iterable[Tally]:
    wanted = (dataset, kind)
    return (
        tally
        for place, tally in tallies.items()
        if all(want in (None, have) for want, have in zip(wanted, place, strict=True))
    )


def _kinds(tallies: Tallies, timelines: Iterable[str]) -> list[str]:
    """The kinds of which there is anything to measure, ours first."""
    promised = {
        kind for (_, kind), tally in tallies.items() if tally != Tally(informational=tally.informational)
    }
    return in_order(promised | set(timelines))


def _checks(
    outcomes: Iterable[Outcome],
    segments: Iterable[Segment],
    recorded: Recorded,
    window: Window,
    plan: Plan | None,
) -> tuple[CheckLine, ...]:
    by_key = grouped(segments, lambda each: each.key)
    declared = {each.id: each for each in plan.checks} if plan else {}
    lines = (
        _check_line(
            each,
            _went(by_key.get(each.key, ()), each, recorded, window),
            declared.get(each.key.check),
            recorded.worst.get(each.key.check),
        )
        for each in outcomes
    )
    return tuple(sorted(lines, key=lambda each: (each.dataset, each.kind, each.id)))


def _went(segments: Sequence[Segment], outcome: Outcome, recorded: Recorded, window: Window) -> Compliance:
    """How one check went; where only sums are kept of a day, they are those of the check."""
    seen = recorded.first_seen.get(Watched(outcome.key, outcome.kind))
    if seen is None:
        return Compliance()
    went = compliance(segments, max(window.start, seen), window.end)
    days = [each for each in recorded.days if each.check == outcome.key.check and each.kind == outcome.kind]
    sums = [each for each in days if window.start <= each.start < window.end]
    if not sums:
        return went
    known = total(
        Compliance(good=each.good, bad=each.bad, unknown=each.unknown, excused=each.excused) for each in sums
    )
    without = max(0.0, went.unknown - known.known - known.unknown - known.excused)
    return total([replace(went, unknown=without), known])


def _check_line(outcome: Outcome, went: Compliance, check: Check | None, worst: Outcome | None) -> CheckLine:
    never = outcome.status in (Status.NOT_EXECUTABLE, Status.INFORMATIONAL)
    return CheckLine(
        id=outcome.key.check,
        dataset=outcome.dataset,
        element=outcome.element,
        kind=outcome.kind,
        title=outcome.title,
        status=outcome.status,
        severity=outcome.severity,
        expected=outcome.expected,
        actual=outcome.actual,
        message=outcome.message,
        cause=outcome.cause,
        path=outcome.path,
        at=outcome.at,
        compliance=Compliance() if never else went,
        dimension=outcome.dimension,
        weight=0 if never else WEIGHTS[check.severity if check else outcome.severity],
        worst=None
        if worst is None or worst.used is None
        else Worst(actual=worst.actual, used=worst.used, at=worst.at),
    )
