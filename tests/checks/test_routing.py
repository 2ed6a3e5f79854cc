"""Rules about rows by way of Great Expectations: the same checks, and who counts."""

from __future__ import annotations

import json

import pytest

from floe_dagster.contract.model import Operator
from floe_dagster.plan.explain import explain
from floe_dagster.plan.metric import Count, Expectation, Finding, RowCount
from tests.checks.judging import judge
from tests.plan.contracts import column, dataset, item, plan

pytestmark = pytest.mark.requirement("B-03")

CHOSEN = {"floe.interpretation": {"quality_engine": "great_expectations"}}
VALUES = "expect_column_values_to_"
EVERY = (
    {"metric": "nullValues"},
    {"metric": "missingValues", "arguments": {"missingValues": ["n/a"]}},
    {"metric": "invalidValues", "arguments": {"validValues": ["new"]}},
    {"metric": "invalidValues", "arguments": {"pattern": "^[a-z]+$"}},
    {"metric": "duplicateValues"},
    {"metric": "rowCount"},
)
OPERATORS = (
    {"mustBe": 0}, {"mustNotBe": 3}, {"mustBeLessThan": 2}, {"mustBeLessOrEqualTo": 2},
    {"mustBeGreaterThan": 2}, {"mustBeGreaterOrEqualTo": 2}, {"mustBeBetween": [1, 3]}, {"mustNotBeBetween": [1, 3]},
)  # fmt: skip


def of(*columns, custom=None, **more):
    return plan(dataset("orders", *columns, **more), custom=CHOSEN if custom is None else custom)


def routed(check_id, *columns, **more):
    return item(of(*columns, **more), check_id)


def expectations(check):
    asked = check.routed.metrics
    return [(each.type, json.loads(each.kwargs)) for each in asked if isinstance(each, Expectation)]


def ways(*columns, **more):
    """The same contract by either engine."""
    return of(*columns, custom={}, **more).of(["quality"]), of(*columns, **more).of(["quality"])


def every_rule():
    rules = [
        {**rule, **operator, "unit": unit}
        for rule in EVERY
        for operator in OPERATORS
        for unit in ("rows", "percent")
        if not (rule["metric"] == "rowCount" and unit == "percent")
    ]
    return column("a", "string", physicalName="col_a", quality=rules)


def test_a_check_is_the_same_whichever_engine_counts():
    native, chosen = ways(every_rule())

    assert len(chosen) == 8 * 11
    assert len({each.terms.threshold.operator for each in chosen}) == len(Operator)
    for one, other in zip(native, chosen, strict=True):
        assert (one.id, one.path, one.title, one.expected, one.severity, one.covers) == (
            other.id, other.path, other.title, other.expected, other.severity, other.covers,
        )  # fmt: skip
        assert (one.metrics, one.terms, one.offending) == (other.metrics, other.terms, other.offending)
        assert (one.route is None, other.route is None) == (True, False)


def test_every_operator_judges_a_finding_as_it_judges_a_count():
    for check in ways(every_rule())[1]:
        by_route = check.routed
        counted = by_route.terms.counted
        for count in range(5):
            first = Finding(kept=count == 0, offending=count)
            if isinstance(check.metrics[0], RowCount):
                first = Finding(kept=True, observed=count)
            none = [Finding(kept=True, offending=0)] * (counted - 1)
            theirs = judge(by_route, first, *none, *[10] * (len(by_route.metrics) - counted))
            ours = judge(check, count, *[10] * (len(check.metrics) - 1))
            assert theirs == ours


def test_who_counts_is_told_with_the_outcome():
    check = routed("orders.a.required", column("a", required=True))

    assert check.route.interpretation == (("quality_engine", "great_expectations"),)
    assert check.interpretation == (("quality_engine", "native"),)


def test_nothing_is_told_where_nobody_chose():
    (check,), _ = ways(column("a", required=True))

    assert (check.interpretation, check.route, check.routed) == ((), None, check)


def test_a_dataset_may_choose_otherwise():
    custom = [{"property": "floe.interpretation", "value": {"qualityEngine": "native"}}]

    assert routed("orders.a.required", column("a", required=True), customProperties=custom).route is None


