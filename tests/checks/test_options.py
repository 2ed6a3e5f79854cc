"""Every option of a logical type that any version of the standard has is executed, declined or informational."""

from __future__ import annotations

import pytest

from floe_dagster.contract.standard import VERSIONS, schema_for
from floe_dagster.plan.check import Check, Noted
from tests.plan.contracts import all_kinds, column, dataset, plan

pytestmark = pytest.mark.requirement("B-03")

STAMP = {"date": "2024-01-31", "timestamp": "2024-01-31T10:00:00Z", "time": "10:00"}
VALUES = {
    "pattern": "^a",
    "format": "uuid",
    "defaultTimezone": "Europe/Berlin",
    "embeddingModel": "m",
    "embeddingModelVersion": "1",
}
NOTED = {"defaultTimezone", "distanceMetric", "embeddingModel", "embeddingModelVersion"}


def options(version):
    """Each option: the logical type that has it, its name, its schema, and what has to stand beside it."""
    for condition in schema_for(version)["$defs"]["SchemaBaseProperty"]["allOf"]:
        then = condition.get("then", {}).get("properties", {}).get("logicalTypeOptions")
        for kind in types_of(condition) if then else ():
            for name, schema in then["properties"].items():
                yield kind, name, schema, then.get("required", ())


def types_of(condition):
    if "anyOf" in condition["if"]:
        return [each for part in condition["if"]["anyOf"] for each in types_of({"if": part})]
    kind = condition["if"]["properties"]["logicalType"]
    return kind.get("enum") or [kind["const"]]


def values(kind, name, schema):
    """Something that the schema lets the option be, once for each of its forms."""
    if "enum" in schema:
        yield from schema["enum"]
        return
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    for each in types:
        match each:
            case "boolean":
                yield True
            case "array":
                yield ["one", "two"]
            case "string" if kind in STAMP and name == "format":
                yield "yyyy-MM-dd"
            case "string":
                yield VALUES.get(name) or STAMP[kind]
            case _:
                yield 3


EVERY = [
    pytest.param(version, kind, name, value, needed, id=f"{version} {kind} {name} {value}")
    for version in VERSIONS
    for kind, name, schema, needed in options(version)
    for value in values(kind, name, schema)
]


@pytest.mark.parametrize(("version", "kind", "name", "value", "needed"), EVERY)
def test_every_option_of_the_standard_is_dealt_with(version, kind, name, value, needed):
    given, claimed = {**dict.fromkeys(needed, 3), name: value}, name
    if isinstance(value, bool) and name.startswith("exclusive"):
        # before v3.1.0 it said of the bound beside it whether that is exclusive
        claimed = name.removeprefix("exclusive").lower()
        given[claimed] = STAMP.get(kind, 3)
    found = plan(
        dataset("orders", column("a", kind, logicalTypeOptions=given)),
        with_kinds=all_kinds(),
        api_version=version,
    )
    ends = (f"logicalTypeOptions.{claimed}", f"logicalTypeOptions.{name}[1]")
    kept = [each for each in found.items if any(path.endswith(ends) for path in each.covers)]

    expected = Noted if name in NOTED else Check
    assert [type(each) for each in kept] == [expected]


def test_the_walk_finds_the_options_that_the_standard_is_known_to_have():
    found = {(kind, name) for kind, name, *_ in options("v3.2.0")}

    assert {
        ("string", "pattern"),
        ("timestamp", "timezone"),
        ("integer", "format"),
        ("array", "uniqueItems"),
        ("object", "required"),
        ("vector", "dimensions"),
    } <= found
    assert len(found) >= 40
