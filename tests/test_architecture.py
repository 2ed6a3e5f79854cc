"""The arrows between the rooms, the cost of an import, and the size of a module."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "floe_dagster"
HEAVY = {
    "confluent_kafka",
    "dagster",
    "duckdb",
    "great_expectations",
    "httpx2",
    "openlineage",
    "pandas",
    "psycopg2",
    "sqlalchemy",
    "sqlglot",
}


def modules_after(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has imported after running the code."""
    told = f"import json, sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


def test_every_arrow_goes_down() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kept, 0 broken" in done.stdout


def test_the_arrows_that_are_drawn_are_the_arrows_that_are_kept() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (layers,) = (each["layers"] for each in settings["tool"]["importlinter"]["contracts"] if "layers" in each)
    assert "\n" + "\n".join(layers) + "\n```" in (ROOT / "ARCHITECTURE.md").read_text()


@pytest.mark.parametrize(
    "code",
    [
        "import floe_dagster",
        "import floe_dagster.contract.model, floe_dagster.plan.metric, floe_dagster.plan.check",
        "sys.argv = ['floe', '--help']; from floe_dagster.cli import main; main()",
    ],
    ids=["the package", "the values", "floe --help"],
)
def test_nothing_heavy_is_imported_by(code: str) -> None:
    assert modules_after(code) & HEAVY == set()


def test_the_guard_against_heavy_imports_sees_them() -> None:
    assert modules_after("import duckdb") & HEAVY == {"duckdb"}


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(each.relative_to(ROOT)): lines
        for each in PACKAGE.rglob("*.py")
        if (lines := len(each.read_text().splitlines())) > 400
    }
    assert long == {}


def test_nothing_is_called_utils() -> None:
    names = {each.stem for each in PACKAGE.rglob("*")}
    assert names & {"utils", "util", "helpers", "common", "core", "misc"} == set()


def test_every_module_says_what_it_is() -> None:
    """The first line is a name, a colon, and one sentence."""
    unclear = [
        str(each.relative_to(ROOT))
        for each in PACKAGE.rglob("*.py")
        if not re.match(r'r?"""[^\n:]+: \S[^\n]*', each.read_text()) and "migrations" not in each.parts
    ]
    assert unclear == []
