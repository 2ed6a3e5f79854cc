"""Every channel that POSTs, over a real receiver: what it asks for is done, and no address is reached that may not be."""

from __future__ import annotations

import logging

import pytest

from floe_dagster.channels import open_channels
from floe_dagster.delivery.carrier import Carrier
from floe_dagster.delivery.post import HttpClient
from floe_dagster.errors import DeliveryError
from floe_dagster.notify.wire import to_json
from floe_dagster.settings import Settings
from tests.channels.alerts import OPENED
from tests.delivery.parcels import START, alert_parcel
from tests.delivery.receiver import status
from tests.delivery.test_addresses import REFUSED

pytestmark = pytest.mark.requirement("D-04")

BY_HTTP = {
    "slack": lambda base: {"url": f"{base}/services/CANARY"},
    "teams": lambda base: {"url": f"{base}/workflows?sig=CANARY"},
    "alertmanager": lambda base: {"url": f"{base}/CANARY", "authorization": "Bearer CANARY"},
    "pagerduty": lambda base: {"url": f"{base}/CANARY", "routing_key": "CANARY" + "0" * 26},
    "sentry": lambda base: {"dsn": base.replace("://", "://CANARY@") + "/42"},
    "webhook": lambda base: {"url": f"{base}/CANARY"},
}
every_kind = pytest.mark.parametrize("kind", sorted(BY_HTTP))


@pytest.fixture
def delivery(platform, receiver):
    def build(kind):
        return platform(it={"type": kind, **BY_HTTP[kind](f"http://127.0.0.1:{receiver.server_port}")})

    return build


@every_kind
def test_an_alert_arrives_and_is_healthy(delivery, receiver, post, states, kind):
    assert delivery(kind).health_check() == {"it": ""}
    assert receiver.received == []
    post(alert_parcel(channel="it"))
    assert delivery(kind).drain("alert").sent == 1
    assert states() == {"alert/episode-1/1/it": "sent"}


@every_kind
def test_who_asks_to_be_left_alone_is_left_alone(delivery, receiver, post, clock, kind, caplog):
    caplog.set_level(logging.DEBUG)
    receiver.script = [status(429, Retry_After="120")]
    post(alert_parcel(channel="it"))
    report = delivery(kind).drain("alert")
    assert report.problems == {"it": "127.0.0.1: HTTP 429"}
    clock.pass_by(seconds=119)
    assert delivery(kind).drain("alert").sent == 0
    clock.pass_by(seconds=2)
    assert delivery(kind).drain("alert").sent == 1
    assert len(receiver.received) == 2
    assert "CANARY" not in caplog.text


@every_kind
def test_a_letter_that_is_refused_is_given_up(delivery, receiver, post, kind):
    receiver.script = [status(400)]
    post(alert_parcel(channel="it"))
    assert delivery(kind).drain("alert").dead == 1


@every_kind
@pytest.mark.parametrize("address", REFUSED)
def test_no_channel_reaches_an_address_that_no_receiver_has(tmp_path, kind, address):
    channels = {"it": {"type": kind, **BY_HTTP[kind]("http://hook.example")}}
    opened = open_channels(Settings.model_validate({"alerts": {"channels": channels}}))
    carrier = Carrier(tmp_path, lambda: START, HttpClient(lambda *_: [address]))
    for attempt in (
        lambda: carrier.alert(to_json(OPENED), opened.ready["it"]),
        lambda: carrier.check(opened.ready["it"]),
    ):
        with pytest.raises(DeliveryError) as caught:
            attempt()
        assert not caught.value.retry
        assert address in caught.value.message
        assert "CANARY" not in caught.value.message
