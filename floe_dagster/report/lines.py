"""Lines: what a report says of one contract on one server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Contract, Promise
from floe_dagster.plan.check import Check, Declined, Noted, Plan, PlanItem, Status
from floe_dagster.plan.coverage import coverage
from floe_dagster.report.model import (
    Breach,
    CheckLine,
    ContractLine,
    DatasetLine,
    KindLine,
    Tally,
    gravest_first,
    tallied,
)
from floe_dagster.report.rows import FILE, Place, grouped
from floe_dagster.report.sla import Compliance, compliance, measure, timeline, total

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.segment import Segment

KINDS = ("freshness", "schema", "quality", "availability")
PERCENT = ("%", "percent", "pct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that is reported on."""

    start: datetime
    end: datetime


def contract_line(
    place: Place,
    plan: Plan | None,
    window: Window,
    *,
    latest: Sequence[Outcome],
    segments: Sequence[Segment],
    breaches: Sequence[Breach],
    first_seen: Mapping[str, datetime],
) -> ContractLine:
    """One contract on one server; all rows are of that place, and `first_seen` is by kind."""
    contract = plan.contract if plan else _remembered(place, latest)
    asked_for = {each.id for each in plan.items} if plan else {each.key.check for each in latest}
    current = [each for each in latest if each.key.check in asked_for or each.kind == FILE]
    since = {kind: max(window.start, instant) for kind, instant in first_seen.items()}
    tallies = _tallies(current, plan)
    broken = [each for each in breaches if each.broken]
    kinds = tuple(
        _kind_line(
            kind,
            contract,
            window=window,
            since=since.get(kind),
            segments=segments,
            breaches=broken,
            tally=tallied(_of(tallies, kind=kind)),
        )
        for kind in _kinds(tallies, segments)
    )
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
        observed_since=min(since.values(), default=None),
        compliance=total(each.compliance for each in kinds),
        tally=tallied(tallies.values()),
        kinds=kinds,
        datasets=tuple(
            DatasetLine(dataset=dataset, tally=tallied(_of(tallies, dataset=dataset)))
            for dataset in sorted({dataset for dataset, _ in tallies})
        ),
        checks=_checks(current, segments, since, window),
        breaches=gravest_first(broken),
        close=gravest_first(each for each in breaches if each.open and not each.broken),
        ledger=coverage(plan, _unsupported(current)) if plan else None,
        retired=len(latest) - len(current),
    )


def target_of(contract: Contract, kind: str) -> float | None:
    """The share of time that the contract promises of a kind, the strictest where it promises several.

    Only availability is promised as a share (ODCS `slaProperties`): 99.9 with a unit of percent, "99.9%", or
    0.999. A value that is none of these is no target.
    """
    if kind != "availability":
        return None
    shares = (_share(each) for each in contract.promises if each.property == "availability")
    return max((each for each in shares if each is not None), default=None)


def _share(promise: Promise) -> float | None:
    text = str(promise.value).strip()
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        return None
    in_percent = text.endswith("%") or (promise.unit or "").strip().lower() in PERCENT or value > 1
    share = value / 100 if in_percent else value
    return share if 0 < share <= 1 else None


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


def _kind_line(
    kind: str,
    contract: Contract,
    *,
    window: Window,
    since: datetime | None,
    segments: Sequence[Segment],
    breaches: Sequence[Breach],
    tally: Tally,
) -> KindLine:
    own = [each for each in segments if each.kind == kind]
    stretches = timeline(own, since, window.end) if since else ()
    return KindLine(
        kind=kind,
        observed_since=since,
        compliance=measure(stretches),
        stretches=stretches,
        target=target_of(contract, kind),
        tally=tally,
        breaches=sum(each.kind == kind for each in breaches),
    )


Tallies = Mapping[tuple[str, str], Tally]


def _tallies(outcomes: Iterable[Outcome], plan: Plan | None) -> Tallies:
    """By dataset and kind."""
    counts: Counter[tuple[str, str, str]] = Counter()
    counts.update((each.dataset, each.kind, each.status.value) for each in outcomes)
    seen = {each.key.check for each in outcomes}
    silent = (each for each in (plan.items if plan else ()) if each.id not in seen)
    counts.update((each.dataset, each.kind, _without_outcome(each)) for each in silent)
    return {
        place: Tally(**{status: counts[(*place, status)] for *_, status in every})
        for place, every in grouped(counts, lambda each: each[:2]).items()
    }


def _without_outcome(item: PlanItem) -> str:
    match item:
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


def _kinds(tallies: Tallies, segments: Iterable[Segment]) -> list[str]:
    """The kinds of which there is anything to measure, ours first."""
    promised = {
        kind for (_, kind), tally in tallies.items() if tally != Tally(informational=tally.informational)
    }
    every = promised | {each.kind for each in segments}
    return sorted(every, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind))


def _checks(
    outcomes: Iterable[Outcome], segments: Iterable[Segment], since: Mapping[str, datetime], window: Window
) -> tuple[CheckLine, ...]:
    by_key = grouped(segments, lambda each: each.key)
    lines = (
        _check_line(
            each,
            compliance(by_key.get(each.key, ()), since[each.kind], window.end)
            if each.kind in since
            else Compliance(),
        )
        for each in outcomes
    )
    return tuple(sorted(lines, key=lambda each: (each.dataset, each.kind, each.id)))


def _check_line(outcome: Outcome, went: Compliance) -> CheckLine:
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
    )
