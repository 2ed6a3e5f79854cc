"""Carrying letters by HTTP to a real server that misbehaves in every way that servers do."""

from __future__ import annotations

import json
import logging
import threading
import time

import pytest

from floe_dagster.outcome.episode import Transition
from tests.delivery.parcels import alert_parcel
from tests.delivery.receiver import drip, garbage, hang, hang_up, huge, status

pytestmark = pytest.mark.requirement("D-04")

KEY = "alert/episode-1/1/hook"


def test_an_alert_reaches_the_receiver_and_is_sent(hook, receiver, post, states, store):
    post(alert_parcel())
    report = hook.drain("alert")
    assert (report.sent, report.retried, report.dead) == (1, 0, 0)
    assert receiver.ids == ["alert-1-1"]
    assert states() == {KEY: "sent"}
    assert store.deliveries()[0].note == "HTTP 202"


def test_what_was_sent_is_not_sent_again(hook, receiver, post, clock):
    post(alert_parcel())
    hook.drain("alert")
    clock.pass_by(hours=1)
    assert hook.drain("alert").sent == 0
    assert len(receiver.received) == 1


def test_the_receiver_sees_a_cloudevent_under_the_path_that_was_set(hook, receiver, post):
    post(alert_parcel())
    hook.drain("alert")
    path, headers, body = receiver.received[0]
    assert path == "/hook/CANARY-PATH"
    assert headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["Idempotency-Key"] == json.loads(body)["id"] == "alert-1-1"


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 302, 307])
def test_a_receiver_that_cannot_just_now_is_asked_again(hook, receiver, post, clock, states, code):
    receiver.script = [status(code, Location="/elsewhere")]
    post(alert_parcel())
    report = hook.drain("alert")
    assert (report.sent, report.retried, report.dead) == (0, 1, 0)
    assert f"HTTP {code}" in report.problems["hook"]
    assert hook.drain("alert").sent == 0
    clock.pass_by(seconds=2)
    assert hook.drain("alert").sent == 1
    assert states() == {KEY: "sent"}


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 410, 413, 422, 301, 308])
def test_a_receiver_that_refuses_is_not_asked_again(hook, receiver, post, clock, states, code):
    receiver.script = [status(code, Location="/elsewhere")]
    post(alert_parcel())
    assert hook.drain("alert").dead == 1
    clock.pass_by(hours=1)
    hook.drain("alert")
    assert len(receiver.received) == 1
    assert states() == {KEY: "dead"}


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(hook, receiver, other_receiver, post, code):
    receiver.script = [status(code, Location=other_receiver.url)]
    post(alert_parcel())
    assert "no redirect is followed" in hook.drain("alert").problems["hook"]
    assert other_receiver.received == []


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("7", 7),
        ("Sun, 29 Mar 2026 12:05:00 GMT", 300),
        ("999999999", 3600),
        ("nonsense", 2),
        ("-5", 2),
        ("", 2),
    ],
)
def test_a_receiver_is_left_alone_for_as_long_as_it_asks(hook, receiver, post, clock, retry_after, seconds):
    receiver.script = [status(429, Retry_After=retry_after)]
    post(alert_parcel())
    hook.drain("alert")
    clock.pass_by(seconds=seconds - 1)
    assert hook.drain("alert").sent == 0
    clock.pass_by(seconds=1)
    assert hook.drain("alert").sent == 1


@pytest.mark.parametrize("fault", [hang, drip])
def test_a_receiver_that_takes_for_ever_is_given_up_at_the_timeout(hook, receiver, post, clock, fault):
    receiver.script = [fault]
    post(alert_parcel())
    begun = time.monotonic()
    report = hook.drain("alert")
    assert time.monotonic() - begun < 10  # the receiver would hang for 20 s
    assert "no answer within 1 s" in report.problems["hook"]
    clock.pass_by(seconds=2)
    assert hook.drain("alert").sent == 1


@pytest.mark.parametrize("fault", [hang_up, hang])
def test_a_letter_whose_answer_is_lost_comes_again_under_the_same_ids(hook, receiver, post, clock, fault):
    receiver.script = [fault]
    post(alert_parcel())
    assert hook.drain("alert").retried == 1
    clock.pass_by(seconds=2)
    assert hook.drain("alert").sent == 1
    (_, first, first_body), (_, second, second_body) = receiver.received
    assert first_body == second_body
    assert first["Idempotency-Key"] == second["Idempotency-Key"]


def test_an_answer_that_is_not_http_is_not_repeated_in_the_message(hook, receiver, post):
    receiver.script = [garbage]
    post(alert_parcel())
    report = hook.drain("alert")
    assert report.retried == 1
    assert "GIBBERISH" not in report.problems["hook"]


def test_an_endless_answer_is_not_read(hook, receiver, post):
    receiver.script = [huge]
    post(alert_parcel())
    assert hook.drain("alert").sent == 1  # reading it would end in a timeout


