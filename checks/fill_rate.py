"""Fill rate: several columns are filled to the same degree, judged as one promise.

    quality:
      - type: custom
        engine: floe
        implementation: {check: fill_rate, columns: [dep_time, arr_time, tailnum], at_least: 95}

The standard's `nullValues` is a promise about one column, and so is one outcome, one episode and one alert
for each. Where columns come from one source and break together, this is one of each, with every column in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from floe_dagster.plan.check import Check, Difference, Verdict, first_gap
from floe_dagster.plan.custom import HouseRule, house_rules
from floe_dagster.plan.metric import Answer, Measured, Offenders, RowCount
from floe_dagster.plan.offence import Null
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset
    from floe_dagster.plan.check import PlanItem


@dataclass(frozen=True, slots=True, kw_only=True)
class FillTerms:
    """Which columns, by logical name, hold a value in how many percent of the rows at least."""

    subject: str
    columns: tuple[str, ...]
    at_least: float


class FillRate:
    """Columns that are filled together."""

    name = "fill_rate"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each rule that calls this file; the warehouse counts all its columns in one scan."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for rule in house_rules(scope, f"columns of {dataset.name} are filled"):
            try:
                terms, physical = _terms(dataset, rule)
            except ValueError as error:
                yield rule.place.declined(str(error))
            else:
                yield rule.place.check(
                    metrics=(RowCount(), *(Offenders(Null(each)) for each in physical)),
                    terms=terms,
                    expected=f"at least {number(terms.at_least)} % filled",
                )

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Name every column that is filled less; a dataset without rows lacks nothing."""
        del now
        terms = cast("FillTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(terms.subject, gap)
        total, *empty = (cast("int", each.value) for each in answers if isinstance(each, Measured))
        filled = {
            column: 100 * (total - nulls) / total if total else 100.0
            for column, nulls in zip(terms.columns, empty, strict=True)
        }
        low = {column: rate for column, rate in filled.items() if rate < terms.at_least}
        least = min(filled.values())
        found = ", ".join(f"{column} {number(round(rate, 2))} %" for column, rate in (low or filled).items())
        return Verdict(
            broken=bool(low),
            actual=least,
            message=f"{terms.subject} is filled: {found}; {check.expected} promised",
            differences=tuple(
                Difference(
                    element=column, change="fill rate", expected=check.expected, actual=f"{number(rate)} %"
                )
                for column, rate in low.items()
            ),
        )


def _terms(dataset: Dataset, rule: HouseRule) -> tuple[FillTerms, tuple[str, ...]]:
    names, at_least = rule.arguments.get("columns"), rule.arguments.get("at_least")
    if not isinstance(names, list | tuple) or not names:
        raise ValueError("fill_rate needs columns, a list of the names of columns")
    if isinstance(at_least, bool) or not isinstance(at_least, int | float) or not 0 <= at_least <= 100:
        raise ValueError("fill_rate needs at_least, in percent from 0 to 100")
    found = {str(each): dataset.column(str(each)) for each in names}
    absent = [name for name, column in found.items() if column is None]
    if absent:
        raise ValueError(f'{dataset.name} has no column "{absent[0]}" in the contract')
    terms = FillTerms(subject=dataset.name, columns=tuple(found), at_least=at_least)
    return terms, tuple(column.physical_name for column in found.values() if column)


KIND = FillRate()
