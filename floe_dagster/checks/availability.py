"""Availability: the dataset can be read now.

One probe says whether it answers; over what share of time it does is computed from the history of the probes.
What keeps us from asking, such as a password or a lock, is unknown and not an outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._share import percent
from floe_dagster.plan.check import Check, PlanItem, Verdict
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Probe
from floe_dagster.plan.place import Place, Scope
from floe_dagster.plan.wording import number, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target

_DOWN = frozenset({Cause.UNREACHABLE, Cause.TIMEOUT, Cause.NO_DATASET})


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityTerms:
    """What is promised.

    Attributes:
        subject: what is available, for messages.
        percent: of the time, where the contract promises a share of it.
    """

    subject: str
    percent: float | None = None


class Availability:
    """The dataset answers."""

    name = "availability"
    cadence_seconds = 300

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One probe of each dataset that has a server, with the share of time that is promised of it."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        promised = list(scope.promised(self.name))
        for promise, target in promised:
            yield _promised(scope, promise, target)
        if contract.servers and not any(_percent(promise) is not None for promise, _ in promised):
            implied = scope.part(
                None, self.name, path=dataset.path, line=dataset.line, title=_title(dataset), covers=()
            )
            yield _check(implied, None)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Say whether the probe was answered."""
        del now
        terms = cast("AvailabilityTerms", check.terms)
        match answers[0]:
            case NotMeasured(cause=cause, reason=reason) if cause in _DOWN:
                return Verdict(broken=True, message=f"{terms.subject} cannot be read: {reason}")
            case NotMeasured() as gap:
                return Verdict.not_known(f"whether {terms.subject} can be read", gap)
            case Measured(value=seconds):
                taken = float(seconds) if isinstance(seconds, int | float) else 0.0
                return Verdict(
                    broken=False,
                    actual=round(taken * 1000, 3),
                    message=f"{terms.subject} answered in {span(taken)}",
                )


def _title(dataset: Dataset) -> str:
    return f"{dataset.name} can be read"


def _promised(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    place = scope.promise(promise, target, element=None, title=_title(scope.dataset))
    percent = _percent(promise)
    if not scope.contract.servers:
        return place.declined("the contract has no servers, so there is nothing to reach")
    if percent is None:
        return place.declined(f'"{promise.value}" is no share of time; write it in percent, such as 99.9')
    return _check(place, percent)


def _check(place: Place, percent: float | None) -> Check:
    return place.check(
        metrics=(Probe(),),
        terms=AvailabilityTerms(subject=place.dataset.name, percent=percent),
        expected="readable" if percent is None else f"readable, {number(percent)} % of the time",
    )


def _percent(promise: Promise) -> float | None:
    """The promised share of time; none at all is no promise."""
    return percent(promise) or None


KIND = Availability()
