"""`floe alerts`: what was told to whom, what was not, and why."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from floe_dagster.cli.alerts import app
from floe_dagster.errors import StoreError, UsageError
from tests.delivery.parcels import alert_parcel
from tests.delivery.receiver import status

pytestmark = pytest.mark.requirement("D-03")


@pytest.fixture
def floe(tmp_path, monkeypatch, receiver):
    """Runs `floe alerts` beside a manifest with the channels hook and off."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNSET_TOKEN", raising=False)
    (tmp_path / "floe.yaml").write_text(
        f"""
store: sqlite:///{tmp_path}/floe.db
alerts:
  channels:
    hook: {{type: webhook, url: "{receiver.url}"}}
    away: {{type: webhook, url: "${{UNSET_TOKEN}}"}}
"""
    )

    def run(*arguments, code=0):
        done = CliRunner().invoke(app, arguments)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def history(post, platform, receiver):
    """One alert sent, one given up, and one that is still to be tried again."""
    post(alert_parcel(1), alert_parcel(2), alert_parcel(3))
    receiver.script = [status(202), status(400), status(503)]
    platform(hook={"type": "webhook", "url": receiver.url}).drain("alert")


def test_alerts_are_listed_with_state_channel_attempts_and_last_error(floe, history):
    lines = floe("list").stdout.splitlines()
    assert len(lines) == 3
    sent, dead, pending = sorted(lines, key=lambda each: each.split("/")[-3])
    assert "sent" in sent
    assert "hook" in sent
    assert "(1 attempt; " in sent
    assert "dead" in dead
    assert "127.0.0.1: HTTP 400" in dead
    assert "pending" in pending
    assert "127.0.0.1: HTTP 503" in pending


def test_a_program_reads_the_same_as_json(floe, history):
    document = json.loads(floe("list", "--format", "json").stdout)
    assert {each["state"]: each["reason"] for each in document["alerts"]} == {
        "sent": "",
        "dead": "127.0.0.1: HTTP 400",
        "pending": "127.0.0.1: HTTP 503",
    }
    assert {each["attempts"] for each in document["alerts"]} == {1}
    assert "UNSET_TOKEN" in document["broken_channels"]["away"]


def test_only_those_in_one_state_are_listed_where_that_is_asked_for(floe, history):
    assert len(floe("list", "--state", "sent").stdout.splitlines()) == 1
    assert "alert/episode-2/1/hook" in floe("dead").stdout
    assert len(floe("dead").stdout.splitlines()) == 1


def test_channels_that_cannot_be_used_are_said(floe, history):
    assert "channel away cannot be used" in floe("list").stderr


def test_no_alerts_are_said_to_be_none(floe, store):
    assert floe("list").stdout == "no alerts\n"


def test_a_store_that_is_not_there_is_said_to_be_missing(floe, tmp_path):
    with pytest.raises(StoreError):
        floe("list")
    assert not (tmp_path / "floe.db").exists()


@pytest.mark.parametrize("which", [["alert/episode-2/1/hook"], ["--all"]])
def test_an_alert_that_was_given_up_is_carried_after_all(floe, history, receiver, states, which):
    assert floe("replay", *which, code=0).stdout.startswith("2 delivered")
    assert states()["alert/episode-2/1/hook"] == "sent"


def test_a_replay_that_fails_again_leaves_with_3(floe, post, platform, receiver):
    receiver.script = [status(400), status(400)]
    post(alert_parcel(2))
    platform(hook={"type": "webhook", "url": receiver.url}).drain("alert")
    assert "HTTP 400" in floe("replay", "--all", code=3).stdout


@pytest.mark.parametrize("wrong", [[], ["--all", "alert/episode-2/1/hook"]])
def test_a_replay_of_nothing_or_of_two_things_is_wrong_use(floe, history, wrong):
    with pytest.raises(UsageError, match="--all"):
        floe("replay", *wrong)


def test_an_alert_that_was_not_given_up_is_not_replayed(floe, history):
    with pytest.raises(UsageError, match="alert/episode-1/1/hook"):
        floe("replay", "alert/episode-1/1/hook")
