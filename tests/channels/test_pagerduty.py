"""The PagerDuty channel: one incident for each episode, triggered, updated and resolved by its key."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from pydantic import ValidationError

from floe_dagster.channels.pagerduty import CHANNEL, EVENTS, Options
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import OPENED, SCENES, told

pytestmark = pytest.mark.requirement("D-04")

KEY = "CANARY0123456789abcdef0123456789"


def letter(alert=OPENED, **changes):
    return CHANNEL.write(replace(alert, **changes), Options(routing_key=KEY))


def event(alert=OPENED, **changes):
    return json.loads(letter(alert, **changes).body)


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    golden("pagerduty", ".json", json.dumps(event(alert), indent=2) + "\n")


@pytest.mark.parametrize("severity", Severity)
def test_all_that_is_told_of_an_episode_is_of_one_incident(severity):
    told_of = {transition: event(told(transition, severity)) for transition in Transition}
    assert {each["dedup_key"] for each in told_of.values()} == {OPENED.episode}
    assert {str(transition): each["event_action"] for transition, each in told_of.items()} == {
        "opened": "trigger",
        "escalated": "trigger",
        "flapping": "trigger",
        "acknowledged": "acknowledge",
        "reminded": "trigger",
        "resolved": "resolve",
    }


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_its_own(severity):
    assert event(told(Transition.OPENED, severity))["payload"]["severity"] == str(severity)


def test_two_episodes_are_two_incidents():
    assert event(episode="another")["dedup_key"] != event()["dedup_key"]


def test_texts_stay_within_the_limits():
    long = "x" * 20_000
    texts = {each.name: long for each in fields(OPENED) if each.type in ("str", "str | None")}
    found = event(**texts, actual=long, consumers=(long,) * 30)
    assert len(found["dedup_key"]) == 255
    assert len(found["payload"]["summary"]) == 1024
    assert len(json.dumps(found)) < 512 * 1024


def test_it_goes_to_pagerduty_unless_another_address_is_set():
    assert letter().url == EVENTS
    other = Options(routing_key=KEY, url="https://events.eu.pagerduty.com/v2/enqueue")
    assert CHANNEL.write(OPENED, other).url == "https://events.eu.pagerduty.com/v2/enqueue"


@pytest.mark.parametrize("key", ["", "CANARY", KEY + "0", KEY[:-1] + "-", KEY[:-1] + "é", KEY[:-1] + "\n"])
def test_what_is_no_routing_key_is_refused_without_showing_it(key):
    with pytest.raises(ValidationError, match="32 letters and digits") as caught:
        Options(routing_key=key)
    assert "CANARY" not in str(caught.value)
