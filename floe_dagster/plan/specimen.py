"""Specimens: tiny contracts, one for each construct of the standard that a check could be made of.

They are compiled to see what is done for it, so that the reference says what happens and not what was meant.
A specimen is asked for in several variants where the answer may differ: by logical type, under a dataset or
a column.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from floe_dagster.contract.across import Neighbour, Neighbourhood
from floe_dagster.contract.document import read
from floe_dagster.contract.vocabulary import option_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.contract.model import Contract

Json = dict[str, Any]

_C: Final = "schema[].properties[]"
_COLUMN: Final = "schema[0].properties[0]"
_WATCHED: Final = "watched too, on the same server"
_UNWATCHED: Final = "else"
_TIME: Final = {"date": "2026-01-01", "timestamp": "2026-01-01T00:00:00Z", "time": "08:00:00"}
_OPTIONS: Final[Mapping[str, object]] = {
    "pattern": "^[a-z]+$",
    "format": "yyyy-MM-dd",
    "required": ["a"],
    "uniqueItems": True,
    "timezone": True,
    "defaultTimezone": "Europe/Berlin",
    "elementType": "float32",
    "distanceMetric": "cosine",
    "embeddingModel": "a-model",
    "embeddingModelVersion": "1",
    "normalized": True,
}
_FLAGS: Final[Mapping[str, Json]] = {
    "": {},
    "physicalType": {"physicalType": "varchar(20)"},
    "required": {"required": True},
    "unique": {"unique": True},
    "primaryKey": {"primaryKey": True},
    "enum": {"enum": [{"value": "a"}]},
}
_NESTED: Final[Mapping[str, tuple[Json, str]]] = {
    "properties": ({"logicalType": "object", "properties": [{"name": "d"}]}, "properties[0]"),
    "items": ({"logicalType": "array", "items": {"logicalType": "string"}}, "items"),
    "map.key": ({"logicalType": "map", "map": {"key": {}, "value": {}}}, "map.key"),
    "map.value": ({"logicalType": "map", "map": {"key": {}, "value": {}}}, "map.value"),
}
_ARGUMENTS: Final[Mapping[str, tuple[str, object]]] = {
    "validValues": ("invalidValues", ["a"]),
    "pattern": ("invalidValues", "^[a-z]+$"),
    "missingValues": ("missingValues", ["n/a"]),
    "properties": ("duplicateValues", ["c"]),
}
_NEEDED: Final[Mapping[str, Json]] = {
    metric: {"arguments": {name: value}} for name, (metric, value) in _ARGUMENTS.items()
}
_RULES: Final[Mapping[str, Json]] = {
    "type = text": {"type": "text", "description": "for people to read"},
    "type = library": {"type": "library", "metric": "rowCount", "mustBeGreaterThan": 0},
    "type = sql": {"type": "sql", "query": "select count(*) from {object}", "mustBeGreaterThan": 0},
    "type = custom": {"type": "custom", "engine": "soda", "implementation": "a check"},
    "query": {"type": "sql", "query": "select count(*) from {object}", "mustBeGreaterThan": 0},
}
_OLD_RULES: Final[Mapping[str, Json]] = {
    "rule": {"rule": "uniqueCheck"},
    "validValues": {"rule": "validValues", "validValues": ["a"]},
}
_TARGETS: Final[Mapping[str, tuple[bool, Json]]] = {
    "to": (False, {"to": "other.c"}),
    "from": (True, {"from": "one.c", "to": "other.c"}),
    "to = dataset.column": (False, {"to": "other.c"}),
    "to = [dataset.column, ...]": (True, {"from": ["one.c", "one.t"], "to": ["other.c", "other.t"]}),
    "to = /schema/<id>/properties/<id>": (False, {"to": "/schema/other/properties/c"}),
    "to = other.odcs.yaml#/schema/<id>/properties/<id>": (
        False,
        {"to": "other.odcs.yaml#/schema/other/properties/c"},
    ),
}
_OF_A_COLUMN: Final = ("freshness", "latency", "frequency", "retention", "timeOfAvailability")
_LEVELS: Final[Mapping[str, tuple[object, str | None]]] = {
    "availability": (99.9, "%"),
    "generalAvailability": ("2026-01-01", None),
    "endOfSupport": ("2030-12-31", None),
    "endOfLife": ("2030-12-31", None),
    "timeOfAvailability": ("09:00", None),
    "throughput": (1, "rows/h"),
    "errorRate": (1, "%"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A tiny contract that declares one thing.

    Attributes:
        variant: what sets it apart from others of the same construct; empty where it is the only one.
        construct: where the thing stands in it, as the ledger names it.
    """

    variant: str
    contract: Contract
    construct: str


