"""What the schema cannot see is said all the same: an error where a contract contradicts itself, else a warning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from floe_dagster.contract.document import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.contract.problem import Problem

    Problems = Callable[..., tuple[Problem, ...]]

pytestmark = pytest.mark.requirement("A-01")

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
