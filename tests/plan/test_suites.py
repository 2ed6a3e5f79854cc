"""Rules that name a suite: which one, and what they are filled with."""

from __future__ import annotations

import pytest

from floe_dagster.plan.suites import suite_named, with_suites
from tests.plan.contracts import column, contract, dataset

pytestmark = pytest.mark.requirement("B-03")


@pytest.mark.parametrize(
    "written",
    [
        {"suite": "nightly"},
        {"suite_name": " nightly "},
        {"expectation_suite": "nightly"},
        {"expectation_suite_name": "nightly"},
        "nightly",
        "suite: nightly",
        '{"expectation_suite_name": "nightly"}',
    ],
)
def test_a_suite_is_named_as_people_write_it(written):
    assert suite_named(written) == "nightly"


@pytest.mark.parametrize(
    "written",
    [
        {"expectations": [], "suite": "nightly"},
        {"type": "expect_table_row_count_to_equal", "suite": "x"},
        {"suite": ["nightly"]},
        {"suite": ""},
        {},
        "",
        "- {type: expect_table_row_count_to_equal}",
        "expect_table_row_count_to_equal",
        "ExpectTableRowCountToEqual",
        "a: [",
    ],
)
def test_what_names_no_suite_is_none(written):
    assert suite_named(written) is None


def test_only_rules_of_great_expectations_that_name_a_suite_are_filled():
    rules = [
        {"type": "custom", "engine": "greatExpectations", "implementation": "nightly"},
        {"type": "custom", "engine": "soda", "implementation": "nightly"},
        {
            "type": "custom",
            "engine": "greatExpectations",
            "implementation": {"type": "expect_column_to_exist"},
        },
    ]
    made = contract(dataset("orders", column("a", quality=rules), quality=rules))
    asked = []

    def find(name):
        asked.append(name)
        return ({"type": "expect_column_to_exist"},)

    found = with_suites(made, find).datasets[0]

    assert asked == ["nightly", "nightly"]
    for each in (found.rules, found.columns[0].rules):
        assert [rule.stored for rule in each] == [({"type": "expect_column_to_exist"},), None, None]


def test_a_contract_without_such_rules_is_the_same():
    made = contract(dataset("orders", column("a", required=True)))

    assert with_suites(made, lambda _: "no") is made
