"""`floe sla report`: from a store to a terminal, a file, a program."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from floe_dagster.cli.sla import app
from floe_dagster.errors import StoreError, UsageError
from floe_dagster.outcome.episode import advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity, Status
from floe_dagster.report.build import build_report
from floe_dagster.report.read import read_rows
from floe_dagster.sla import period_asked, sla_report, window
from floe_dagster.state.store import open_reader, open_store

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: orders
name: Orders
version: 1.0.0
status: active
schema:
  - name: orders
    physicalType: table
    properties:
      - name: id
        logicalType: integer
        required: true
"""


def outcome(at: datetime, *, broken: bool, contract: str) -> Outcome:
    return Outcome(
        tick=f"tick-{at.isoformat()}",
        key=Key(contract=contract, server="prod", check="orders.id.required"),
        version="1.0.0",
        dataset="orders",
        element="id",
        kind="quality",
        title="id is never missing",
        status=Status.FAILED if broken else Status.PASSED,
        severity=Severity.ERROR,
        broken=broken,
        expected="0 rows",
        actual=12 if broken else 0,
        message=f"id of orders is missing in {12 if broken else 0} rows; 0 promised",
        path="schema[0].properties[0]",
        source="contracts/orders.odcs.yaml",
        line=11,
        at=at,
        duration_seconds=0.1,
    )


