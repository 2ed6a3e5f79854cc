"""What a check of orders goes through, and the alerts that come of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Contract, Member
from floe_dagster.notify.compose import alert_for
from floe_dagster.outcome.episode import State, advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity, Status
from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from floe_dagster.notify.alert import Alert

START = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
CONTRACT = Contract(
    id="urn:shop:orders",
    version="1.2.0",
    api_version="v3.1.0",
    status="active",
    source="contracts/orders.odcs.yaml",
    digest="0" * 64,
    name="orders",
    domain="shop",
    team=(Member(username="ada", role="owner"),),
    consumers=("revenue dashboard",),
)


def fresh(minute: float, age: timedelta, severity: Severity = Severity.ERROR) -> Outcome:
    """The age of the newest order at that minute; four hours are promised."""
    used = age / timedelta(hours=4)
    broken = used > 1
    status = Status.FAILED if broken else Status.WARNED if used >= 0.8 else Status.PASSED
    return Outcome(
        tick=f"tick-{minute}",
        key=Key(contract=CONTRACT.id, server="prod", check="orders.updated_at.freshness"),
        version="1.2.0",
        dataset="orders",
        element="updated_at",
        kind="freshness",
        title="orders.updated_at is fresh",
        status=status,
        severity=severity if broken else Severity.WARNING if used >= 0.9 else Severity.INFO,
        broken=broken,
        expected="at most 4 h",
        actual=age.total_seconds(),
        message=f"orders.updated_at is {span(age)} old; at most 4 h promised",
        path="slaProperties[0]",
        source=CONTRACT.source,
        line=31,
        at=START + timedelta(minutes=minute),
        duration_seconds=0.1,
        used=used,
    )


def alerts(*outcomes: Outcome) -> list[Alert]:
    """What is raised over these outcomes."""
    state: State | None = None
    raised = []
    for each in outcomes:
        step = advance(state, each, Policy(cadence_seconds=900))
        state = step.state
        if step.transition:
            raised.append(alert_for(step, each, CONTRACT, environment="prod", link=None))
    return raised


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
