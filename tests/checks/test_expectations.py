"""Rules for Great Expectations, compiled and judged; it is not imported for that."""

from __future__ import annotations

import json

import pytest

from floe_dagster.plan.check import Check, Declined
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.metric import Cause, Expectation, Finding, NotMeasured
from floe_dagster.plan.suites import with_suites
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, contract, dataset, item, kinds

pytestmark = pytest.mark.requirement("B-03")

IN_SET = "expect_column_values_to_be_in_set"
NOT_NULL = "expect_column_values_to_not_be_null"


def of_rule(implementation, *, under=False, engine="greatExpectations"):
    rule = {"id": "it", "type": "custom", "engine": engine, "implementation": implementation}
    first = column("a", physicalName="col_a", quality=[rule] if under else [])
    return check_of(
        "orders.it",
        dataset("orders", first, column("b"), quality=[] if under else [rule]),
    )


def metrics_of(implementation, **more):
    found = of_rule(implementation, **more)
    assert isinstance(found, Check), found
    return found.metrics


@pytest.mark.parametrize(
    "engine", ["greatExpectations", "great-expectations", "great_expectations", "Great Expectations"]
)
def test_the_engine_is_known_by_each_of_its_spellings(engine):
    (found,) = metrics_of({"type": NOT_NULL, "kwargs": {"column": "b"}}, engine=engine)
    assert found == Expectation(NOT_NULL, '{"column": "b"}', ("b",))


def test_it_is_a_check_of_quality():
    assert of_rule({"type": NOT_NULL, "kwargs": {"column": "b"}}).kind == "quality"


@pytest.mark.parametrize("named", [IN_SET, "ExpectColumnValuesToBeInSet"])
@pytest.mark.parametrize("key", ["type", "expectation_type"])
def test_an_expectation_is_named_as_a_function_or_as_a_class(named, key):
    (found,) = metrics_of({key: named, "kwargs": {"column": "b", "value_set": [1]}})
    assert found.type == IN_SET


@pytest.mark.parametrize(
    "implementation",
    [
        {
            "expectations": [
                {"type": NOT_NULL, "kwargs": {"column": "a"}},
                {"type": NOT_NULL, "kwargs": {"column": "b"}},
            ]
        },
        f"- {{type: {NOT_NULL}, kwargs: {{column: a}}}}\n- {{type: {NOT_NULL}, kwargs: {{column: b}}}}\n",
        json.dumps(
            [{"type": NOT_NULL, "kwargs": {"column": "a"}}, {"type": NOT_NULL, "kwargs": {"column": "b"}}]
        ),
    ],
)
def test_several_expectations_are_one_check(implementation):
    assert [each.columns for each in metrics_of(implementation)] == [("col_a",), ("b",)]


def test_columns_are_asked_by_their_physical_names():
    (found,) = metrics_of(
        {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a", "b"]}}
    )
    assert found.columns == ("col_a", "b")
    assert json.loads(found.kwargs) == {"column_list": ["col_a", "b"]}


def test_a_rule_under_a_column_is_about_that_column():
    (found,) = metrics_of({"type": NOT_NULL}, under=True)
    assert found.columns == ("col_a",)


def test_arguments_may_be_written_as_the_standard_writes_them():
    (found,) = metrics_of(
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"minValue": 1, "maxValue": 5}}
    )
    assert json.loads(found.kwargs) == {"min_value": 1, "max_value": 5}
    assert found.columns == ()


