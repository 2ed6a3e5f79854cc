"""The Alertmanager channel: labels that never change, times that say whether it is over, and renewal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from floe_dagster.channels.alertmanager import CHANNEL, Options
from floe_dagster.notify.letter import Renewing
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import HOSTILE, OPENED, SCENES, told

pytestmark = pytest.mark.requirement("D-04")

URL = "http://alertmanager.example:9093"


def options(**more):
    return Options.model_validate({"url": URL, **more})


def posted(alert=OPENED, chosen=None, **changes):
    (found,) = json.loads(CHANNEL.write(replace(alert, **changes), chosen or options()).body)
    return found


def moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    golden("alertmanager", ".json", json.dumps(posted(alert), indent=2) + "\n")


def test_the_labels_are_who_it_is_about_and_how_severe():
    assert posted()["labels"] == {
        "alertname": "FloeContractViolation",
        "contract": "urn:flights:1",
        "server": "nycflights13",
        "check": "flights.dest.relationship",
        "kind": "quality",
        "environment": "prod",
        "severity": "error",
    }


@pytest.mark.parametrize("severity", Severity)
def test_whatever_is_told_of_a_check_at_one_severity_is_of_one_alert(severity):
    every = [replace(OPENED, transition=each, severity=severity) for each in Transition]
    assert len({json.dumps(posted(each)["labels"]) for each in every}) == 1


def test_an_escalation_stands_beside_what_was_told_before_and_all_is_over_together():
    opened = told(Transition.OPENED, Severity.WARNING)
    worse = told(Transition.ESCALATED, Severity.ERROR)
    over = told(Transition.RESOLVED, Severity.ERROR)
    now = over.at + timedelta(hours=1)
    first, second = json.loads(CHANNEL.renew((worse, opened), options(), now).body)
    assert [each["labels"]["severity"] for each in (first, second)] == ["warning", "error"]
    assert [moment(each["startsAt"]) for each in (first, second)] == [opened.at, worse.at]
    assert {moment(each["endsAt"]) for each in (first, second)} == {now + timedelta(minutes=15)}
    assert first["annotations"] == second["annotations"] == posted(worse)["annotations"]
    ended = json.loads(CHANNEL.renew((over, opened, worse), options(), now).body)
    assert [each["labels"] for each in ended] == [first["labels"], second["labels"]]
    assert {moment(each["endsAt"]) for each in ended} == {over.at}


def test_what_is_told_again_at_the_same_severity_goes_on_from_when_it_was_told_first():
    later = replace(OPENED, at=OPENED.at + timedelta(days=1), transition=Transition.FLAPPING, sequence=2)
    (found,) = json.loads(CHANNEL.renew((later, OPENED), options(), later.at).body)
    assert moment(found["startsAt"]) == OPENED.at
    assert found["annotations"]["transition"] == "flapping"


@pytest.mark.parametrize("name", ["contract", "server", "check", "kind", "environment"])
def test_what_differs_in_one_of_them_is_another_alert(name):
    assert posted(**{name: "another"})["labels"] != posted()["labels"]


def test_two_contracts_that_differ_in_what_cannot_be_seen_are_two_alerts():
    assert posted(contract="a\x00b")["labels"] != posted(contract="a b")["labels"]


def test_an_open_alert_ends_ahead_and_a_recovery_when_it_was_seen():
    assert moment(posted()["startsAt"]) == OPENED.at
    assert moment(posted()["annotations"]["since"]) == OPENED.since
    assert moment(posted()["endsAt"]) == OPENED.at + timedelta(minutes=15)
    over = told(Transition.RESOLVED, Severity.ERROR)
    assert moment(posted(over)["endsAt"]) == over.at


@pytest.mark.parametrize("transition", [Transition.OPENED, Transition.ESCALATED, Transition.FLAPPING])
def test_renewed_it_ends_ahead_of_now(transition):
    now = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
    alert = told(transition, Severity.ERROR)
    (found,) = json.loads(CHANNEL.renew((alert,), options(lasts_seconds=600), now).body)
    assert moment(found["endsAt"]) == now + timedelta(seconds=600)
    assert found["labels"] == posted(alert)["labels"]


def test_a_recovery_is_over_however_late_it_is_told():
    over = told(Transition.RESOLVED, Severity.ERROR)
    (found,) = json.loads(CHANNEL.renew((over,), options(), over.at + timedelta(days=1)).body)
    assert moment(found["endsAt"]) == over.at


def test_what_is_open_is_renewed_in_one_letter():
    alerts = [replace(OPENED, check=f"c{n}", episode=f"e{n}") for n in range(1000)]
    letter = CHANNEL.renew(alerts, options(), OPENED.at)
    assert [each["labels"]["check"] for each in json.loads(letter.body)] == [each.check for each in alerts]


def test_it_says_that_it_has_to_be_renewed():
    assert isinstance(CHANNEL, Renewing)


def test_an_end_is_never_before_its_start():
    over = replace(told(Transition.RESOLVED, Severity.ERROR), at=OPENED.at - timedelta(days=9))
    (late,) = json.loads(CHANNEL.renew((OPENED, over), options(), OPENED.at).body)
    assert late["endsAt"] == late["startsAt"]


def test_annotations_are_short_visible_and_never_empty():
    found = posted(HOSTILE)["annotations"]
    assert all(0 < len(each) <= 1000 and each.isprintable() for each in found.values())
    assert "owner" not in posted(owner=None)["annotations"]


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}///"])
def test_the_path_of_the_api_is_added(url):
    assert CHANNEL.write(OPENED, options(url=url)).url == f"{URL}/api/v2/alerts"


def test_a_prefix_stays_before_it_and_a_header_is_sent_along():
    letter = CHANNEL.write(OPENED, options(url=f"{URL}/am/", authorization="Bearer CANARY"))
    assert letter.url == f"{URL}/am/api/v2/alerts"
    assert letter.headers["Authorization"] == "Bearer CANARY"
    assert "Authorization" not in CHANNEL.write(OPENED, options()).headers


def test_labels_of_the_operator_are_added():
    assert posted(chosen=options(labels={"team": "data"}))["labels"]["team"] == "data"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"labels": {"a-b": "x"}}, "not the name of a label"),
        ({"labels": {"__x": "x"}}, "not the name of a label"),
        ({"labels": {"contract": "x"}}, "set by floe"),
        ({"labels": {"severity": "x"}}, "set by floe"),
        ({"labels": {"team": ""}}, "is empty"),
        ({"authorization": "CANARY\r\nX: y"}, "cannot carry"),
        ({"lasts_seconds": 10}, "greater than or equal to 180"),
        ({"url": "CANARY"}, "not an http or https URL"),
        ({"url": "http://u:CANARY@h/"}, "Authorization header instead"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_showing_it(wrong, said):
    with pytest.raises(ValidationError) as caught:
        options(**wrong)
    assert said in str(caught.value)
    assert "CANARY" not in str(caught.value)