def specimens(path: str) -> tuple[Specimen, ...]:
    """The specimens of a construct; none where no check could be made of it.

    Args:
        path: as the vocabulary spells it.
    """
    return tuple(
        Specimen(
            variant=variant, contract=_contract(document, among=variant == _WATCHED), construct=construct
        )
        for variant, document, construct in (*_structure(path), *_promised(path))
    )


def _structure(path: str) -> Iterator[tuple[str, Json, str]]:
    inside = path.removeprefix(f"{_C}.")
    flag = "" if path == "schema[].properties" else inside
    key, _, value = inside.partition(" = ")
    if path == "schema":
        yield "", _of_column({}), "schema[0]"
    elif flag in _FLAGS:
        yield from _below(_FLAGS[flag], flag, "")
    elif inside in _NESTED:
        column, end = _NESTED[inside]
        yield "", _of_column(column), f"{_COLUMN}.{end}"
    elif key == "logicalType" and value:
        yield "", _of_column(_typed(value)), f"{_COLUMN}.logicalType"
    elif inside == "semanticType = measure":
        yield "", _of_column({"semanticType": "measure"}), _COLUMN
    elif key.startswith("logicalTypeOptions."):
        yield from _option(key.removeprefix("logicalTypeOptions."), value)


def _below(declared: Json, end: str, variant: str) -> Iterator[tuple[str, Json, str]]:
    """What a column declares, and the same of a field of an object, and of the items of an array."""
    fields: Json = {"logicalType": "object", "properties": [{"name": "f", **declared}]}
    items: Json = {"logicalType": "array", "items": {"logicalType": "string", **declared}}
    nested = {
        variant or "of a column": (declared, _COLUMN),
        "of a nested field": (fields, f"{_COLUMN}.properties[0]"),
        "of items": (items, f"{_COLUMN}.items"),
    }
    for each, (column, place) in nested.items():
        yield each, _of_column(column), f"{place}.{end}".removesuffix(".")


def _option(option: str, value: str) -> Iterator[tuple[str, Json, str]]:
    types = option_types()[option]
    if option == "format":
        types = _types_of_format(value) if value else tuple(_TIME)
    for each in types:
        given = value or _OPTIONS.get(option) or _TIME.get(each, 1)
        column = _typed(each)
        column["logicalTypeOptions"] = column.get("logicalTypeOptions", {}) | {option: given}
        end = "[0]" if isinstance(given, list) else ""
        yield each, _of_column(column), f"{_COLUMN}.logicalTypeOptions.{option}{end}"


def _types_of_format(value: str) -> tuple[str, ...]:
    if value[:1] == "f":
        return ("number",)
    return ("integer",) if value[:1] in "iu" and value[1:].isdigit() else ("string",)


def _typed(logical: str) -> Json:
    more: Mapping[str, Json] = {
        "map": {"map": {"key": {}, "value": {}}},
        "vector": {"logicalTypeOptions": {"dimensions": 1}},
    }
    return {"logicalType": logical, **more.get(logical, {})}


