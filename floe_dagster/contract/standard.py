"""The standard: the JSON schema of each version of ODCS that we read.

The package `open_data_contract_standard` carries the schema of v3.2.0 alone, which is a superset of what
came before. The older ones are derived from it by the differences that decide whether a document is valid;
where an older schema was stricter by mistake (a required `stagingDir`, an integer `port`) the newer reading
is kept.

    below v3.2.0    what v3.2.0 added is refused, and the message says so: `enum`, `semanticType`, `context`,
                    `synonyms`, `deprecated`, `vendor`, the types map and vector, ten server types, ...;
                    `status` is required
    below v3.1.0    an exclusive bound may be a boolean; a library rule has `rule` in place of `metric`, and
                    any number of operators; unknown keys of rules, servers, team, roles, support and SLA
                    were allowed, so that they are warnings; fewer keys are required. What v3.1.0 added is
                    accepted, because the standard's own examples of v3.0.2 use it (the type timestamp, the
                    team as a mapping)

Two things in the published v3.2.0 schema are mended for all: its condition for `logicalType: map` holds as
well where there is no logical type, which would make every such property invalid; and `items` describes
nested `properties` twice, which would double the work at every level of nesting.

Three keywords of our own stand in the derived schemas: `since` refuses with a version, `newer` gives the
version of single values of an enum, and `open` turns unknown keys into warnings.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

VERSIONS: Final = ("v3.2.0", "v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0")

_NEW_IN_3_2: Final = (
    ("SchemaElement", "deprecated"),
    ("SchemaElement", "synonyms"),
    ("SchemaObject", "context"),
    ("SchemaBaseProperty", "enum"),
    ("SchemaBaseProperty", "semanticType"),
    ("CustomProperty", "vendor"),
    ("ServiceLevelAgreementProperty", "customProperties"),
    ("ServiceLevelAgreementProperty", "authoritativeDefinitions"),
    ("RelationshipBase", "id"),
)
_TYPES_NEW_IN_3_2: Final = ("map", "vector")
_SERVERS_NEW_IN_3_2: Final = (
    *("btrieve", "exasol", "fastobjects", "hana", "iceberg"),
    *("ingres", "poet", "teradata", "vectorwise", "versant"),
)

_OPEN_BEFORE_3_1: Final = (
    *("Server", "DataQuality", "CustomProperty", "SupportItem", "Pricing", "TeamMember", "Team", "Role"),
    "ServiceLevelAgreementProperty",
)


@cache
def schema_for(version: str) -> Schema:
    """The JSON schema (Draft 2019-09) of a version of the standard.

    Args:
        version: one of `VERSIONS`.
    """
    published = files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    schema = _mended(json.loads(published, object_hook=_without_words))
    schema["properties"]["apiVersion"]["enum"] = list(VERSIONS)
    # vMAJOR.MINOR.PATCH of one digit each, so that text compares as versions do
    if version < "v3.2.0":
        _before_3_2(schema)
    if version < "v3.1.0":
        _before_3_1(schema)
    return schema


def _without_words(part: Schema) -> Schema:
    """A schema without descriptions, and with a union of bare types as a list of types: the same, in less."""
    for word in ("description", "title", "examples", "default", "deprecated"):
        if not isinstance(part.get(word), dict):  # else it is a property of that name
            part.pop(word, None)
    union = part.get("anyOf", ())
    if union and all(set(each) == {"type"} for each in union):
        part["type"] = [each["type"] for each in part.pop("anyOf")]
    return part


def _mended(schema: Schema) -> Schema:
    defs = schema["$defs"]
    conditions = defs["SchemaBaseProperty"]["allOf"]
    for condition in conditions:
        if "map" in condition.get("then", {}).get("required", ()):
            needed = {"required": condition["then"].pop("required")}
            conditions.append({"if": {**condition["if"], "required": ["logicalType"]}, "then": needed})
            break
    defs["SchemaItemProperty"]["properties"]["properties"] = True
    return schema


def _before_3_2(schema: Schema) -> None:
    defs = schema["$defs"]
    schema["required"] = [*schema["required"], "status"]
    schema["properties"]["context"] = {"since": "v3.2.0"}
    for name, key in _NEW_IN_3_2:
        defs[name]["properties"][key] = {"since": "v3.2.0"}
    for source in defs["ServerSource"].values():
        if "encoding" in source["properties"]:
            source["properties"]["encoding"] = {"since": "v3.2.0"}
    defs["ServerSource"]["AthenaServer"]["properties"]["workgroup"] = {"since": "v3.2.0"}
    _without(defs["SchemaBaseProperty"]["properties"]["logicalType"], _TYPES_NEW_IN_3_2)
    _without(defs["Server"]["properties"]["type"], _SERVERS_NEW_IN_3_2)
    _drop_conditions(defs["SchemaBaseProperty"], _TYPES_NEW_IN_3_2)


def _before_3_1(schema: Schema) -> None:
    defs = schema["$defs"]
    for name in _OPEN_BEFORE_3_1:
        defs[name]["open"] = True
        _allow_newer(defs[name])
    defs["AuthoritativeDefinitions"]["items"]["open"] = True
    for source in defs["ServerSource"].values():
        _allow_newer(source)
    for name in ("CustomProperty", "TeamMember", "SupportItem"):
        defs[name].pop("required")
    _boolean_bounds(defs["SchemaBaseProperty"])
    _old_rules(defs)


def _allow_newer(part: Schema) -> None:
    part["properties"] = {key: {} if "since" in each else each for key, each in part["properties"].items()}


def _without(choice: Schema, values: Iterable[str]) -> None:
    choice["newer"] = dict.fromkeys(values, "v3.2.0")
    choice["enum"] = [each for each in choice["enum"] if each not in choice["newer"]]


def _drop_conditions(base: Schema, types: Iterable[str]) -> None:
    """Else a property of no logical type would be held against the options of types it cannot have."""
    about = [{"properties": {"logicalType": {"const": each}}} for each in types]
    base["allOf"] = [each for each in base["allOf"] if _bare(each.get("if")) not in about]


def _bare(condition: Schema | None) -> Schema | None:
    return condition and {"properties": condition.get("properties")}


def _boolean_bounds(base: Schema) -> None:
    for condition in base["allOf"]:
        then = condition.get("then", {}).get("properties", {})
        options = then.get("logicalTypeOptions", {}).get("properties", {})
        for bound in {"exclusiveMinimum", "exclusiveMaximum"} & options.keys():
            options[bound] = {"type": ["boolean", options[bound]["type"]]}


def _old_rules(defs: Schema) -> None:
    operators: Schema = {}
    for choice in defs["DataQualityOperators"]["oneOf"]:
        operators.update(copy.deepcopy(choice["properties"]))
    defs["DataQualityOperators"] = {"type": "object", "properties": operators}
    library = defs["DataQualityLibrary"]
    library.pop("required")
    # `metric` is accepted too: it is how most contracts of this age were written by the time they were read
    library["anyOf"] = [{"required": ["rule"]}, {"required": ["metric"]}]
    library["properties"] |= {"metric": {"type": "string"}, "validValues": {"type": "array"}}
    condition = defs["DataQuality"]["allOf"][0]
    condition["if"] = {"properties": {"type": {"const": "library"}}}
