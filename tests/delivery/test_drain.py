"""Draining the outbox, whatever the channel, and whatever goes wrong."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
from pydantic import BaseModel

from floe_dagster.delivery import DeliveryReport
from floe_dagster.errors import StoreError
from floe_dagster.notify.letter import Print
from floe_dagster.outcome.parcel import Parcel
from tests.delivery.parcels import START, alert_parcel
from tests.delivery.receiver import status


def test_an_empty_outbox_is_nothing_to_do(platform):
    assert platform().drain("alert").line() == "nothing to deliver"


@pytest.mark.requirement("D-04")
def test_alerts_of_the_file_channel_are_lines_below_the_manifests_folder(platform, post, tmp_path):
    delivery = platform(log={"type": "file", "path": "out/alerts.jsonl"})
    post(alert_parcel(1, channel="log"), alert_parcel(2, channel="log"))
    assert delivery.drain("alert").sent == 2
    lines = (tmp_path / "out" / "alerts.jsonl").read_text().splitlines()
    assert [json.loads(each)["id"] for each in lines] == ["alert-1-1", "alert-2-1"]


@pytest.mark.requirement("D-04")
def test_alerts_of_the_console_are_in_the_log(platform, post, caplog):
    post(alert_parcel(channel="screen"))
    assert platform(screen={"type": "console"}).drain("alert").sent == 1
    (record,) = [each for each in caplog.records if each.name == "floe_dagster.alerts"]
    assert record.getMessage().startswith("[ERROR opened] flights.dest: 7,602")


def test_alerts_of_the_console_are_seen_where_nobody_has_configured_logging(tmp_path):
    program = """
