"""Latency: the time between two columns of a row is not longer than the contract allows.

That is what the standard calls latency: from when a thing happened to when it was there to be read. Where
only one column is named it is the age of its newest value, and a check of freshness. By default no row may
take longer; with `latency: p95` in the interpretation one in twenty may.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._age import length, unfit, unit_choice, zone
from floe_dagster.checks._between import columns_between, is_between_columns
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.construct import targets
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Measured, Offenders, RowCount
from floe_dagster.plan.offence import AnyOf, Lag, Null
from floe_dagster.plan.place import Place, Scope
from floe_dagster.plan.wording import counted, number, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target


_ALLOWED = {
    "maximum": Fraction(0),
    "p99": Fraction(1),
    "p95": Fraction(5),
    "p90": Fraction(10),
    "p50": Fraction(50),
}
"""Of a hundred rows, how many may take longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyTerms:
    """What is promised.

    Attributes:
        subject: the later column, for messages.
        since: the earlier column, for messages.
        limit: how long it may take, for people.
        allowed: of a hundred rows, how many may take longer.
    """

    subject: str
    since: str
    limit: str
    allowed: Fraction


class Latency:
    """No row, or only a share of them, took longer than promised from one column to the other."""

    name = "latency"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `latency` promise between two columns."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("latency"):
            if is_between_columns(dataset, promise):
                yield from _items(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the rows that took longer against the promise."""
        del now
        terms = cast("LatencyTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(f"the latency of {terms.subject}", gap)
        late, rows, without = (_count(each) for each in answers)
        held = rows - without
        share = Fraction(100 * late, held) if held else Fraction(0)
        left_out = f"; {counted(without, 'row')} without one of the two left out" if without else ""
        return Verdict(
            broken=share > terms.allowed,
            actual=late,
            used=float(share / terms.allowed) if terms.allowed else None,
            message=f"{terms.subject}: {counted(late, 'row')} of {number(held)} came more than {terms.limit}"
            f" after {terms.since}; {_promised(terms)} promised{left_out}",
        )


def _items(scope: Scope, promise: Promise, target: Target) -> Iterable[PlanItem]:
    dataset = scope.dataset
    try:
        names = columns_between(dataset, promise, target)
    except ValueError as error:
        title = f"latency of {target.column or dataset.name}"
        place = scope.promise(promise, target, element=target.column, title=title)
        yield replace(place, covers=_covered(scope, promise, target)).declined(str(error))
        return
    if names is not None:
        title = f"latency from {' to '.join(names)}"
        place = scope.promise(promise, target, element=", ".join(names), title=title)
        yield _item(scope, promise, replace(place, covers=_covered(scope, promise, target)), names)


def _covered(scope: Scope, promise: Promise, target: Target) -> tuple[str, ...]:
    """Where the promise names both columns, both targets are dealt with at once."""
    several = len(promise.elements) > 1
    return (
        tuple(each.construct for each in targets(scope.contract, promise)) if several else (target.construct,)
    )


def _item(scope: Scope, promise: Promise, place: Place, names: tuple[str, str]) -> PlanItem:
    dataset, choices = scope.dataset, scope.choices
    since, until = (dataset.column(each) for each in names)
    problem = unfit(dataset, names[0]) or unfit(dataset, names[1])
    if since is None or until is None or problem:
        return place.declined(problem or "")
    try:
        limit = length(promise, choices)
    except ValueError as error:
        return place.declined(str(error))
    zones = (zone(since, choices), zone(until, choices))
    late = Offenders(
        Lag(since.physical_name, until.physical_name, limit.total_seconds(), zone=zones[0], to_zone=zones[1])
    )
    without = Offenders(AnyOf((Null(since.physical_name), Null(until.physical_name))))
    allowed = _ALLOWED[choices["latency"]]
    terms = LatencyTerms(
        subject=f"{dataset.name}.{until.name}", since=since.name, limit=span(limit), allowed=allowed
    )
    share = f", of {number(100 - float(allowed))} % of the rows" if allowed else ""
    return place.check(
        metrics=(late, RowCount(), without),
        terms=terms,
        expected=f"at most {span(limit)} after {since.name}{share}",
        interpretation=(
            ("naive_timestamps", " and ".join(dict.fromkeys(zones))),
            *chosen(choices, "latency"),
            *unit_choice(promise, choices),
        ),
        offending=(late,),
    )


def _promised(terms: LatencyTerms) -> str:
    return f"at most {number(float(terms.allowed))} % of them" if terms.allowed else "none"


def _count(answer: Answer) -> int:
    value = answer.value if isinstance(answer, Measured) else None
    return value if isinstance(value, int) else 0


KIND = Latency()
