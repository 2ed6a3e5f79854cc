"""Delivery from an outbox on a real PostgreSQL."""

from __future__ import annotations

import threading

import pytest

from floe_dagster.outcome.episode import Transition
from tests.delivery.parcels import alert_parcel
from tests.delivery.receiver import status

pytestmark = [pytest.mark.postgres, pytest.mark.requirement("D-03")]


@pytest.fixture
def store_url(postgres_url):
    return postgres_url


def test_three_who_deliver_at_once_send_everything_once_and_in_order(platform, receiver, post):
    post(
        *(
            alert_parcel(number, transition=transition, sequence=sequence)
            for number in range(40)
            for sequence, transition in ((1, Transition.OPENED), (2, Transition.RESOLVED))
        )
    )
    reports = []
    couriers = [platform(hook={"type": "webhook", "url": receiver.url}) for _ in range(3)]
    threads = [
        threading.Thread(target=lambda each=each: reports.append(each.drain("alert"))) for each in couriers
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.sent for each in reports) == 80
    assert len(receiver.ids) == len(set(receiver.ids)) == 80
    for number in range(40):
        assert receiver.ids.index(f"alert-{number}-1") < receiver.ids.index(f"alert-{number}-2")


def test_an_alert_that_fails_is_tried_again(platform, receiver, post, clock, states):
    receiver.script = [status(503)]
    post(alert_parcel())
    delivery = platform(hook={"type": "webhook", "url": receiver.url})
    assert delivery.drain("alert").retried == 1
    clock.pass_by(seconds=2)
    assert delivery.drain("alert").sent == 1
    assert set(states().values()) == {"sent"}


def test_three_who_deliver_at_once_tell_people_of_everything_once(platform, receiver, post, states):
    post(*(alert_parcel(number, channel="chat") for number in range(60)))
    reports = []
    couriers = [platform(chat={"type": "slack", "url": receiver.url}) for _ in range(3)]
    threads = [
        threading.Thread(target=lambda each=each: reports.append(each.drain("alert"))) for each in couriers
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.sent for each in reports) == 60
    assert set(states().values()) == {"sent"}
    assert 1 <= len(receiver.received) <= 3