from datetime import UTC, datetime
from pathlib import Path
from floe_dagster.channels import open_channels
from floe_dagster.delivery.carrier import Carrier
from floe_dagster.notify.wire import to_json
from floe_dagster.settings import Settings
from tests.channels.alerts import OPENED
channels = open_channels(Settings.model_validate({"alerts": {"channels": {"screen": {"type": "console"}}}}))
Carrier(Path(), lambda: datetime.now(UTC), None).alert(to_json(OPENED), channels.ready["screen"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "[ERROR opened]" in done.stderr
    assert done.stdout == ""


def test_a_channel_that_is_mended_within_a_day_delivers_what_waited(platform, post, clock, states, receiver):
    post(alert_parcel())
    off = platform(broken={"channels.hook": "FLOE_WEBHOOK_URL is not set"}, hook={"type": "webhook"})
    for _ in range(20):
        report = off.drain("alert")
        assert report.retried == 1
        assert report.problems == {"hook": "FLOE_WEBHOOK_URL is not set"}
        clock.pass_by(hours=1)
    assert platform(hook={"type": "webhook", "url": receiver.url}).drain("alert").sent == 1
    assert set(states().values()) == {"sent"}


def test_a_channel_that_is_never_mended_is_a_dead_letter_with_the_reason(
    platform, post, clock, store, states
):
    post(alert_parcel())
    clock.pass_by(hours=24)
    assert platform().drain("alert").dead == 1
    assert set(states().values()) == {"dead"}
    assert 'no channel "hook"' in store.parcels()[0].reason


def test_twelve_failures_are_a_dead_letter_that_can_be_replayed(
    platform, post, clock, receiver, states, store
):
    delivery = platform(hook={"type": "webhook", "url": receiver.url})
    receiver.script = [status(503)] * 12
    post(alert_parcel())
    for _ in range(12):
        delivery.drain("alert")
        clock.pass_by(minutes=15)
    assert set(states().values()) == {"dead"}
    assert len(receiver.received) == 12
    assert store.replay("alert/episode-1/1/hook", now=clock())
    assert delivery.drain("alert").sent == 1


def test_what_lies_in_the_outbox_and_is_no_alert_is_a_dead_letter(platform, post, states, receiver):
    post(replace(alert_parcel(), payload='{"version": 99}'))
    assert platform(hook={"type": "webhook", "url": receiver.url}).drain("alert").dead == 1
    assert set(states().values()) == {"dead"}


def test_what_was_not_tried_waits_for_nothing_and_uses_no_attempt_up(platform, post, receiver, store, clock):
    receiver.script = [status(503)] * 2
    post(*(alert_parcel(each) for each in range(40)))
    delivery = platform(hook={"type": "webhook", "url": receiver.url})
    report = delivery.drain("alert")
    assert (report.retried, report.skipped) == (2, 38)
    assert delivery.drain("alert").sent == 38
    assert {each.attempt for each in store.deliveries()} == {1}


def test_who_was_killed_with_a_letter_has_not_used_its_attempts_up(
    platform, post, receiver, store, clock, states
):
    post(alert_parcel())
    for _ in range(20):
        assert store.claim("alert", now=clock(), lease_seconds=60, limit=1)
        clock.pass_by(minutes=5)
    receiver.script = [status(503)]
    delivery = platform(hook={"type": "webhook", "url": receiver.url})
    assert delivery.drain("alert").retried == 1
    assert set(states().values()) == {"pending"}
    clock.pass_by(seconds=2)
    assert delivery.drain("alert").sent == 1


class Nothing(BaseModel):
    pass


class Fails:
    options = Nothing

    def write(self, alert, options):
        raise RuntimeError("CANARY")


class Speaks:
    options = Nothing

    def write(self, alert, options):
        return Print(text="spoken")


FAILS, SPEAKS = Fails(), Speaks()


@pytest.mark.requirement("D-01")
def test_a_channel_from_elsewhere_that_raises_is_tried_again_and_disturbs_no_other(
    platform, post, monkeypatch, states, caplog
):
    points = [
        EntryPoint(each.lower(), f"{__name__}:{each}", "floe.alert_channels") for each in ("FAILS", "SPEAKS")
    ]
    monkeypatch.setattr("floe_dagster.plugins.entry_points", lambda group: points)
    delivery = platform(bad={"type": "fails"}, good={"type": "speaks"})
    post(alert_parcel(1, channel="bad"), alert_parcel(1, channel="good"))
    report = delivery.drain("alert")
    assert (report.sent, report.retried) == (1, 1)
    assert report.problems == {"bad": "the channel raised RuntimeError"}
    assert "CANARY" not in caplog.text


class Broken:
    """An outbox whose database has gone."""

    def __init__(self, error):
        self.error = error

    def claim(self, topic, **rest):
        raise self.error


def test_a_store_that_does_not_answer_is_a_problem_and_not_an_exception(platform):
    report = platform(outbox=Broken(StoreError("the store does not answer"))).drain("alert")
    assert report.problems == {"outbox": "the store does not answer"}


def test_a_defect_of_ours_is_logged_in_full_and_not_an_exception(platform, caplog):
    report = platform(outbox=Broken(ZeroDivisionError())).drain("alert")
    assert report.problems == {"outbox": "ZeroDivisionError"}
    assert "Traceback" in caplog.text


class ForgetsToWrite:
    """An outbox whose database goes while letters are under way."""

    def __init__(self, store):
        self.claim = store.claim

    def delivered_together(self, claims, *, now, note):
        raise StoreError("the disk is full")


def test_nothing_more_is_sent_when_it_can_no_longer_be_written_down(platform, receiver, post, store, states):
    def slowly(handler):
        time.sleep(0.05)
        status(202)(handler)

    receiver.script = [slowly] * 50
    post(*(alert_parcel(each) for each in range(50)))
    hook = {"type": "webhook", "url": receiver.url}
    report = platform(outbox=ForgetsToWrite(store), hook=hook).drain("alert")
    assert report.problems == {"outbox": "the disk is full"}
    time.sleep(0.3)
    assert len(receiver.received) <= 4
    assert set(states().values()) == {"pending"}


def test_whoever_stops_the_process_stops_the_drain(platform):
    with pytest.raises(KeyboardInterrupt):
        platform(outbox=Broken(KeyboardInterrupt())).drain("alert")


def test_no_more_is_claimed_than_the_limit(platform, post):
    post(*(alert_parcel(each, channel="screen") for each in range(10)))
    delivery = platform(screen={"type": "console"})
    assert delivery.drain("alert", limit=7).sent == 7
    assert delivery.drain("alert").sent == 3


def test_an_outbox_fuller_than_one_claim_is_drained_to_the_end(platform, post, tmp_path):
    post(*(alert_parcel(each, channel="log") for each in range(210)))
    assert platform(log={"type": "file", "path": "alerts.jsonl"}).drain("alert").sent == 210
    assert len((tmp_path / "alerts.jsonl").read_text().splitlines()) == 210


@pytest.mark.requirement("D-01")
def test_the_health_of_every_channel_is_known_and_nothing_is_sent(platform, receiver, tmp_path):
    (tmp_path / "folder").mkdir()
    health = platform(
        broken={"channels.off": "TOKEN is not set"},
        off={"type": "webhook"},
        hook={"type": "webhook", "url": receiver.url},
        gone={"type": "webhook", "url": "http://127.0.0.1:1/"},
        secret={"type": "webhook", "url": "http://169.254.169.254/"},
        log={"type": "file", "path": "new/alerts.jsonl"},
        wrong={"type": "file", "path": "folder"},
        screen={"type": "console"},
    ).health_check()
    assert {name for name, trouble in health.items() if not trouble} == {"hook", "log", "screen"}
    assert health["off"] == "TOKEN is not set"
    assert "cannot be reached" in health["gone"]
    assert "hands out credentials" in health["secret"]
    assert "cannot be written" in health["wrong"]
    assert receiver.received == []
    assert not (tmp_path / "new").exists()


def test_reports_of_several_drains_add_up():
    one = DeliveryReport(sent=1, retried=2, seconds=0.5, problems={"hook": "HTTP 503", "log": "full"})
    two = DeliveryReport(sent=10, dead=1, skipped=3, seconds=1.0, problems={"hook": "HTTP 400"})
    assert one + two == DeliveryReport(
        sent=11, retried=2, dead=1, skipped=3, seconds=1.5, problems={"hook": "HTTP 400", "log": "full"}
    )
    assert (one + two).line() == (
        "11 delivered, 2 to be tried again, 1 given up, 3 left for the next time in 1.5 s; "
        "hook: HTTP 400; log: full"
    )


def lineage_parcels(count):
    return [
        Parcel(
            key=f"lineage/run-{number}/{kind}",
            topic="lineage",
            channel="lineage",
            group=f"run-{number}",
            sequence=sequence,
            payload=json.dumps({"run": number, "eventType": kind, "said": "x" * 1500}),
            created_at=START,
        )
        for number in range(count)
        for sequence, kind in ((1, "START"), (2, "FAIL"))
    ]


@pytest.mark.requirement("E-03")
def test_lineage_events_are_lines_of_their_file_each_start_before_its_end(platform, post, tmp_path):
    post(*lineage_parcels(15))
    assert platform(lineage={"file": "out/lineage.jsonl"}).drain("lineage").sent == 30
    events = [json.loads(each) for each in (tmp_path / "out" / "lineage.jsonl").read_text().splitlines()]
    for number in range(15):
        assert [each["eventType"] for each in events if each["run"] == number] == ["START", "FAIL"]


@pytest.mark.requirement("E-03")
def test_lineage_that_was_turned_off_keeps_what_waits(platform, post, clock, tmp_path):
    post(*lineage_parcels(1))
    report = platform().drain("lineage")
    assert report.problems == {"lineage": "lineage is off; set lineage.file to send what waits"}
    clock.pass_by(minutes=5)
    assert platform(lineage={"file": "lineage.jsonl"}).drain("lineage").sent == 2


@pytest.mark.requirement("E-03")
def test_a_lineage_file_that_cannot_be_written_keeps_what_waits(platform, post, tmp_path, states):
    (tmp_path / "folder").mkdir()
    post(*lineage_parcels(3))
    report = platform(lineage={"file": "folder"}).drain("lineage")
    assert (report.sent, report.retried) == (0, 3)
    assert set(states().values()) == {"pending"}


def test_topics_do_not_mix(platform, post, tmp_path):
    post(*lineage_parcels(1), alert_parcel(channel="screen"))
    delivery = platform(lineage={"file": "lineage.jsonl"}, screen={"type": "console"})
    assert delivery.drain("alert").sent == 1
    assert not (tmp_path / "lineage.jsonl").exists()


class Together:
    """A store that counts how many acknowledgements come at once."""

    def __init__(self, store):
        self.store = store
        self.batches = []

    def claim(self, topic, **rest):
        return self.store.claim(topic, **rest)

    def delivered(self, claim, **rest):
        raise AssertionError("one by one")

    def failed(self, claim, **rest):
        return self.store.failed(claim, **rest)

    def delivered_together(self, claims, *, now, note):
        self.batches.append(len(claims))
        return self.store.delivered_together(claims, now=now, note=note)


@pytest.mark.requirement("E-03")
def test_lineage_events_are_acknowledged_many_at_once(platform, post, store):
    together = Together(store)
    post(*lineage_parcels(20))
    assert platform(lineage={"file": "lineage.jsonl"}, outbox=together).drain("lineage").sent == 40
    assert sum(together.batches) == 40
    assert len(together.batches) <= 4


def test_failures_are_logged_once_each_and_say_when_it_is_tried_again(platform, post, receiver, caplog):
    caplog.set_level(logging.WARNING)
    receiver.script = [status(503)]
    post(alert_parcel())
    platform(hook={"type": "webhook", "url": receiver.url}).drain("alert")
    (record,) = [each for each in caplog.records if each.name == "floe_dagster.delivery"]
    assert (
        record.getMessage() == "alert to hook, attempt 1: 127.0.0.1: HTTP 503; next attempt at 12:00:02 UTC"
    )
