"""`floe check` of tables of Iceberg: from a contract's file to its outcomes."""

from __future__ import annotations

import json
import sys
from datetime import date

import pyarrow as pa
import pytest

from floe_dagster.cli import main
from tests.warehouses.lake import created, without_data
from tests.warehouses.tables import lake

pytestmark = pytest.mark.requirement("B-01", "B-02", "B-04", "J-05")

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: lake
version: 1.0.0
status: active
servers:
  - {server: lake, type: iceberg, catalog: default, catalogUrl: "https://elsewhere.example.com", namespace: sales}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, physicalType: long, required: true}
      - {name: day, logicalType: date, physicalType: date}
      - {name: amount, logicalType: number, physicalType: "decimal(10,2)"}
      - {name: tags, logicalType: array, items: {logicalType: string}}
    quality:
      - {metric: rowCount, mustBeBetween: [1, 3]}
slaProperties:
  - {property: freshness, value: 1, unit: h, element: orders}
"""
RULES = """\
      - {metric: duplicateValues, arguments: {properties: [id]}, mustBe: 0}
      - {type: sql, query: "select sum(amount) from {object}", mustBe: 4}
"""
MANIFEST = """\
connections:
  lake: {catalogUrl: "sqlite:///lake.db", warehouse: lake}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "floe.yaml").write_text(MANIFEST)
    (tmp_path / "lake.odcs.yaml").write_text(CONTRACT)
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            ("day", pa.date32()),
            ("amount", pa.decimal128(10, 2)),
            ("tags", pa.list_(pa.string())),
        ]
    )
    rows = [
        {"id": 1, "day": date(2024, 1, 1), "amount": 1, "tags": ["a"]},
        {"id": 2, "day": None, "amount": 2, "tags": []},
        {"id": 2, "day": date(1969, 1, 1), "amount": None, "tags": None},
    ]
    catalog = lake(tmp_path)
    created(catalog, pa.Table.from_pylist(rows, schema=schema))
    catalog.close()
    return tmp_path


@pytest.fixture
def check(monkeypatch, capsys):
    """Call `floe check`; its exit code, and each outcome by its check."""

    def call():
        monkeypatch.setattr(sys, "argv", ["floe", "check", "lake.odcs.yaml", "--format", "json"])
        with pytest.raises(SystemExit) as left:
            main()
        (contract,) = json.loads(capsys.readouterr().out)["contracts"]
        return left.value.code or 0, {each["check"]: each for each in contract["outcomes"]}

    return call


def test_freshness_schema_availability_and_counts_open_no_data_file(project, check):
    assert without_data(project) == 1

    code, found = check()

    assert {name: each["status"] for name, each in found.items()} == {
        "orders.availability": "passed",
        "orders.schema": "passed",
        "orders.id.required": "passed",
        "orders.row_count": "passed",
        "orders.freshness": "passed",
    }
    assert code == 0


def test_everything_else_is_asked_of_the_data(project, check):
    (project / "lake.odcs.yaml").write_text(CONTRACT.replace("slaProperties:", RULES + "slaProperties:"))

    code, found = check()

    broken = {name: each["actual"] for name, each in found.items() if each["status"] == "failed"}
    assert broken == {"orders.duplicate_values": 1, "orders.sql": 3}
    assert code == 1


def test_a_contract_whose_catalogue_nobody_confirmed_is_not_checked(project, check):
    (project / "floe.yaml").write_text("")

    code, found = check()

    assert {each["status"] for each in found.values()} == {"error"}
    assert "write it as connections.lake.catalogUrl" in found["orders.schema"]["message"]
    assert code != 0