@pytest.mark.parametrize(
    ("implementation", "reason"),
    [
        (
            {"type": "expect_colum_values_to_be_in_set"},
            'there is no expectation "expect_colum_values_to_be_in_set"; did you mean "expect_column_values_to_be_in_set"?',
        ),
        (
            {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "select 1"}},
            "outside of our guard",
        ),
        ({"type": "expect_column_values_to_match_json_schema"}, "any address on the network"),
        ({"type": NOT_NULL}, f"{NOT_NULL} needs column; name it under kwargs"),
        (
            {"type": NOT_NULL, "kwargs": {"column": ["a"]}},
            "column of expect_column_values_to_not_be_null has to be a column",
        ),
        (
            {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": "a"}},
            "has to be a list of columns",
        ),
        (
            {
                "type": NOT_NULL,
                "kwargs": {
                    "column": "a",
                    "row_condition": "@__import__('os').system('true')",
                    "condition_parser": "pandas",
                },
            },
            "row_condition is code",
        ),
        (
            {"type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": "n"}}},
            "has a $PARAMETER",
        ),
        ({"type": NOT_NULL, "kwargs": [1]}, "have to be a mapping"),
        ({"type": NOT_NULL, "kwarg": {}}, 'has no "kwarg"; did you mean "kwargs"?'),
        ({"expectations": []}, "the list of expectations is empty"),
        ({"expectations": ["x"]}, "an expectation is written as {type"),
        (
            {"suite": "nightly"},
            'the suite "nightly" is kept outside of the contract, and nobody has looked for it',
        ),
        ("nightly", 'the suite "nightly" is kept outside of the contract'),
        ("expect_nothing", "the implementation names no expectation"),
        ("{type: [", "the implementation cannot be read"),
        ("a: &x [1]\nb: *x", "the implementation cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_declined_with_a_reason(implementation, reason):
    found = of_rule(implementation)
    assert isinstance(found, Declined)
    assert reason in found.reason


TWO = {
    "expectations": [
        {"type": IN_SET, "kwargs": {"column": "a", "value_set": [1]}},
        {"type": NOT_NULL, "kwargs": {"column": "b"}},
    ]
}


@pytest.mark.parametrize(
    ("finding", "broken", "actual", "message"),
    [
        (Finding(kept=True, offending=0), False, 0, f"orders: meets {IN_SET}"),
        (Finding(kept=True), False, None, f"orders: meets {IN_SET}"),
        (Finding(kept=False, offending=1), True, 1, f"orders: 1 row does not meet {IN_SET}"),
        (Finding(kept=False, offending=3), True, 3, f"orders: 3 rows do not meet {IN_SET}"),
        (Finding(kept=False, observed=0.5), True, 0.5, f"orders: 0.5 does not meet {IN_SET}"),
        (Finding(kept=False), True, None, f"orders: does not meet {IN_SET}"),
    ],
)
def test_one_expectation_is_judged_by_what_it_counts(finding, broken, actual, message):
    verdict = judge(of_rule({"type": IN_SET, "kwargs": {"column": "a", "value_set": [1]}}), finding)
    assert (verdict.broken, verdict.actual, verdict.message) == (broken, actual, message)


def test_of_several_expectations_those_that_are_not_met_are_counted():
    verdict = judge(of_rule(TWO), Finding(kept=False, offending=3), Finding(kept=True, offending=0))
    assert (verdict.broken, verdict.actual) == (True, 1)
    assert verdict.message == f"orders: 3 rows do not meet {IN_SET}"


def test_several_expectations_that_are_met_are_a_promise_kept():
    verdict = judge(of_rule(TWO), Finding(kept=True, offending=0), Finding(kept=True, offending=0))
    assert (verdict.broken, verdict.actual, verdict.message) == (False, 0, "orders: meets 2 expectations")


def test_one_that_is_not_met_breaks_the_promise_whatever_is_not_known():
    gap = NotMeasured(Cause.NO_COLUMN, "no column b")
    assert judge(of_rule(TWO), Finding(kept=False, offending=3), gap).broken
    verdict = judge(of_rule(TWO), Finding(kept=True), gap)
    assert (verdict.broken, verdict.unknown) == (False, gap)


def test_an_answer_that_is_no_finding_is_not_known():
    verdict = judge(of_rule({"type": NOT_NULL, "kwargs": {"column": "a"}}), 3)
    assert (verdict.broken, verdict.unknown.cause) == (False, Cause.BROKEN)


def stored(*entries):
    """A rule that names a suite, and what was found of it."""
    found = contract(
        dataset(
            "orders",
            column("a", physicalName="b"),
            column("b", physicalName="c"),
            quality=[
                {"id": "it", "type": "custom", "engine": "greatExpectations", "implementation": "nightly"}
            ],
        )
    )
    filled = with_suites(found, lambda _: entries[0] if isinstance(entries[0], str) else entries)
    return item(compile_contract(filled, kinds()), "orders.it")


def test_a_suite_by_name_is_one_check_of_all_that_it_expects():
    check = stored(
        {"type": NOT_NULL, "kwargs": {"column": "c"}},
        {"type": IN_SET, "kwargs": {"column": "b", "value_set": [1]}},
    )

    assert [(each.type, each.columns) for each in check.metrics] == [(NOT_NULL, ("c",)), (IN_SET, ("b",))]
    assert check.expected == "2 expectations met"


def test_a_suite_calls_columns_as_the_data_does_and_else_as_the_contract():
    physical = stored({"type": NOT_NULL, "kwargs": {"column": "b"}})
    logical = stored({"type": NOT_NULL, "kwargs": {"column": "a"}})

    assert physical.metrics[0].columns == logical.metrics[0].columns == ("b",)


def test_what_a_suite_keeps_for_people_is_left_out():
    check = stored(
        {"type": NOT_NULL, "kwargs": {"column": "b"}, "rendered_content": [], "id": "x", "severity": "info"}
    )

    assert json.loads(check.metrics[0].kwargs) == {"column": "b"}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ("there is no suite", "there is no suite"),
        ({"type": "unexpected_rows_expectation"}, "outside of our guard"),
        ({"type": NOT_NULL, "kwargs": {"column": "b", "row_condition": "x"}}, "row_condition is code"),
    ],
)
def test_a_suite_that_cannot_be_run_is_declined_with_the_reason(found, reason):
    assert reason in stored(found).reason
