"""`floe contract lint` says everything at once, for people and for programs, and leaves with the right code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from floe_dagster.cli import contract, main

GOLDEN = Path(__file__).parents[1] / "golden" / "contract"
GOOD = (
    "apiVersion: v3.1.0\nkind: DataContract\nid: good\nversion: 1.0.0\nstatus: active\n"
    "servers: [{server: s, type: duckdb, database: d}]\nschema: [{name: t, properties: [{name: c}]}]\n"
)

pytestmark = [pytest.mark.requirement("A-01"), pytest.mark.requirement("I-01")]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(contract.app, ["lint", *arguments])
    return result.exit_code, result.output


def test_a_broken_contract_is_told_everything_at_once(here: Path) -> None:
    (here / "broken.odcs.yaml").write_bytes((GOLDEN / "broken.odcs.yaml").read_bytes())
    code, output = lint("broken.odcs.yaml")
    assert code == 1
    assert output == (GOLDEN / "broken.txt").read_text("utf-8")


def test_what_will_not_be_measured_as_it_seems_is_told(here: Path) -> None:
    (here / "suspicious.odcs.yaml").write_bytes((GOLDEN / "suspicious.odcs.yaml").read_bytes())
    code, output = lint("suspicious.odcs.yaml")
    assert code == 0
    assert output == (GOLDEN / "suspicious.txt").read_text("utf-8")


def test_valid_contracts_leave_with_nothing(here: Path) -> None:
    (here / "a.odcs.yaml").write_text(GOOD)
    assert lint(".") == (0, "1 contract: all valid; no errors, no warnings\n")


def test_warnings_are_told_and_leave_with_nothing(here: Path) -> None:
    (here / "a.odcs.yaml").write_text(
        GOOD.replace("schema: [{name: t, properties: [{name: c}]}]", "schema: []")
    )
    code, output = lint("a.odcs.yaml")
    assert code == 0
    assert output.startswith("a.odcs.yaml:7: warning: schema: the contract has no datasets")
    assert output.endswith("\n\n1 contract: all valid; no errors, 1 warning\n")


def test_programs_get_json(here: Path) -> None:
    (here / "a.odcs.yaml").write_text(GOOD)
    (here / "b.odcs.yaml").write_text(GOOD.replace("good", "bad").replace("status", "statsu"))
    code, output = lint("--format", "json", "a.odcs.yaml", "b.odcs.yaml")
    problem = {
        "rule": "schema.unknown-key",
        "severity": "error",
        "path": "statsu",
        "line": 5,
        "message": 'unknown key "statsu"; did you mean "status"?',
    }
    missing = {
        "rule": "schema.required",
        "severity": "error",
        "path": "",
        "line": 1,
        "message": 'a contract needs "status"; add it',
    }
    assert code == 1
    assert json.loads(output) == {
        "files": [
            {"path": "a.odcs.yaml", "valid": True, "problems": []},
            {"path": "b.odcs.yaml", "valid": False, "problems": [missing, problem]},
        ]
    }


def test_two_contracts_of_one_id_are_both_invalid(here: Path) -> None:
    for name in ("a.odcs.yaml", "b.odcs.yaml"):
        (here / name).write_text(GOOD)
    code, output = lint(".")
    assert code == 1
    assert 'a.odcs.yaml:3: error: id: the id "good" is also the id of b.odcs.yaml' in output
    assert 'b.odcs.yaml:3: error: id: the id "good" is also the id of a.odcs.yaml' in output


def test_what_a_stranger_wrote_moves_no_cursor_and_is_no_markup(here: Path) -> None:
    (here / "a.odcs.yaml").write_text(GOOD + '"[red]\u202e\\u2066x": 1\n', "utf-8")
    code, output = lint("a.odcs.yaml")
    assert code == 1
    assert '["[red]\ufffd\ufffdx"]: unknown key' in output
    assert output.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.odcs.yaml", "floe: missing.odcs.yaml: no such file or folder; name a contract"),
        ("empty", "floe: no contract in empty; a contract is a file named *.odcs.yaml or *.odcs.yml"),
        ("*.odcs.yaml", "floe: no contract in *.odcs.yaml; a contract is"),
    ],
)
def test_wrong_use_is_said_without_a_traceback(
    here: Path, path: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "empty").mkdir()
    monkeypatch.setattr(sys, "argv", ["floe", "contract", "lint", path])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert "Traceback" not in error
