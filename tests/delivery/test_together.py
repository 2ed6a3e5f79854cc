"""What is due at one time comes to people in few messages and to machines one by one, and nothing is lost by it."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from importlib.metadata import EntryPoint
from itertools import chain

import pytest
from pydantic import BaseModel

from floe_dagster.channels.slack import CHANNEL, Options
from floe_dagster.errors import StoreError
from floe_dagster.notify.letter import Line
from floe_dagster.notify.wire import from_json, to_json
from floe_dagster.outcome.episode import Transition
from tests.delivery.mailserver import mail_server
from tests.delivery.parcels import alert_parcel
from tests.delivery.receiver import hang, hang_up, status

pytestmark = pytest.mark.requirement("D-03")


def broken(number, *, channel="chat", contract=0, said="", **more):
    """The parcel of a breach in a contract."""
    parcel = alert_parcel(number, channel=channel, **more)
    alert = replace(
        from_json(parcel.payload),
        contract=f"urn:{contract}",
        contract_title=f"contract {contract}",
        check=f"check {number}",
        message=f"promise {number} is broken{said}",
    )
    return replace(parcel, payload=to_json(alert))


@pytest.fixture
def box():
    with mail_server() as found:
        yield found


def by_mail(box):
    chosen = {"type": "email", "host": "127.0.0.1", "port": box.port, "security": "none"}
    return chosen | {"sender": "floe@example.com", "to": ["data@example.com"], "timeout_seconds": 2}


@pytest.fixture
def chat(platform, receiver):
    """A delivery with one channel for people, `chat`, to the receiver."""

    def build(outbox=None, jitter=1.0, **alerts):
        slack = {"type": "slack", "url": receiver.url, "timeout_seconds": 1}
        return platform(chat=slack, alerts=alerts, outbox=outbox, jitter=jitter)

    return build


def headlines(receiver):
    return [json.loads(body)["text"] for _, _, body in receiver.received]


def promises(receiver):
    """The numbers of the promises that each message names."""
    return [
        [int(word) for word in body.decode().split("promise ")[1:] for word in word.split()[:1]]
        for _, _, body in receiver.received
    ]


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # of what Apprise imports
def test_thirty_contracts_that_break_at_once_are_one_message_for_people_and_thirty_for_machines(
    platform, receiver, other_receiver, box, post, caplog, tmp_path, states
):
    people = {
        "chat": {"type": "slack", "url": receiver.url},
        "room": {"type": "teams", "url": receiver.url},
        "mail": by_mail(box),
        "phone": {"type": "apprise", "url": f"json://127.0.0.1:{receiver.server_port}/"},
        "screen": {"type": "console"},
    }
    machines = {
        "hook": {"type": "webhook", "url": other_receiver.url},
        "log": {"type": "file", "path": "alerts.jsonl"},
    }
    post(*(broken(each, channel=name, contract=each) for each in range(30) for name in (*people, *machines)))
    assert platform(**people, **machines).drain("alert").sent == 210
    assert set(states().values()) == {"sent"}
    assert len(receiver.received) == 3
    ((_, content, _),) = box.received
    assert message_from_bytes(content, policy=default)["Subject"] == "ERROR: 30 alerts of 30 contracts [prod]"
    (printed,) = [each.getMessage() for each in caplog.records if each.name == "floe_dagster.alerts"]
    assert printed.startswith("ERROR: 30 alerts of 30 contracts [prod]")
    assert len(set(other_receiver.ids)) == len(other_receiver.ids) == 30
    assert len((tmp_path / "alerts.jsonl").read_text().splitlines()) == 30


def test_up_to_five_contracts_are_a_message_each(chat, receiver, post):
    post(*(broken(each, contract=each % 5) for each in range(15)))
    assert chat().drain("alert").sent == 15
    assert headlines(receiver) == [f"ERROR: 3 alerts of contract {each} [prod]" for each in range(5)]
    assert sorted(chain(*promises(receiver))) == list(range(15))


@pytest.mark.parametrize(
    ("alerts", "messages"), [({"group": "all"}, 1), ({"group_above": 1}, 1), ({"group": "none"}, 4)]
)
def test_how_much_is_told_together_is_for_the_manifest_to_say(chat, receiver, post, alerts, messages):
    post(*(broken(each, contract=each % 2) for each in range(4)))
    assert chat(**alerts).drain("alert").sent == 4
    assert len(receiver.received) == messages


def test_a_single_alert_is_told_as_it_always_was(chat, receiver, post):
    parcel = broken(1)
    post(parcel)
    assert chat().drain("alert").sent == 1
    ((_, _, body),) = receiver.received
    assert body == CHANNEL.write(from_json(parcel.payload), Options(url=receiver.url)).body


def test_more_than_one_claim_holds_are_one_message_all_the_same(chat, receiver, post, states):
    post(*(broken(each, contract=each) for each in range(250)))
    assert chat().drain("alert").sent == 250
    assert headlines(receiver) == ["ERROR: 250 alerts of 250 contracts [prod]"]
    assert Counter(states().values()) == {"sent": 250}


def test_openings_are_told_before_recoveries_that_wait_with_them(chat, receiver, post):
    over = {"transition": Transition.RESOLVED, "sequence": 2}
    post(*(each for number in range(10) for each in (broken(number), broken(number, **over))))
    assert chat().drain("alert").sent == 20
    assert headlines(receiver) == [
        "ERROR: 10 alerts of contract 0 [prod]",
        "RESOLVED: 10 recoveries of contract 0 [prod]",
    ]


def test_a_message_that_is_not_accepted_comes_again_whole(chat, receiver, post, clock, states, store, caplog):
    receiver.script = [status(503)]
    post(*(broken(each) for each in range(10)))
    report = chat().drain("alert")
    assert (report.sent, report.retried) == (0, 10)
    assert [each for each in caplog.messages if "to chat" in each] == [
        "10 alerts to chat, attempt 1: 127.0.0.1: HTTP 503; next attempt at 12:00:02 UTC"
    ]
    clock.pass_by(seconds=2)
    assert chat().drain("alert").sent == 10
    (_, _, first), (_, _, again) = receiver.received
    assert first == again
    assert Counter(each.accepted for each in store.deliveries()) == {False: 10, True: 10}


def test_what_failed_together_comes_again_together(chat, receiver, post, clock):
    receiver.script = [status(503)]
    post(*(broken(each) for each in range(10)))
    waits = iter(range(1, 100))
    chat(jitter=lambda: next(waits) / 100).drain("alert")
    clock.pass_by(seconds=0.03)
    assert chat().drain("alert").sent == 10


def test_a_message_that_fails_takes_no_other_with_it(chat, receiver, post, states, clock):
    receiver.script = [status(202), status(503), status(202)]
    post(*(broken(each, contract=each % 3) for each in range(9)))
    report = chat().drain("alert")
    assert (report.sent, report.retried) == (6, 3)
    waiting = {key for key, state in states().items() if state == "pending"}
    assert waiting == {f"alert/episode-{each}/1/chat" for each in (1, 4, 7)}
    clock.pass_by(seconds=2)
    assert chat().drain("alert").sent == 3
    assert promises(receiver)[1] == promises(receiver)[3] == [1, 4, 7]


def test_who_asks_to_be_left_alone_gets_the_whole_message_later(chat, receiver, post, clock):
    receiver.script = [status(429, Retry_After="120")]
    post(*(broken(each) for each in range(4)))
    assert chat(jitter=0.0).drain("alert").retried == 4
    clock.pass_by(seconds=119)
    assert chat().drain("alert").sent == 0
    clock.pass_by(seconds=2)
    assert chat().drain("alert").sent == 4
    assert len(receiver.received) == 2


def picky(handler):
    """Refuses for good whatever holds the poison."""
    _, _, body = handler.server.received[-1]
    status(400 if b"POISON" in body else 202)(handler)


def test_one_alert_that_is_refused_is_given_up_alone_and_the_others_arrive_once(
    chat, receiver, post, states, store
):
    receiver.script = [picky] * 100
    post(*(broken(each, said=" POISON" if each == 5 else "") for each in range(16)))
    report = chat().drain("alert")
    assert (report.sent, report.dead) == (15, 1)
    assert states().pop("alert/episode-5/1/chat") == "dead"
    accepted = [
        each
        for each, (_, _, body) in zip(promises(receiver), receiver.received, strict=True)
        if b"POISON" not in body
    ]
    assert sorted(chain(*accepted)) == [each for each in range(16) if each != 5]
    assert len(receiver.received) == 9
    assert len(accepted) == 4


def test_where_everything_is_refused_everything_has_been_tried_alone(chat, receiver, post):
    receiver.script = [status(404)] * 100
    post(*(broken(each) for each in range(8)))
    assert chat().drain("alert").dead == 8
    assert len(receiver.received) == 15
    assert sorted(chain(*(each for each in promises(receiver) if len(each) == 1))) == list(range(8))


def test_what_is_no_alert_spoils_no_message(chat, receiver, post, states):
    post(replace(broken(1), payload='{"version": 99}'), *(broken(each) for each in (2, 3)))
    report = chat().drain("alert")
    assert (report.sent, report.dead) == (2, 1)
    assert promises(receiver) == [[2, 3]]
    assert states()["alert/episode-1/1/chat"] == "dead"


class Nothing(BaseModel):
    pass


class Fragile:
    """A channel from elsewhere that cannot write of some alerts."""

    options = Nothing

    def write(self, alert, options):
        return self.write_together([alert], options)

    def write_together(self, alerts, options):
        if any("POISON" in each.message for each in alerts):
            raise RuntimeError("CANARY")
        return Line(path="said.txt", text=" ".join(sorted(each.id for each in alerts)))


FRAGILE = Fragile()


def test_a_channel_that_raises_over_one_alert_is_told_of_the_others(
    platform, post, monkeypatch, tmp_path, states, caplog
):
    point = EntryPoint("fragile", f"{__name__}:FRAGILE", "floe.alert_channels")
    monkeypatch.setattr("floe_dagster.plugins.entry_points", lambda group: [point])
    post(*(broken(each, channel="it", said=" POISON" if each == 3 else "") for each in range(4)))
    report = platform(it={"type": "fragile"}).drain("alert")
    assert (report.sent, report.retried) == (3, 1)
    assert (tmp_path / "said.txt").read_text().splitlines() == ["alert-0-1 alert-1-1", "alert-2-1"]
    assert states()["alert/episode-3/1/it"] == "pending"
    assert "CANARY" not in caplog.text


class DiesBeforeItIsWrittenDown:
    """An outbox whose database goes once letters were accepted."""

    def __init__(self, store):
        self.claim = store.claim

    def delivered_together(self, claims, *, now, note):
        raise StoreError("the disk is full")


def test_after_a_crash_between_sending_and_writing_down_the_same_mail_comes_again(
    platform, box, post, clock, store, states
):
    post(*(broken(each, channel="mail", contract=each) for each in range(12)))
    platform(mail=by_mail(box), outbox=DiesBeforeItIsWrittenDown(store)).drain("alert")
    assert set(states().values()) == {"pending"}
    assert platform(mail=by_mail(box)).drain("alert").sent == 0
    clock.pass_by(minutes=1)
    assert platform(mail=by_mail(box)).drain("alert").sent == 12
    (_, first, _), (_, again, _) = box.received
    assert first == again
    assert message_from_bytes(first)["Message-ID"].startswith("<alerts.")


def test_an_answer_that_is_lost_brings_the_same_message_again(chat, receiver, post, clock):
    receiver.script = [hang_up]
    post(*(broken(each) for each in range(5)))
    assert chat().drain("alert").retried == 5
    clock.pass_by(seconds=2)
    assert chat().drain("alert").sent == 5
    (_, _, first), (_, _, again) = receiver.received
    assert first == again


def test_people_who_cannot_be_reached_keep_no_machine_waiting(platform, receiver, other_receiver, post):
    arrived = []
    receiver.script = [hang] * 10
    other_receiver.script = [lambda handler: (arrived.append(time.monotonic()), status(202)(handler))] * 40
    post(*(broken(each, channel=name, contract=each) for each in range(20) for name in ("chat", "hook")))
    begun = time.monotonic()
    report = platform(
        chat={"type": "slack", "url": receiver.url, "timeout_seconds": 2},
        hook={"type": "webhook", "url": other_receiver.url},
    ).drain("alert")
    assert (report.sent, report.retried) == (20, 20)
    assert max(arrived) - begun < 2
    assert len(receiver.received) == 1


def test_two_messages_that_fail_leave_the_channel_alone(chat, receiver, post):
    receiver.script = [status(503)] * 10
    post(*(broken(each, contract=each % 5) for each in range(10)))
    report = chat().drain("alert")
    assert (report.retried, report.skipped) == (4, 6)
    assert len(receiver.received) == 2
