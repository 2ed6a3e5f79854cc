"""Vocabulary: every construct that the standard has, as a path pattern, and the version that brought it.

The patterns come from a walk of the JSON schemas; what the standard lists in its text and leaves open in its
schema (service levels, formats of text, arguments of metrics, forms of references) stands in a table here.
What may stand in many places, such as `quality` or `customProperties`, has one row for each place, and its
own parts once: `quality[].metric`. Columns within columns are not walked again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from floe_dagster.contract.standard import VERSIONS, schema_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHARED: Final = frozenset(
    {
        *("authoritativeDefinitions", "context", "customProperties", "quality"),
        *("relationships", "roles", "synonyms", "tags"),
    }
)
_LISTED: Final[Mapping[str, tuple[str, ...]]] = {
    "slaProperties[].property": (
        *("latency", "freshness", "frequency", "availability", "timeOfAvailability", "throughput"),
        *("errorRate", "retention", "generalAvailability", "endOfSupport", "endOfLife"),
        *("timeToDetect", "timeToNotify", "timeToRepair"),
    ),
    "schema[].properties[].logicalTypeOptions.format": (
        *("password", "byte", "binary", "email", "uuid", "uri", "hostname", "ipv4", "ipv6"),
    ),
    "relationships[].to": (
        *("dataset.column", "[dataset.column, ...]", "/schema/<id>/properties/<id>"),
        "other.odcs.yaml#/schema/<id>/properties/<id>",
    ),
}
_WITH_VALUES: Final = (
    *("servers[].type", "schema[].properties[].logicalType", "schema[].properties[].semanticType"),
    *("schema[].properties[].logicalTypeOptions.format", "quality[].metric", "quality[].type"),
)
_ANYTHING_INSIDE: Final = ("customProperties[].value", "quality[].implementation", "quality[].mustBe")
_COLUMN: Final = "schema[].properties[]"
_ARGUMENTS: Final = ("validValues", "pattern", "missingValues", "properties")
_SINCE: Final[Mapping[str, tuple[str, ...]]] = {
    "v3.0.1": (
        *("authoritativeDefinitions", "description.authoritativeDefinitions"),
        *("description.customProperties", "roles[].customProperties"),
    ),
    "v3.0.2": ("schema[].properties[].physicalName", "team[].description", "team[].name"),
    "v3.1.0": (
        *("authoritativeDefinitions[].description", "customProperties[].description"),
        *("schema[].properties[].logicalType = time", "schema[].properties[].logicalType = timestamp"),
        *("schema[].properties[].logicalTypeOptions.timezone",),
        *("schema[].properties[].logicalTypeOptions.defaultTimezone",),
        *("quality[].arguments", "quality[].metric", "relationships", "schema[].relationships"),
        *("schema[].properties[].relationships", "servers[].stream"),
        *("servers[].type = hive", "servers[].type = impala", "servers[].type = zen"),
        *("slaProperties[].description", "slaProperties[].schedule", "slaProperties[].scheduler"),
        *("support[].customProperties", "team.authoritativeDefinitions", "team.customProperties"),
        *("price.id", "team.id", "team.description", "team.members", "team.name", "team.tags"),
        *("team[].authoritativeDefinitions", "team[].customProperties", "team[].tags"),
    ),
    # they stand in the derived schemas too, under a type of server that is refused there
    "v3.2.0": ("servers[].catalogUrl", "servers[].namespace"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """One construct of the standard.

    Attributes:
        path: where it stands, `schema[].properties[].required`; one value of a key as `... = value`.
        since: the version that brought it.
        until: the last version that has it; None where the newest one does.
    """

    path: str
    since: str
    until: str | None = None


@cache
def vocabulary() -> tuple[Word, ...]:
    """Every construct, in the order of the schema; what only older versions have comes last."""
    newest, previous, old = (_paths(each) for each in ("v3.2.0", "v3.1.0", "v3.0.2"))
    gone = tuple(Word(each, "v3.0.0", "v3.0.2") for each in old if each not in newest)
    return (*(Word(each, _since(each, previous)) for each in newest), *gone)


def option_types() -> Mapping[str, tuple[str, ...]]:
    """Every option of `logicalTypeOptions`, with the logical types that have it."""
    found: dict[str, list[str]] = {}
    for condition in schema_for(VERSIONS[0])["$defs"]["SchemaBaseProperty"]["allOf"]:
        then = condition.get("then", {}).get("properties", {})
        for option in then.get("logicalTypeOptions", {}).get("properties", {}):
            found.setdefault(option, []).extend(_types(condition["if"]))
    return {option: tuple(types) for option, types in found.items()}


def words_in(document: object, path: str = "") -> Iterator[str]:
    """Every key of a document as the vocabulary spells it; some come many times."""
    match document:
        case dict() if path not in _ANYTHING_INSIDE:
            for key, inner in document.items():
                place = f"{path}.{key}".removeprefix(".")
                yield place
                yield from words_in(inner, spelled(place))
        case list():
            for each in document:
                yield from words_in(each, spelled(f"{path}[]"))


def spelled(path: str) -> str:
    """A path as it begins the paths of what is inside: a column within a column is a column."""
    within = ("properties[]", "items", "map.key", "map.value")
    if path in {f"{_COLUMN}.{each}" for each in within}:
        return _COLUMN
    key = path.rpartition(".")[2]
    return key if key in _SHARED else path


def _types(condition: Mapping[str, Any]) -> Iterator[str]:
    for each in condition.get("anyOf", (condition,)):
        yield each["properties"]["logicalType"]["const"]


def _since(path: str, previous: tuple[str, ...]) -> str:
    if path not in previous:
        return "v3.2.0"
    if path.endswith("].id"):
        return "v3.1.0"
    for version, paths in reversed(tuple(_SINCE.items())):
        if any(re.match(rf"{re.escape(each)}(?![A-Za-z])", path) for each in paths):
            return version
    return "v3.0.0"


@cache
def _paths(version: str) -> tuple[str, ...]:
    schema = schema_for(version)
    return tuple(dict.fromkeys(_walk(schema, schema, "", ())))


def _walk(root: Mapping[str, Any], part: Any, path: str, within: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(part, dict):
        return
    if (name := part.get("$ref")) and name not in within:
        yield from _walk(root, _named(root, name), path, (*within, name))
    for each in _alternatives(part):
        yield from _walk(root, each, path, within)
    yield from (f"{path} = {each}" for each in part.get("enum", ()) if path in _WITH_VALUES)
    yield from _walk(root, part.get("items"), f"{path}[]", within)
    for key, inner in part.get("properties", {}).items():
        if isinstance(inner, dict) and "since" not in inner:
            yield from _key(root, key, inner, path, within)


def _key(root: Mapping[str, Any], key: str, inner: Any, path: str, within: tuple[str, ...]) -> Iterator[str]:
    place = f"{path}.{key}".removeprefix(".")
    yield place
    yield from (f"{place} = {each}" for each in _LISTED.get(place, ()))
    inside = spelled(place)
    yield from _walk(root, inner, inside, within)
    yield from (f"{inside}.{each}" for each in _ARGUMENTS if inside == "quality[].arguments")


def _alternatives(part: Mapping[str, Any]) -> Iterator[Any]:
    for word in ("allOf", "anyOf", "oneOf"):
        yield from part.get(word, ())
    yield from (part[word] for word in ("then", "else") if word in part)


def _named(root: Mapping[str, Any], reference: str) -> Any:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found
