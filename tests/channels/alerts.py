"""Alerts as a platform raises them, for every channel to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from floe_dagster.notify.alert import Alert
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

OPENED = Alert(
    id="7f5cb26f-5d4a-5a0e-8f3c-0c1f6f5b9a01",
    episode="0a8f2d6e-91a4-5b52-9e57-3f0f4f0d1b77",
    sequence=1,
    transition=Transition.OPENED,
    severity=Severity.ERROR,
    contract="urn:flights:1",
    contract_title="flights",
    version="1.2.0",
    server="nycflights13",
    dataset="flights",
    check="flights.dest.relationship",
    element="dest",
    kind="quality",
    title="dest refers to airports.faa",
    message="flights.dest: 7,602 of 336,776 rows refer to no airports.faa, 0 promised (since 07:00 UTC)",
    expected="0 rows",
    actual=7602,
    since=datetime(2026, 3, 29, 7, 0, tzinfo=UTC),
    at=datetime(2026, 3, 29, 7, 15, 0, 250000, tzinfo=UTC),
    environment="prod",
    owner="flight-ops",
    consumers=("delay dashboard", "fare model"),
    source="contracts/flights.odcs.yaml",
    line=31,
    link="http://127.0.0.1:3000/assets/flights?view=checks",
)


def told(transition: Transition, severity: Severity) -> Alert:
    """The same breach, told as that transition at that severity."""
    match transition:
        case Transition.OPENED:
            return replace(OPENED, severity=severity)
        case Transition.ESCALATED:
            return replace(
                OPENED,
                id="2d1e6b0c-6f3e-5d0a-a2f1-9d0c2b7f4e02",
                sequence=2,
                transition=transition,
                severity=severity,
                message=f"now {severity}: {OPENED.message}",
                at=datetime(2026, 3, 29, 11, 0, tzinfo=UTC),
            )
        case Transition.FLAPPING:
            return replace(
                OPENED,
                id="5c6e7d18-2b9a-5f43-8d0e-7a4b3c1f6e05",
                sequence=3,
                transition=transition,
                severity=severity,
                message="flapping: broken and kept in turns since 07:00 UTC; kept now, and told as over once it "
                "stays so: flights.dest: every row refers to an airports.faa",
                actual=0,
                at=datetime(2026, 3, 29, 12, 0, tzinfo=UTC),
            )
        case Transition.ACKNOWLEDGED:
            return replace(
                OPENED,
                id="8a1c4f92-7e3b-5d60-9c2a-6b5d4e3f2a07",
                transition=transition,
                severity=severity,
                message="acknowledged by ada: the airports file is late",
                expected="",
                actual=None,
                at=datetime(2026, 3, 29, 7, 40, tzinfo=UTC),
                occasion="acknowledged-1",
            )
        case Transition.REMINDED:
            return replace(
                OPENED,
                id="3e7b9d05-4c1f-5a82-b6d3-9f8e7a6c5b08",
                transition=transition,
                severity=severity,
                message=f"still open after 1 d: {OPENED.message}",
                expected="",
                actual=None,
                at=datetime(2026, 3, 30, 7, 0, tzinfo=UTC),
                occasion="reminder-20260330T070000Z",
            )
        case Transition.RESOLVED:
            return replace(
                OPENED,
                id="9b0f3a44-1c7d-5e8e-b6aa-51f2de4c8c03",
                sequence=3,
                transition=transition,
                severity=severity,
                message="kept again after 6 h: flights.dest: every row refers to an airports.faa",
                actual=0,
                at=datetime(2026, 3, 29, 13, 0, tzinfo=UTC),
            )


EVERY = [
    pytest.param(told(transition, severity), id=f"{transition}-{severity}")
    for transition in Transition
    for severity in Severity
]


EARLY = replace(
    OPENED,
    severity=Severity.WARNING,
    kind="freshness",
    check="flights.freshness",
    element="time_hour",
    title="flights is at most 24 hours old",
    message="close to its limit: flights is 22 h 30 min old, at most 24 h promised (94 % used, since 07:00 UTC)",
    expected="at most 24 h",
    actual=81000,
    broken=False,
)

EXPLAINED = replace(
    OPENED,
    incident="P1, to be acknowledged by 2026-03-29 07:45 UTC",
    downstream=("route_delays", "delay_dashboard/daily", "fare_model"),
    background=(
        "also broken since 06:10 UTC: columns of airports (schema)",
        "landing, which feeds it, is broken since 05:40 UTC: landing.at is fresh (freshness)",
        "the contract has changed since 04:00 UTC, from version 1.1.0 to 1.2.0",
        "flights was last made at 06:55 UTC, 20 min before",
        "broken 4 times before in 30 days, for 35 min the last time, until 2026-03-27 08:15 UTC",
    ),
    runbook="https://wiki.example.com/floe/quality",
    source_link="https://git.example.com/data/blob/main/contracts/flights.odcs.yaml#L31",
)
"""The same breach with all that can be known around it."""

_EVIL = (
    "<script>alert(1)</script> <!channel> <!here> @channel @everyone <@U123> <https://evil.example|safe> "
    "[click](javascript:alert(1)) *bold* _x_ `code` & &amp; \"quoted\" 'single' {{ .Labels }} ${HOME} %0d%0a "
    "=1+1 | \\ \r\nBcc: all@evil.example\r\n\r\n.\r\n \x1b[31mred\x1b[0m \u202eturned\u2066 \u200bzero "
    "\x00 line\u2028break \ud800 \U0001f4a5 \u00fc"
)

HOSTILE = replace(
    OPENED,
    contract=f"urn:{_EVIL}",
    contract_title=_EVIL,
    version=_EVIL,
    server=_EVIL,
    dataset=_EVIL,
    check=_EVIL,
    element=_EVIL,
    kind=_EVIL,
    title=_EVIL,
    message=_EVIL * 50,
    expected=_EVIL,
    actual=_EVIL,
    environment=_EVIL,
    owner=_EVIL,
    consumers=(_EVIL,) * 20,
    downstream=(_EVIL,) * 20,
    background=(_EVIL,) * 20,
    runbook=f"https://wiki.example/?a=1&b=2#x|>\"'<{_EVIL}",
    source_link=f"https://git.example/?a=1&b=2#x|>\"'<{_EVIL}",
    source=_EVIL,
    link=f"https://dagster.example/?a=1&b=2#x|>\"'<{_EVIL}",
)

SCENES = [
    pytest.param(OPENED, id="opened"),
    pytest.param(told(Transition.ESCALATED, Severity.CRITICAL), id="escalated"),
    pytest.param(told(Transition.FLAPPING, Severity.ERROR), id="flapping"),
    pytest.param(told(Transition.ACKNOWLEDGED, Severity.ERROR), id="acknowledged"),
    pytest.param(told(Transition.REMINDED, Severity.ERROR), id="reminded"),
    pytest.param(told(Transition.RESOLVED, Severity.CRITICAL), id="resolved"),
    pytest.param(EARLY, id="early-warning"),
    pytest.param(EXPLAINED, id="explained"),
    pytest.param(HOSTILE, id="hostile"),
]
"""What every channel has a golden letter for."""
