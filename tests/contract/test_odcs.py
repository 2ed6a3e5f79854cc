"""What a document says is what the model says, whatever version and form it was written in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.contract.document import read
from floe_dagster.contract.model import (
    Constraint,
    CustomRule,
    LibraryRule,
    Operator,
    Relationship,
    SqlRule,
    TextRule,
    Threshold,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.contract.model import Contract

    Accepted = Callable[..., Contract]

pytestmark = pytest.mark.requirement("A-01")

ORDERS = """
schema:
- id: ord
  name: orders
  physicalName: shop.orders
  physicalType: table
  tags: [sales]
  customProperties: [{property: floe.assetKey, value: shop/orders}]
  properties:
  - {id: oid, name: id, physicalName: ORDER_ID, logicalType: integer, required: true, unique: true,
     primaryKey: true, primaryKeyPosition: 1, classification: public, criticalDataElement: true}
  - {name: customer, relationships: [{to: customers.id}]}
  - {name: region, relationships: [{to: /schema/cus/properties/reg}]}
  - name: lines
    logicalType: array
    items: {logicalType: object, properties: [{name: sku, required: true}]}
  - name: address
    logicalType: object
    properties: [{name: city, relationships: [{to: customers.region}]}]
  relationships:
  - {from: [orders.customer, orders.region], to: [customers.id, shop.customers.region]}
- id: cus
  name: customers
  physicalName: shop.customers
  properties: [{name: id}, {id: reg, name: region}]
"""


def test_a_dataset_and_its_columns_are_read(accepted: Accepted) -> None:
    orders, customers = accepted(ORDERS).datasets
    assert (orders.name, orders.physical_name, orders.physical_type) == ("orders", "shop.orders", "table")
    assert (orders.path, orders.line, orders.tags) == ("schema[0]", 10, ("sales",))
    assert orders.custom == {"floe.assetKey": "shop/orders"}
    key = orders.columns[0]
    assert (key.name, key.physical_name, key.path, key.line) == (
        "id",
        "ORDER_ID",
        "schema[0].properties[0]",
        17,
    )
    assert (key.required, key.unique, key.primary_key, key.primary_key_position) == (True, True, True, 1)
    assert (key.classification, key.critical, key.logical_type) == ("public", True, "integer")
    assert customers.columns[0].physical_name == "id"


def test_nested_fields_items_and_entries_are_columns_of_columns(accepted: Accepted) -> None:
    orders = accepted(ORDERS).datasets[0]
    (items,) = orders.columns[3].columns
    assert (items.name, items.path) == ("[]", "schema[0].properties[3].items")
    assert [(each.name, each.required) for each in items.columns] == [("sku", True)]
    assert [each.name for each in orders.columns[4].columns] == ["city"]
    body = (
        "schema:\n- name: t\n  properties:\n  - name: m\n    logicalType: map\n"
        "    map: {key: {logicalType: string}, value: {logicalType: integer}}\n"
    )
    (entries,) = accepted(body, "v3.2.0").datasets[0].columns
    assert [each.name for each in entries.columns] == ["[key]", "[value]"]


def test_references_lead_to_logical_names_in_every_form(accepted: Accepted) -> None:
    orders = accepted(ORDERS).datasets[0]
    plain, by_id, nested = orders.columns[1], orders.columns[2], orders.columns[4].columns[0]
    assert plain.relationships[0] == Relationship(
        path="schema[0].properties[1].relationships[0]",
        line=19,
        columns=("customer",),
        to_dataset="customers",
        to_columns=("id",),
    )
    assert (by_id.relationships[0].to_dataset, by_id.relationships[0].to_columns) == (
        "customers",
        ("region",),
    )
    assert nested.relationships[0].columns == ("address.city",)
    (composite,) = orders.relationships
    assert (composite.columns, composite.to_columns) == (("customer", "region"), ("id", "region"))


def test_a_reference_into_another_document_is_kept_as_written_and_not_followed(accepted: Accepted) -> None:
    body = "schema:\n- {name: t, properties: [{name: c, relationships: [{to: 'o.yaml#/schema/a/properties/b'}]}]}\n"
    (found,) = accepted(body).datasets[0].columns[0].relationships
    assert found.to_dataset == ""
    assert found.elsewhere == ("o.yaml#/schema/a/properties/b",)
    assert found.unresolved == (
        '"o.yaml#/schema/a/properties/b" is in another document; it is measured only where that contract is '
        "watched too, on the same server"
    )


def test_columns_of_this_contract_and_of_another_are_of_no_one_dataset(accepted: Accepted) -> None:
    body = "schema:\n- name: t\n  properties: [{name: c}]\n  relationships: [{from: [t.c, t.c], to: [t.c, other.c]}]\n"
    (found,) = accepted(body).datasets[0].relationships
    assert found.elsewhere == ()
    assert found.unresolved == "all columns must be of one dataset; make a relationship for each dataset"


def test_each_reference_that_leads_nowhere_keeps_its_own_reason(accepted: Accepted) -> None:
    links = "[{to: x.a}, {to: y.a}, {to: x.a}]"
    found = accepted(f"schema:\n- {{name: t, properties: [{{name: c, relationships: {links}}}]}}\n").datasets[
        0
    ]
    reasons = [each.unresolved or "" for each in found.columns[0].relationships]
    assert [each.split(":")[0] for each in reasons] == ['"x.a"', '"y.a"', '"x.a"']


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mustBe: 0", Threshold(operator=Operator.EQUAL, value=0)),
        ("mustBe: true", Threshold(operator=Operator.EQUAL, value=True)),
        ("mustNotBe: x", Threshold(operator=Operator.NOT_EQUAL, value="x")),
        ("mustBeGreaterThan: 1", Threshold(operator=Operator.ABOVE, value=1)),
        ("mustBeGreaterOrEqualTo: 1.5", Threshold(operator=Operator.AT_LEAST, value=1.5)),
        ("mustBeLessThan: 1", Threshold(operator=Operator.BELOW, value=1)),
        ("mustBeLessOrEqualTo: 1", Threshold(operator=Operator.AT_MOST, value=1)),
        ("mustBeBetween: [1, 2]", Threshold(operator=Operator.BETWEEN, value=(1.0, 2.0))),
        ("mustNotBeBetween: [1, 2]", Threshold(operator=Operator.NOT_BETWEEN, value=(1.0, 2.0))),
    ],
)
def test_every_operator_is_read(accepted: Accepted, written: str, expected: Threshold) -> None:
    (rule,) = (
        accepted(f"schema:\n- {{name: t, quality: [{{metric: rowCount, {written}}}]}}\n").datasets[0].rules
    )
    assert isinstance(rule, LibraryRule)
    assert rule.threshold == expected


def test_every_type_of_rule_is_read(accepted: Accepted) -> None:
    body = """
