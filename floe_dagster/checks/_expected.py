"""Expectations: what a metric is to Great Expectations, where it is anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.metric import Duplicates, Metric, Offenders
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    LengthCompares,
    Missing,
    NotIn,
    NotMatching,
    Null,
    Offence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.plan.field import ColumnRef

Wanted = tuple[str, dict[str, object]]
"""The type of an expectation, and its arguments."""

ONE_DATASET = "Great Expectations sees one dataset at a time"


class NoneSuchError(Exception):
    """Why there is no expectation; never leaves the checks."""


def expected_of(metric: Metric) -> list[Wanted]:
    """The expectations that are met exactly where the metric counts none.

    Raises:
        NoneSuchError: there are none.
    """
    match metric:
        case Offenders(offence=offence):
            return list(_without(offence))
        case Duplicates(columns=(column,)):
            return [("expect_column_values_to_be_unique", {"column": _name(column)})]
        case Duplicates(columns=columns):
            kwargs: dict[str, object] = {
                "column_list": [_name(each) for each in columns],
                "ignore_row_if": "any_value_is_missing",
            }
            return [("expect_compound_columns_to_be_unique", kwargs)]
        case _:
            raise NoneSuchError(ONE_DATASET)


def _without(offence: Offence) -> Iterator[Wanted]:
    match offence:
        case Null(column):
            yield "expect_column_values_to_not_be_null", {"column": _name(column)}
        case Missing(column, values, null):
            listed = [each for each in values if each is not None]
            yield (
                "expect_column_values_to_not_be_in_set",
                {"column": _name(column), "value_set": listed},
            )
            if null:
                yield from _without(Null(column))
        case NotIn(column, values):
            yield "expect_column_values_to_be_in_set", {"column": _name(column), "value_set": list(values)}
        case NotMatching(column, pattern):
            yield "expect_column_values_to_match_regex", {"column": _name(column), "regex": pattern}
        case Compares(column, operator, limit):
            side = "min" if operator in ("<", "<=") else "max"
            strict = {f"strict_{side}": True} if operator in ("<=", ">=") else {}
            bounds: dict[str, object] = {"column": _name(column), f"{side}_value": limit, **strict}
            yield "expect_column_values_to_be_between", bounds
        case LengthCompares(column, operator, limit):
            side = "min" if operator == "<" else "max"
            yield (
                "expect_column_value_lengths_to_be_between",
                {"column": _name(column), f"{side}_value": limit},
            )
        case AnyOf(offences):
            for each in offences:
                yield from _without(each)
        case _:
            raise NoneSuchError(f"Great Expectations has no expectation for {type(offence).__name__}")


def _name(column: ColumnRef) -> str:
    if not isinstance(column, str):
        raise NoneSuchError("Great Expectations does not look into fields nested in a column")
    return column
