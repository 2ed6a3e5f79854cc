"""`floe contract export`, as a user calls it."""

from __future__ import annotations

import json
import sys

import pytest

from floe_dagster.cli import main
from tests.project import Project


@pytest.fixture
def export(tmp_path, monkeypatch, capsys):
    """Call the command line in a project; its exit code, and what it wrote."""
    Project(tmp_path)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["floe", "contract", "export", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return left.value.code or 0, written.out, written.err

    return call


def test_a_contract_is_printed_as_suites_with_what_is_left_out(export):
    code, out, err = export("contracts", "--to", "great-expectations")
    assert (code, err) == (0, "")
    customers, orders = json.loads(out)["suites"]
    assert [each["type"] for each in customers["expectations"]] == [
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_unique",
    ]
    assert orders["name"] == "shop.orders.orders"
    reasons = {each["check"]: each["reason"] for each in orders["left_out"]}
    assert reasons["orders.customer.relationship"] == "Great Expectations sees one dataset at a time"
    assert "orders.at.freshness" in reasons


def test_suites_are_written_to_a_file_each(export, tmp_path):
    code, out, _ = export("contracts", "--to", "great-expectations", "--output", "suites")
    assert code == 0
    assert {each.name for each in (tmp_path / "suites").iterdir()} == {
        "shop.orders.customers.json",
        "shop.orders.orders.json",
    }
    document = json.loads((tmp_path / "suites" / "shop.orders.orders.json").read_text())
    assert set(document) == {"name", "expectations", "meta"}
    assert "  orders.customer.relationship: Great Expectations sees one dataset at a time" in out.splitlines()


def test_a_contract_that_cannot_be_read_is_said_and_leaves_with_two(export, tmp_path):
    (tmp_path / "contracts" / "bad.odcs.yaml").write_text("kind: DataContract\n")
    code, out, err = export("contracts", "--to", "great-expectations")
    assert code == 2
    assert len(json.loads(out)["suites"]) == 2
    assert "bad.odcs.yaml" in err


def test_a_tool_that_is_not_known_is_wrong_use(export):
    code, _, err = export("contracts", "--to", "soda")
    assert code == 2
    assert "great-expectations" in err
