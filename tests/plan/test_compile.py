from __future__ import annotations

from dataclasses import replace

import pytest

from floe_dagster.plan.check import Check, Declined, Noted
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.coverage import coverage
from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import Offenders
from floe_dagster.plan.offence import Null
from tests.plan.contracts import all_kinds, column, contract, dataset, ids, item, kinds, plan


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
        "slaProperties[0]": "the promise has no unit; the unit has to say in which time they come, such as rows/h",
    }


def test_what_cannot_be_asked_of_a_nested_field_is_declined_each_with_its_reason():
    rules = [
        {"type": "custom", "engine": "soda", "implementation": "x"},
        {"type": "custom", "engine": "floe", "implementation": "fill_rate"},
        {
            "type": "custom",
            "engine": "greatExpectations",
            "implementation": {"type": "expect_column_to_exist"},
        },
        {"type": "sql", "query": "select count({property}) from {object}", "mustBe": 0},
        {"metric": "duplicateValues", "mustBe": 0},
    ]
    relationships = [{"to": "orders.id"}]
    nested = column("sku", "string", unique=True, primaryKey=True, quality=rules, relationships=relationships)
    lines = column("lines", "array", items={"logicalType": "object", "properties": [nested]})
    found = plan(dataset("orders", column("id"), lines), with_kinds=all_kinds())

    declined = {each.id: each.reason for each in found.items if isinstance(each, Declined)}

    assert set(declined) == {
        f"orders.lines.sku.{each}"
        for each in (
            "unique", "primary_key", "relationship", "soda_rule", "floe_rule", "expectation", "sql", "duplicate_values",
        )
    }  # fmt: skip
    assert len(set(declined.values())) == 6
    assert all("no check kind" not in each for each in declined.values())


def test_a_nested_field_is_asked_about_as_a_column_is():
    nested = column("city", "string", required=True, quality=[{"metric": "nullValues", "mustBe": 0}])
    found = plan(dataset("orders", column("address", "object", properties=[nested])))
    field = Field("address", ("city",), "string")

    checks = {each.id: each for each in found.checks}

    for name in ("required", "null_values"):
        check = checks[f"orders.address.city.{name}"]
        assert check.metrics == (Offenders(Null(field)),)
        assert check.element == "address.city"
    assert not any(isinstance(each, Declined) for each in found.items)


def test_fields_of_several_columns_that_are_named_alike_stay_apart():
    def items(**more):
        return {"logicalType": "string", "required": True, **more}

    found = plan(
        dataset(
            "orders",
            column("tags", "array", items=items()),
            column("tags.items", "string", required=True),
            column(
                "lines",
                "array",
                items={"logicalType": "object", "properties": [column("a b", "string", required=True)]},
            ),
            column("lines.a", "object", properties=[column("b", "string", required=True)]),
            column("lines_a_b", "string", required=True),
        )
    )

    required = [each for each in ids(found) if "required" in each]
    assert required[0] == "orders.tags.items.required"
    assert required[2] == "orders.lines.a_b.required"
    assert len({each.replace(".", "_").lower() for each in required}) == len(required) == 5


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
