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
