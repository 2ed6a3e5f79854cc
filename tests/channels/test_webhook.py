"""The webhook channel: CloudEvents 1.0 in structured mode."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from floe_dagster.channels.webhook import CHANNEL, Options
from tests.channels.alerts import EVERY, OPENED

pytestmark = pytest.mark.requirement("D-04")

URL = "https://hooks.example/services/CANARY-URL"
KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def options(**more):
    return Options.model_validate({"url": URL, **more})


def written(chosen=None, **changes):
    return CHANNEL.write(replace(OPENED, **changes), chosen or options())


def event(**changes):
    return json.loads(written(**changes).body)


@pytest.mark.parametrize("alert", EVERY)
def test_every_alert_reads_as_agreed(alert, golden):
    letter = CHANNEL.write(alert, options())
    document = {"headers": dict(letter.headers), "body": json.loads(letter.body)}
    golden("webhook", ".json", json.dumps(document, indent=2) + "\n")


@pytest.mark.parametrize("alert", EVERY)
def test_the_envelope_is_a_cloudevent(alert):
    document = json.loads(CHANNEL.write(alert, options()).body)
    assert document["specversion"] == "1.0"
    assert all(
        isinstance(document[each], str) and document[each] for each in ("id", "source", "type", "subject")
    )
    assert all(each.isalnum() and each.islower() and len(each) <= 20 for each in document)
    assert datetime.fromisoformat(document["time"]).utcoffset() is not None
    assert document["datacontenttype"] == "application/json"
    assert isinstance(document["data"], dict)


def test_opening_escalation_and_recovery_are_one_type_and_say_which():
    documents = [json.loads(CHANNEL.write(each.values[0], options()).body) for each in EVERY]
    assert {each["type"] for each in documents} == {"floe.contract.violation"}
    assert {each["data"]["transition"] for each in documents} == {
        "opened",
        "escalated",
        "flapping",
        "acknowledged",
        "reminded",
        "resolved",
    }


def test_the_id_is_the_alerts_in_the_body_and_in_both_headers():
    letter = written()
    assert event()["id"] == OPENED.id
    assert letter.headers["Idempotency-Key"] == letter.headers["webhook-id"] == OPENED.id


def test_the_same_alert_is_the_same_letter_to_the_byte():
    assert written().body == written().body


@pytest.mark.parametrize("name", ["a b", "a/b", "../x", "é", "a?b#c", "urn:x:1", "%2e"])
def test_the_source_is_a_uri_reference_whatever_the_contract_is_called(name):
    parts = urlsplit(event(contract=name, environment=name)["source"])
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert parts.path.isascii()
    assert len(parts.path.split("/")) == 5


def test_headers_of_the_operator_are_sent_along():
    letter = written(options(headers={"Authorization": "Bearer CANARY-HEADER"}))
    assert letter.headers["Authorization"] == "Bearer CANARY-HEADER"
    assert letter.headers["Content-Type"].startswith("application/cloudevents+json")


def test_a_letter_is_to_be_signed_where_a_secret_is_set():
    raw = base64.b64decode(KEY)
    assert written(options(secret=f"whsec_{KEY}")).signing_keys == (raw,)
    assert written(options(secret=KEY)).signing_keys == (raw,)


def test_while_keys_are_changed_a_letter_is_to_be_signed_by_both():
    other = base64.b64encode(b"o" * 32).decode()
    letter = written(options(secret=KEY, previous_secret=f"whsec_{other}"))
    assert letter.signing_keys == (base64.b64decode(KEY), b"o" * 32)
    assert written().signing_keys == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "ftp://hooks.example/CANARY"}, "not an http or https URL"),
        ({"url": "file:///etc/CANARY"}, "not an http or https URL"),
        ({"url": "CANARY"}, "not an http or https URL"),
        ({"url": "https:///CANARY"}, "not an http or https URL"),
        ({"url": "https://hooks.example:99999/CANARY"}, "not an http or https URL"),
        ({"url": "https://hooks.example:0/CANARY"}, "not an http or https URL"),
        ({"url": "https://hooks.example/\r\nCANARY"}, "not an http or https URL"),
        ({"url": "https://hooks example/CANARY"}, "not an http or https URL"),
        ({"url": "https://me:CANARY@hooks.example/"}, "Authorization header instead"),
        ({"headers": {"Host": "CANARY"}}, "set by floe"),
        ({"headers": {"content-TYPE": "CANARY"}}, "set by floe"),
        ({"headers": {"Webhook-Signature": "CANARY"}}, "set by floe"),
        ({"headers": {"X Y": "CANARY"}}, "not the name of a header"),
        ({"headers": {"X-Y": "CANARY\r\nX-Z: 1"}}, "cannot carry"),
        ({"headers": {"X-Y": "CANARY é"}}, "cannot carry"),
        ({"secret": "whsec_CANARY!"}, "base64"),
        ({"secret": base64.b64encode(b"CANARY").decode()}, "16 to 64 bytes"),
        ({"secret": None, "previous_secret": "whsec_CANARY!"}, "base64"),
        ({"timeout_seconds": 0}, "greater than 0"),
        ({"timeout_seconds": 60}, "less than or equal to 15"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_showing_it(wrong, said):
    with pytest.raises(ValidationError) as caught:
        options(**wrong)
    assert said in str(caught.value)
    assert "CANARY" not in str(caught.value)


@pytest.mark.requirement("D-07")
def test_no_secret_shows_in_a_repr():
    chosen = options(headers={"X-Key": "CANARY-HEADER"}, secret=KEY)
    letter = CHANNEL.write(OPENED, chosen)
    for shown in (repr(chosen), repr(letter), str(letter)):
        assert "CANARY" not in shown
        assert KEY not in shown
