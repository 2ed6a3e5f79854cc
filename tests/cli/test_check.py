"""`floe check`, over real files, as a user calls it."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import duckdb
import pytest

from floe_dagster.cli import main
from floe_dagster.cli.check import run_checks
from floe_dagster.cli.selection import select
from floe_dagster.cli.table import print_verdicts
from floe_dagster.monitor import Monitor
from floe_dagster.state.store import open_store

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop
name: Shop
version: 1.2.0
status: active
servers:
  - {server: db, type: duckdb, database: shop.duckdb, schema: main}
  - {server: gone, type: duckdb, database: gone.duckdb, schema: main}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, primaryKey: true}
      - name: customer
        logicalType: string
        relationships: [{to: customers.id}]
      - name: amount
        logicalType: number
        quality:
          - {metric: nullValues, mustBeLessThan: 60, unit: percent, severity: warning}
      - {name: updated_at, logicalType: timestamp}
    quality:
      - {metric: rowCount, mustBeBetween: [1, 3]}
      - {type: text, description: Looks right}
      - {type: custom, engine: soda, implementation: x}
  - name: customers
    properties:
      - {name: id, logicalType: string, unique: true}
slaProperties:
  - {property: freshness, value: 1, unit: h, element: orders.updated_at}
"""
CLEAN = """\
apiVersion: v3.1.0
kind: DataContract
id: clean
version: 1.0.0
status: active
servers:
  - {server: db, type: duckdb, database: shop.duckdb, schema: main}
schema:
  - name: customers
    properties:
      - {name: id, logicalType: string, unique: true}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.odcs.yaml").write_text(CONTRACT)
    stamp = (datetime.now(UTC) - timedelta(minutes=5)).replace(tzinfo=None)
    with duckdb.connect("shop.duckdb") as database:
        database.execute(
            "create table orders (id integer, customer varchar, amount double, updated_at timestamp)"
        )
        database.executemany(
            "insert into orders values (?, ?, ?, ?)",
            [(1, "a", 1.5, stamp), (2, "b", None, stamp), (2, "z", 2.0, None)],
        )
        database.execute("create table customers as select unnest(['a', 'b']) as id")
    return tmp_path


@pytest.fixture
def floe(monkeypatch, capsys):
    """Call the command line; its exit code, and what it wrote."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["floe", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return left.value.code or 0, written.out, written.err

    return call


def outcomes(out):
    (contract,) = json.loads(out)["contracts"]
    return contract, {each["check"]: each for each in contract["outcomes"]}


def test_json_has_every_outcome_and_the_coverage(project, floe):
    code, out, err = floe("check", "shop.odcs.yaml", "--format", "json")

    contract, found = outcomes(out)
    assert (code, err) == (1, "")
    assert {name: contract[name] for name in ("contract", "version", "server", "status", "coverage")} == {
        "contract": "shop",
        "version": "1.2.0",
        "server": "db",
        "status": "failed",
        "coverage": {"declared": 21, "executed": 19, "not_executable": 1, "informational": 1},
    }
    assert {name: each["status"] for name, each in found.items()} == {
        "orders.availability": "passed",
        "orders.schema": "passed",
        "orders.id.required": "passed",
        "orders.primary_key": "failed",
        "orders.customer.relationship": "failed",
        "orders.amount.null_values": "passed",
        "orders.row_count": "passed",
        "orders.text": "informational",
        "orders.soda_rule": "not_executable",
        "customers.availability": "passed",
        "customers.schema": "passed",
        "customers.id.unique": "passed",
        "orders.updated_at.freshness": "passed",
    }


def test_an_outcome_in_json_is_what_the_reference_says(project, floe):
    _, out, _ = floe("check", "shop.odcs.yaml", "--format", "json")

    found = outcomes(out)[1]["orders.amount.null_values"]
    assert found.pop("duration_seconds") > 0
    assert found == {
        "check": "orders.amount.null_values",
        "dataset": "orders",
        "element": "amount",
        "kind": "quality",
        "status": "passed",
        "severity": "warning",
        "expected": "less than 60 %",
        "actual": pytest.approx(100 / 3),
        "message": "orders.amount: 33.3333 % of 3 rows without a value (1); less than 60 % promised",
        "path": "schema[0].properties[2].quality[0]",
    }


