"""Lifecycle: what the contract's own dates say, with no question to any warehouse.

The ends of support and of life are the contract's, not a dataset's; they are told once, with its first one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from floe_dagster.plan.check import Check, PlanItem, Severity, Verdict
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.contract.model import Contract, Dataset, Promise, Scalar
    from floe_dagster.plan.construct import Target
    from floe_dagster.plan.metric import Answer

NOTICE = timedelta(days=30)
"""How long before an end its coming is told."""

_ENDS = {"endOfSupport": "support", "endOfLife": "life"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleTerms:
    """What ends, and when."""

    subject: str
    end: datetime


class Lifecycle:
    """The contract has not come to its end."""

    name = "lifecycle"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each end, one note for general availability."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("generalAvailability", *_ENDS):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Say whether the end has come, or is near."""
        del answers
        terms = cast("LifecycleTerms", check.terms)
        left = terms.end - now
        days = round(left.total_seconds() / 86400, 3)
        day = f"{terms.end.astimezone(UTC):%Y-%m-%d}"
        if left <= timedelta(0):
            message = (
                f"{terms.subject} ended {span(-left)} ago, on {day}; move to its successor, or extend it"
            )
            return Verdict(broken=True, actual=days, message=message)
        return Verdict(
            broken=False,
            actual=days,
            severity=Severity.WARNING if left <= NOTICE else None,
            message=f"{terms.subject} ends in {span(left)}, on {day}",
        )


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    what = _ENDS.get(promise.property)
    title = f"end of {what}" if what else "general availability"
    place = scope.promise(promise, target, element=target.column, title=title)
    day = _day(promise.value)
    if day is None:
        return place.declined(
            f'"{promise.value}" is no date; write it as 2026-12-31, or with a time and a zone'
        )
    if what is None:
        return place.noted(f"generally available from {day:%Y-%m-%d}")
    return place.check(
        metrics=(),
        terms=LifecycleTerms(subject=f"the {what} of {scope.contract.title}", end=day),
        expected=f"before {day:%Y-%m-%d}",
    )


def _day(written: Scalar) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


KIND = Lifecycle()
