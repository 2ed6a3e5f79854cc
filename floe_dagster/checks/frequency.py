"""Frequency: new data arrived as often as the contract says.

What the standard calls "how often data is updated" is read from a column: its distinct values are arrivals,
and between two of them lies no longer stretch than promised, nor from the last one until now. Data that is
due every day comes at five past one day and at five to the next, so by default it is missing only where it is
late by half of what is promised; two arrivals that fall out in a row are never hidden by that, nor is one.

A dataset without a column of arrivals says at best when it was last written. Arrivals are then what was seen
of that at each look, and nothing arrived from one of them until the last look that still showed it; what
came in between two looks and was overwritten is not missed. The number of an outcome is what was seen.

Where the promise has a schedule, data is expected at its times only: no weekends are missed from Monday to
Friday. The schedule says when data comes and not when to look, so the check is measured as often as others.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from floe_dagster.checks._age import detected, length, unfit, unit_choice, zone
from floe_dagster.checks._answered import UNWRITTEN, ahead, value
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Arrivals, Cause, Gaps, LastChange, Measured, NotMeasured
from floe_dagster.plan.past import Earlier, Looks
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target

_PERIODS = {"ten_periods": 10, "hundred_periods": 100, "everything": None}
_YEAR_SECONDS = 365 * 86400.0
_LOOKED_AT = datetime(2024, 2, 29, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyTerms:
    """What is promised.

    Attributes:
        subject: what arrives, for messages.
        every: how often, as promised.
        allowed: how long a stretch without an arrival may be.
        schedule: a cron expression of the times at which data is expected; None where it is at any.
        zone: of the schedule.
        future: what a stamp in the future means: unknown, fresh or broken.
        empty: what a dataset without rows is: stale or fresh.
        column: whose values arrive; None where it is the dataset, each time that it is written.
    """

    subject: str
    every: timedelta
    allowed: timedelta
    schedule: str | None
    zone: str
    future: str
    empty: str
    column: str | None


class Frequency:
    """No stretch without new data is longer than promised."""

    name = "frequency"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `frequency` promise and element."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("frequency"):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold every stretch without new data against the promise, the one until now among them."""
        terms = cast("FrequencyTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(f"how often {terms.subject} arrives", gap)
        if terms.column is None:
            return _seen(self, check, answers, now)
        found = value(answers[0])
        if not isinstance(found, Arrivals):
            return _without_rows(terms, check.expected)
        if terms.future != "fresh" and (what := ahead(found.newest, now)):
            return _from_the_future(terms, what)
        missed = max(_missed(terms, found, now), key=_length, default=None)
        quiet = max(now - found.newest, timedelta(0))
        longest = _length(missed) if missed else quiet
        return Verdict(
            broken=missed is not None,
            actual=round(longest.total_seconds(), 3),
            # a day is all of a promise of every day, and nothing to be warned of
            used=None if missed or terms.allowed == terms.every else quiet / terms.allowed,
            message=_message(terms, check.expected, missed, found.newest, now),
        )


def _seen(kind: Frequency, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
    """The verdict by when the dataset was last written, now and at earlier looks."""
    terms = cast("FrequencyTerms", check.terms)
    newest, looks = map(value, answers)
    if not isinstance(newest, datetime) or not isinstance(looks, Looks):
        return Verdict.not_known(f"how often {terms.subject} arrives", UNWRITTEN)
    shown = dict[datetime, datetime]()
    for at, each in looks.seen:
        if isinstance(each, datetime):
            shown[each] = at
    gaps = [(each, at) for each, at in shown.items() if each != newest and at - each > terms.allowed]
    arrivals = Arrivals(newest, tuple(sorted(gaps, reverse=True)))
    named = replace(check, terms=replace(terms, column=terms.subject))
    verdict = kind.judge(named, (Measured(arrivals),), now)
    return replace(verdict, actual=newest.astimezone(UTC).isoformat())


Stretch = tuple[datetime, datetime]


def _length(stretch: Stretch) -> timedelta:
    return stretch[1] - stretch[0]


def _missed(terms: FrequencyTerms, found: Arrivals, now: datetime) -> Iterator[Stretch]:
    """The stretches that are too long."""
    for since, until in ((found.newest, now), *found.gaps):
        too_long = until - since > terms.allowed
        if too_long and (terms.schedule is None or _is_due(terms, terms.schedule, since, until)):
            yield since, until


def _is_due(terms: FrequencyTerms, schedule: str, since: datetime, until: datetime) -> bool:
    """Whether a time at which data was expected went by; it may come half of what is promised from it."""
    from croniter import croniter  # noqa: PLC0415

    around = terms.every / 2
    start = (since + around).astimezone(ZoneInfo(terms.zone))
    expected = croniter(schedule, start).get_next(datetime)
    return bool(until > expected + around)


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset, choices = scope.dataset, scope.choices
    found = detected(dataset) if target.column is None else dataset.column(target.column)
    element = found.name if found else target.column
    title = f"how often {element or dataset.name} arrives"
    place = scope.promise(promise, target, element=element, title=title)
    problem = unfit(dataset, element) if element is not None else None
    if problem:
        return place.declined(problem)
    try:
        every = length(promise, choices)
        _check_schedule(promise.schedule)
    except ValueError as error:
        return place.declined(str(error))
    # dates are a day apart, also where a clock is changed between them
    is_date = found is not None and found.logical_type == "date"
    read_in = "UTC" if is_date else zone(found, choices) if found else choices["naive_timestamps"]
    allowed = every if promise.schedule or choices["frequency"] == "none" else every * 1.5
    periods = _PERIODS[choices["frequency_window"]]
    within = None if periods is None else (every * periods).total_seconds()
    check = place.check(
        metrics=(Gaps(found.physical_name, allowed.total_seconds(), within, read_in),)
        if found
        else (LastChange(), Earlier(LastChange(), within or _YEAR_SECONDS)),
        terms=FrequencyTerms(
            subject=f"{dataset.name}.{element}" if element else dataset.name,
            every=every,
            allowed=allowed,
            schedule=promise.schedule,
            zone=read_in,
            future=choices["future_stamps"],
            empty=choices["empty_dataset"],
            column=element,
        ),
        expected=f"every {span(every)}" + (f", at {promise.schedule}" if promise.schedule else ""),
        interpretation=(
            ("naive_timestamps", read_in),
            *chosen(choices, "frequency", "frequency_window", "future_stamps", "empty_dataset"),
            *unit_choice(promise, choices),
        ),
    )
    return replace(check, schedule=None)


def _check_schedule(schedule: str | None) -> None:
    """Whether a schedule has times.

    Raises:
        ValueError: it has none.
    """
    if schedule is None:
        return
    from croniter import CroniterError, croniter  # noqa: PLC0415

    # a sixth field would be seconds, which a scheduler does not take
    if len(schedule) <= 200 and len(schedule.split()) == 5:
        with suppress(CroniterError):
            croniter(schedule, _LOOKED_AT).get_next(datetime)
            return
    raise ValueError(f'"{schedule[:80]}" is no schedule; write it as cron does: 0 6 * * 1-5')


def _without_rows(terms: FrequencyTerms, expected: str) -> Verdict:
    if terms.empty == "fresh":
        message = f"{terms.subject} has no rows, which counts as fresh here; {expected} promised"
        return Verdict(broken=False, message=message)
    message = f"{terms.subject} has no rows, so nothing ever arrived; {expected} promised"
    return Verdict(broken=True, message=message)


def _from_the_future(terms: FrequencyTerms, what: str) -> Verdict:
    if terms.future == "broken":
        return Verdict(broken=True, message=f"{terms.subject}: {what}")
    reason = f"{what}, and so does not say when data arrived last"
    return Verdict.not_known(f"how often {terms.subject} arrives", NotMeasured(Cause.BROKEN, reason))


def _message(
    terms: FrequencyTerms, expected: str, missed: Stretch | None, newest: datetime, now: datetime
) -> str:
    if missed is None:
        return f"{terms.subject} arrives as promised (newest {moment(newest)}); {expected} promised"
    since, until = (moment(each.astimezone(UTC)) for each in missed)
    if missed[1] == now:
        until = "now"
    what = f"nothing arrived for {span(_length(missed))} ({since} to {until})"
    return f"{terms.subject}: {what}; {expected} promised"


KIND = Frequency()
