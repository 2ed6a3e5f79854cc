"""Outcomes of one check, minute by minute, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import State, Step, advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Severity, Status

if TYPE_CHECKING:
    from floe_dagster.outcome.policy import Policy

START = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
ORDERS = Key(contract="orders", server="prod", check="orders.updated_at.freshness")


def measured(
    minutes: float, status: Status, severity: Severity = Severity.ERROR, *, broken: bool = False, **more
) -> Outcome:
    return Outcome(
        **{
            "tick": f"tick-{minutes}",
            "key": ORDERS,
            "version": "1.0.0",
            "dataset": "orders",
            "element": "updated_at",
            "kind": "freshness",
            "title": "orders.updated_at is fresh",
            "status": status,
            "severity": severity,
            "broken": broken,
            "expected": "at most 4 h",
            "actual": None,
            "message": f"measured at minute {minutes}",
            "path": "slaProperties[0]",
            "source": "orders.odcs.yaml",
            "line": 31,
            "at": START + timedelta(minutes=minutes),
            "duration_seconds": 0.1,
        }
        | more
    )


def kept(minutes: float) -> Outcome:
    return measured(minutes, Status.PASSED)


def broken(minutes: float, severity: Severity = Severity.ERROR) -> Outcome:
    return measured(minutes, Status.FAILED, severity, broken=True)


def close(minutes: float, severity: Severity = Severity.WARNING) -> Outcome:
    return measured(minutes, Status.WARNED, severity, used=0.92)


def unknown(minutes: float) -> Outcome:
    return measured(minutes, Status.ERROR)


class History:
    """A check over time: feeds outcomes through `advance` and keeps every step."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.state: State | None = None
        self.steps: list[Step] = []

    def see(self, *outcomes: Outcome) -> Step:
        for each in outcomes:
            step = advance(self.state, each, self.policy)
            self.state = step.state
            self.steps.append(step)
        return self.steps[-1]

    @property
    def transitions(self) -> list[str]:
        return [f"{each.transition} {each.episode.severity}" for each in self.steps if each.transition]
