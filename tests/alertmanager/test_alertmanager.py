"""A real Alertmanager, told by the real store, outbox, delivery, channel and sensor: who hears what, and what not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.notify.wire import from_json, to_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.check import Severity
from tests.alertmanager.conftest import QUIET
from tests.channels.alerts import HOSTILE
from tests.delivery.parcels import alert_parcel

pytestmark = pytest.mark.requirement("D-04")

FRESH, READABLE = "orders.freshness", "orders.availability"
AHEAD = timedelta(seconds=5)
"""how far our clock is ahead where a slow machine would make an alert older than the wait of its group"""
NASTY = ["", "a\x00b", "\ud800", "x" * 20_000, 'a="b",c=~".*"', "{{ .Labels }}", "line\nline", "ﷺ" * 500]


def said(notification):
    """The receiver, and of each alert its check, severity and status."""
    alerts = ((each["labels"], each["status"]) for each in notification["alerts"])
    return notification["receiver"], {
        (labels["check"], labels["severity"], status) for labels, status in alerts
    }


def test_a_breach_is_told_once_however_often_it_is_renewed_and_once_more_when_it_is_over(floe, inbox):
    floe.breaks(FRESH)
    (opened,) = inbox.next()
    assert said(opened) == ("data-team", {(FRESH, "error", "firing")})
    for _ in range(20):
        floe.breaks(FRESH)
        assert "not renewed" not in floe.renew()
    assert inbox.rest() == []
    floe.keeps(FRESH)
    (over,) = inbox.next()
    assert said(over) == ("data-team", {(FRESH, "error", "resolved")})
    floe.renew()


def test_an_escalation_is_told_once_at_the_higher_severity_and_nothing_is_said_to_be_over(floe, inbox):
    floe.breaks(FRESH, severity=Severity.WARNING)
    inbox.next()
    floe.breaks(FRESH, severity=Severity.ERROR)
    (worse,) = inbox.next()
    assert said(worse) == ("data-team", {(FRESH, "error", "firing")})
    assert worse["alerts"][0]["annotations"]["transition"] == Transition.ESCALATED
    floe.renew()
    assert inbox.rest() == []
    floe.keeps(FRESH)
    (over,) = inbox.next()
    assert said(over) == ("data-team", {(FRESH, "error", "resolved"), (FRESH, "warning", "resolved")})


def test_what_becomes_critical_is_told_to_who_is_on_call_and_over_to_both(floe, inbox):
    floe.breaks(FRESH)
    inbox.next()
    floe.breaks(FRESH, severity=Severity.CRITICAL)
    (worse,) = inbox.next()
    assert said(worse) == ("on-call", {(FRESH, "critical", "firing")})
    floe.keeps(FRESH)
    assert sorted(map(said, inbox.next(2))) == [
        ("data-team", {(FRESH, "error", "resolved")}),
        ("on-call", {(FRESH, "critical", "resolved")}),
    ]


def test_what_is_silenced_is_not_told_and_is_recorded_all_the_same(floe, inbox, alertmanager):
    alertmanager.silence(floe.contract)
    floe.breaks(FRESH)
    floe.breaks(FRESH, severity=Severity.CRITICAL)
    floe.renew()
    assert inbox.rest(2 * QUIET) == []
    assert len(alertmanager.alerts(floe.contract, state="suppressed")) == 2
    assert {each.state for each in floe.monitor.store.parcels()} == {ParcelState.SENT}


@pytest.mark.parametrize("checks", [(READABLE, FRESH), (FRESH, READABLE)])
def test_where_nothing_is_available_nobody_hears_that_it_is_late(floe, inbox, checks):
    floe.clock.off = AHEAD
    floe.breaks(*checks)
    (told,) = inbox.next()
    assert said(told) == ("data-team", {(READABLE, "error", "firing")})
    floe.renew()


def test_what_is_still_late_once_the_server_is_back_is_told(floe, inbox):
    floe.breaks(READABLE, FRESH)
    inbox.next()
    floe.keeps(READABLE)
    (told,) = inbox.next()
    assert said(told) == ("data-team", {(READABLE, "error", "resolved"), (FRESH, "error", "firing")})


def test_what_is_found_in_one_tick_is_one_message_even_where_it_was_broken_before(platform, listen):
    floe = platform(grading={"open_after": 2})
    inbox = listen(floe)
    checks = [f"orders.column_{n}.quality" for n in range(12)]
    floe.clock.off = timedelta(hours=-1)
    floe.breaks(*checks)
    floe.clock.off = AHEAD
    floe.breaks(*checks)
    (told,) = inbox.next()
    assert said(told) == ("data-team", {(each, "error", "firing") for each in checks})
    assert told["alerts"][0]["annotations"]["since"] < told["alerts"][0]["startsAt"]


def test_without_the_sensor_alertmanager_takes_what_is_open_for_over(platform, listen):
    floe = platform(lasts_seconds=180)
    inbox = listen(floe)
    floe.clock.off = timedelta(seconds=-176)  # no alert can be told to hold for less than 180 s
    floe.breaks(FRESH)
    inbox.next()
    (over,) = inbox.next()
    assert said(over) == ("data-team", {(FRESH, "error", "resolved")})
    assert over["alerts"][0]["annotations"]["transition"] == Transition.OPENED
    floe.clock.off = timedelta()
    floe.renew()
    (again,) = inbox.next()
    assert said(again) == ("data-team", {(FRESH, "error", "firing")})


def test_with_the_sensor_it_does_not(platform, listen):
    floe = platform(lasts_seconds=180)
    inbox = listen(floe)
    floe.clock.off = timedelta(seconds=-176)
    floe.breaks(FRESH)
    floe.clock.off = timedelta()
    floe.renew()
    inbox.next()
    assert inbox.rest(4) == []


def test_what_flaps_is_told_as_one_breach(platform, listen):
    restless = {"critical_after_episodes": 100, "flapping": {"turns": 1, "quiet": "2 s"}}
    floe = platform(grading=restless, cadence={"freshness": "1 s"})
    inbox = listen(floe)
    floe.breaks(FRESH)
    inbox.next()
    for _ in range(5):
        floe.keeps(FRESH)
        floe.breaks(FRESH)
    floe.keeps(FRESH)
    assert Transition.FLAPPING in {each.transition for each in floe.monitor.store.parcels()}
    floe.renew()
    assert inbox.rest(2.2) == []
    floe.keeps(FRESH)
    (over,) = inbox.next()
    assert said(over) == ("data-team", {(FRESH, "error", "resolved")})


def test_what_is_said_between_two_transitions_is_no_news_there(floe, inbox):
    floe.breaks(FRESH)
    inbox.next()
    (parcel,) = floe.monitor.store.parcels()
    for transition in (Transition.REMINDED, Transition.ACKNOWLEDGED):
        alert = replace(from_json(parcel.payload), transition=transition, at=floe.clock())
        more = {"key": f"{parcel.key}/{transition}", "transition": transition, "created_at": alert.at}
        with floe.monitor.store.writing() as writing:
            writing.save(parcels=[replace(parcel, **more, payload=to_json(alert), state=ParcelState.PENDING)])
    assert floe.monitor.drain("alert").sent == 2
    floe.renew()


def test_whatever_is_in_an_alert_alertmanager_takes_it_and_those_beside_it(floe, inbox, alertmanager):
    keys = [Key(contract=each, server=each, check=f"{each}.quality") for each in NASTY]
    nasty = [
        floe.outcome(
            "orders.quality", broken=True, key=key, title=text, message=text, expected=text, element=text
        )
        for key, text in zip(keys, NASTY, strict=True)
    ]
    floe.measure(*nasty, floe.outcome(FRESH, broken=True))
    inbox.next()
    with floe.monitor.store.writing() as writing:
        writing.save(parcels=[replace(alert_parcel(channel="am"), payload=to_json(HOSTILE))])
    assert floe.monitor.drain("alert").sent == 1
    assert "not renewed" not in floe.renew()
    assert len(alertmanager.alerts(floe.contract)) == 1
    assert {each.state for each in floe.monitor.store.parcels()} == {ParcelState.SENT}


def test_what_cannot_be_read_any_more_ends_nothing_else(floe, inbox, alertmanager):
    floe.breaks(FRESH)
    inbox.next()
    (before,) = alertmanager.alerts(floe.contract)
    (parcel,) = floe.monitor.store.parcels()
    said = floe.monitor.delivery.renew({"am": ("nonsense", parcel.payload)})
    assert said == {"am": "1 of 2 alerts cannot be read; the others hold"}
    (after,) = alertmanager.alerts(floe.contract)
    assert after["endsAt"] > before["endsAt"]
