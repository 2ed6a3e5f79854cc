"""`floe doctor`: whether the monitor itself is well, for people and for probes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from floe_dagster.cli import app
from floe_dagster.health import Aspect
from tests.project import Project

pytestmark = pytest.mark.requirement("F-10")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def doctor(*arguments):
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_a_project_in_which_all_is_well_is_0_and_every_aspect_is_named(project):
    found = doctor()

    assert found.exit_code == 0
    assert [each.split()[:2] for each in found.stdout.splitlines() if not each.startswith(" ")] == [
        [each.value, "ok"] for each in Aspect
    ]


def test_something_that_is_wrong_is_1_and_says_what_to_do(project):
    project.contract("broken", "apiVersion: v3.1.0\n")

    found = doctor()

    assert found.exit_code == 1
    assert "contracts   error" in found.stdout
    assert "to do: nothing of it is measured; see all that is wrong by: floe contract lint" in found.stdout


@pytest.mark.requirement("C-07")
def test_a_store_that_is_away_is_3_within_seconds_and_no_traceback(project):
    project.manifest(f"sqlite:///{project.root}/floe.db", "postgresql://nobody:s3cret@127.0.0.1:1/x")

    found = doctor("--format", "json")

    assert found.exit_code == 3
    told = json.loads(found.stdout)
    assert told["aspects"]["store"]["status"] == "error"
    assert "does not answer" in told["aspects"]["store"]["said"]
    assert told["aspects"]["ticks"]["status"] == "unknown"
    assert told["aspects"]["contracts"]["status"] == "ok"
    assert "s3cret" not in found.output


def test_what_dagster_could_not_hold_is_told_too(project):
    text = (project.root / "contracts/orders.odcs.yaml").read_text()
    project.contract("again", text.replace("id: shop.orders", "id: shop.again"))

    found = doctor()

    assert found.exit_code == 1
    assert "the same asset is claimed by" in found.stdout