def _promised(path: str) -> Iterator[tuple[str, Json, str]]:
    owner, _, inside = path.partition("[].")
    if owner == "quality":
        yield from _rule(inside)
    elif owner == "relationships" and inside in _TARGETS:
        of_dataset, relationship = _TARGETS[inside]
        found = {"relationships": [relationship]}
        place = "schema[0]" if of_dataset else _COLUMN
        declared = _of_dataset(found) if of_dataset else _of_column(found)
        if "#" in inside:
            for variant in (_WATCHED, _UNWATCHED):
                yield variant, declared, f"{place}.relationships[0]"
        elif inside == "to":
            yield from _below(found, "relationships[0]", "")
        else:
            yield "", declared, f"{place}.relationships[0]"
    elif path.startswith("slaProperties[].property = "):
        yield "", _level(path.partition(" = ")[2]), "slaProperties[0]"


def _rule(inside: str) -> Iterator[tuple[str, Json, str]]:
    key, _, metric = inside.partition(" = ")
    argument = key.removeprefix("arguments.")
    if inside in _RULES:
        yield "", _of_dataset({"quality": [_RULES[inside]]}), "schema[0].quality[0]"
    elif inside in _OLD_RULES:
        old = _of_column({"quality": [_OLD_RULES[inside]]}) | {"apiVersion": "v3.0.2"}
        yield "", old, f"{_COLUMN}.quality[0]"
    elif key.startswith("must"):
        promised = [0, 1] if key.endswith("Between") else 1
        yield from _either({"metric": "rowCount", key: promised}, only="of a dataset")
    elif key == "metric" and metric:
        yield from _either({"metric": metric, "mustBe": 0, **_NEEDED.get(metric, {})})
    elif argument in _ARGUMENTS:
        metric, value = _ARGUMENTS[argument]
        of = "of a dataset" if argument == "properties" else "of a column"
        yield from _either({"metric": metric, "mustBe": 0, "arguments": {argument: value}}, only=of)


def _either(rule: Json, only: str = "") -> Iterator[tuple[str, Json, str]]:
    if only != "of a column":
        yield ("" if only else "of a dataset"), _of_dataset({"quality": [rule]}), "schema[0].quality[0]"
    if only != "of a dataset":
        yield from _below({"quality": [rule]}, "quality[0]", "of a column")


def _level(name: str) -> Json:
    value, unit = _LEVELS.get(name, (1, "d"))
    of_column = {"element": "one.t"} if name in _OF_A_COLUMN else {}
    return _of_dataset({}) | {
        "slaProperties": [{"property": name, "value": value, **({"unit": unit} if unit else {}), **of_column}]
    }


def _of_column(column: Json) -> Json:
    return {"schema": [{"name": "one", "properties": [{"name": "c", **column}, _STAMP]}, _OTHER]}


def _of_dataset(dataset: Json) -> Json:
    return {"schema": [{"name": "one", "properties": [{"name": "c"}, _STAMP], **dataset}, _OTHER]}


_STAMP: Final[Json] = {"name": "t", "logicalType": "date"}
_OTHER: Final[Json] = {"name": "other", "properties": [{"name": "c"}, _STAMP]}
_HEAD: Final[Json] = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "specimen",
    "version": "1.0.0",
    "status": "active",
    "servers": [{"server": "here", "type": "duckdb", "database": "specimen.duckdb"}],
}


def _contract(document: Json, *, among: bool = False) -> Contract:
    """A specimen, alone or among others that are watched."""
    contract = _read(document)
    if not among:
        return contract
    here = Neighbour(contract=contract, file="/specimen.odcs.yaml", engine="here")
    other = _read({"id": "other", "schema": [_OTHER]})
    return Neighbourhood([here, replace(here, contract=other, file="/other.odcs.yaml")]).resolved(here)


def _read(document: Json) -> Contract:
    reading = read(json.dumps(_HEAD | document), "specimen")
    if reading.contract is None:
        raise AssertionError(f"the specimen {document} is refused: {reading.problems}")
    return reading.contract