def test_people_are_shown_what_is_not_well(project, floe):
    code, out, _ = floe("check", "shop.odcs.yaml")

    assert code == 1
    assert out.splitlines() == [
        "Shop 1.2.0 on db (shop.odcs.yaml): failed",
        "  failed          orders.primary_key: orders.id: 1 row without a unique id; 0 rows promised",
        "  failed          orders.customer.relationship: orders.customer: 1 row referring to no customers.id; 0 rows promised",
        '  not executable  orders.soda_rule: rules for the engine "soda" are not run here; "floe" is ours',
        "  9 passed, 2 failed, 1 not executable, 1 informational",
        "  21 constructs declared: 19 executed, 1 not executable, 1 informational",
    ]


def test_people_are_shown_everything_who_ask_for_it(project, floe):
    _, out, _ = floe("check", "shop.odcs.yaml", "--all")

    assert (
        "  passed          orders.row_count: orders: 3 rows; between 1 and 3 rows promised"
        in out.splitlines()
    )
    assert "  informational   orders.text: Looks right" in out.splitlines()


def test_what_is_kept_leaves_with_nothing(project, floe):
    (project / "clean.odcs.yaml").write_text(CLEAN)

    code, out, err = floe("check", "clean.odcs.yaml")

    assert (code, err) == (0, "")
    assert out.startswith("clean 1.0.0 on db (clean.odcs.yaml): passed\n  3 passed\n")


def test_what_could_not_be_measured_leaves_with_three(project, floe):
    (project / "clean.odcs.yaml").write_text(
        CLEAN.replace("id, logicalType: string", "id, physicalName: gone")
    )

    code, out, _ = floe("check", "clean.odcs.yaml", "--format", "json")

    contract, found = outcomes(out)
    assert found["customers.id.unique"]["status"] == "error"
    assert "gone" in found["customers.id.unique"]["message"]
    # the column that is not there breaks the schema, and a breach goes before the unknown
    assert (contract["status"], code) == ("failed", 1)


def test_what_could_not_be_measured_for_one_reason_is_one_line(project, floe):
    _, out, _ = floe("check", "shop.odcs.yaml", "--server", "gone")

    unknown = [each for each in out.splitlines() if each.strip().startswith("error")]
    assert len(unknown) == 1
    assert re.search(r"error +\d+ checks: there is no DuckDB file gone.duckdb", unknown[0])


def test_a_server_that_is_misconfigured_leaves_with_three(project, floe):
    (project / "clean.odcs.yaml").write_text(
        CLEAN.replace("type: duckdb, database: shop.duckdb", "type: snowflake, account: a, database: b")
    )

    code, out, _ = floe("check", "clean.odcs.yaml", "--format", "json")

    contract, found = outcomes(out)
    assert {each["status"] for each in found.values()} == {"error"}
    assert (contract["status"], code) == ("error", 3)


def test_another_server_can_be_asked_for(project, floe):
    code, out, _ = floe("check", "shop.odcs.yaml", "--server", "gone", "--format", "json")

    contract, found = outcomes(out)
    assert (code, contract["server"]) == (1, "gone")
    assert found["orders.availability"]["status"] == "failed"
    assert found["orders.row_count"]["status"] == "error"
    assert not (project / "gone.duckdb").exists()


def test_a_server_that_is_not_in_the_contract_names_those_that_are(project, floe):
    code, out, err = floe("check", "shop.odcs.yaml", "--server", "prod")

    assert (code, out) == (2, "")
    assert err == 'floe: shop.odcs.yaml: there is no server "prod"; it has "db", "gone"\n'


def test_the_environment_picks_the_server(project, floe):
    text = CONTRACT.replace("{server: gone,", "{server: gone, environment: prod,")
    (project / "shop.odcs.yaml").write_text(text)
    (project / "floe.yaml").write_text("environment: prod\n")

    _, out, _ = floe("check", "shop.odcs.yaml", "--format", "json")

    assert outcomes(out)[0]["server"] == "gone"


