"""Suites: a compiled contract as suites of Great Expectations, one a dataset, and what fits in none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.checks._count import CountTerms
from floe_dagster.checks._expected import NoneSuchError, Wanted, expected_of
from floe_dagster.contract.model import Operator, Threshold
from floe_dagster.plan.check import Check, Declined, Noted, Plan
from floe_dagster.plan.metric import Duplicates, Expectation, Metric, Offenders, RowCount
from floe_dagster.plan.offence import Null

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite of Great Expectations.

    Attributes:
        dataset: by logical name.
        document: as Great Expectations keeps a suite in JSON.
        left_out: what it has no expectation for, as (check, reason).
    """

    dataset: str
    document: Mapping[str, object]
    left_out: tuple[tuple[str, str], ...]


def suites_of(plan: Plan) -> tuple[Suite, ...]:
    """The suites of a contract, in the order of its datasets."""
    return tuple(_suite(plan, each.name) for each in plan.contract.datasets)


def _suite(plan: Plan, dataset: str) -> Suite:
    expectations: list[dict[str, object]] = []
    left_out: list[tuple[str, str]] = []
    for item in plan.items:
        if item.dataset != dataset:
            continue
        match item:
            case Declined(reason=reason):
                left_out.append((item.id, reason))
            case Noted():
                pass
            case Check():
                try:
                    expectations += [_entry(item, each) for each in _wanted(item)]
                except NoneSuchError as error:
                    left_out.append((item.id, str(error)))
    name = f"{plan.contract.id}.{dataset}"
    meta = {"floe": {"contract": plan.contract.id, "version": plan.contract.version, "dataset": dataset}}
    document = {"name": name, "expectations": expectations, "meta": meta}
    return Suite(dataset=dataset, document=document, left_out=tuple(left_out))


def _entry(check: Check, wanted: Wanted) -> dict[str, object]:
    named, kwargs = wanted
    return {"type": named, "kwargs": kwargs, "meta": {"floe": {"check": check.id, "title": check.title}}}


def _wanted(check: Check) -> list[Wanted]:
    """The expectations that are kept exactly when the check is."""
    asked = [each for each in check.metrics if isinstance(each, Expectation)]
    if len(asked) == len(check.metrics):
        return [(each.type, json.loads(each.kwargs)) for each in asked]
    terms = check.terms
    if not isinstance(terms, CountTerms):
        raise NoneSuchError(
            f"Great Expectations has no expectation for a check of kind {check.kind} like this"
        )
    first = check.metrics[0]
    if isinstance(first, RowCount):
        return [_rows(terms)]
    if terms.threshold == Threshold(operator=Operator.EQUAL, value=0):
        return [each for metric in check.metrics[: terms.counted] for each in expected_of(metric)]
    if terms.percent and terms.threshold.operator is Operator.AT_MOST:
        return [_most(check, terms, first)]
    raise NoneSuchError(f"Great Expectations has no expectation that {terms.expected} offend")


def _rows(terms: CountTerms) -> Wanted:
    named = "expect_table_row_count_to_be_between"
    match terms.threshold:
        case Threshold(operator=Operator.EQUAL, value=value):
            return "expect_table_row_count_to_equal", {"value": value}
        case Threshold(operator=Operator.AT_LEAST, value=value):
            return named, {"min_value": value}
        case Threshold(operator=Operator.AT_MOST, value=value):
            return named, {"max_value": value}
        case Threshold(operator=Operator.ABOVE, value=value):
            return named, {"min_value": value, "strict_min": True}
        case Threshold(operator=Operator.BELOW, value=value):
            return named, {"max_value": value, "strict_max": True}
        case Threshold(operator=Operator.BETWEEN, value=(low, high)):
            strict = {} if terms.inclusive else {"strict_min": True, "strict_max": True}
            return named, {"min_value": low, "max_value": high, **strict}
        case _:
            raise NoneSuchError(f"Great Expectations has no expectation for {terms.expected}")


def _most(check: Check, terms: CountTerms, metric: Metric) -> Wanted:
    """A share that may offend, where both sides mean a share of the same rows."""
    of_present = len(check.metrics) > terms.counted + 1
    found = expected_of(metric)
    is_null = isinstance(metric, Offenders) and isinstance(metric.offence, Null)
    if len(found) != 1 or isinstance(metric, Duplicates) or is_null is of_present:
        raise NoneSuchError("Great Expectations takes shares of other rows (interpretation percent_of)")
    limit = terms.threshold.value
    if not isinstance(limit, int | float):
        raise NoneSuchError(f"{terms.expected} is no number")
    named, kwargs = found[0]
    return named, {**kwargs, "mostly": 1 - limit / 100}