@pytest.fixture
def platform(tmp_path, monkeypatch):
    """A folder with a manifest, a contract, and ten hours on record of which the last four were bad."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "floe.yaml").write_text(f"environment: test\nstore: sqlite:///{tmp_path / 'floe.db'}\n")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "orders.odcs.yaml").write_text(CONTRACT)
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{tmp_path / 'floe.db'}") as store:
        for contract in ("orders", "returns"):
            for hours in range(10, 0, -1):
                one = outcome(now - timedelta(hours=hours), broken=hours <= 4, contract=contract)
                with store.writing() as writing:
                    state = writing.states([one.key]).get(one.key)
                    writing.save(
                        outcomes=[one],
                        steps=[advance(state, one, Policy(cadence_seconds=6 * 3600))],
                        parcels=[],
                    )
    return tmp_path


def run(*arguments: str):
    result = CliRunner().invoke(app, ["report", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.requirement("G-04")
def test_a_report_is_made_from_the_store(platform):
    document = json.loads(run("--format", "json").stdout)
    assert document["environment"] == "test"
    for contract in document["contracts"]:
        (quality,) = [each for each in contract["kinds"] if each["kind"] == "quality"]
        assert quality["compliance"]["ratio"] == pytest.approx(0.6, abs=0.001)
        assert quality["compliance"]["coverage"] == pytest.approx(1.0, abs=0.001)
    assert len(document["open_breaches"]) == 2
    assert {each["contract"]: each["served"] for each in document["contracts"]} == {
        "orders": True,
        "returns": False,
    }


def test_a_report_reads_well_without_a_terminal(platform):
    result = run()
    assert result.exit_code == 0
    assert "2 promises are broken now" in result.stdout
    assert "\x1b" not in result.stdout
    assert max(len(each) for each in result.stdout.splitlines()) <= 120


@pytest.mark.parametrize(
    ("form", "begins"), [("html", "<!doctype html>"), ("markdown", "# SLA report"), ("json", "{")]
)
def test_a_report_is_written_to_a_file_where_one_is_named(platform, form, begins):
    result = run("--format", form, "--output", str(platform / "reports" / "sla"))
    assert result.stdout == ""
    assert "2 promises broken now" in result.stderr
    assert (platform / "reports" / "sla").read_text().startswith(begins)


def test_only_what_was_asked_for_is_reported(platform):
    document = json.loads(run("--format", "json", "--contract", "Ord*", "--since", "2h").stdout)
    (orders,) = document["contracts"]
    assert orders["contract"] == "orders"
    assert orders["compliance"]["ratio"] == 0.0
    assert document["selection"]["contracts"] == ["Ord*"]


def test_no_contract_of_that_name_is_said_with_what_to_run(platform):
    assert "No contract matches" in run("--contract", "nothing").stdout


def test_a_window_of_the_past_does_not_know_what_came_after(platform):
    document = json.loads(run("--format", "json", "--since", "10h", "--until", "5h").stdout)
    assert {each["compliance"]["ratio"] for each in document["contracts"]} == {1.0}
    assert document["open_breaches"] == []


def test_a_store_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with pytest.raises(StoreError, match="run a check"):
        run()
    assert not (tmp_path / ".floe").exists()


def test_an_empty_store_is_told_kindly(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    open_store(f"sqlite:///{tmp_path / '.floe' / 'floe.db'}").close()
    result = run()
    assert result.exit_code == 0
    assert "There is nothing to report on yet" in result.stdout


def test_a_file_that_cannot_be_written_is_wrong_use(platform):
    with pytest.raises(UsageError, match=r"--output .* cannot be written"):
        run("--output", str(platform / "contracts"))


@pytest.mark.parametrize(
    ("since", "until", "start", "end"),
    [
        ("24h", "now", NOW - timedelta(hours=24), NOW),
        ("7d", "1d", NOW - timedelta(days=7), NOW - timedelta(days=1)),
        ("2026-11-20", "2026-11-21", datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-20T06:00+02:00", "now", datetime(2026, 11, 20, 4, tzinfo=UTC), NOW),
        ("P1D", "NOW", NOW - timedelta(days=1), NOW),
    ],
)
def test_a_window_is_said_as_ages_or_as_times(since, until, start, end):
    assert window(since, until, NOW) == (start, end)


@pytest.mark.parametrize(
    ("since", "until", "complaint"),
    [
        ("yesterday", "now", "--since yesterday is no time"),
        ("24h", "later", "--until later is no time"),
        ("1h", "2h", "the window is empty"),
        ("2026-12-01", "2026-12-02", "not in the past"),
        ("999999999999y", "now", "is no time"),
        ("", "now", "is no time"),
    ],
)
def test_a_window_that_is_none_is_wrong_use(since, until, complaint):
    with pytest.raises(UsageError, match=complaint):
        window(since, until, NOW)


def test_a_store_can_be_read_as_the_api_says(platform):
    now = datetime.now(UTC)
    start = now - timedelta(hours=8)
    with open_reader(f"sqlite:///{platform / 'floe.db'}") as store:
        rows = read_rows(store, start=start, end=now, now=now)
    made = build_report(rows, start=start, end=now, now=now, hold={"*": timedelta(hours=12)})
    assert [each.compliance.ratio for each in made.contracts] == [pytest.approx(0.5, abs=0.001)] * 2
    assert made.observed_since == start


def test_a_report_is_rows_for_a_spreadsheet(platform):
    lines = run("--format", "csv").stdout.splitlines()
    assert lines[0].startswith("period,start,end")
    assert {"orders", "returns"} <= {cell for each in lines[1:] for cell in each.split(",")}


def test_a_whole_day_is_asked_for_by_its_name_in_the_zone_of_the_reports(platform):
    document = json.loads(run("--format", "json", "--period", "2026-03-29", "--zone", "Europe/Berlin").stdout)
    assert (document["window"]["start"], document["window"]["end"]) == (
        "2026-03-28T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("options", "kinds"),
    [(("--kind", "quality"), {"quality"}), (("--kind", "schema"), {"schema"}), (("--domain", "sal*"), set())],
)
def test_a_report_is_narrowed_to_kinds_and_domains(platform, options, kinds):
    document = json.loads(run("--format", "json", *options).stdout)
    found = {kind["kind"] for each in document["contracts"] for kind in each["kinds"]}
    assert found == kinds


@pytest.mark.parametrize(
    ("name", "zone", "start", "end"),
    [
        ("yesterday", "UTC", "2026-11-20T00:00", "2026-11-21T00:00"),
        ("today", "Europe/Berlin", "2026-11-20T23:00", "2026-11-21T23:00"),
        ("last-week", "UTC", "2026-11-09T00:00", "2026-11-16T00:00"),
        ("2026-W47", "UTC", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("2026-10", "Europe/Berlin", "2026-09-30T22:00", "2026-10-31T23:00"),
        ("Last-Month", "UTC", "2026-10-01T00:00", "2026-11-01T00:00"),
    ],
)
def test_a_period_has_a_name(name, zone, start, end):
    found = period_asked(name, NOW, zone)
    assert (found.start, found.end) == tuple(
        datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end)
    )


@pytest.mark.parametrize(
    ("name", "complaint"), [("soon", "last-week"), ("2026-W99", "names no period"), ("2027-01", "not begun")]
)
def test_a_name_that_is_no_period_is_wrong_use(name, complaint):
    with pytest.raises(UsageError, match=complaint):
        period_asked(name, NOW, "UTC")


def test_a_date_is_one_of_the_zone(platform):
    start, _ = window("2026-11-20", "now", NOW, "Europe/Berlin")
    assert start == datetime(2026, 11, 19, 23, tzinfo=UTC)
    with pytest.raises(UsageError, match="no time zone"):
        run("--zone", "Mars/Olympus")


def test_the_same_is_there_for_python(platform):
    report = sla_report(platform, contracts=["orders"], kinds=["quality"], since="12h")
    (line,) = report.contracts
    assert line.contract == "orders"
    assert line.compliance.ratio == pytest.approx(0.6, abs=0.001)
    with pytest.raises(UsageError, match="empty"):
        sla_report(platform / "floe.yaml", since="1h", until="2h")


def test_promises_are_exported_for_others_tools_without_a_store(platform):
    (platform / "floe.db").unlink()
    path = platform / "contracts" / "orders.odcs.yaml"
    path.write_text(CONTRACT + "slaProperties: [{property: availability, value: 99.9, unit: percent}]\n")

    result = CliRunner().invoke(app, ["export", "--to", "openslo"], catch_exceptions=False)

    assert [each["kind"] for each in yaml.safe_load_all(result.stdout)] == ["Service", "SLO"]
    assert CliRunner().invoke(app, ["export", "--output", "slo.yaml"]).stdout == ""
    assert (platform / "slo.yaml").read_text() == result.stdout
    nothing = CliRunner().invoke(app, ["export", "--contract", "no*"])
    assert (nothing.stdout, "no contract promises" in nothing.stderr) == ("", True)


def test_the_example_of_the_docs_works(platform, capsys):
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        exec(compile(block, "docs/python.md", "exec"), names)
    assert capsys.readouterr().out.startswith("Orders ")
    assert names["page"].startswith("<!doctype html>")
    assert names["rows"].startswith("period,")
