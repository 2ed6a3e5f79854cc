"""The Sentry channel: an event in an envelope, one issue for each contract and check."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from pydantic import ValidationError

from floe_dagster.channels.sentry import CHANNEL, Dsn, Options, parsed
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import HOSTILE, OPENED, SCENES, told

pytestmark = pytest.mark.requirement("D-04")

DSN = "https://CANARYKEY@o1.ingest.example/42"


def letter(alert=OPENED, **changes):
    return CHANNEL.write(replace(alert, **changes), Options(dsn=DSN))


def event(alert=OPENED, **changes):
    head, item, payload = letter(alert, **changes).body.splitlines()
    item, found = json.loads(item), json.loads(payload)
    assert item == {"type": "event", "length": len(payload), "content_type": "application/json"}
    assert json.loads(head) == {"event_id": found["event_id"]}
    return found


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    golden("sentry", ".json", json.dumps(event(alert), indent=2) + "\n")


def test_what_is_told_of_a_check_is_of_one_issue_and_each_telling_an_event_of_its_own():
    events = [event(told(transition, Severity.ERROR)) for transition in Transition]
    assert {tuple(each["fingerprint"]) for each in events} == {(OPENED.contract, OPENED.check)}
    assert len({each["event_id"] for each in events}) == len(events)
    assert event(check="another")["fingerprint"] != events[0]["fingerprint"]


def test_a_repeat_has_the_same_id_of_32_hexadecimal_digits():
    assert letter().body == letter().body
    assert len(event()["event_id"]) == 32
    assert int(event()["event_id"], 16)


@pytest.mark.parametrize(
    ("alert", "level"),
    [
        (told(Transition.OPENED, Severity.CRITICAL), "fatal"),
        (told(Transition.OPENED, Severity.ERROR), "error"),
        (told(Transition.OPENED, Severity.WARNING), "warning"),
        (told(Transition.OPENED, Severity.INFO), "info"),
        (told(Transition.RESOLVED, Severity.CRITICAL), "info"),
    ],
)
def test_the_level_tells_how_it_stands(alert, level):
    assert event(alert)["level"] == level


def test_hostile_texts_stay_within_what_sentry_takes():
    found = event(HOSTILE)
    assert all(0 < len(each) <= 200 and each.isprintable() for each in found["tags"].values())
    assert len(found["environment"]) <= 64
    assert "/" not in found["environment"]
    assert len(found["message"]["formatted"]) <= 8192


def test_the_longest_texts_are_far_from_a_megabyte():
    long = "\x00" * 20_000
    texts = {each.name: long for each in fields(OPENED) if each.type in ("str", "str | None")}
    assert len(letter(**{**texts, "contract": "c", "check": "c"}).body) < 20_000


@pytest.mark.parametrize(
    ("dsn", "meant"),
    [
        (DSN, Dsn("https://o1.ingest.example/api/42/envelope/", "CANARYKEY")),
        ("http://k@sentry.example:9000/7", Dsn("http://sentry.example:9000/api/7/envelope/", "k")),
        ("https://k@h.example/a/b/7", Dsn("https://h.example/a/b/api/7/envelope/", "k")),
    ],
)
def test_a_dsn_says_where_and_with_which_key(dsn, meant):
    Options(dsn=dsn)
    assert parsed(dsn) == meant


def test_the_key_goes_into_the_header_alone():
    found = letter()
    assert found.headers["X-Sentry-Auth"].endswith("sentry_key=CANARYKEY")
    assert "CANARY" not in found.url
    assert b"CANARY" not in found.body


@pytest.mark.parametrize(
    "dsn",
    [
        *("", "CANARY", "https://o1.example/42", "https://CANARY@o1.example/", "https://CANARY@o1.example/x"),
        *("ftp://CANARY@h/1", "https://CANARY:secret@h/1", "https://CANARY@/1", "https://CANARY@h:0/1"),
        *("https://CAN,ARY@h/1", "https://CANARY@h/1\n", "https://CANARY@h/\u0661"),
    ],
)
def test_what_is_no_dsn_is_refused_without_showing_it(dsn):
    with pytest.raises(ValidationError, match="is not a DSN") as caught:
        Options(dsn=dsn)
    assert "CANARY" not in str(caught.value)
