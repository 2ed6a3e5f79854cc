"""Contracts as suites of Great Expectations: what each check becomes, and what is left out."""

from __future__ import annotations

import pytest

from floe_dagster.checks._suite import suites_of
from tests.plan.contracts import column, dataset, plan

pytestmark = pytest.mark.requirement("B-03")


def suite_of(*columns, quality=(), **more):
    (found,) = suites_of(plan(dataset("orders", *columns, quality=quality), **more))
    return found


def expectations(*columns, **more):
    entries = suite_of(*columns, **more).document["expectations"]
    return [(each["type"].removeprefix("expect_"), each["kwargs"]) for each in entries]


def of_options(**options):
    return expectations(column("a", "integer", logicalTypeOptions=options))


def of_rule(**rule):
    return expectations(column("a", quality=[{"id": "it", **rule}]))


def test_a_suite_names_its_contract_and_each_expectation_its_check():
    document = suite_of(column("a", required=True)).document
    assert document["name"] == "shop.orders"
    assert document["meta"] == {"floe": {"contract": "shop", "version": "1.0.0", "dataset": "orders"}}
    (entry,) = document["expectations"]
    assert entry["meta"] == {"floe": {"check": "orders.a.required", "title": "a is required"}}


def test_columns_have_their_physical_names():
    assert expectations(column("a", physicalName="col_a", required=True)) == [
        ("column_values_to_not_be_null", {"column": "col_a"})
    ]


@pytest.mark.parametrize(
    ("options", "kwargs"),
    [
        ({"minimum": 1}, {"min_value": 1}),
        ({"maximum": 1}, {"max_value": 1}),
        ({"exclusiveMinimum": 1}, {"min_value": 1, "strict_min": True}),
        ({"exclusiveMaximum": 1}, {"max_value": 1, "strict_max": True}),
    ],
)
def test_bounds_are_expectations_of_values_between(options, kwargs):
    assert of_options(**options) == [("column_values_to_be_between", {"column": "a", **kwargs})]


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        ({"mustBe": 3}, ("table_row_count_to_equal", {"value": 3})),
        ({"mustBeGreaterOrEqualTo": 3}, ("table_row_count_to_be_between", {"min_value": 3})),
        ({"mustBeGreaterThan": 3}, ("table_row_count_to_be_between", {"min_value": 3, "strict_min": True})),
        ({"mustBeLessThan": 3}, ("table_row_count_to_be_between", {"max_value": 3, "strict_max": True})),
        ({"mustBeBetween": [1, 3]}, ("table_row_count_to_be_between", {"min_value": 1, "max_value": 3})),
    ],
)
def test_numbers_of_rows_are_expectations_of_the_row_count(promise, expected):
    assert expectations(quality=[{"id": "it", "metric": "rowCount", **promise}]) == [expected]


def test_a_share_is_mostly_where_both_mean_a_share_of_the_same_rows():
    share = {"unit": "percent", "mustBeLessOrEqualTo": 25}
    assert of_rule(metric="nullValues", **share) == [
        ("column_values_to_not_be_null", {"column": "a", "mostly": 0.75})
    ]
    assert of_rule(metric="invalidValues", arguments={"validValues": [1]}, **share) == []


def test_a_rule_of_great_expectations_is_exported_as_it_is():
    rule = {"type": "expect_column_median_to_be_between", "kwargs": {"column": "a", "min_value": 1}}
    assert of_rule(type="custom", engine="greatExpectations", implementation=rule) == [
        ("column_median_to_be_between", {"column": "a", "min_value": 1})
    ]


def test_what_great_expectations_cannot_say_is_left_out_with_a_reason():
    found = suite_of(
        column("a", "integer", logicalTypeOptions={"multipleOf": 2}),
        quality=[
            {
                "id": "few",
                "metric": "duplicateValues",
                "arguments": {"properties": ["a"]},
                "mustBeLessThan": 3,
            },
            {"id": "soda", "type": "custom", "engine": "soda", "implementation": "x"},
            {"id": "query", "type": "sql", "query": "select 1", "mustBe": 1},
            {"id": "text", "type": "text", "description": "For people"},
        ],
        sla=[{"property": "freshness", "value": 1, "unit": "d", "element": "orders.a"}],
    )
    left_out = dict(found.left_out)
    assert found.document["expectations"] == []
    assert left_out["orders.few"] == "Great Expectations has no expectation that fewer than 3 rows offend"
    assert "NotMultipleOf" in left_out["orders.a.multiple_of"]
    assert {"orders.query", "orders.a.freshness", "orders.a.multiple_of", "orders.few"} <= set(left_out)
    assert "orders.text" not in left_out
