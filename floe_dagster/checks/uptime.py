"""Uptime: the dataset could be read for the share of time that the contract promises.

The probes of `availability` are what it is told from, weighted by time: a state holds until the next probe,
and what was not measured is neither up nor down. It is broken where even the whole of the unknown time would
not keep the promise, or where the known time does not and is at least half of all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._answered import value
from floe_dagster.checks._share import DAY, ENOUGH, EXACT, is_broken, percent, window
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.identity import item_id
from floe_dagster.plan.metric import Answer, Cause, NotMeasured, Probe
from floe_dagster.plan.past import KeptTime, Record
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import counted, moment, number, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimeTerms:
    """What is promised.

    Attributes:
        subject: what could be read, for messages.
        percent: of the time.
        seconds: how long that time is.
    """

    subject: str
    percent: float
    seconds: float


class Uptime:
    """The dataset answered for the promised share of time."""

    name = "uptime"
    cadence_seconds = 300

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each promise of a share of time, beside the probe that it is told from."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("availability"):
            if contract.servers and percent(promise):
                yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the share of time against the promise."""
        del now
        terms = cast("UptimeTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(_subject(terms), gap)
        found = value(answers[0])
        if not isinstance(found, Record) or found.share is None:
            reason = f"nothing is known of the last {span(terms.seconds)} yet"
            return Verdict.not_known(_subject(terms), NotMeasured(Cause.NO_HISTORY, reason))
        promised = terms.percent / 100
        broken = is_broken(found, promised)
        return Verdict(
            broken=broken,
            actual=round(100 * found.share, 4),
            used=None if broken or found.coverage < ENOUGH else _used(found, promised),
            message="; ".join(_said(terms, found)),
        )


def _subject(terms: UptimeTerms) -> str:
    return f"for how much of the time {terms.subject} could be read"


def _used(found: Record, promised: float) -> float | None:
    """How much of the time that it may be down is used up."""
    allowed = (1 - promised) * found.counts
    return found.bad / allowed if allowed > EXACT else None


def _said(terms: UptimeTerms, found: Record) -> Iterator[str]:
    share = _points(100 * (found.share or 0.0))
    known = ""
    if found.coverage < 1 - EXACT:
        low, high = _points(100 * found.low), _points(100 * found.high)
        known = f" ({_points(100 * found.coverage)} % of it known, so between {low} and {high} %)"
    yield f"{terms.subject} could be read {share} % of the last {span(terms.seconds)}{known}"
    yield f"{number(terms.percent)} % promised"
    if found.failures:
        row = f", {number(found.in_a_row)} in a row until now" if found.in_a_row else ""
        said = f" ({found.reason})" if found.reason else ""
        last = f", the last at {moment(found.last_failure)}{said}" if found.last_failure else ""
        yield f"{number(found.failures)} of {counted(found.looks, 'probe')} failed{last}{row}"
    yield from _too_fine(terms, found)


def _too_fine(terms: UptimeTerms, found: Record) -> Iterator[str]:
    """What there is to say where a single failed probe breaks the promise."""
    allowed = 100 - terms.percent
    step = 100 * found.every_seconds / terms.seconds
    if 0 < allowed < step:
        probes = counted(round(terms.seconds / found.every_seconds), "probe")
        often = span(math.floor(terms.seconds * allowed / 100))
        yield (
            f"one failed probe already breaks this: {probes} in {span(terms.seconds)} show steps of"
            f" {_points(step)} points; probe every {often} or more often, promise it of"
            f" {span(found.every_seconds * 100 / allowed)} or longer (valueExt), or let several failures"
            " in a row open an episode (grading.open_after)"
        )


def _points(value: float) -> str:
    """A percentage of which the next best figure is not taken for all."""
    return f"{math.floor(value * 1000 + 1e-6) / 1000:.3f}".rstrip("0").rstrip(".")


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset = scope.dataset
    place = scope.promise(promise, target, element=None, title=f"{dataset.name} could be read")
    own = (promise.id, "uptime") if promise.id else ("uptime",)
    place = replace(place, id=item_id(dataset.name, *own))
    try:
        length = window(promise, DAY).total_seconds()
    except ValueError as error:
        return replace(place.declined(str(error)), covers=())
    share = percent(promise) or 0.0
    check = place.check(
        metrics=(KeptTime(length, asked=Probe()),),
        terms=UptimeTerms(subject=dataset.name, percent=share, seconds=length),
        expected=f"readable {number(share)} % of {span(length)}",
    )
    return replace(check, schedule=None)


KIND = Uptime()
