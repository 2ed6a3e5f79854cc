from __future__ import annotations

from dataclasses import replace

import pytest

from floe_dagster.plan.check import Check, Declined, Noted
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.coverage import coverage
from tests.plan.contracts import column, contract, dataset, ids, item, kinds, plan


def test_a_plan_is_in_the_order_of_the_document():
    found = plan(
        dataset("orders", column("id", "integer", required=True), column("status", "string", unique=True)),
        dataset("customers", column("id", "integer", unique=True)),
        sla=[{"property": "freshness", "value": 1, "unit": "h", "element": "orders"}],
    )

    assert ids(found) == [
        "orders.availability",
        "orders.schema",
        "orders.id.required",
        "orders.status.unique",
        "customers.availability",
        "customers.schema",
        "customers.id.unique",
        "orders.freshness",
    ]


def test_the_same_contract_always_gives_the_same_plan():
    made = contract(dataset("orders", column("id", "integer", required=True, unique=True)))

    assert compile_contract(made, kinds()) == compile_contract(made, kinds())


@pytest.mark.requirement("B-10")
def test_what_no_kind_takes_is_declined_with_a_reason():
    found = plan(
        dataset(
            "orders", column("id"), quality=[{"type": "custom", "engine": "soda", "implementation": "x"}]
        ),
        sla=[{"property": "throughput", "value": 5}],
    )

    declined = {each.path: each.reason for each in found.items if isinstance(each, Declined)}

    assert declined == {
        "schema[0].quality[0]": 'rules for the engine "soda" are not run here; "floe" is ours',
        "slaProperties[0]": "the standard does not say over which time; promise a rowCount instead",
    }


def test_a_field_nested_in_a_column_is_declined_with_everything_it_promises():
    nested = column("city", "string", required=True, quality=[{"metric": "nullValues", "mustBe": 0}])
    found = plan(dataset("orders", column("address", "object", properties=[nested])))

    declined = [each for each in found.items if isinstance(each, Declined)]

    assert {each.reason for each in declined} == {"fields nested in a column are not looked into"}
    assert [path for each in declined for path in each.covers] == [
        "schema[0].properties[0].properties[0]",
        "schema[0].properties[0].properties[0].logicalType",
        "schema[0].properties[0].properties[0].required",
        "schema[0].properties[0].properties[0].quality[0]",
    ]
    assert {each.element for each in declined} == {"address.city"}


def test_a_promise_without_an_element_is_made_of_each_dataset():
    found = plan(
        dataset("orders", column("id")),
        dataset("customers", column("id")),
        sla=[{"property": "availability", "value": 99.9}],
    )

    assert item(found, "orders.availability").covers == ("slaProperties[0]#orders",)
    assert item(found, "customers.availability").covers == ("slaProperties[0]#customers",)
    assert {each.path for each in found.items if each.kind == "availability"} == {"slaProperties[0]"}


def test_a_promise_whose_element_is_nowhere_says_so_once():
    found = plan(
        dataset("orders", column("id")),
        dataset("customers", column("id")),
        sla=[{"property": "latency", "value": 4, "unit": "d", "element": "gone.at"}],
    )

    declined = [each for each in found.items if isinstance(each, Declined)]

    assert [each.id for each in declined] == ["orders.latency"]
    assert '"gone.at"' in declined[0].reason


def test_a_rule_for_a_check_that_is_not_there_names_the_nearest_one():
    rule = {"type": "custom", "engine": "floe", "implementation": {"check": "freshnes"}}
    found = plan(dataset("orders", column("id"), quality=[rule]))

    assert item(found, "orders.floe_rule").reason == 'there is no check "freshnes"; did you mean "freshness"?'


def test_a_rule_of_our_engine_that_names_no_check_is_told_how():
    rule = {"type": "custom", "engine": "floe", "implementation": {"weekday": 1}}
    found = plan(dataset("orders", column("id"), quality=[rule]))

    assert "{check: name}" in item(found, "orders.floe_rule").reason


class Greedy:
    name = "greedy"
    cadence_seconds = 60

    def compile(self, contract, dataset, choices):
        schema = kinds()["schema"]
        yield from schema.compile(contract, dataset, choices)

    def judge(self, check, answers, now):
        raise NotImplementedError


class Broken:
    name = "broken"
    cadence_seconds = 60

    def compile(self, contract, dataset, choices):
        raise RuntimeError("out of order")
        yield

    def judge(self, check, answers, now):
        raise NotImplementedError


def test_two_kinds_that_claim_one_construct_do_not_count_it_twice():
    alone = plan(dataset("orders", column("id", "integer")))
    both = plan(dataset("orders", column("id", "integer")), with_kinds=kinds() | {"greedy": Greedy()})

    assert coverage(both) == coverage(alone)
    assert len(both.checks) == len(alone.checks) + 1


def test_a_kind_that_raises_is_declined_and_disturbs_no_other(caplog):
    found = plan(dataset("orders", column("id", "integer")), with_kinds={"broken": Broken(), **kinds()})

    assert item(found, "orders.broken.not_compiled").reason == (
        'the check kind "broken" failed: RuntimeError: out of order'
    )
    assert "orders.schema" in ids(found)
    assert "out of order" in caplog.text


def test_a_text_rule_is_for_people():
    found = plan(dataset("orders", column("id"), quality=[{"type": "text", "description": "Looks right"}]))

    noted = item(found, "orders.text")
    assert isinstance(noted, Noted)
    assert noted.note == "Looks right"


def test_a_measure_stands_in_no_column_and_is_not_asked_of_one():
    made = contract(dataset("orders", column("total", "number", required=True)))
    orders = made.datasets[0]
    measure = replace(orders.columns[0], measure=True)

    found = compile_contract(replace(made, datasets=(replace(orders, columns=(measure,)),)), kinds())

    assert isinstance(item(found, "orders.total.measure"), Noted)
    assert item(found, "orders.total.required").reason.startswith("a measure is computed when it is read")
    assert item(found, "orders.schema").terms.columns == ()


def test_a_contract_without_datasets_has_an_empty_plan():
    found = plan(sla=[{"property": "availability", "value": 99}], servers=())

    assert [type(each) for each in found.items] == [Declined]
    assert coverage(found).declared == 1


def test_a_plan_picks_its_checks_by_kind():
    found = plan(dataset("orders", column("id", "integer", required=True)))

    assert [each.id for each in found.of(["schema"])] == ["orders.schema"]
    assert found.of() == tuple(each for each in found.items if isinstance(each, Check))
