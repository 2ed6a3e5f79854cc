"""Routing: counts of rows by way of Great Expectations, where a contract or the platform asks for that.

The check stays the same: its id, its words, and how its number is judged. Only who counts is another, and
only where the numbers of expectations add up to the one that is promised; elsewhere the check says why not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.checks._count import CountTerms
from floe_dagster.checks._expected import NoneSuchError, expected_of
from floe_dagster.plan.check import Check, PlanItem, Route
from floe_dagster.plan.interpretation import QUALITY_ENGINE
from floe_dagster.plan.metric import Count, Duplicates, Expectation, Metric, Offenders, RowCount
from floe_dagster.plan.offence import AnyOf, Compares, Offence

if TYPE_CHECKING:
    from collections.abc import Mapping

NATIVE, ROUTED = "native", "great_expectations"
_ROWS = Expectation("expect_table_row_count_to_be_between", counts=Count.ROWS)


def routed(item: PlanItem, choices: Mapping[str, str]) -> PlanItem:
    """An item that is tried by way of Great Expectations first, where that was chosen and can be."""
    if choices[QUALITY_ENGINE] == NATIVE or not isinstance(item, Check):
        return item
    terms = item.terms
    if not isinstance(terms, CountTerms):
        return item
    said = item.interpretation
    try:
        asked = tuple(each for metric in item.metrics[: terms.counted] for each in _asked(metric))
    except NoneSuchError as error:
        return replace(item, interpretation=(*said, (QUALITY_ENGINE, f"{NATIVE}: {error}")))
    route = Route(
        metrics=(*asked, *item.metrics[terms.counted :]),
        terms=replace(terms, counted=len(asked)),
        interpretation=(*said, (QUALITY_ENGINE, ROUTED)),
    )
    return replace(item, interpretation=(*said, (QUALITY_ENGINE, NATIVE)), route=route)


def _asked(metric: Metric) -> list[Expectation]:
    """The expectations whose numbers add up to that of the metric."""
    if isinstance(metric, RowCount):
        return [_ROWS]
    if isinstance(metric, Offenders):
        _check_adds_up(metric.offence)
    count = metric.count if isinstance(metric, Duplicates) else Count.ROWS
    return [_counting(named, kwargs, count) for named, kwargs in expected_of(metric)]


def _check_adds_up(offence: Offence) -> None:
    match offence:
        case Compares(zone=zone) if zone != "UTC":
            raise NoneSuchError(f"Great Expectations knows no time zones, and stamps are read in {zone}")
        case AnyOf(
            (Compares(operator="<", limit=low) as one, Compares(operator=">", limit=high) as other)
        ) if one.column == other.column and _is_in_order(low, high):
            return
        case AnyOf():
            raise NoneSuchError("a row may offend in several ways here, and Great Expectations counts each")


def _is_in_order(low: object, high: object) -> bool:
    return isinstance(low, int | float) and isinstance(high, int | float) and low <= high


def _counting(named: str, kwargs: dict[str, object], count: Count) -> Expectation:
    several = kwargs.get("column_list")
    columns = tuple(several) if isinstance(several, list) else (str(kwargs["column"]),)
    return Expectation(named, json.dumps(kwargs, sort_keys=True), columns, count)
