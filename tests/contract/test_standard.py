"""A contract is held against the schema of its own version, and every mistake is said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft201909Validator

from floe_dagster.contract.document import read
from floe_dagster.contract.standard import VERSIONS, schema_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.contract.problem import Problem

    Problems = Callable[..., tuple[Problem, ...]]

pytestmark = pytest.mark.requirement("A-01")


def errors(found: tuple[Problem, ...]) -> list[tuple[int, str, str]]:
    return [(each.line, each.path, each.message) for each in found if each.severity == "error"]


def column(text: str) -> str:
    return f"schema:\n- name: t\n  properties:\n  - name: c\n    {text}\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_each_derived_schema_is_a_schema(version: str) -> None:
    Draft201909Validator.check_schema(schema_for(version))


@pytest.mark.parametrize(
    ("body", "line", "path", "name"),
    [
        (column("enum: [{value: a}]"), 12, "schema[0].properties[0].enum", "enum"),
        (column("semanticType: measure"), 12, "schema[0].properties[0].semanticType", "semanticType"),
        (column("deprecated: true"), 12, "schema[0].properties[0].deprecated", "deprecated"),
        (column("logicalType: vector"), 12, "schema[0].properties[0].logicalType", "vector"),
        ("context: help\n", 8, "context", "context"),
        (
            "customProperties:\n- {property: a, value: b, vendor: c}\n",
            9,
            "customProperties[0].vendor",
            "vendor",
        ),
    ],
)
def test_what_is_new_in_v3_2_is_refused_below_it_and_said_to_be_new(
    problems: Problems, body: str, line: int, path: str, name: str
) -> None:
    ((found_line, found_path, message),) = errors(problems(body))
    assert (found_line, found_path) == (line, path)
    assert message.startswith(f'"{name}" is new in v3.2.0, and this contract is of v3.1.0; ')
    assert message.endswith("set apiVersion: v3.2.0")
    assert errors(problems(body, "v3.2.0")) == []


def test_a_column_of_no_type_needs_no_map(problems: Problems) -> None:
    assert errors(problems(column("physicalType: text"), "v3.2.0")) == []


@pytest.mark.parametrize(
    "body",
    [
        column("logicalType: integer\n    logicalTypeOptions: {minimum: 1, exclusiveMinimum: true}"),
        column("quality:\n    - {rule: validValues, validValues: [a, b]}"),
        column("quality:\n    - {rule: duplicateCount, mustBeGreaterThan: 1, mustBeLessThan: 9}"),
        "team:\n- {username: ann, role: owner}\n",
        "team: {name: crew, members: [{username: ann}]}\n",
    ],
)
def test_what_v3_0_allowed_is_allowed_in_v3_0(problems: Problems, body: str) -> None:
    assert problems(body, "v3.0.2") == tuple(
        each for each in problems(body, "v3.0.2") if each.rule == "lint.no-datasets"
    )
    assert problems("team:\n- {username: ann, nickname: a}\n", "v3.0.2")[0].severity == "warning"


def test_booleans_as_bounds_ended_with_v3_1(problems: Problems) -> None:
    body = column("logicalType: integer\n    logicalTypeOptions: {minimum: 1, exclusiveMinimum: true}")
    assert errors(problems(body)) == [
        (13, "schema[0].properties[0].logicalTypeOptions.exclusiveMinimum", "must be a number, and is true")
    ]


@pytest.mark.parametrize(
    ("version", "hint"),
    [
        ("v2.2.2", '"v2.2.2" is too old to be read; convert the contract to v3.1.0'),
        ("2.0", '"2.0" is too old'),
        ("v4.0.0", '"v4.0.0" is no version of the standard that is read; known: "v3.2.0"'),
        ("3.1.0", 'did you mean "v3.1.0"?'),
        ("v3.1", 'did you mean "v3.1.0"?'),
        ("3.1", 'did you mean "v3.1.0"?'),
        ("[v3.1.0]", "is no version of the standard"),
    ],
)
def test_a_version_that_is_not_read_says_what_to_do(version: str, hint: str) -> None:
    reading = read(f"kind: DataContract\napiVersion: {version}\n", "x")
    assert reading.contract is None
    (problem,) = reading.problems
    assert (problem.rule, problem.line, problem.path) == ("schema.api-version", 2, "apiVersion")
    assert hint in problem.message


def test_a_missing_version_hides_no_other_mistake() -> None:
    found = read("kind: DataContract\nid: a\nversion: 1.0.0\nstatuss: active\n", "x").problems
    assert [each.message for each in found if each.severity == "error"] == [
        'a contract needs "apiVersion"; add it',
        'unknown key "statuss"; did you mean "status"?',
    ]


@pytest.mark.parametrize(
    ("body", "line", "path", "message"),
    [
        ("tags: [1.10]\n", 8, "tags[0]", 'must be text, and 1.10 is a number; write "1.10" in quotes'),
        ("tags: [true]\n", 8, "tags[0]", 'must be text, and true is not; write "true" in quotes'),
        ("tags: a\n", 8, "tags", 'must be a list, and is "a"; begin each entry with "- "'),
        ("name:\n", 8, "name", "must be text, and is empty"),
        ("price: {priceAmount: '9'}\n", 8, "price.priceAmount", "must be a number; take 9 out of its quotes"),
        ("team: crew\n", 8, "team", 'must be a mapping or a list, and is "crew"'),
        ("team: {memebers: []}\n", 8, "team.memebers", 'unknown key "memebers"; did you mean "members"?'),
        (
            "roles: [{role: a, id: a b}]\n",
            8,
            "roles[0].id",
            '"a b" may hold letters, digits, "_" and "-" only',
        ),
        (
            column("logicalTypeOptions: {minLength: 1}"),
            12,
            "schema[0].properties[0].logicalTypeOptions",
            "options mean nothing without a logicalType; add logicalType to the property",
        ),
        (
            column("logicalType: string\n    logicalTypeOptions: {minLength: -1}"),
            13,
            "schema[0].properties[0].logicalTypeOptions.minLength",
            "must be at least 0, and is -1",
        ),
        (
            column("relationships: [{to: orders}]"),
            12,
            "schema[0].properties[0].relationships[0].to",
            '"orders" is no reference; write "dataset.column" or "/schema/<id>/properties/<id>"',
        ),
        (
            column("relationships: [{to: t.c, from: t.c}]"),
            12,
            "schema[0].properties[0].relationships[0].from",
            '"from" is not said here, since the property is where it starts; leave it out',
        ),
        (
            column("quality: [{metric: nullValues}]"),
            12,
            "schema[0].properties[0].quality[0]",
            (
                'a rule needs one promise about its number; add one of "mustBe", "mustNotBe", "mustBeGreaterThan", '
                '"mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"'
            ),
        ),
        (
            column("quality: [{metric: nullValues, mustBeBetween: [1]}]"),
            12,
            "schema[0].properties[0].quality[0].mustBeBetween",
            "must have at least 2 entries, and has 1",
        ),
        (
            column("quality: [{metric: nulValues, mustBe: 0}]"),
            12,
            "schema[0].properties[0].quality[0].metric",
            '"nulValues" is not one of the standard\'s values; did you mean "nullValues"?',
        ),
        (
            column("quality: [{type: custom, engine: e, implementation: [a]}]"),
            12,
            "schema[0].properties[0].quality[0].implementation",
            "must be text or a mapping, and is a list",
        ),
        (
            column("requierd: true"),
            12,
            "schema[0].properties[0].requierd",
            'unknown key "requierd"; did you mean "required"?',
        ),
    ],
)
def test_a_mistake_says_where_it_is_what_is_wrong_and_what_to_do(
    problems: Problems, body: str, line: int, path: str, message: str
) -> None:
    assert errors(problems(body)) == [(line, path, message)]


def test_a_version_without_quotes_is_said_as_it_was_written() -> None:
    found = read(
        "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.10\nstatus: active\n", "x"
    ).problems
    message = 'must be text, and 1.10 is a number; write "1.10" in quotes'
    assert (4, "version", message) in errors(found)


def test_a_key_that_was_renamed_names_the_new_one(problems: Problems) -> None:
    found = errors(problems(column("quality: [{rule: nullCheck, mustBe: 0}]")))
    assert ('unknown key "rule"; since v3.1.0 it is "metric"') in [message for _, _, message in found]


def test_an_unknown_type_of_server_is_not_blamed_on_its_options() -> None:
    text = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: '1'\nstatus: active\n"
    found = read(f"{text}servers: [{{server: s, type: postgrse, host: h, port: 1}}]\n", "x").problems
    assert errors(found) == [
        (6, "servers[0].type", '"postgrse" is not one of the standard\'s values; did you mean "postgres"?')
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text\n", "42\n"])
def test_what_is_no_mapping_is_refused_with_how_to_begin(text: str) -> None:
    (problem,) = read(text, "x").problems
    assert problem.rule == "yaml.no-mapping"
    assert problem.message.endswith("begin with apiVersion, kind, id, version and status")
