"""The check that the documentation shows is one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from floe_dagster import engine
from floe_dagster.checks import load_kinds
from floe_dagster.plan.metric import RowCount
from floe_dagster.settings import Grading
from floe_dagster.testing import Clock, FakeWarehouse
from tests.plan.contracts import ROOT, column, dataset, plan

pytestmark = pytest.mark.requirement("A-12")


@pytest.mark.parametrize(("rows", "status"), [(5, "passed"), (0, "failed")])
def test_the_example_runs(tmp_path, rows, status):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "checks.md").read_text(), re.DOTALL)
    (tmp_path / "not_empty.py").write_text(example)
    kinds = load_kinds(tmp_path)
    rule = {"type": "custom", "engine": "floe", "implementation": {"check": "not_empty"}}
    found = plan(dataset("orders", column("id"), quality=[rule]), with_kinds=kinds)

    (outcome,) = engine.run(
        found,
        found.of(["not_empty"]),
        FakeWarehouse({"orders": {RowCount(): rows}}),
        server="db",
        tick="t",
        clock=Clock(datetime(2026, 1, 1, tzinfo=UTC)),
        kinds=kinds,
        grading=Grading(),
    )

    assert (outcome.status, outcome.actual) == (status, rows)