schema:
- name: t
  quality:
  - {id: a, metric: duplicateValues, arguments: {properties: [c]}, mustBeLessThan: 5, unit: percent, severity: warning,
     dimension: uniqueness, schedule: 0 6 * * *, scheduler: cron, businessImpact: money, name: n, description: d}
  - {type: sql, query: select 1, mustBe: 1}
  - {type: custom, engine: soda, implementation: {type: x}}
  - {type: text, description: by hand}
  - {description: of no type}
  - {type: text, schedule: every full moon, scheduler: moon}
  properties: [{name: c}]
"""
    library, sql, custom, text, untyped, moon = accepted(body).datasets[0].rules
    assert isinstance(library, LibraryRule)
    assert (library.id, library.metric, library.arguments) == ("a", "duplicateValues", {"properties": ["c"]})
    assert (library.unit, library.severity, library.schedule) == ("percent", "warning", "0 6 * * *")
    assert (library.dimension, library.business_impact) == ("uniqueness", "money")
    assert isinstance(sql, SqlRule)
    assert sql.query == "select 1"
    assert isinstance(custom, CustomRule)
    assert (custom.engine, custom.implementation) == ("soda", {"type": "x"})
    assert isinstance(text, TextRule)
    assert isinstance(untyped, TextRule)
    assert moon.schedule is None


def test_rules_of_v3_0_are_rules_of_today(accepted: Accepted) -> None:
    body = """
