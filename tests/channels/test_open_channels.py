"""Opening the manifest's channels: each is ready, or broken with what to do, and none disturbs another."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from pydantic import BaseModel

from floe_dagster.channels import open_channels
from floe_dagster.notify.letter import Print
from floe_dagster.settings import Settings
from tests.channels.alerts import OPENED

pytestmark = pytest.mark.requirement("D-01")


def opened(*, broken=None, **channels):
    return open_channels(Settings.model_validate({"alerts": {"channels": channels}, "broken": broken or {}}))


def test_a_channel_is_ready_with_its_validated_options():
    found = opened(log={"type": "file", "path": "alerts.jsonl"}, screen={"type": "console"})
    assert sorted(found.ready) == ["log", "screen"]
    assert found.ready["log"].options.path == "alerts.jsonl"
    assert not found.broken


def test_no_channels_at_all_are_fine():
    found = opened()
    assert not found.ready
    assert not found.broken


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"type": "webhok"}, 'there is no channel "webhok"; did you mean "webhook"?'),
        ({"type": "pager"}, "known are alertmanager, apprise, console, email, file, "),
        ({"type": "file", "pth": "x"}, 'alerts.channels.it.pth: unknown key; did you mean "path"?'),
        ({"type": "file"}, "alerts.channels.it.path: Field required"),
        ({"type": "console", "colour": True}, "unknown key"),
        ({"type": "webhook", "url": "CANARY"}, "alerts.channels.it.url: is not an http or https URL"),
        ({"type": "webhook", "url": "http://x/CANARY", "headers": {"a": 1}}, "alerts.channels.it.headers.a:"),
        ({"type": "webhook", "url": ["CANARY"]}, "alerts.channels.it.url: "),
    ],
)
def test_a_broken_channel_is_said_with_what_to_do_and_disturbs_no_other(options, said):
    found = opened(it=options, screen={"type": "console"})
    assert said in found.broken["it"]
    assert "CANARY" not in found.broken["it"]
    assert sorted(found.ready) == ["screen"]


def test_every_problem_of_a_channel_is_said_at_once():
    reason = opened(it={"type": "webhook", "timeout_seconds": -1, "scret": "CANARY"}).broken["it"]
    assert "url" in reason
    assert "timeout_seconds" in reason
    assert "scret" in reason
    assert "CANARY" not in reason


def test_what_the_settings_found_broken_stays_broken():
    reasons = {"channels.hook": "FLOE_WEBHOOK_URL is not set", "connections.db": "PGPASSWORD is not set"}
    found = opened(broken=reasons, hook={"type": "webhook"}, screen={"type": "console"})
    assert found.broken == {"hook": "FLOE_WEBHOOK_URL is not set"}
    assert sorted(found.ready) == ["screen"]


class Nothing(BaseModel):
    pass


class Shout:
    options = Nothing

    def write(self, alert, options):
        return Print(text=alert.message.upper())


SHOUT = Shout()
NO_CHANNEL = object()


@pytest.fixture
def installed(monkeypatch):
    """Makes other distributions' entry points visible."""

    def install(**values):
        points = [EntryPoint(name, value, "floe.alert_channels") for name, value in values.items()]
        monkeypatch.setattr("floe_dagster.plugins.entry_points", lambda group: points)

    return install


def test_a_channel_of_another_distribution_is_found(installed):
    installed(shout=f"{__name__}:SHOUT")
    channel, options, _ = opened(loud={"type": "shout"}).ready["loud"]
    assert channel.write(OPENED, options).text == OPENED.message.upper()


def test_an_installed_channel_that_does_not_load_silences_no_other(installed):
    installed(shout="there_is_no_such_module:CHANNEL")
    found = opened(loud={"type": "shout"}, screen={"type": "console"})
    assert sorted(found.ready) == ["screen"]
    assert "there_is_no_such_module" in found.broken["loud"]


def test_something_that_is_no_channel_is_said_to_be_none(installed):
    installed(shout=f"{__name__}:NO_CHANNEL")
    assert "is no channel" in opened(loud={"type": "shout"}).broken["loud"]


@pytest.mark.requirement("D-07")
@pytest.mark.parametrize(
    ("environment", "wanted", "detail"),
    [
        ("dev", None, "full"),
        ("prod", None, "reader"),
        ("prod", "full", "full"),
        ("dev", "minimal", "minimal"),
    ],
)
def test_a_channel_shows_what_it_is_told_to_and_else_what_the_environment_has(environment, wanted, detail):
    channel = {"type": "console"} | ({"detail": wanted} if wanted else {})
    settings = Settings.model_validate(
        {"environment": environment, "alerts": {"channels": {"screen": channel}}}
    )
    assert open_channels(settings).ready["screen"].detail == detail
