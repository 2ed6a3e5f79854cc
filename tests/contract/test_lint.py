"""What the schema cannot see is said all the same: an error where a contract contradicts itself, else a warning."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from floe_dagster.contract.document import read
from floe_dagster.errors import WarehouseError
from floe_dagster.warehouses._pattern import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.contract.problem import Problem

    Problems = Callable[..., tuple[Problem, ...]]

pytestmark = pytest.mark.requirement("A-01")

FOREIGN = (
    *(r"\Aa", r"a\Z", r"\Qa\E", "(?#c)a", "(?>a)b", "a++", "a*+", "a{2}+", "(?i:a)", "a(?i)b", "(?s)a"),
    *("(?-i:a)", "(a)?(?(1)b|c)", "(?P<n>a)(?P=n)"),
)
DATASET = "schema:\n- name: orders\n  properties:\n  - {name: id}\n  - {name: updated_at}\n- {name: empty}\n"


@pytest.mark.parametrize(
    ("element", "severity", "message"),
    [
        ("orders.updatedat", "error", '"orders.updatedat": no such column; did you mean "updated_at"?'),
        ("orders.zzz", "error", '"orders.zzz": no such column; known: "id", "updated_at"'),
        ("order.id", "error", '"order.id": no such dataset; did you mean "orders"?'),
        ("Orders.id", "error", '"Orders.id": no such dataset; did you mean "orders"?'),
        (
            "invoices.id",
            "warning",
            '"invoices.id": no such dataset in this contract, so nothing is measured; it has "orders", "empty"',
        ),
        ("empty.id", "warning", '"empty.id": "empty" declares no columns, so nothing is measured'),
        (
            "/schema/orders/properties/x",
            "error",
            '"/schema/orders/properties/x": no such id "x"; known: "id", "updated_at"',
        ),
    ],
)
def test_an_element_that_is_nowhere_names_what_may_be_meant(
    problems: Problems, element: str, severity: str, message: str
) -> None:
    body = f"{DATASET}slaProperties:\n- {{property: latency, value: 1, unit: d}}\n- property: ly\n  value: 1\n  unit: d\n  element: {element}\n"
    (found,) = problems(body)
    assert (found.rule, found.severity, found.message) == ("lint.element", severity, message)
    assert (found.path, found.line) == ("slaProperties[1].element", 19)


@pytest.mark.parametrize(
    ("relationship", "key", "message"),
    [
        ("{from: orders.id, to: orders.idd}", "to", '"orders.idd": no such column; did you mean "id"?'),
        ("{from: orders.uid, to: orders.id}", "from", '"orders.uid": no such column; did you mean "id"?'),
        (
            "{from: empty, to: orders.id}",
            "from",
            '"empty" is no reference; write "dataset.column" or "/schema/<id>/properties/<id>"',
        ),
        (
            "{from: [orders.id], to: [orders.id, orders.updated_at]}",
            "to",
            "2 columns for 1; name one for each, in the same order",
        ),
        (
            "{from: [orders.id, orders.id], to: [orders.id, other.x]}",
            "to",
            (
                '"other.x": no such dataset in this contract, which has "orders", "empty"; it is measured only '
                "where one other contract that is watched has it, on the same server"
            ),
        ),
        (
            "{from: other.x, to: orders.id}",
            "from",
            '"other.x": no such dataset in this contract, so nothing is measured; it has "orders", "empty"',
        ),
    ],
)
def test_a_relationship_that_leads_nowhere_says_why(
    problems: Problems, relationship: str, key: str, message: str
) -> None:
    body = DATASET.replace("  properties:", f"  relationships:\n  - {relationship}\n  properties:")
    assert (f"schema[0].relationships[0].{key}", message) in [
        (each.path, each.message) for each in problems(body)
    ]


def test_a_relationship_starts_at_its_own_dataset(problems: Problems) -> None:
    body = DATASET.replace(
        "{name: empty}",
        "{name: lines, properties: [{name: o}], relationships: [{from: orders.id, to: lines.o}]}",
    )
    (found,) = problems(body)
    assert found.message == 'a relationship starts at its own dataset, "lines"; move it there'


@pytest.mark.parametrize(
    ("body", "rule", "severity", "path", "line"),
    [
        ("schema:\n- {name: a}\n- {name: a}\n", "lint.duplicate-dataset", "error", "schema[1].name", 10),
        (
            "schema:\n- {name: a, properties: [{name: b}, {name: b}]}\n",
            "lint.duplicate-column",
            "error",
            "schema[0].properties[1].name",
            9,
        ),
        (
            "schema:\n- {name: a, quality: [{id: r, type: text}, {id: r, type: text}]}\n",
            "lint.duplicate-rule",
            "error",
            "schema[0].quality[1].id",
            9,
        ),
        (
            "schema:\n- {name: a, properties: [{name: b, primaryKey: true, primaryKeyPosition: 1}, {name: c, primaryKey: true, primaryKeyPosition: 1}]}\n",
            "lint.key-position",
            "error",
            "schema[0].properties[1].primaryKeyPosition",
            9,
        ),
        (
            "schema:\n- {name: a, quality: [{type: text, severity: eror}]}\n",
            "lint.severity",
            "warning",
            "schema[0].quality[0].severity",
            9,
        ),
        (
            "schema:\n- {name: a, quality: [{type: text, schedule: 0 30 * * *}]}\n",
            "lint.schedule",
            "warning",
            "schema[0].quality[0].schedule",
            9,
        ),
        (
            "schema:\n- {name: a, quality: [{type: text, schedule: '* * * * * *'}]}\n",
            "lint.schedule",
            "warning",
            "schema[0].quality[0].schedule",
            9,
        ),
        (
            "schema:\n- {name: a, properties: [{name: b, logicalType: string, logicalTypeOptions: {pattern: '('}}]}\n",
            "lint.pattern",
            "error",
            "schema[0].properties[0].logicalTypeOptions.pattern",
            9,
        ),
        (
            "schema:\n- {name: a, quality: [{metric: invalidValues, mustBe: 0, arguments: {pattern: '['}}]}\n",
            "lint.pattern",
            "error",
            "schema[0].quality[0].arguments.pattern",
            9,
        ),
        (
            "schema:\n- {name: a, properties: [{name: b}], quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [b, bb]}}]}\n",
            "lint.element",
            "error",
            "schema[0].quality[0].arguments.properties[1]",
            9,
        ),
        (
            "schema:\n- {name: a}\nslaProperties:\n- {property: ly, value: 4, unit: dayz}\n",
            "lint.duration",
            "error",
            "slaProperties[0].unit",
            11,
        ),
        (
            "schema:\n- {name: a}\nslaProperties:\n- {property: retention, value: soon}\n",
            "lint.duration",
            "error",
            "slaProperties[0].value",
            11,
        ),
        (
            "schema:\n- {name: a}\nslaProperties:\n- {property: retention, value: 4}\n",
            "lint.duration",
            "warning",
            "slaProperties[0].value",
            11,
        ),
        ("schema: []\n", "lint.no-datasets", "warning", "schema", 8),
        ("", "lint.no-datasets", "warning", "schema", 1),
    ],
)
def test_each_rule_finds_its_mistake(
    problems: Problems, body: str, rule: str, severity: str, path: str, line: int
) -> None:
    assert [(each.rule, each.severity, each.path, each.line) for each in problems(body)] == [
        (rule, severity, path, line)
    ]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("{type: text, severity: high}", "lint.unreachable"),
        ("{metric: rowCount, mustBeGreaterOrEqualTo: 0}", "lint.unreachable"),
        ("{metric: rowCount, mustBeLessThan: 0}", "lint.unreachable"),
        ("{metric: rowCount, mustBe: -1}", "lint.unreachable"),
        ("{metric: rowCount, mustBeBetween: [5, 1]}", "lint.unreachable"),
        ("{metric: rowCount, mustNotBeBetween: [-2, -1]}", "lint.unreachable"),
        ("{metric: duplicateValues, unit: percent, mustBeLessOrEqualTo: 100}", "lint.unreachable"),
        ("{metric: duplicateValues, unit: percent, mustBeGreaterThan: 100}", "lint.unreachable"),
        ("{metric: rowCount, mustBe: 1, unit: dozens}", "lint.unit"),
        ("{metric: rowCount, mustBe: 1, unit: percent}", "lint.unit"),
        ("{type: sql, query: select 1, mustBe: 1, unit: days}", "lint.unit"),
        ("{type: sql, query: 'select 1 from {objct}', mustBe: 1}", "lint.placeholder"),
        ("{type: sql, query: 'select {column} from {object}', mustBe: 1}", "lint.placeholder"),
        ("{type: sql, query: 'select 1 from ${schema}.t', mustBe: 1}", "lint.placeholder"),
    ],
)
def test_a_lawful_rule_that_does_not_do_what_it_seems_to_is_warned_of(
    problems: Problems, rule: str, found: str
) -> None:
    (problem,) = problems(f"schema:\n- {{name: a, quality: [{rule}]}}\n")
    assert (problem.rule, problem.severity, problem.line) == (found, "warning", 9)


@pytest.mark.parametrize(
    "rule",
    [
        "{metric: rowCount, mustBe: 0, severity: HIGH}",
        "{metric: rowCount, mustBeGreaterThan: 0, unit: rows}",
        "{metric: nullValues, mustBeLessOrEqualTo: 100}",
        "{metric: nullValues, mustBeLessThan: 100, unit: '%'}",
        "{metric: nullValues, mustBeBetween: [0, 5]}",
        "{type: sql, query: 'select {column}, ${property} from {object}, ${table}', mustBeLessThan: 0}",
        "{type: sql, query: 'select {a: 1}, x from {object} where x ~ $$[a]{2}$$', mustBe: -1}",
        "{type: text}",
    ],
)
def test_a_rule_that_does_what_it_says_is_not_warned_of(problems: Problems, rule: str) -> None:
    assert problems(f"schema:\n- {{name: a, properties: [{{name: b, quality: [{rule}]}}]}}\n") == ()


def test_a_schema_is_filled_where_the_servers_agree_on_one() -> None:
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nservers:\n"
    rule = "{type: sql, query: 'select 1 from {schema}.t', mustBe: 1}"
    body = f"schema: [{{name: t, quality: [{rule}]}}]\n"

    def rules(*schemas: str) -> list[str]:
        servers = "".join(
            f"- {{server: s{at}, type: duckdb, database: a, schema: {each}}}\n"
            for at, each in enumerate(schemas)
        )
        return [each.rule for each in read(head + servers + body, "x").problems]

    assert rules("main") == rules("main", "main") == []
    assert rules("main", "other") == ["lint.placeholder"]


def test_rules_of_one_name_are_warned_of_where_they_have_no_id(problems: Problems) -> None:
    def rules(*rules: str, version: str = "v3.1.0") -> list[tuple[str, str]]:
        body = f"schema:\n- {{name: a, quality: [{', '.join(rules)}]}}\n"
        return [(each.rule, each.path) for each in problems(body, version)]

    one, other = "{name: n, metric: rowCount, mustBe: 1}", "{name: n, metric: rowCount, mustBe: 2}"
    assert rules(one, other) == [("lint.duplicate-rule-name", "schema[0].quality[1].name")]
    assert rules(one, other.replace("name: n", "name: n, id: i")) == []
    assert rules("{name: n, rule: rowCount, mustBe: 1, mustNotBe: 2}", version="v3.0.2") == []


def test_an_id_is_there_once(problems: Problems) -> None:
    body = (
        "schema:\n- {id: i, name: a, properties: [{id: p, name: b}, {id: p, name: c}]}\n- {id: i, name: d}\n"
    )
    assert [(each.rule, each.severity, each.path, each.line) for each in problems(body)] == [
        ("lint.duplicate-id", "error", "schema[0].properties[1].id", 9),
        ("lint.duplicate-id", "error", "schema[1].id", 10),
    ]


@pytest.mark.parametrize(
    ("target", "severity", "message"),
    [
        ("/schema/i/properties/p", None, ""),
        ("schema/i/properties/b", None, ""),
        ("/schema/i/properties/q", "error", 'no such id "q"; known: "p", "b"'),
        ("/schema/i", "error", 'names a dataset; write "dataset.column"'),
        (
            "other.odcs.yaml#/schema/i/properties/p",
            "warning",
            "is in another document; it is measured only where that contract is watched too, on the same server",
        ),
        ("https://x.org/o.yaml#/schema/i/properties/p", "warning", "is in another document"),
        (
            "other.odcs.yaml#/tables/i/columns/p",
            "error",
            'is no reference; write "other.odcs.yaml#/schema/<id>/properties/<id>"',
        ),
    ],
)
def test_a_reference_by_id_and_into_another_file_is_said_to_be_what_it_is(
    problems: Problems, target: str, severity: str | None, message: str
) -> None:
    body = "schema:\n- id: i\n  name: a\n  properties:\n  - {id: p, name: x}\n"
    body += f"  - {{name: b, relationships: [{{to: '{target}'}}]}}\n"
    found = problems(body)
    assert [(each.rule, each.severity) for each in found] == (
        [("lint.reference", severity)] if severity else []
    )
    assert all(message in each.message for each in found)


def test_an_element_in_another_file_is_a_warning(problems: Problems) -> None:
    body = "schema:\n- {name: a}\nslaProperties:\n- {property: ly, value: 1, unit: d, element: 'o.yaml#/schema/i/properties/p'}\n"
    (found,) = problems(body)
    assert (found.rule, found.severity, found.line) == ("lint.element", "warning", 11)


def of_pattern(pattern: str) -> str:
    options = f"logicalType: string, logicalTypeOptions: {{pattern: '{pattern}'}}"
    return f"schema:\n- {{name: a, properties: [{{name: b, {options}}}]}}\n"


@pytest.mark.parametrize("pattern", FOREIGN)
def test_a_pattern_of_another_language_is_warned_of(problems: Problems, pattern: str) -> None:
    found = [(each.rule, each.severity) for each in problems(of_pattern(pattern))]
    assert found == [("lint.pattern-dialect", "warning")]


@pytest.mark.parametrize("pattern", FOREIGN)
def test_no_warehouse_is_asked_for_a_pattern_of_another_language(pattern: str) -> None:
    with pytest.raises(WarehouseError, match="cannot be run"):
        parse(pattern)


@pytest.mark.parametrize(
    "pattern", ["[(?>]+", r"\\A", r"\(\?#", "[a++]", "[[a]+]", r"(?<n>a)\k<n>", "(?i)a", "(?:a)", "a+?"]
)
def test_a_pattern_that_only_looks_like_another_language_is_not_warned_of(
    problems: Problems, pattern: str
) -> None:
    assert problems(of_pattern(pattern)) == ()


def test_a_long_pattern_is_read_once(problems: Problems) -> None:
    began = time.monotonic()
    problems(of_pattern("[" * 20_000))
    problems(of_pattern("{1" * 10_000))
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("rule", ["lint.no-threshold", "lint.metric"])
def test_an_old_rule_that_promises_nothing_is_a_warning(problems: Problems, rule: str) -> None:
    found = problems("schema:\n- {name: a, quality: [{rule: rowCnt}]}\n", "v3.0.2")
    assert (rule, "warning", "schema[0].quality[0]", 9) in [
        (each.rule, each.severity, each.path, each.line) for each in found
    ]


def test_servers_are_named_once_and_must_be_there() -> None:
    head = (
        "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nschema: [{name: t}]\n"
    )
    assert [each.rule for each in read(head, "x").problems] == ["lint.no-servers"]
    twice = f"{head}servers:\n- {{server: s, type: duckdb, database: a}}\n- {{server: s, type: duckdb, database: b}}\n"
    assert [(each.rule, each.line) for each in read(twice, "x").problems] == [("lint.duplicate-server", 9)]


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\p{L}+$",
        r"^(?<year>\d{4})-\k",
        r"(?<=a)b",
        r"(?<!a)b",
        r"\u{1F600}",
        r"^[A-Z]{2}\d+$",
        r"[[a]",
        r"\/x\/",
    ],
)
def test_what_only_other_languages_know_is_no_mistake(problems: Problems, pattern: str) -> None:
    if r"\k" in pattern:
        pattern = pattern.removesuffix(r"\k")
    body = f"schema:\n- {{name: a, properties: [{{name: b, logicalType: string, logicalTypeOptions: {{pattern: '{pattern}'}}}}]}}\n"
    assert problems(body) == ()


@pytest.mark.parametrize("schedule", ["0 20 * * *", "*/15 * * * *", "0 0 * * MON-FRI", "@daily"])
def test_a_cron_expression_is_no_mistake(problems: Problems, schedule: str) -> None:
    assert problems(f"schema:\n- {{name: a, quality: [{{type: text, schedule: '{schedule}'}}]}}\n") == ()


def test_every_rule_stands_in_the_docs() -> None:
    root = Path(__file__).parents[2]
    sources = "".join(each.read_text("utf-8") for each in (root / "floe_dagster" / "contract").glob("*.py"))
    rules = set(re.findall(r'"((?:yaml|lint|file|contract|schema)\.[a-z-]+)"', sources)) - {"schema.json"}
    assert len(rules) > 25
    docs = (root / "docs" / "lint.md").read_text("utf-8")
    assert sorted(each for each in rules if f"`{each}`" not in docs) == []
