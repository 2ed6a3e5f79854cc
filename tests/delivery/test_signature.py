"""Signatures as Standard Webhooks has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from floe_dagster.delivery.signature import sign
from floe_dagster.notify.letter import Post
from tests.delivery.parcels import START, alert_parcel

pytestmark = pytest.mark.requirement("D-04")


def test_it_is_the_signature_of_the_specifications_own_example():
    """The example of the reference libraries: secret, id, timestamp, body and signature as published there."""
    letter = Post(
        url="https://hook.example",
        body=b'{"test": 2432232314}',
        headers={"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek"},
        signing_keys=(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),),
    )
    headers = sign(letter, datetime.fromtimestamp(1614265330, UTC))
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_there_is_one_signature_for_each_key_so_that_keys_can_be_changed():
    letter = Post(url="", body=b"{}", headers={"webhook-id": "1"}, signing_keys=(b"old" * 8, b"new" * 8))
    signatures = sign(letter, START)["webhook-signature"].split(" ")
    assert len(set(signatures)) == 2
    assert all(each.startswith("v1,") for each in signatures)


def test_without_a_key_nothing_is_signed():
    letter = Post(url="", body=b"{}", headers={"webhook-id": "1"})
    assert sign(letter, START) == {"webhook-id": "1"}


def test_a_retry_is_signed_anew_at_its_own_time(platform, receiver, post, clock):
    secret = base64.b64encode(b"s" * 32).decode()
    delivery = platform(hook={"type": "webhook", "url": receiver.url, "secret": f"whsec_{secret}"})
    post(alert_parcel(at=START))
    clock.pass_by(hours=3)
    delivery.drain("alert")
    _, headers, body = receiver.received[0]
    assert headers["webhook-timestamp"] == str(int(clock().timestamp()))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(b"s" * 32, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
