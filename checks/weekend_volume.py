"""Weekend volume: a dataset that is smaller on weekends is not held to the promise of a weekday.

    quality:
      - type: custom
        engine: floe
        name: enough bookings for the day
        severity: warning
        implementation: {check: weekend_volume, weekday: 1000, weekend: 200, zone: Europe/Berlin}

A check kind never asks and never looks at the clock: `compile` says what to ask, somebody else asks it, and
`judge` is given the answers and the time. So a test of a Saturday needs no Saturday.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from floe_dagster.plan.check import Check, Verdict, first_gap
from floe_dagster.plan.custom import HouseRule, house_rules
from floe_dagster.plan.metric import Answer, Measured, RowCount
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import counted, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset
    from floe_dagster.plan.check import PlanItem


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeTerms:
    """How many rows there are at least, on each kind of day of a zone."""

    subject: str
    weekday: int
    weekend: int
    zone: str


class WeekendVolume:
    """Enough rows for the kind of day that it is."""

    name = "weekend_volume"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each rule that calls this file."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for rule in house_rules(scope, f"enough rows of {dataset.name} for the day"):
            # every rule ends as a check or, with the reason, as a declined one; never as nothing
            try:
                terms = _terms(dataset, rule)
            except ValueError as error:
                yield rule.place.declined(str(error))
            else:
                expected = f"at least {number(terms.weekday)} rows, {number(terms.weekend)} on weekends"
                yield rule.place.check(metrics=(RowCount(),), terms=terms, expected=expected)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the number of rows against the promise for today, as the zone has it."""
        terms = cast("VolumeTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(terms.subject, gap)
        rows = answers[0].value if isinstance(answers[0], Measured) else None
        assert isinstance(rows, int)
        is_weekend = now.astimezone(ZoneInfo(terms.zone)).weekday() >= 5
        least = terms.weekend if is_weekend else terms.weekday
        day = "a weekend" if is_weekend else "a weekday"
        return Verdict(
            broken=rows < least,
            actual=rows,
            message=f"{terms.subject}: {counted(rows, 'row')}; at least {number(least)} promised for {day}",
        )


def _terms(dataset: Dataset, rule: HouseRule) -> VolumeTerms:
    given = dict(rule.arguments)
    weekday, weekend, zone = given.pop("weekday", None), given.pop("weekend", None), given.pop("zone", "UTC")
    if given:
        raise ValueError(f'weekend_volume takes no "{next(iter(given))}"; it takes weekday, weekend and zone')
    if not isinstance(weekday, int) or not isinstance(weekend, int):
        # ValueError as everywhere here: it is the contract that is wrong, and not the caller
        raise ValueError("weekend_volume needs a whole number of rows for weekday and for weekend")  # noqa: TRY004
    try:
        ZoneInfo(str(zone))
    except (ValueError, KeyError, OSError):
        raise ValueError(f'"{zone}" is no time zone; write one as Europe/Berlin') from None
    return VolumeTerms(subject=dataset.name, weekday=weekday, weekend=weekend, zone=str(zone))


KIND = WeekendVolume()
