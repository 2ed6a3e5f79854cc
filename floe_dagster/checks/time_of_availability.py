"""Time of availability: the data of a day is there by the time of day that the contract promises.

Broken from the deadline until that data is there. What became of the deadlines of the last weeks, by what was
seen of the newest data at the time, stands in the message: a deadline that was missed stays missed, however
soon the data came after it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from floe_dagster.checks._age import detected, unfit, zone
from floe_dagster.checks._answered import UNWRITTEN, ahead, value
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.holiday import PROPERTY, written_holidays
from floe_dagster.plan.identity import item_id
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, LastChange, Newest, NotMeasured
from floe_dagster.plan.nested import found_in, ref_of
from floe_dagster.plan.past import Deadline, Deadlines, Due, Met
from floe_dagster.plan.place import Place, Scope
from floe_dagster.plan.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.contract.model import Column, Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target

LOOKS_BACK = timedelta(days=30)

_WRITTEN = re.compile(
    r"(?P<by>\d{1,2}:\d{2}(?::\d{2})?)\s*(?P<zone>[A-Za-z][A-Za-z0-9_+\-/]*|[+-]\d{2}:?\d{2})?"
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfAvailabilityTerms:
    """What is promised.

    Attributes:
        subject: what is there, for messages.
        by: by when, for people.
        zone: whose clock it is.
        future: what a stamp in the future means: unknown, fresh or broken.
        has_rows: whether no newest value means no rows, and not that nobody knows.
    """

    subject: str
    by: str
    zone: str
    future: str
    has_rows: bool


class TimeOfAvailability:
    """The data of a day is there by a time of day."""

    name = "time_of_availability"
    cadence_seconds = 900

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `timeOfAvailability` promise and element; two with other drivers are two."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised("timeOfAvailability"):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Say whether what was due last is there, and how the deadlines before it went."""
        terms = cast("TimeOfAvailabilityTerms", check.terms)
        subject = f"whether {terms.subject} was there by {terms.by}"
        if gap := first_gap(answers):
            return Verdict.not_known(subject, gap)
        newest, due = map(value, answers)
        if not isinstance(due, Deadlines) or not isinstance(newest, datetime | None):
            return Verdict.not_known(subject, NotMeasured(Cause.BROKEN, "the newest value is no timestamp"))
        if newest is None and not terms.has_rows:
            return Verdict.not_known(subject, UNWRITTEN)
        if newest is not None and terms.future != "fresh" and (what := ahead(newest, now)):
            if terms.future == "unknown":
                return Verdict.not_known(subject, NotMeasured(Cause.BROKEN, what))
            return Verdict(broken=True, message=f"{terms.subject}: {what}")
        return _held(terms, newest, due.passed)


def _held(terms: TimeOfAvailabilityTerms, newest: datetime | None, passed: tuple[Deadline, ...]) -> Verdict:
    seen = newest.astimezone(UTC).isoformat() if newest else None
    newest_at = f"newest {moment(newest.astimezone(UTC))}" if newest else "it has no rows"
    if not passed:
        return Verdict(
            broken=False,
            actual=seen,
            message=f"{terms.subject} was not due yet ({newest_at}); {terms.by} promised",
        )
    last = passed[-1]
    there = newest is not None and newest >= last.since
    what = f"{terms.subject} of {last.day}"
    if there:
        late = ", which came too late" if last.met is Met.MISS else ""
        message = f"{what} is there{late} ({newest_at})"
    elif last.met is Met.EXCUSED:
        message = f"{what} is not there ({newest_at}), which maintenance excuses"
    else:
        message = f"{what} was not there by {terms.by} ({newest_at})"
    return Verdict(
        broken=not there and last.met is not Met.EXCUSED,
        actual=seen,
        message=f"{message}; {terms.by} promised{_before(passed)}",
    )


