"""What is open is said again to receivers that would take it for over, and to nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from floe_dagster.delivery.renewal import told_so_far
from floe_dagster.notify.wire import from_json, to_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.check import Severity
from tests.delivery.parcels import START, alert_parcel
from tests.delivery.receiver import status

pytestmark = pytest.mark.requirement("D-04")


def sent(number, sequence=1, channel="am", transition=Transition.OPENED):
    parcel = alert_parcel(number, sequence=sequence, channel=channel, transition=transition)
    return replace(parcel, state=ParcelState.SENT)


def of_severity(number, sequence=1, transition=Transition.OPENED, severity=Severity.ERROR):
    parcel = alert_parcel(number, sequence=sequence, channel="am", transition=transition)
    alert = replace(from_json(parcel.payload), severity=severity, at=START)
    return replace(parcel, payload=to_json(alert), severity=str(severity))


@pytest.fixture
def alertmanager(platform, receiver, other_receiver):
    return platform(
        am={"type": "alertmanager", "url": receiver.url, "lasts_seconds": 600},
        hook={"type": "webhook", "url": other_receiver.url},
    )


def posted(receiver):
    return [json.loads(body) for _, _, body in receiver.received]


def ends(alert):
    return datetime.fromisoformat(alert["endsAt"])


def test_what_a_channel_was_told_of_each_episode_is_renewed_in_order():
    parcels = [sent(1, 2, transition=Transition.ESCALATED), sent(1), sent(2), sent(1, channel="other")]
    found = told_so_far(parcels, {"episode-1", "episode-2"})
    assert {channel: len(payloads) for channel, payloads in found.items()} == {"am": 3, "other": 1}
    assert [json.loads(each)["alert"]["sequence"] for each in found["am"]] == [1, 2, 1]


@pytest.mark.parametrize("state", [each for each in ParcelState if each is not ParcelState.SENT])
def test_what_a_channel_never_heard_of_is_not_renewed(state):
    assert told_so_far([replace(sent(1), state=state)], {"episode-1"}) == {}


def test_what_is_over_is_not_renewed():
    recovered = sent(1, 2, transition=Transition.RESOLVED)
    assert told_so_far([sent(1), recovered], {"episode-1"}) == {}
    assert told_so_far([sent(1), replace(recovered, state=ParcelState.PENDING)], set()) == {}


def test_renewed_alerts_hold_from_now_on_in_one_letter(alertmanager, receiver, other_receiver, clock):
    clock.pass_by(days=3)
    told = told_so_far([sent(1), sent(2), sent(1, channel="hook")], {"episode-1", "episode-2"})
    assert alertmanager.renew(told) == {}
    ((first, second),) = posted(receiver)
    assert ends(first) == ends(second) == START + timedelta(days=3, seconds=600)
    assert receiver.received[0][0] == "/hook/CANARY-PATH/api/v2/alerts"
    assert other_receiver.received == []


def test_what_could_not_be_renewed_is_said_and_disturbs_nobody(alertmanager, receiver, caplog):
    receiver.script = [status(503)]
    found = alertmanager.renew({"am": (sent(1).payload,), "gone": (sent(1).payload,), "hook": ("nonsense",)})
    assert found == {"am": "127.0.0.1: HTTP 503"}
    assert "could not be renewed at am: 127.0.0.1: HTTP 503" in caplog.text
    assert "CANARY" not in caplog.text


def test_what_cannot_be_read_is_said_and_keeps_no_other_alert_from_being_renewed(alertmanager, receiver):
    found = alertmanager.renew({"am": ("nonsense", sent(1).payload, "{}")})
    assert found == {"am": "2 of 3 alerts cannot be read; the others hold"}
    ((only,),) = posted(receiver)
    assert only["labels"]["severity"] == "error"
    assert alertmanager.renew({"am": ("nonsense",)}) == {
        "am": "1 of 1 alerts cannot be read; the others hold"
    }
    assert len(receiver.received) == 1


def test_an_escalation_comes_with_what_the_channel_was_told_before(alertmanager, receiver, post):
    worse = {"transition": Transition.ESCALATED, "severity": Severity.CRITICAL}
    post(of_severity(1, severity=Severity.WARNING), of_severity(2, severity=Severity.WARNING))
    post(of_severity(1, 2, **worse), of_severity(2, 2, **worse))
    post(of_severity(1, 3, transition=Transition.RESOLVED, severity=Severity.CRITICAL))
    assert alertmanager.drain("alert").sent == 5
    letters = posted(receiver)
    by_length = sorted(letters, key=len)
    assert [[each["labels"]["severity"] for each in one] for one in by_length] == [
        ["warning"],
        ["warning"],
        *3 * [["warning", "critical"]],
    ]
    (over,) = [one for one in letters if one[0]["annotations"]["transition"] == "resolved"]
    assert {ends(each) for each in over} == {START}
    assert {ends(each) for one in letters if one is not over for each in one} == {
        START + timedelta(seconds=600)
    }


def test_what_a_channel_never_heard_of_is_not_told_as_over(alertmanager, receiver, post):
    receiver.script = [status(202), status(400)]
    post(of_severity(1), of_severity(1, 2, transition=Transition.ESCALATED, severity=Severity.CRITICAL))
    post(of_severity(1, 3, transition=Transition.RESOLVED, severity=Severity.CRITICAL))
    report = alertmanager.drain("alert")
    assert (report.sent, report.dead) == (2, 1)
    assert [each["labels"]["severity"] for each in posted(receiver)[-1]] == ["error"]


def test_an_alert_that_waited_for_long_is_still_news(alertmanager, receiver, post, clock):
    clock.pass_by(hours=20)
    post(alert_parcel(channel="am"))
    assert alertmanager.drain("alert").sent == 1
    ((alert,),) = posted(receiver)
    assert ends(alert) == START + timedelta(hours=20, seconds=600)


def test_a_recovery_is_over_however_late(alertmanager, receiver, post, clock):
    post(alert_parcel(channel="am"), alert_parcel(channel="am", sequence=2, transition=Transition.RESOLVED))
    clock.pass_by(hours=1)
    assert alertmanager.drain("alert").sent == 2
    (opened,), (over,) = posted(receiver)
    assert over["labels"] == opened["labels"]
    assert ends(over) < clock.now < ends(opened)
