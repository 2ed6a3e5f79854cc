from __future__ import annotations

import os
from pathlib import Path

from floe_dagster.engine import questions_of
from floe_dagster.plan.explain import explain
from floe_dagster.testing import FakeWarehouse
from tests.plan.contracts import column, dataset, plan

GOLDEN = Path(__file__).parents[1] / "golden" / "plan"


def golden(name, text):
    file = GOLDEN / name
    if os.environ.get("OVERRIDE"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def everything():
    return plan(
        dataset(
            "orders",
            column("id", "integer", required=True, primaryKey=True),
            column("customer", "string", relationships=[{"to": "customers.id"}]),
            column("email", "string", logicalTypeOptions={"format": "email", "maxLength": 80}),
            column("amount", "number", logicalTypeOptions={"minimum": 0, "multipleOf": 0.5}),
            column("updated_at", "timestamp"),
            column(
                "status",
                "string",
                quality=[
                    {
                        "metric": "invalidValues",
                        "arguments": {"validValues": ["new", "paid", "sent"], "pattern": "^[a-z]+$"},
                        "mustBeLessOrEqualTo": 1,
                        "unit": "percent",
                        "schedule": "0 6 * * *",
                        "scheduler": "cron",
                    },
                    {"metric": "missingValues", "arguments": {"missingValues": ["", "n/a"]}, "mustBe": 0},
                ],
            ),
            physicalName="shop_orders",
            quality=[
                {"metric": "rowCount", "mustBeBetween": [1, 5]},
                {"type": "sql", "query": "select max(amount)\nfrom {object}", "mustBeLessThan": 100},
                {"type": "text", "description": "Looks right to the owner"},
                {"type": "custom", "engine": "soda", "implementation": "checks for orders"},
            ],
        ),
        dataset("customers", column("id", "string", unique=True)),
        sla=[
            {"property": "freshness", "value": 90, "unit": "m", "element": "orders.updated_at"},
            {"property": "freshness", "value": 1, "unit": "d", "element": "customers"},
            {"property": "retention", "value": 3, "unit": "y", "element": "orders.updated_at"},
            {"property": "endOfLife", "value": "2030-12-31"},
            {"property": "generalAvailability", "value": "2025-01-01"},
            {"property": "frequency", "value": 1, "unit": "d"},
        ],
    )


def test_a_plan_is_told_in_words_and_statements():
    found = everything()
    statements = FakeWarehouse().explain(questions_of(found.checks))

    golden("everything.txt", explain(found, statements, "db"))


def test_a_plan_that_nobody_can_ask_says_why():
    found = plan(dataset("orders", column("id")))

    text = explain(found, 'the variable PASSWORD is not set; set it for the server "db"')

    assert text.endswith(
        'No SQL: the variable PASSWORD is not set; set it for the server "db"\n\n'
        "2 constructs declared: 2 executed, 0 not executable, 0 informational\n"
    )