def _before(passed: tuple[Deadline, ...]) -> str:
    known = [each for each in passed if each.met in (Met.HIT, Met.MISS)]
    missed = sum(each.met is Met.MISS for each in known)
    return f"; missed {missed} of {len(known)} since {known[0].day}" if known else ""


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    dataset, choices = scope.dataset, scope.choices
    found = detected(dataset) if target.column is None else found_in(dataset, target.column)
    element = found.name if found else target.column
    title = f"{element or dataset.name} is there by {promise.value}"
    place = _named(scope, scope.promise(promise, target, element=element, title=title), promise)
    if target.column is not None and (problem := unfit(dataset, target.column, nested=True)):
        return place.declined(problem)
    try:
        by, there = deadline(promise, zone(found, choices) if found else choices["naive_timestamps"])
        days = written_holidays(dataset.custom.get(PROPERTY, scope.contract.custom.get(PROPERTY)))
    except ValueError as error:
        return place.declined(str(error))
    asked = Newest(ref_of(found), _read_in(found, there, choices)) if found else LastChange()
    before = 1 if choices["time_of_availability"] == "day_before" else 0
    schedule = promise.schedule if _is_schedule(promise.schedule) else None
    due = Due(
        asked,
        by,
        there,
        LOOKS_BACK.total_seconds(),
        schedule=schedule,
        holidays=days,
        days_before=before,
    )
    when = f"by {by:%H:%M} {there}" + (f", on days of {schedule}" if schedule else "")
    check = place.check(
        metrics=(asked, due),
        terms=TimeOfAvailabilityTerms(
            subject=f"{dataset.name}.{element}" if element else dataset.name,
            by=f"{by:%H:%M} {there}",
            zone=there,
            future=choices["future_stamps"],
            has_rows=found is not None,
        ),
        expected=when,
        interpretation=(
            *((("naive_timestamps", asked.zone),) if isinstance(asked, Newest) else ()),
            *chosen(choices, "time_of_availability", "future_stamps"),
        ),
    )
    return replace(check, schedule=None)


def _named(scope: Scope, place: Place, promise: Promise) -> Place:
    """A place of its own for each driver."""
    if promise.id or not promise.driver:
        return place
    return replace(
        place, id=item_id(scope.dataset.name, place.element, "time_of_availability", promise.driver)
    )


def _read_in(column: Column, there: str, choices: Mapping[str, str]) -> str:
    """A date has no zone of its own: the day that is promised is that of the deadline."""
    return there if column.logical_type == "date" else zone(column, choices)


def deadline(promise: Promise, default: str) -> tuple[time, str]:
    """The time of day, and the zone: its own, that of the `valueExt`, else the default.

    Raises:
        ValueError: it is none; the message says why.
    """
    text = str(promise.value).strip()
    match = _WRITTEN.fullmatch(text)
    hint = "write it as 07:00, 07:00+01:00 or 07:00 Europe/Berlin"
    if match is None:
        raise ValueError(f'"{text[:40]}" is no time of day; {hint}')
    try:
        by = time.fromisoformat(match["by"].zfill(5))
    except ValueError:
        raise ValueError(f'"{text[:40]}" is no time of day; {hint}') from None
    return by, _zone(match["zone"] or str(promise.value_ext or default))


def _zone(written: str) -> str:
    if written in ("Z", "z"):
        return "UTC"
    if offset := _OFFSET.fullmatch(written):
        sign, hours, minutes = offset.groups()
        if minutes != "00" or int(hours) > (14 if sign == "+" else 12):
            raise ValueError(f"an offset of {written} is not whole hours; name a zone, such as Asia/Kolkata")
        # the names of that database count westwards
        return "UTC" if not int(hours) else f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}"
    with suppress(ValueError, OSError, KeyError):
        return ZoneInfo(written).key
    raise ValueError(f'there is no time zone "{written[:40]}"; write it as Europe/Berlin')


def _is_schedule(schedule: str | None) -> bool:
    if schedule is None or len(schedule) > 200 or len(schedule.split()) != 5:
        return False
    from croniter import croniter  # noqa: PLC0415

    return bool(croniter.is_valid(schedule))


KIND = TimeOfAvailability()
