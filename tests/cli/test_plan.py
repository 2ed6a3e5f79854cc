"""`floe plan`, as a user calls it; no server is there to answer."""

from __future__ import annotations

import sys

import pytest

from floe_dagster.cli import main

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop
name: Shop
version: 1.2.0
status: active
servers:
  - {server: db, type: duckdb, database: shop.duckdb, schema: main}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true}
    quality:
      - {type: text, description: Looks right}
      - {type: custom, engine: soda, implementation: x}
"""


@pytest.fixture
def plan(tmp_path, monkeypatch, capsys):
    """Call the command line on a contract; its exit code, and what it wrote."""

    def call(text=CONTRACT, *arguments):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "shop.odcs.yaml").write_text(text)
        monkeypatch.setattr(sys, "argv", ["floe", "plan", "shop.odcs.yaml", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return left.value.code or 0, written.out, written.err

    return call


def test_every_check_is_told_with_its_statements_and_nobody_is_asked(plan, tmp_path):
    code, out, err = plan()

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Shop 1.2.0 (shop.odcs.yaml, server db)"
    assert "  orders.id.required  [quality, error]" in lines
    assert "      - count rows where id is NULL" in lines
    assert any(line.lower().startswith("      select") for line in lines)
    assert lines[-2] == "6 constructs declared: 4 executed, 1 not executable, 1 informational"
    assert not (tmp_path / "shop.duckdb").exists()


def test_a_statement_that_is_only_sent_when_another_says_so_tells_when(plan):
    server = "{server: db, type: local, path: '{model}.csv', format: csv}"
    text = CONTRACT.replace("{server: db, type: duckdb, database: shop.duckdb, schema: main}", server)

    _, out, _ = plan(text.replace("required: true", "unique: true"))

    told = [line for line in out.splitlines() if line.startswith("  statement")]
    assert told[-1] == (
        "  statement 4 of 4, answers 1, only where two values of id have the same fingerprint:"
    )
    assert not any("only" in line for line in told[:-1])


def test_what_is_not_asked_is_told_with_the_reason(plan):
    _, out, _ = plan()

    assert 'soda rule of orders: rules for the engine "soda" are not run here; "floe" is ours' in out
    assert "about orders: Looks right" in out


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("{server: db, type: snowflake, account: a, database: b, schema: c}", "snowflake"),
        ("{server: db, type: custom}", "custom"),
    ],
)
def test_without_a_warehouse_the_plan_is_told_without_statements(plan, server, reason):
    code, out, _ = plan(
        CONTRACT.replace("{server: db, type: duckdb, database: shop.duckdb, schema: main}", server)
    )

    assert code == 0
    (why,) = [line for line in out.splitlines() if line.startswith("No SQL: ")]
    assert reason in why
    assert "orders.id.required" in out


def test_a_contract_without_servers_says_what_to_add(plan):
    text = CONTRACT.replace(
        "servers:\n  - {server: db, type: duckdb, database: shop.duckdb, schema: main}\n", ""
    )

    _, out, _ = plan(text)

    assert "No SQL: shop.odcs.yaml names no server; add one under servers" in out


def test_an_invalid_contract_is_told_and_leaves_with_two(plan):
    code, out, err = plan(CONTRACT.replace("version:", "versoin:"))

    assert (code, out) == (2, "")
    assert err.startswith("floe: shop.odcs.yaml:")
