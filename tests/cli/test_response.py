"""What somebody does who was alerted: looks, acknowledges, mutes, responds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from floe_dagster.cli import app
from floe_dagster.errors import UsageError
from floe_dagster.plan.check import Severity
from floe_dagster.state.store import open_store
from tests.posting.platform import Platform, measured

pytestmark = pytest.mark.requirement("D-05", "D-06")

MANIFEST = """
store: sqlite:///{root}/floe.db
contracts: ["*.odcs.yaml"]
alerts:
  channels:
    team: {{type: file, path: "{root}/told.jsonl"}}
  routes:
    - {{severity: error, channels: [team]}}
"""


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "floe.yaml").write_text(MANIFEST.format(root=tmp_path))
    with open_store(f"sqlite:///{tmp_path}/floe.db") as opened:
        yield opened


@pytest.fixture
def floe(store):
    def run(*arguments, code=0):
        done = CliRunner().invoke(app, arguments)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout

    return run


@pytest.fixture
def episode(store):
    Platform(store).record(measured(0, severity=Severity.CRITICAL, at=datetime.now(UTC)))
    (found,) = store.episodes()
    return found


def told(tmp_path):
    return [json.loads(line) for line in (tmp_path / "told.jsonl").read_text().splitlines()]


def test_who_acknowledges_is_on_record_and_whoever_was_told_hears_of_it(floe, episode, tmp_path):
    shown = floe("alerts", "ack", episode.id[:8], "--author", "ada", "--note", "loading again")
    assert "orders: orders fresh (working)" in shown
    assert "1 delivered" in shown

    (alert,) = told(tmp_path)
    assert alert["transition"] == "acknowledged"
    assert alert["message"] == "acknowledged by ada: loading again: orders is not fresh"

    story = floe("alerts", "show", episode.id)
    assert "acknowledged by ada: loading again" in story
    assert "opened to team: sent" in story
    assert "still open" in story


def test_the_story_says_what_may_be_behind_it(floe, store):
    now = datetime.now(UTC)
    Platform(store).record(measured(0, "up", kind="server", at=now, severity=Severity.CRITICAL))
    Platform(store).record(measured(1, at=now + timedelta(seconds=1)))
    (stale,) = (each for each in store.episodes() if each.kind == "freshness")

    story = floe("alerts", "show", stale.id)
    assert "may be behind it: also broken since" in story
    assert "follows from orders up of prod" in story


def test_an_incident_is_acknowledged_with_all_that_belongs_to_it_and_responded_to(floe, episode, store):
    (incident,) = json.loads(floe("incidents", "list", "--format", "json"))
    assert (incident["priority"], incident["overdue"]) == ("P0", "")

    floe("alerts", "ack", incident["id"], "--reason", "real", "--author", "ada")
    assert "acknowledged by ada, to be responded to by" in floe("incidents", "list")
    assert "grace is on it since" in floe("incidents", "respond", incident["id"][:8], "--author", "grace")
    with store.responses() as response:
        assert [each.episode for each in response.acknowledgements().values()] == [episode.id]


def test_what_is_overdue_is_said_and_is_an_exit_code(floe, store):
    Platform(store).record(measured(0, severity=Severity.CRITICAL))
    assert "OVERDUE: to be responded to by 2026-11-20 03:25 UTC" in floe("incidents", "list", code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["alerts", "ack"], "name what you acknowledge"),
        (["alerts", "ack", "nosuchepisode"], "there is no episode nosuchepisode"),
        (["alerts", "ack", "abc"], "abc is too short"),
        (["alerts", "ack", "--contract", "payments"], "nothing is open of contracts named payments"),
        (["alerts", "show", "nosuchepisode"], "there is no episode nosuchepisode"),
        (["alerts", "unmute", "nosuchmute"], "there is no mute nosuchmute to call off"),
        (["incidents", "respond", "nosuch"], "there is no one open incident nosuch"),
        (["alerts", "mute", "--until", "2h", "--reason", " "], "--reason is empty"),
    ],
)
def test_what_cannot_be_meant_is_said(floe, arguments, said):
    with pytest.raises(UsageError, match=said):
        floe(*arguments)


def test_a_contract_is_acknowledged_by_its_name(floe, episode):
    assert episode.id in floe("alerts", "ack", "--contract", "ord*", "--reason", "false-positive")


def test_what_is_muted_is_held_back_until_it_is_unmuted(floe, store):
    muted = floe(
        "alerts", "mute", "--contract", "orders", "--until", "2h", "--reason", "moving", "--author", "ada"
    )
    platform = Platform(store)
    platform.record(measured(0, at=datetime.now(UTC)))
    assert platform.told == []
    assert "contract orders: moving (ada)" in floe("alerts", "mutes")
    assert floe("maintenance", "list") == "no maintenance is declared\n"

    floe("alerts", "unmute", muted.split()[0])
    platform.carry(datetime.now(UTC))
    assert len(platform.told) == 1
    assert floe("alerts", "mutes") == "nothing is muted\n"


CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
servers: [{server: prod, type: custom, environment: prod}]
schema: [{name: orders, properties: [{name: id, logicalType: string, required: true}]}]
"""


def test_who_would_hear_is_shown_and_that_nobody_would_is_an_exit_code(floe, tmp_path):
    (tmp_path / "orders.odcs.yaml").write_text(CONTRACT)
    assert "warning: nobody; error: team; critical: team" in floe("alerts", "routes")

    manifest = (tmp_path / "floe.yaml").read_text()
    (tmp_path / "floe.yaml").write_text(
        manifest.replace("severity: error", "severity: error, kinds: [schema]")
    )
    assert "error: team (nobody of availability, quality)" in floe("alerts", "routes", code=1)