def test_an_invalid_contract_is_told_with_its_lines_and_the_others_are_checked(project, floe):
    (project / "bad.odcs.yaml").write_text(CLEAN.replace("id: clean\n", "id: bad\nversoin: 1\n"))

    code, out, err = floe("check", "bad.odcs.yaml", "shop.odcs.yaml", "--format", "json")

    assert code == 2
    assert outcomes(out)[0]["contract"] == "shop"
    assert err.startswith("floe: bad.odcs.yaml:4: ")
    assert "versoin" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere"], "nowhere: no such file or folder"),
        (["check", "empty"], "no contract is found at empty; a folder is searched for *.odcs.yaml"),
        (["check", "shop.odcs.yaml", "--config", "none.yaml"], "none.yaml: there is no manifest"),
        (["check", "shop.odcs.yaml", "--format", "xml"], "'xml' is not one of"),
        (["plan", "nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(project, floe, arguments, message):
    (project / "empty").mkdir()

    code, out, err = floe(*arguments)

    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_the_contracts_of_the_manifest_are_checked_where_none_are_named(project, floe):
    (project / "floe.yaml").write_text("contracts: [shop.odcs.yaml]\n")

    _, out, _ = floe("check", "--format", "json")

    assert outcomes(out)[0]["contract"] == "shop"


def test_a_check_of_the_projects_own_is_run(project, floe):
    (project / "checks").mkdir()
    (project / "checks" / "broken.py").write_text("1 / 0")

    code, _, err = floe("check", "shop.odcs.yaml")

    assert code == 2
    assert "broken.py cannot be imported: ZeroDivisionError" in err


def test_junit_has_a_suite_for_each_contract_and_a_case_for_each_check(project, floe):
    code, out, _ = floe("check", "shop.odcs.yaml", "--format", "junit")

    suite = ET.fromstring(out).find("testsuite")
    assert code == 1
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "shop",
        "tests": "13",
        "failures": "2",
        "errors": "0",
        "skipped": "2",
    }
    case = next(each for each in suite if each.get("name") == "orders.primary_key")
    assert case.get("classname") == "shop.orders"
    assert case.find("failure").get("message") == "orders.id: 1 row without a unique id; 0 rows promised"
    assert case.find("failure").text == (
        "expected 0 rows, found 1 (shop.odcs.yaml:13, schema[0].properties[0].primaryKey)"
    )


HOSTILE = "red \x1b[31malert \x1b]0;title\x07 \x9b31m\u202e <&> [bold]not bold[/bold]"


@pytest.fixture
def hostile(project):
    """The project, with a column that nobody promised and whose name a terminal would obey."""
    with duckdb.connect("shop.duckdb") as database:
        database.execute(f'alter table customers add column "{HOSTILE}" integer')
    return project


@pytest.mark.parametrize("output", ["text", "json", "junit"])
def test_text_that_a_terminal_would_obey_is_made_harmless(hostile, floe, output):
    code, out, _ = floe("check", "shop.odcs.yaml", "--format", output)

    assert code == 1
    assert "[31malert" in out
    assert not [each for each in out if not each.isprintable() and each != "\n"]
    if output == "junit":
        assert ET.fromstring(out).tag == "testsuites"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_is_shown_a_table(hostile, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    done = []

    monitor = Monitor(watchlist=select(["shop.odcs.yaml"], None, None).watchlist)
    print_verdicts(run_checks(monitor, done=lambda: done.append(1)), terminal, everything=True)

    shown = [line.rstrip() for line in re.sub(r"\x1b\[\d*m", "", terminal.getvalue()).splitlines()]
    assert done == [1]
    assert shown[0] == "Shop 1.2.0 on db (shop.odcs.yaml): failed"
    assert shown[1].split() == ["status", "severity", "check", "what", "was", "found"]
    assert shown[2].split()[:3] == ["failed", "error", "orders.primary_key"]
    assert "[bold]not" in " ".join(shown)
    assert "\x1b]" not in terminal.getvalue()


@pytest.mark.requirement("C-04")
def test_recorded_outcomes_are_in_the_store_and_others_are_not(project, floe):
    (project / "floe.yaml").write_text("store: sqlite:///store.db\n")

    floe("check", "shop.odcs.yaml")
    assert not (project / "store.db").exists()

    code, out, err = floe("check", "shop.odcs.yaml", "--record", "--format", "json")
    assert (code, err) == (1, "")
    assert len(outcomes(out)[1]) == 13

    recorded = open_store("sqlite:///store.db").latest("shop")
    assert {each.key.check for each in recorded} >= {"orders.primary_key", "orders.schema"}


def test_a_store_that_cannot_be_opened_is_told_and_the_outcomes_are_shown(project, floe):
    (project / "floe.yaml").write_text("store: sqlite:///shop.odcs.yaml/store.db\n")

    code, out, err = floe("check", "shop.odcs.yaml", "--record", "--format", "json")

    assert code == 1
    assert len(outcomes(out)[1]) == 13
    assert err.startswith("floe: ")
    assert "recorded" in err
    assert "Traceback" not in err
