"""Validation: a document against the JSON schema of its version, every mistake at once.

The library's own `unevaluatedProperties` tries each subschema again at every level, which takes exponential
time in the depth of nested properties, and calls a key unknown because its value is wrong. Ours asks only
which keys the schema knows here, and yields one mistake for each that it does not. Conditions (`if`) are
asked directly for the same reason: a property stands under eight of them, a server under forty.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from floe_dagster.contract.explain import explain
from floe_dagster.contract.standard import schema_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from floe_dagster.contract.loader import Tree
    from floe_dagster.contract.problem import Problem
    from floe_dagster.contract.standard import Schema

MAX_PROBLEMS: Final = 500


def validate(tree: Tree, version: str) -> tuple[Problem, ...]:
    """What the standard's schema has against a document.

    Args:
        tree: the document.
        version: the version of the standard to hold it against, one of `standard.VERSIONS`.
    """
    errors = islice(_validator(version).iter_errors(tree.value), MAX_PROBLEMS)
    found = dict.fromkeys(problem for error in errors for problem in explain(error, tree, version))
    return tuple(islice(found, MAX_PROBLEMS))


@cache
def _validator(version: str) -> Any:
    from jsonschema import Draft201909Validator, validators  # noqa: PLC0415

    unknown = _Unknown(schema_for(version))
    keywords = {
        "unevaluatedProperties": unknown,
        "additionalProperties": unknown,
        "allOf": _all_of,
        "properties": _properties,
        "$ref": _Reference(schema_for(version)),
        "since": _since,
    }
    extend: Any = validators.extend
    return extend(Draft201909Validator, keywords)(schema_for(version))


def _since(
    _validator: Validator, version: str, _instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    from jsonschema import ValidationError  # noqa: PLC0415

    yield ValidationError(f"new in {version}")


def _all_of(
    validator: Any, parts: list[Schema], instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    for index, part in enumerate(parts):
        applies = part if "if" not in part else part["then"] if _holds(part["if"], instance) else True
        yield from validator.descend(instance, applies, schema_path=index)


def _properties(validator: Any, parts: Schema, instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    for key, part in parts.items() if isinstance(instance, dict) else ():
        # most values are text that may be any text, and descending costs fifty times this question
        if key in instance and not (part == {"type": "string"} and isinstance(instance[key], str)):
            yield from validator.descend(instance[key], part, path=key, schema_path=key)


class _Reference:
    """The keyword `$ref`, for a schema that only refers to itself."""

    def __init__(self, root: Schema) -> None:
        self.root = root

    def __call__(
        self, validator: Any, reference: str, instance: object, _schema: Schema
    ) -> Iterator[ValidationError]:
        yield from validator.descend(instance, _at(self.root, reference))


def _holds(condition: Schema, instance: object) -> bool:
    """Whether a condition holds, for the few keywords that the standard's conditions are made of."""
    if not isinstance(instance, dict):
        return True
    if "anyOf" in condition:
        return any(_holds(each, instance) for each in condition["anyOf"])
    if any(key not in instance for key in condition.get("required", ())):
        return False
    asked = ((instance[key], value) for key, value in condition["properties"].items() if key in instance)
    return all(isinstance(got, str) and got == value.get("const", got) for got, value in asked)


class _Unknown:
    """The keywords `unevaluatedProperties` and `additionalProperties`, where they are false."""

    # every condition of this schema asks for these keys and for nothing else, so that the answers can be kept
    asked = ("logicalType", "type", "metric")

    def __init__(self, root: Schema) -> None:
        self.root = root
        self.answers: dict[tuple[object, ...], frozenset[str] | None] = {}

    def __call__(
        self, _validator: Validator, allowed: object, instance: object, schema: Schema
    ) -> Iterator[ValidationError]:
        from jsonschema import ValidationError  # noqa: PLC0415

        if allowed is not False or not isinstance(instance, dict):
            return
        known = self._known(schema, instance)
        for key in instance:
            if known is not None and key not in known:
                yield ValidationError("unknown key", validator="unknown", validator_value=known, path=[key])

    def _known(self, schema: Schema, instance: dict[str, object]) -> frozenset[str] | None:
        """The keys that have a meaning here; None where they hang on a `type` that is missing or wrong."""
        answers = (instance.get(each, self) for each in self.asked)
        question = (id(schema), *(each if isinstance(each, (str, _Unknown)) else None for each in answers))
        if question not in self.answers:
            settled = _settled(schema, instance)
            self.answers[question] = frozenset(self._keys(schema, instance)) if settled else None
        return self.answers[question]

    def _keys(self, schema: Any, instance: dict[str, object]) -> Iterator[str]:
        """The keys that a schema names for an instance; a condition is asked, a value is not."""
        if isinstance(schema, bool):
            return
        yield from schema.get("properties", ())
        parts = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())]
        if "$ref" in schema:
            parts.append(_at(self.root, schema["$ref"]))
        if "if" in schema:
            parts.append(schema["then"] if _holds(schema["if"], instance) else True)
        for part in parts:
            yield from self._keys(part, instance)


def _settled(schema: Schema, instance: dict[str, object]) -> bool:
    conditions = [each["if"] for each in schema.get("allOf", ()) if "if" in each]
    if "type" not in schema.get("required", ()) or not conditions:
        return True
    return any(_holds(each, instance) for each in conditions)


def _at(root: Schema, reference: str) -> Schema:
    found = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found
