"""Great Expectations as the engine of a platform, and suites by name, as a user has them in floe.yaml."""

from __future__ import annotations

import json
import subprocess
import sys

import duckdb
import pytest

pytestmark = pytest.mark.requirement("B-03")

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop
name: Shop
version: 1.0.0
status: active
servers:
  - {server: db, type: duckdb, database: shop.duckdb, schema: main}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true, logicalTypeOptions: {multipleOf: 1}}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 5, id: enough}
"""
SUITE = """\
      - {id: nightly, type: custom, engine: greatExpectations, implementation: {suite: orders.nightly}}
      - {id: other, type: custom, engine: greatExpectations, implementation: orders.nightlies}
"""
CHECK = """\
import json, sys
sys.argv = ["floe", "check", "shop.odcs.yaml", "--format", "json", "--config", "floe.yaml"]
from floe_dagster.cli import main
try:
    main()
except SystemExit:
    pass
print("imported:", "great_expectations" in sys.modules, file=sys.stderr)
"""


def check(folder, contract=CONTRACT, manifest="environment: dev\n"):
    """The outcomes by check, and whether Great Expectations was imported for them; in a process of its own."""
    (folder / "shop.odcs.yaml").write_text(contract)
    (folder / "floe.yaml").write_text(manifest)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("create table orders as select * from (values (1), (1), (null)) t(id)")
    done = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=folder, capture_output=True, text=True, check=True
    )
    found = {each["check"]: each for each in json.loads(done.stdout)["contracts"][0]["outcomes"]}
    return found, "imported: True" in done.stderr


def test_without_such_rules_it_is_not_imported(tmp_path):
    found, imported = check(tmp_path)

    assert not imported
    assert found["orders.id.required"]["actual"] == 1


def test_a_platform_may_have_it_count_and_nothing_else_changes(tmp_path):
    found, imported = check(tmp_path, manifest="quality_engine: great_expectations\n")

    assert imported
    numbers = {name: each["actual"] for name, each in found.items() if each["kind"] == "quality"}
    assert numbers == {
        "orders.id.required": 1, "orders.id.unique": 1, "orders.id.multiple_of": 0, "orders.enough": 3,
    }  # fmt: skip


def test_a_suite_of_the_project_is_run_by_its_name(tmp_path):
    folder = tmp_path / "quality" / "expectations" / "orders"
    folder.mkdir(parents=True)
    entry = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}, "meta": {}}
    (folder / "nightly.json").write_text(json.dumps({"name": "orders.nightly", "expectations": [entry]}))

    found, _ = check(tmp_path, CONTRACT + SUITE, "great_expectations: {project: quality}\n")

    assert (found["orders.nightly"]["status"], found["orders.nightly"]["actual"]) == ("failed", 1)
    assert found["orders.other"]["status"] == "not_executable"
    assert 'did you mean "orders.nightly"?' in found["orders.other"]["message"]