schema:
- name: t
  properties:
  - name: c
    quality:
    - {rule: validValues, validValues: [a, b]}
    - {rule: nullCheck}
    - {id: d, rule: duplicateCount, mustBeGreaterThan: 1, mustBeLessThan: 9}
"""
    valid, null, low, high = accepted(body, "v3.0.1").datasets[0].columns[0].rules
    nothing = Threshold(operator=Operator.EQUAL, value=0)
    assert isinstance(valid, LibraryRule)
    assert (valid.metric, valid.arguments, valid.threshold) == (
        "invalidValues",
        {"validValues": ["a", "b"]},
        nothing,
    )
    assert isinstance(null, LibraryRule)
    assert (null.metric, null.threshold) == ("nullValues", nothing)
    assert isinstance(low, LibraryRule)
    assert isinstance(high, LibraryRule)
    path = "schema[0].properties[0].quality[2]"
    assert (low.metric, low.path, low.id) == (
        "duplicateValues",
        f"{path}.mustBeGreaterThan",
        "d.mustBeGreaterThan",
    )
    assert (high.path, high.threshold) == (
        f"{path}.mustBeLessThan",
        Threshold(operator=Operator.BELOW, value=9),
    )


def test_a_mistake_in_a_rule_of_several_operators_is_told_once() -> None:
    head = "apiVersion: v3.0.2\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n"
    rule = "{rule: rowCount, mustBeGreaterThan: 1, mustBeLessThan: 9, severity: eror}"
    found = read(
        f"{head}servers: [{{server: s, type: duckdb, database: d}}]\nschema: [{{name: t, quality: [{rule}]}}]\n",
        "x",
    )
    assert [each.path for each in found.problems] == ["schema[0].quality[0].severity"]


def options(accepted: Accepted, written: str, version: str) -> list[tuple[str, object]]:
    body = f"schema:\n- name: t\n  properties:\n  - {{name: c, {written}}}\n"
    return [(each.name, each.value) for each in accepted(body, version).datasets[0].columns[0].constraints]


def test_options_of_a_type_are_constraints(accepted: Accepted) -> None:
    written = (
        "logicalType: string, logicalTypeOptions: {minLength: 1, maxLength: 9, pattern: '^a', format: email}"
    )
    assert options(accepted, written, "v3.1.0") == [
        ("min_length", 1),
        ("max_length", 9),
        ("pattern", "^a"),
        ("format", "email"),
    ]
    body = "schema:\n- name: t\n  properties:\n  - {name: c, logicalType: integer, logicalTypeOptions: {minimum: 1}}\n"
    (found,) = accepted(body).datasets[0].columns[0].constraints
    path = "schema[0].properties[0].logicalTypeOptions.minimum"
    assert found == Constraint(path=path, line=11, name="minimum", value=1)


def test_a_boolean_bound_of_v3_0_makes_the_bound_beside_it_exclusive(accepted: Accepted) -> None:
    old = "logicalType: integer, logicalTypeOptions: {minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}"
    assert options(accepted, old, "v3.0.2") == [("exclusive_minimum", 1), ("maximum", 9)]
    new = "logicalType: integer, logicalTypeOptions: {exclusiveMinimum: 1, maximum: 9}"
    assert options(accepted, new, "v3.1.0") == options(accepted, old, "v3.0.2")


def test_allowed_values_of_v3_2_are_read(accepted: Accepted) -> None:
    body = "schema:\n- {name: t, properties: [{name: c, semanticType: measure, enum: [{value: a, label: A}, {value: 1}, {value: null}]}]}\n"
    column = accepted(body, "v3.2.0").datasets[0].columns[0]
    assert (column.values, column.measure) == (("a", 1, None), True)


def test_service_levels_are_read_with_their_elements(accepted: Accepted) -> None:
    body = (
        ORDERS
        + """