def test_nobody_at_the_address_is_tried_again(platform, receiver, post, clock, states):
    receiver.server_close()
    delivery = platform(hook={"type": "webhook", "url": receiver.url})
    post(alert_parcel())
    report = delivery.drain("alert")
    assert report.retried == 1
    assert "cannot be reached" in report.problems["hook"]
    assert states() == {KEY: "pending"}


@pytest.mark.requirement("D-07")
def test_no_secret_is_logged_stored_or_reported(platform, receiver, post, store, caplog):
    caplog.set_level(logging.DEBUG)
    delivery = platform(
        hook={"type": "webhook", "url": receiver.url, "headers": {"Authorization": "Bearer CANARY-HEADER"}}
    )
    receiver.script = [status(503), status(400), hang_up, garbage]
    post(*(alert_parcel(number) for number in range(6)))
    reports = [delivery.drain("alert") for _ in range(2)]
    assert len(receiver.received) >= 4
    told = [*map(repr, reports), caplog.text, repr(store.deliveries()), repr(store.parcels())]
    assert not [each for each in told if "CANARY" in each]


@pytest.mark.requirement("D-03")
def test_a_recovery_never_comes_before_its_opening(hook, receiver, post, clock):
    receiver.script = [status(503), status(503)]
    post(
        alert_parcel(1),
        alert_parcel(1, transition=Transition.ESCALATED, sequence=2),
        alert_parcel(1, transition=Transition.RESOLVED, sequence=3),
    )
    for _ in range(4):
        hook.drain("alert")
        clock.pass_by(minutes=1)
    assert receiver.ids == ["alert-1-1"] * 3 + ["alert-1-2", "alert-1-3"]


@pytest.mark.requirement("D-03")
def test_opening_and_recovery_that_wait_together_go_in_one_drain(hook, receiver, post):
    post(alert_parcel(1), alert_parcel(1, transition=Transition.RESOLVED, sequence=2))
    assert hook.drain("alert").sent == 2
    assert receiver.ids == ["alert-1-1", "alert-1-2"]


@pytest.mark.requirement("D-03")
def test_who_never_heard_of_the_opening_does_not_hear_of_the_recovery(hook, receiver, post, clock, states):
    receiver.script = [status(400)]
    post(alert_parcel(1), alert_parcel(1, transition=Transition.RESOLVED, sequence=2))
    hook.drain("alert")
    clock.pass_by(hours=1)
    hook.drain("alert")
    assert receiver.ids == ["alert-1-1"]
    assert states() == {KEY: "dead", "alert/episode-1/2/hook": "skipped"}


def test_a_hanging_channel_delays_no_other(platform, receiver, other_receiver, post, clock):
    delivery = platform(
        slow={"type": "webhook", "url": receiver.url, "timeout_seconds": 3},
        quick={"type": "webhook", "url": other_receiver.url},
    )
    receiver.script = [hang] * 100
    arrived = []
    other_receiver.script = [lambda handler: (arrived.append(time.monotonic()), status(202)(handler))] * 60
    post(*(alert_parcel(each, channel="slow") for each in range(40)))
    clock.pass_by(seconds=1)
    post(*(alert_parcel(each, channel="quick", at=clock()) for each in range(40)))
    begun = time.monotonic()
    report = delivery.drain("alert", budget_seconds=10)
    assert report.sent == 40
    assert max(arrived) - begun < 3  # before the first letter to the slow one has timed out
    assert len(receiver.received) == 2
    assert report.skipped == 38


def test_a_drain_ends_soon_after_its_budget(platform, receiver, post):
    delivery = platform(hook={"type": "webhook", "url": receiver.url, "timeout_seconds": 1})
    receiver.script = [hang] * 10
    post(*(alert_parcel(each) for each in range(10)))
    begun = time.monotonic()
    delivery.drain("alert", budget_seconds=0.3)
    assert time.monotonic() - begun < 5  # ten letters would take 10 s
    assert len(receiver.received) == 1


def test_two_who_deliver_at_once_send_everything_once(platform, receiver, post):
    post(*(alert_parcel(each) for each in range(60)))
    couriers = [platform(hook={"type": "webhook", "url": receiver.url}) for _ in range(2)]
    reports = []
    threads = [
        threading.Thread(target=lambda each=each: reports.append(each.drain("alert"))) for each in couriers
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.sent for each in reports) == 60
    assert sorted(receiver.ids) == sorted(f"alert-{each}-1" for each in range(60))


def test_who_is_too_late_to_say_so_has_sent_in_vain(hook, receiver, post, store, clock, states):
    """Somebody else took the parcel over while the answer was on its way: their word counts."""

    def taken_over(handler):
        clock.pass_by(minutes=5)
        assert store.claim("alert", now=clock(), lease_seconds=60)
        status(202)(handler)

    receiver.script = [taken_over]
    post(alert_parcel())
    report = hook.drain("alert")
    assert (report.sent, report.skipped) == (0, 1)
    assert states() == {KEY: "pending"}
