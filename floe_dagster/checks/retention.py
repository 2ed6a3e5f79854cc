"""Retention: the oldest row is as old as the contract says.

The standard does not say whether data is kept for at least or for at most this long. Readers count on
history, so it is at least, unless the interpretation says otherwise (data protection promises deletion).
Months and years are those of the calendar. Without an element it is a partition, or a column of a usual name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._age import of_history, unfit, unit_choice, zone
from floe_dagster.checks._answered import value
from floe_dagster.checks._term import Term, term
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, NotMeasured, Oldest
from floe_dagster.plan.nested import found_in, ref_of
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTerms:
    """What is promised.

    Attributes:
        subject: what is kept, for messages.
        limit: how long.
        at_least: whether it is kept for at least this long; else for at most.
    """

    subject: str
    limit: Term
    at_least: bool


class Retention:
    """The oldest row is as old as promised."""

    name = "retention"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `retention` promise and element."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("retention"):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the age of the oldest row against the promise."""
        terms = cast("RetentionTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(terms.subject, gap)
        oldest = value(answers[0])
        if oldest is None:
            return Verdict(
                broken=terms.at_least,
                message=f"{terms.subject} has no rows; {check.expected} promised",
                actual=0,
            )
        if not isinstance(oldest, datetime):
            reason = "the oldest value is no timestamp; give the column the logicalType date or timestamp"
            return Verdict.not_known(terms.subject, NotMeasured(Cause.BROKEN, reason))
        age, bound = max(now - oldest, timedelta(0)), terms.limit.before(now)
        return Verdict(
            broken=oldest > bound if terms.at_least else oldest < bound,
            actual=round(age.total_seconds(), 3),
            used=None if terms.at_least else age / (now - bound),
            message=f"{terms.subject} goes back {span(age)} (to {moment(oldest.astimezone(UTC))});"
            f" {check.expected} promised",
        )


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset, choices = scope.dataset, scope.choices
    found = of_history(dataset) if target.column is None else found_in(dataset, target.column)
    element = found.name if found else target.column
    place = scope.promise(
        promise, target, element=found or element, title=f"how far back {element or dataset.name} goes"
    )
    if element is None:
        return place.declined("no column says how old a row is; name one as the promise's element")
    problem = unfit(dataset, element, nested=True)
    if found is None or problem:
        return place.declined(problem or "")
    try:
        limit = term(promise, choices)
    except ValueError as error:
        return place.declined(str(error))
    at_least = choices["retention"] == "at_least"
    read_in = zone(found, choices)
    return place.check(
        metrics=(Oldest(ref_of(found), read_in),),
        terms=RetentionTerms(subject=f"{dataset.name}.{element}", limit=limit, at_least=at_least),
        expected=f"{'at least' if at_least else 'at most'} {limit}",
        interpretation=(
            ("naive_timestamps", read_in),
            *chosen(choices, "retention"),
            *unit_choice(promise, choices),
        ),
    )


KIND = Retention()