slaDefaultElement: orders.id
slaProperties:
- {property: LY, value: 4, unit: h, element: 'orders.ORDER_ID, customers'}
- {property: Freshness, value: 4h}
- {property: ga, value: "2022-05-12T09:30:10-08:00"}
- {property: av, value: 99.9, unit: percent, valueExt: 30, driver: regulatory, schedule: 0 6 * * *}
- {property: ourOwn, value: true}
"""
    )
    latency, freshness, general, availability, own = accepted(body).promises
    assert (latency.property, latency.value, latency.unit) == ("latency", 4, "h")
    assert latency.elements == (("orders", "id"), ("customers", None))
    assert (freshness.property, freshness.elements) == ("freshness", (("orders", "id"),))
    assert (general.property, general.elements) == ("generalAvailability", ())
    assert (availability.property, availability.value, availability.value_ext) == ("availability", 99.9, 30)
    assert (availability.driver, availability.schedule) == ("regulatory", "0 6 * * *")
    assert (own.property, own.value) == ("ourOwn", True)


def test_a_column_alone_is_an_element_where_there_is_one_dataset(accepted: Accepted) -> None:
    body = "schema:\n- {name: t, properties: [{name: at}]}\nslaProperties:\n- {property: ly, value: 1, unit: d, element: at}\n"
    assert accepted(body).promises[0].elements == (("t", "at"),)


def test_everybody_who_is_named_is_read(accepted: Accepted) -> None:
    people = "[{username: ann, role: Owner}, {username: bob}]"
    for team in (f"{{name: crew, members: {people}}}", people):
        contract = accepted(f"team: {team}\nsupport: [{{channel: '#help', tool: slack, scope: issues}}]\n")
        assert [each.username for each in contract.team] == ["ann", "bob"]
        assert contract.owner == "ann"
        assert (contract.support[0].channel, contract.support[0].tool) == ("#help", "slack")


@pytest.mark.parametrize("written", ["[finance, ops]", "'finance, ops'", "[{name: finance}, {name: ops}]"])
def test_consumers_are_a_list_or_names_with_commas(accepted: Accepted, written: str) -> None:
    contract = accepted(f"customProperties: [{{property: consumers, value: {written}}}]\n")
    assert contract.consumers == ("finance", "ops")


def test_a_server_has_its_own_keys_and_custom_ones_as_options(accepted: Accepted) -> None:
    text = (
        "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nservers:\n"
        "- {server: db, type: postgres, environment: prod, host: h, port: 5432, database: d, schema: s}\n"
        "- {server: file, type: custom, path: x.db, customProperties: [{property: type, value: sqlite}]}\n"
    )
    reading = read(text, "x")
    assert reading.contract is not None
    postgres, sqlite = reading.contract.servers
    assert (postgres.name, postgres.type, postgres.environment) == ("db", "postgres", "prod")
    assert postgres.options == {"host": "h", "port": 5432, "database": "d", "schema": "s"}
    assert (sqlite.type, sqlite.options, sqlite.path, sqlite.line) == (
        "sqlite",
        {"path": "x.db"},
        "servers[1]",
        8,
    )


def test_the_digest_is_of_the_text(accepted: Accepted) -> None:
    assert accepted("name: a\n").digest == accepted("name: a\n").digest
    assert accepted("name: a\n").digest != accepted("name: b\n").digest
    assert len(accepted("").digest) == 64


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["t", "t.c", "sql", "/schema/t"])
)
KEYS = st.sampled_from(
    [
        "schema",
        "servers",
        "properties",
        "items",
        "quality",
        "relationships",
        "slaProperties",
        "element",
        "to",
        "from",
        "name",
        "id",
        "type",
        "metric",
        "rule",
        "arguments",
        "mustBe",
        "mustBeBetween",
        "logicalType",
        "team",
        "members",
        "logicalTypeOptions",
        "pattern",
        "enum",
        "value",
        "unit",
        "property",
        "customProperties",
        "schedule",
        "map",
        "key",
    ]
)
SHAPES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(KEYS, SHAPES, max_size=6), st.sampled_from(["v3.0.0", "v3.1.0", "v3.2.0"]))
@settings(max_examples=300, deadline=None)
def test_reading_never_raises_and_is_invalid_exactly_where_there_is_an_error(
    document: dict[str, object], version: str
) -> None:
    reading = read(json.dumps({"apiVersion": version, **document}), "x")
    assert reading.valid == (not any(each.severity == "error" for each in reading.problems))
    assert list(reading.problems) == sorted(reading.problems, key=lambda each: each.line)
