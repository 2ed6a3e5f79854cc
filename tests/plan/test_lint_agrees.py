"""What lint warns of in a rule is what the plan declines, and the other way round."""

from __future__ import annotations

import json

import pytest

from floe_dagster.contract.document import read
from floe_dagster.plan.check import Check, Severity
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.severity import severity_of
from floe_dagster.settings import Settings
from floe_dagster.upkeep.aggregate import zone_of
from tests.plan.contracts import kinds

pytestmark = pytest.mark.requirement("A-01")

SQL = {"type": "sql", "mustBe": 0}
NULLS = {"metric": "nullValues", "mustBe": 0}


def read_with(rule, *, of_column, schemas=("main",)):
    column, dataset = {"name": "c"}, {"name": "t"}
    (column if of_column else dataset)["quality"] = [rule]
    servers = [
        {"server": f"s{at}", "type": "duckdb", "database": "d", **({"schema": each} if each else {})}
        for at, each in enumerate(schemas)
    ]
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "a",
        "version": "1",
        "status": "active",
        "servers": servers,
        "schema": [dataset | {"properties": [column]}],
    }
    return read(json.dumps(document), "a.odcs.yaml")


def is_executed(reading, path):
    plan = compile_contract(reading.contract, kinds())
    return any(isinstance(each, Check) and path in each.covers for each in plan.items)


@pytest.mark.parametrize("schemas", [("main",), (None,), ("main", "other"), ("main", "main")])
@pytest.mark.parametrize("of_column", [True, False])
@pytest.mark.parametrize(
    "name",
    ["{object}", "{table}", "${model}", "{property}", "${column}", "{schema}", "{objct}", "{ a }", "{1}"],
)
def test_a_placeholder_is_warned_of_where_the_query_cannot_be_asked(name, of_column, schemas):
    reading = read_with({**SQL, "query": f"select 1 from {name}"}, of_column=of_column, schemas=schemas)

    warned = "lint.placeholder" in [each.rule for each in reading.problems]

    path = "schema[0].properties[0].quality[0]" if of_column else "schema[0].quality[0]"
    assert warned is not is_executed(reading, path)


@pytest.mark.parametrize(
    "unit", ["rows", "row", "percent", "percentage", "%", "Percent", "cells", "days", None]
)
@pytest.mark.parametrize("metric", ["nullValues", "rowCount"])
def test_a_unit_is_warned_of_where_the_rule_cannot_be_asked(metric, unit):
    reading = read_with({**NULLS, "metric": metric, **({"unit": unit} if unit else {})}, of_column=True)

    warned = "lint.unit" in [each.rule for each in reading.problems]

    assert warned is not is_executed(reading, "schema[0].properties[0].quality[0]")


@pytest.mark.parametrize("word", ["high", "LOW", "blocker", "medium", "info", "eror", "p1"])
def test_a_severity_is_warned_of_where_the_plan_does_not_know_it(word):
    reading = read_with({**NULLS, "severity": word}, of_column=True)

    warned = "lint.severity" in [each.rule for each in reading.problems]

    assert warned is not severity_of(word, Severity.ERROR)[1]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Cairo", "Europe/Berln", "", 2, None, ["UTC"]])
def test_a_zone_is_warned_of_where_the_plan_says_that_it_is_not_used(zone):
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "a",
        "version": "1",
        "status": "active",
        "servers": [{"server": "s", "type": "duckdb", "database": "d"}],
        "schema": [{"name": "t", "properties": [{"name": "c"}]}],
        "customProperties": [{"property": "floe.zone", "value": zone}],
    }
    reading = read(json.dumps(document), "a.odcs.yaml")
    (warned,) = [each.message for each in reading.problems if each.rule == "lint.zone"] or [""]

    plan = compile_contract(reading.contract, kinds())
    declined = [each.reason for each in plan.items if "customProperties.floe.zone" in each.covers]

    assert declined == ([warned] if warned else [])
    assert (zone_of(reading.contract, Settings()) == zone) is (not warned)
