"""Error rate: the dataset is wrong for no more of the time than the contract allows.

The standard does not say of what the rate is. Rows of several rules cannot be added up, so it is that of the
known time in which at least one quality check of the dataset was broken, or of the looks that found one so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._answered import value
from floe_dagster.checks._share import ENOUGH, EXACT, is_broken, percent, window
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, NotMeasured
from floe_dagster.plan.past import KeptTime, Record
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import counted, moment, number, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target

_QUALITY = "quality"
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRateTerms:
    """What is promised.

    Attributes:
        subject: what is wrong, for messages.
        limit: for how many percent it may be.
        seconds: of how long a time.
        of: of the time, or of the looks.
    """

    subject: str
    limit: float
    seconds: float
    of: str


class ErrorRate:
    """Quality checks are broken for no more than the promised share."""

    name = "error_rate"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `errorRate` promise."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("errorRate"):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the share against the promise."""
        del now
        terms = cast("ErrorRateTerms", check.terms)
        subject = f"the error rate of {terms.subject}"
        if gap := first_gap(answers):
            return Verdict.not_known(subject, gap)
        found = value(answers[0])
        share = _share(found, terms.of) if isinstance(found, Record) else None
        if not isinstance(found, Record) or share is None:
            reason = f"no quality check of it was measured in the last {span(terms.seconds)}"
            return Verdict.not_known(subject, NotMeasured(Cause.NO_HISTORY, reason))
        limit = terms.limit / 100
        enough = terms.of == "looks" or found.coverage >= ENOUGH
        broken = share > limit + EXACT if terms.of == "looks" else is_broken(found, 1 - limit)
        last = f"; the last at {moment(found.last_failure)}" if found.last_failure else ""
        return Verdict(
            broken=broken,
            actual=round(100 * share, 4),
            used=share / limit if limit and enough and not broken else None,
            message=f"{terms.subject} broke a quality check for {number(round(100 * share, 3))} % of the"
            f" {_of(terms, found)} in the last {span(terms.seconds)}; {check.expected} promised{last}",
        )


def _share(found: Record, of: str) -> float | None:
    if of == "looks":
        return found.failures / found.looks if found.looks else None
    return None if found.share is None else 1 - found.share


def _of(terms: ErrorRateTerms, found: Record) -> str:
    if terms.of == "looks":
        return counted(found.looks, "measurement")
    return f"known time ({number(round(100 * found.coverage, 1))} % of it)"


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset = scope.dataset
    title = f"how often {dataset.name} breaks a quality check"
    place = scope.promise(promise, target, element=target.column, title=title)
    limit = percent(promise)
    if limit is None:
        return place.declined(
            f'"{promise.value}" is no share; write it in percent, such as 1 with the unit %'
        )
    try:
        length = window(promise, _MONTH).total_seconds()
    except ValueError as error:
        return place.declined(str(error))
    return place.check(
        metrics=(KeptTime(length, kind=_QUALITY),),
        terms=ErrorRateTerms(
            subject=dataset.name, limit=limit, seconds=length, of=scope.choices["error_rate"]
        ),
        expected=f"at most {number(limit)} % in {span(length)}",
        interpretation=chosen(scope.choices, "error_rate"),
    )


KIND = ErrorRate()
