from __future__ import annotations

import pytest

from floe_dagster.plan.identity import item_id, slug, snake
from tests.plan.contracts import column, dataset, ids, plan


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("dest", "dest"),
        ("few-cancellations", "few_cancellations"),
        ("Würde", "Wurde"),
        ("a.b", "a_b"),
        ("100 % sicher!", "100_sicher"),
    ],
)
def test_a_slug_keeps_what_fits(written, expected):
    assert slug(written) == expected


def test_a_text_of_which_nothing_fits_still_has_a_slug_of_its_own():
    assert slug("数") != slug("据")
    assert slug("数") == slug("数")


def test_an_id_is_what_it_is_about():
    assert item_id("flights", "dest", "relationship") == "flights.dest.relationship"
    assert item_id("flights", None, "row_count") == "flights.row_count"


def test_words_of_the_standard_are_written_small():
    assert snake("rowCount") == "row_count"
    assert snake("unit_m") == "unit_m"


def test_two_rules_of_one_metric_on_one_column_each_have_their_own_outcome():
    rules = [{"metric": "nullValues", "mustBeLessThan": 5}, {"metric": "nullValues", "mustBeLessThan": 9}]
    found = [
        each for each in ids(plan(dataset("orders", column("a", quality=rules)))) if "null_values" in each
    ]

    assert found[0] == "orders.a.null_values"
    assert found[1].startswith("orders.a.null_values_")
    assert len(found) == 2


def test_two_identical_rules_each_have_their_own_outcome():
    rules = [{"metric": "rowCount", "mustBeGreaterThan": 5}] * 3

    found = [each for each in ids(plan(dataset("orders", column("a"), quality=rules))) if "row_count" in each]

    assert len(set(found)) == 3


def test_an_id_does_not_change_when_a_rule_is_put_before_it():
    first = {"metric": "nullValues", "mustBeLessThan": 5}
    second = {"metric": "nullValues", "mustBeLessThan": 9}
    other = {"metric": "nullValues", "mustBeLessThan": 7}

    before = ids(plan(dataset("orders", column("a", quality=[first, second]))))
    after = ids(plan(dataset("orders", column("a", quality=[first, other, second]))))

    assert set(before) <= set(after)


def test_a_rule_is_called_by_its_id_else_by_its_name():
    rules = [
        {"id": "few-nulls", "name": "Few nulls", "metric": "nullValues", "mustBe": 0},
        {"name": "Few nulls", "metric": "nullValues", "mustBe": 0},
    ]
    found = ids(plan(dataset("orders", column("a", quality=rules))))

    assert "orders.few_nulls" in found
    assert "orders.a.Few_nulls" in found


def test_two_freshness_promises_on_one_element_each_have_their_own_outcome():
    promised = [
        {"property": "freshness", "value": value, "unit": "h", "element": "orders.at"} for value in (1, 24)
    ]
    found = ids(plan(dataset("orders", column("at", "timestamp")), sla=promised))

    assert len([each for each in found if each.startswith("orders.at.freshness")]) == 2


def test_a_minimum_and_an_exclusive_minimum_each_have_their_own_outcome():
    bounds = {"minimum": 1, "exclusiveMinimum": 1}
    found = ids(plan(dataset("orders", column("n", "integer", logicalTypeOptions=bounds))))

    assert {"orders.n.minimum", "orders.n.exclusive_minimum"} <= set(found)
