"""Carrying notices by Apprise to a real receiver: accepted, or to be tried again, and nothing told of the URL."""

from __future__ import annotations

import json
import logging
import sys
import time

import pytest

from floe_dagster.delivery.notice import Apprise
from floe_dagster.errors import DeliveryError
from floe_dagster.notify.letter import Notice
from tests.delivery.parcels import alert_parcel
from tests.delivery.receiver import drip, garbage, hang, hang_up, status
from tests.delivery.test_addresses import REFUSED

pytestmark = [
    pytest.mark.requirement("D-04"),
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # of what Apprise imports
]


def url_of(receiver):
    return f"json://floe:CANARY-PASSWORD@127.0.0.1:{receiver.server_port}/CANARY-PATH"


def notice(url, **more):
    return Notice(**{"url": url, "title": "a title", "body": "a body", "kind": "failure"} | more)


def refused(letter, announcer=None):
    with pytest.raises(DeliveryError) as caught:
        (announcer or Apprise()).announce(letter)
    assert "CANARY" not in str(caught.value)
    return caught.value


def test_a_notice_arrives(receiver):
    receiver.script = [status(200)]
    assert Apprise().announce(notice(url_of(receiver))) == "JSON accepted it"
    ((path, _, body),) = receiver.received
    assert path == "/CANARY-PATH"
    assert json.loads(body) | {"title": "a title", "message": "a body", "type": "failure"} == json.loads(body)


@pytest.mark.parametrize(
    "act", [status(400), status(403), status(404), status(429), status(503), hang_up, garbage]
)
def test_every_failure_passes_since_nobody_says_why(receiver, act):
    receiver.script = [act]
    error = refused(notice(url_of(receiver)))
    assert error.retry
    assert "JSON did not accept it" in error.message


@pytest.mark.parametrize("act", [hang, drip])
def test_a_receiver_that_takes_for_ever_is_left(receiver, act):
    receiver.script = [act]
    started = time.monotonic()
    assert refused(notice(url_of(receiver)), Apprise(timeout_seconds=0.5)).retry
    assert time.monotonic() - started < 4


def test_nobody_there_passes():
    assert refused(notice("json://127.0.0.1:9/CANARY")).retry


@pytest.mark.parametrize("url", ["nope://CANARY", "json://", "slack://CANARY"])
def test_a_url_that_apprise_does_not_know_is_said_to_be_none(url):
    assert "Apprise cannot use the URL" in refused(notice(url)).message
    with pytest.raises(DeliveryError, match="Apprise cannot use the URL"):
        Apprise().knock(notice(url))


@pytest.mark.parametrize("address", REFUSED)
@pytest.mark.parametrize(
    "url", ["json://hook.example/CANARY", "mailto://u:CANARY@example.com?smtp=hook.example"]
)
def test_nothing_goes_to_an_address_that_no_receiver_has(address, url):
    error = refused(
        notice(url), Apprise(lambda host, _: [address] if host == "hook.example" else ["8.8.8.8"])
    )
    assert not error.retry
    assert address in error.message


def test_a_service_with_an_address_of_its_own_is_known_without_asking_for_it():
    def ask(*_):
        raise AssertionError("no host is named by this URL")

    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
    assert Apprise(ask).knock(notice(url)) == "Slack is known"


def test_the_health_check_sends_nothing(receiver):
    assert Apprise().knock(notice(url_of(receiver))) == "JSON is known"
    assert receiver.received == []


def test_where_it_is_not_installed_it_is_said_how_to(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    error = refused(notice("json://127.0.0.1/CANARY"))
    assert 'pip install "floe-dagster[apprise]"' in error.message
    assert error.retry


@pytest.mark.requirement("D-07")
def test_no_log_of_anybodys_names_the_url(receiver, caplog, capfd):
    caplog.set_level(1)
    receiver.script = [status(200), status(503)]
    Apprise().announce(notice(url_of(receiver)))
    refused(notice(url_of(receiver)))
    out, err = capfd.readouterr()
    assert "CANARY" not in caplog.text + out + err
    logging.getLogger("apprise").warning("what others let Apprise say is still heard")
    assert "still heard" in caplog.text


def test_through_the_outbox_it_arrives_in_the_end(platform, receiver, post, clock, states):
    receiver.script = [status(404), status(200)]
    delivery = platform(tail={"type": "apprise", "url": url_of(receiver)})
    assert delivery.health_check() == {"tail": ""}
    post(alert_parcel(channel="tail"))
    assert delivery.drain("alert").retried == 1
    clock.pass_by(seconds=2)
    assert delivery.drain("alert").sent == 1
    assert states() == {"alert/episode-1/1/tail": "sent"}
