"""Freshness: the newest row is not older than the contract allows.

The standard prefers `latency` and people write `freshness`; both are the age of the element's newest value.
A latency between two columns of a row is no age, and a check of its own.
Stamps up to a minute ahead are clock skew, and of age zero. Later ones say nothing about the age: one wrong
stamp would hide a dead pipeline for ever, so the age is then unknown (`future_stamps`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._age import detected, length, unfit, unit_choice, zone
from floe_dagster.checks._answered import UNWRITTEN, ahead, value
from floe_dagster.checks._between import is_between_columns
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, LastChange, Newest, NotMeasured
from floe_dagster.plan.nested import found_in, ref_of
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshnessTerms:
    """What is promised.

    Attributes:
        subject: what is fresh, for messages.
        column: whose newest value counts, by logical name; None where the table's last change does.
        limit: how old it may be.
        future: what a stamp in the future means: unknown, fresh or broken.
        empty: what a dataset without rows is: stale or fresh.
    """

    subject: str
    column: str | None
    limit: timedelta
    future: str
    empty: str


class Freshness:
    """The newest row is not older than promised."""

    name = "freshness"
    cadence_seconds = 900

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `freshness` or `latency` promise and element."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("freshness", "latency"):
            if not is_between_columns(dataset, promise):
                yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the age of the newest row against the promise."""
        terms = cast("FreshnessTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(terms.subject, gap)
        newest = value(answers[0])
        if newest is None:
            return _without_rows(terms)
        if not isinstance(newest, datetime):
            reason = "the newest value is no timestamp; give the column the logicalType date or timestamp"
            return Verdict.not_known(terms.subject, NotMeasured(Cause.BROKEN, reason))
        if what := ahead(newest, now):
            return _from_the_future(terms, what, newest - now)
        return _aged(terms, newest, max(now - newest, timedelta(0)))


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset, choices = scope.dataset, scope.choices
    found = detected(dataset) if target.column is None else found_in(dataset, target.column)
    element = found.name if found else target.column
    title = f"{element or dataset.name} is fresh"
    place = scope.promise(promise, target, element=found or element, title=title)
    if target.column is not None and (problem := unfit(dataset, target.column, nested=True)):
        return place.declined(problem)
    try:
        limit = length(promise, choices)
    except ValueError as error:
        return place.declined(str(error))
    read_in = zone(found, choices) if found else ""
    return place.check(
        metrics=(Newest(ref_of(found), read_in) if found else LastChange(),),
        terms=FreshnessTerms(
            subject=f"{dataset.name}.{element}" if element else dataset.name,
            column=element,
            limit=limit,
            future=choices["future_stamps"],
            empty=choices["empty_dataset"],
        ),
        expected=f"at most {span(limit)} old",
        interpretation=(
            *((("naive_timestamps", read_in),) if found else ()),
            *chosen(choices, "future_stamps", "empty_dataset"),
            *unit_choice(promise, choices),
        ),
    )


def _without_rows(terms: FreshnessTerms) -> Verdict:
    if terms.column is None:
        return Verdict.not_known(terms.subject, UNWRITTEN)
    if terms.empty == "fresh":
        return Verdict(broken=False, message=f"{terms.subject} has no rows, which counts as fresh here")
    return Verdict(
        broken=True,
        message=f"{terms.subject} has no rows, so nothing is fresh; at most {span(terms.limit)} promised",
    )


def _from_the_future(terms: FreshnessTerms, what: str, ahead_by: timedelta) -> Verdict:
    if terms.future == "unknown":
        return Verdict.not_known(
            terms.subject, NotMeasured(Cause.BROKEN, f"{what}, and so says nothing of the age")
        )
    return Verdict(
        broken=terms.future == "broken",
        actual=-round(ahead_by.total_seconds(), 3),
        message=f"{terms.subject}: {what}",
    )


def _aged(terms: FreshnessTerms, newest: datetime, age: timedelta) -> Verdict:
    newest_at = f"(newest {moment(newest.astimezone(UTC))})"
    return Verdict(
        broken=age > terms.limit,
        actual=round(age.total_seconds(), 3),
        used=age / terms.limit,
        message=f"{terms.subject} is {span(age)} old {newest_at}; at most {span(terms.limit)} promised",
    )


KIND = Freshness()