@pytest.mark.parametrize(
    ("found", "name", "expected"),
    [
        (column("a", required=True), "a.required", [("not_be_null", {"column": "a"})]),
        (column("a", unique=True), "a.unique", [("be_unique", {"column": "a"})]),
        (
            column("a", "string", logicalTypeOptions={"pattern": "x"}),
            "a.pattern",
            [("match_regex", {"column": "a", "regex": "x"})],
        ),
        (
            column("a", "integer", logicalTypeOptions={"exclusiveMinimum": 1}),
            "a.exclusive_minimum",
            [("be_between", {"column": "a", "min_value": 1, "strict_min": True})],
        ),
        (
            column("a", "integer", logicalTypeOptions={"format": "i8"}),
            "a.format",
            [
                ("be_between", {"column": "a", "min_value": -128}),
                ("be_between", {"column": "a", "max_value": 127}),
            ],
        ),
        (
            column("a", "integer", primaryKey=True),
            "primary_key",
            [("not_be_null", {"column": "a"}), ("be_unique", {"column": "a"})],
        ),
        (
            column("a", quality=[EVERY[1] | {"id": "it", "mustBe": 0}]),
            "it",
            [("not_be_in_set", {"column": "a", "value_set": ["n/a"]}), ("not_be_null", {"column": "a"})],
        ),
    ],
)
def test_what_is_counted_in_rows_is_asked_of_great_expectations(found, name, expected):
    check = routed(f"orders.{name}", found)

    assert expectations(check) == [(VALUES + each, kwargs) for each, kwargs in expected]
    assert check.routed.terms.counted == len(expected)


@pytest.mark.parametrize("choice", list(Count))
def test_duplicates_are_counted_as_the_contract_wants_them(choice):
    interpretation = {"quality_engine": "great_expectations", "duplicates": str(choice)}
    rule = EVERY[4] | {"id": "it", "mustBe": 0}
    found = of(column("a", quality=[rule]), custom={"floe.interpretation": interpretation})

    (metric,) = item(found, "orders.it").routed.metrics
    assert metric.counts is choice


def test_a_share_is_of_what_the_databases_count():
    rule = EVERY[2] | {"id": "it", "mustBe": 0, "unit": "percent"}
    check = routed("orders.it", column("a", quality=[rule]))

    assert check.routed.metrics[1:] == (RowCount(),)


@pytest.mark.parametrize(
    ("found", "name", "reason"),
    [
        (
            column("a", "integer", logicalTypeOptions={"multipleOf": 2}),
            "a.multiple_of",
            "native: Great Expectations has no expectation for NotMultipleOf",
        ),
        (
            column("a", quality=[EVERY[2] | {"id": "it", "mustBe": 0, "arguments": {"validValues": ["x"], "pattern": "x"}}]),
            "it",
            "native: a row may offend in several ways here, and Great Expectations counts each",
        ),
        (
            column("a", "timestamp", logicalTypeOptions={"minimum": "2024-01-01", "defaultTimezone": "Europe/Berlin"}),
            "a.minimum",
            "native: Great Expectations knows no time zones, and stamps are read in Europe/Berlin",
        ),
        (
            column("a", relationships=[{"to": "orders.b"}]),
            "a.relationship",
            "native: Great Expectations sees one dataset at a time",
        ),
    ],
)  # fmt: skip
def test_what_it_has_no_words_for_stays_native_and_says_why(found, name, reason):
    check = routed(f"orders.{name}", found, column("b"))

    assert check.route is None
    assert dict(check.interpretation)["quality_engine"] == reason


def test_a_field_nested_in_a_column_stays_native():
    nested = column("a", "object", properties=[{"name": "b", "logicalType": "string", "required": True}])
    checks = [
        each
        for each in of(nested).of(["quality"])
        if each.path.startswith("schema[0].properties[0].properties")
    ]

    assert [each.route for each in checks] == [None]
    assert "fields nested in a column" in dict(checks[0].interpretation)["quality_engine"]


def test_rules_of_other_engines_and_queries_are_what_they_were():
    quality = [
        {"id": "query", "type": "sql", "query": "select 1", "mustBe": 1},
        {"id": "own", "type": "custom", "engine": "greatExpectations",
         "implementation": {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}}},
    ]  # fmt: skip
    native, chosen = ways(column("a"), quality=quality)

    assert native == chosen


def test_a_plan_says_who_counts():
    text = explain(
        of(column("a", "integer", required=True, logicalTypeOptions={"multipleOf": 2})), "nobody asked"
    )

    assert '- Great Expectations: expect_column_values_to_not_be_null {"column": "a"}' in text
    assert "counted by: great_expectations, else native" in text
    assert "counted by: native: Great Expectations has no expectation for NotMultipleOf" in text
