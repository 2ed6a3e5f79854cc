"""Explanations: a mistake that the JSON schema finds, said in words, with its line and what to do."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from floe_dagster.contract.loader import spell
from floe_dagster.contract.problem import Problem
from floe_dagster.contract.wording import listed, meant, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from floe_dagster.contract.loader import Steps, Tree

_THINGS: Final[Mapping[str, str]] = {
    "servers": "a server",
    "schema": "a dataset",
    "properties": "a property",
    "items": "a property",
    "quality": "a quality rule",
    "relationships": "a relationship",
    "slaProperties": "an SLA property",
    "support": "a support channel",
    "team": "a team member",
    "members": "a team member",
    "roles": "a role",
    "enum": "an enum value",
    "customProperties": "a custom property",
    "authoritativeDefinitions": "a definition",
    "synonyms": "a synonym",
}
_TYPES: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
    "array": "a list",
    "object": "a mapping",
}
_INSTEAD: Final[Mapping[str, str]] = {
    "enum": "give the values to a quality rule with metric: invalidValues and arguments.validValues",
}
_RENAMED: Final[Mapping[str, str]] = {"rule": '"metric"', "validValues": '"validValues" under "arguments"'}
_STABLE_ID = "^[A-Za-z0-9_-]+$"


def explain(error: Any, tree: Tree, version: str) -> Iterator[Problem]:
    """One or more problems for an error of the validator.

    Args:
        error: as the validator found it.
        tree: the document, for lines and for how scalars were written.
        version: the version of the standard that the document says it has.
    """
    path: Steps = tuple(error.absolute_path)
    if (options := _options_without_type(path, tree)) is not None:
        message = "options mean nothing without a logicalType; add logicalType to the property"
        yield _problem(tree, options, "options", message)
        return
    match error.validator:
        case "oneOf" | "anyOf":
            yield from _explain_choice(error, tree, version)
        case "unknown":
            yield _explain_unknown(error, tree, path)
        case "required":
            for key in (each for each in error.validator_value if each not in error.instance):
                message = f"{_thing(path, error.instance)} needs {quoted(key)}; add it"
                yield _problem(tree, path, "required", message)
        case "since":
            yield _problem(tree, path, "version", _newer(str(path[-1]), error.validator_value, version))
        case "not":
            key = error.validator_value["required"][0]
            message = f"{quoted(key)} is not said here, since the property is where it starts; leave it out"
            yield _problem(tree, (*path, key), "not", message)
        case _:
            yield _problem(tree, path, str(error.validator), _value_message(error, tree, path, version))


def _problem(tree: Tree, path: Steps, rule: str, message: str, *, warning: bool = False) -> Problem:
    return Problem(
        rule=f"schema.{rule}",
        severity="warning" if warning else "error",
        path=spell(path),
        line=tree.line(path),
        message=message,
    )


def _thing(path: Steps, instance: Mapping[str, object]) -> str:
    names = [each for each in path if isinstance(each, str)]
    thing = _THINGS.get(names[-1], quoted(names[-1])) if names else "a contract"
    kind = instance.get("type")
    return f"{thing} of type {quoted(kind)}" if isinstance(kind, str) and thing != "a definition" else thing


def _newer(name: str, since: str, version: str) -> str:
    what = f"{quoted(name)} is new in {since}, and this contract is of {version}"
    return f"{what}; {_INSTEAD.get(name, 'leave it out')}, or set apiVersion: {since}"


def _explain_unknown(error: Any, tree: Tree, path: Steps) -> Problem:
    known = sorted(each for each in error.validator_value if each not in error.instance)
    key = str(path[-1])
    hint = f"; since v3.1.0 it is {_RENAMED[key]}" if key in _RENAMED else meant(key, known)
    message = f"unknown key {quoted(key)}{hint}"
    if hint.startswith("; known"):
        message = f"{message}; leave it out, or move it to customProperties"
    return _problem(tree, path, "unknown-key", message, warning=bool(error.schema.get("open")))


def _explain_choice(error: Any, tree: Tree, version: str) -> Iterator[Problem]:
    """The mistakes of the alternative that was most likely meant."""
    path: Steps = tuple(error.absolute_path)
    if (operators := _operators(error)) and (problem := _explain_operators(error, tree, path, operators)):
        yield problem
        return
    if error.validator == "oneOf" and not error.context:
        return  # more than one fits only where a required key is missing, which has a message of its own
    branches: dict[int, list[Any]] = defaultdict(list)
    for each in error.context or ():
        branches[int(each.schema_path[0])].append(each)
    meant_ones = [errors for errors in branches.values() if not any(map(_is_other_kind, errors))]
    if meant_ones and not all(each.validator == "pattern" for errors in meant_ones for each in errors):
        for each in min(meant_ones, key=len):
            yield from explain(each, tree, version)
    else:
        yield _problem(tree, path, "choice", _choice_message(error, tree, path, meant_ones))


def _is_other_kind(error: Any) -> bool:
    return not error.relative_path and error.validator in ("type", "required")


def _choice_message(error: Any, tree: Tree, path: Steps, meant_ones: Sequence[Sequence[Any]]) -> str:
    if meant_ones:
        hint = 'write "dataset.column" or "/schema/<id>/properties/<id>"'
        return f"{quoted(error.instance)} is no reference; {hint}"
    needed = [each.validator_value for each in error.context or () if each.validator == "required"]
    if needed:
        keys = " or ".join(quoted(each[0]) for each in needed)
        return f"{_thing(path, error.instance)} needs {keys}; add one"
    kinds = [_kinds(each.validator_value) for each in error.context or () if each.validator == "type"]
    return f"must be {' or '.join(dict.fromkeys(kinds))}, and is {_is(error.instance, tree, path)}"


def _operators(error: Any) -> list[str]:
    keys = [
        key for each in error.validator_value if isinstance(each, dict) for key in each.get("required", ())
    ]
    return keys if "mustBe" in keys and isinstance(error.instance, dict) else []


def _explain_operators(error: Any, tree: Tree, path: Steps, operators: list[str]) -> Problem | None:
    """None where there is exactly one operator, so that its value must be what is wrong."""
    given = [each for each in error.instance if each in operators]
    if len(given) == 1:
        return None
    if not given:
        message = f"a rule needs one promise about its number; add one of {listed(operators)}"
        return _problem(tree, path, "operator", message)
    first, second = given[:2]
    line = tree.line((*path, first))
    message = f"a rule has one operator, and {quoted(first)} stands on line {line}; make two rules of it"
    return _problem(tree, (*path, second), "operator", message)


def _options_without_type(path: Steps, tree: Tree) -> Steps | None:
    if "logicalTypeOptions" not in path[-2:]:
        return None
    options = path[: path.index("logicalTypeOptions", -2) + 1]
    found: Any = tree.value
    for step in options[:-1]:
        found = found[step]
    return None if "logicalType" in found else options


def _value_message(error: Any, tree: Tree, path: Steps, version: str) -> str:
    wanted = error.validator_value
    match error.validator:
        case "type":
            return _type_message(error, tree, path)
        case "enum":
            return _enum_message(error, wanted, version)
        case "pattern" if wanted == _STABLE_ID:
            return f'{quoted(error.instance)} may hold letters, digits, "_" and "-" only'
        case "pattern":
            return f"{quoted(error.instance)} does not look like {quoted(wanted)}"
        case "minItems" | "maxItems":
            bound = "at least" if error.validator == "minItems" else "at most"
            entries = "entry" if wanted == 1 else "entries"
            return f"must have {bound} {wanted} {entries}, and has {len(error.instance)}"
        case "uniqueItems":
            return "two entries are equal; keep one of them"
        case "minimum":
            return f"must be at least {wanted}, and is {quoted(error.instance)}"
        case "exclusiveMinimum":
            return f"must be more than {wanted}, and is {quoted(error.instance)}"
    return f"the standard does not allow this: {error.validator} is {quoted(wanted)}"


def _enum_message(error: Any, wanted: list[str], version: str) -> str:
    if not isinstance(error.instance, str):
        return f"must be one of {listed(wanted)}"
    if since := error.schema.get("newer", {}).get(error.instance):
        what = f"{quoted(error.instance)} is new in {since}, and this contract is of {version}"
        return f"{what}; set apiVersion: {since}"
    return f"{quoted(error.instance)} is not one of the standard's values{meant(error.instance, wanted)}"


def _type_message(error: Any, tree: Tree, path: Steps) -> str:
    wanted = error.validator_value
    kinds = wanted if isinstance(wanted, list) else [wanted]
    written = tree.texts.get(path)
    if "string" in kinds and written:
        is_number = not isinstance(error.instance, bool) and error.instance is not None
        what = f"{_kinds(kinds)}, and {quoted(written)[1:-1]} is {'a number' if is_number else 'not'}"
        return f"must be {what}; write {quoted(written)} in quotes"
    if isinstance(error.instance, str) and re.fullmatch(r"-?\d+(\.\d+)?", error.instance):
        return f"must be {_kinds(kinds)}; take {error.instance[:40]} out of its quotes"
    hint = '; begin each entry with "- "' if kinds == ["array"] else ""
    return f"must be {_kinds(kinds)}, and is {_is(error.instance, tree, path)}{hint}"


def _kinds(kinds: Any) -> str:
    names = kinds if isinstance(kinds, list) else [kinds]
    return " or ".join(_TYPES.get(each, str(each)) for each in names)


def _is(value: object, tree: Tree, path: Steps) -> str:
    if value is None:
        return "empty"
    return quoted(value) if isinstance(value, str) else tree.texts.get(path) or quoted(value)
