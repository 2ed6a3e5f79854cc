"""Throughput: as many rows come in an interval as the contract promises.

What the standard calls the rate of data is read from the row counts that were recorded: what came since the
last count that is an interval old, per interval. The number of an outcome is therefore how many rows there
were; how many came stands in its message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._answered import value
from floe_dagster.contract.duration import duration
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, NotMeasured, RowCount
from floe_dagster.plan.past import Earlier, Looks
from floe_dagster.plan.place import Scope
from floe_dagster.plan.threshold import as_number
from floe_dagster.plan.wording import counted, number, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target

_UNIT = re.compile(r"(?:rows?|records?)?\s*(?:/|\bper\b)?\s*(.*)", re.IGNORECASE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughputTerms:
    """What is promised.

    Attributes:
        subject: what the rows come into, for messages.
        rows: how many have to come at least.
        interval: in how long a time.
        counting: whether what was deleted is left out of account (rises), or counts against it (net).
    """

    subject: str
    rows: float
    interval: timedelta
    counting: str


class Throughput:
    """Enough rows come in each interval."""

    name = "throughput"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `throughput` promise."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("throughput"):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the rows that came against the promise."""
        terms = cast("ThroughputTerms", check.terms)
        subject = f"how many rows come into {terms.subject}"
        if gap := first_gap(answers):
            return Verdict.not_known(subject, gap)
        rows, looks = map(value, answers)
        if not isinstance(rows, int) or not isinstance(looks, Looks):
            return Verdict.not_known(subject, NotMeasured(Cause.BROKEN, "there is no count of its rows"))
        counts = [(at, float(each)) for at, each in looks.seen if isinstance(each, int | float)]
        since = max((at for at, _ in counts if at <= now - terms.interval), default=None)
        if since is None:
            reason = f"its rows were not counted {span(terms.interval)} ago ({number(rows)} now)"
            # what is counted now is what the next ones are held against, and so has to be on record
            return replace(Verdict.not_known(subject, NotMeasured(Cause.NO_HISTORY, reason)), actual=rows)
        every = [each for at, each in counts if at >= since] + [float(rows)]
        came = _came(every, terms.counting)
        rate = came * (terms.interval / (now - since))
        return Verdict(
            broken=rate < terms.rows,
            actual=rows,
            message=f"{counted(round(came), 'row')} came into {terms.subject} in {span(now - since)}"
            f" ({number(round(rate, 2))} in {span(terms.interval)}, {number(rows)} in all);"
            f" {check.expected} promised",
        )


def _came(counts: list[float], counting: str) -> float:
    if counting == "net":
        return counts[-1] - counts[0]
    return sum(max(later - earlier, 0.0) for earlier, later in pairwise(counts))


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset = scope.dataset
    place = scope.promise(
        promise, target, element=target.column, title=f"enough rows come into {dataset.name}"
    )
    rows = as_number(promise.value)
    if rows is None or rows <= 0:
        return place.declined(f'"{promise.value}" is no number of rows; write 1000 and, as the unit, rows/h')
    try:
        interval = _interval(promise)
    except ValueError as error:
        return place.declined(f"{error}; the unit has to say in which time they come, such as rows/h")
    back = (interval + max(interval, _DAY)).total_seconds()
    return place.check(
        metrics=(RowCount(), Earlier(RowCount(), back)),
        terms=ThroughputTerms(
            subject=dataset.name,
            rows=float(rows),
            interval=interval,
            counting=scope.choices["throughput"],
        ),
        expected=f"at least {counted(rows, 'row')} in {span(interval)}",
        interpretation=chosen(scope.choices, "throughput"),
    )


def _interval(promise: Promise) -> timedelta:
    """In which time the rows come: `rows/h`, `rows per 15 min`, or `rows/min` with a `valueExt` of 15."""
    match = _UNIT.fullmatch((promise.unit or "").strip())
    unit = match[1].strip() if match else ""
    if not unit:
        raise ValueError("the promise has no unit")
    if unit[:1].isdigit():
        found = duration(unit)
    else:
        found = duration(1 if promise.value_ext is None else promise.value_ext, unit)
    if not timedelta(seconds=1) <= found <= 31 * _DAY:
        raise ValueError(f"an interval of {span(found)} is not between a second and a month")
    return found


KIND = Throughput()
