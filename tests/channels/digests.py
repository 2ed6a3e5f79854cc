"""Several alerts at once, as people are told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.notify.digest import Grouping, groups
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import EARLY, HOSTILE, OPENED, told


def ordered(*alerts):
    """The alerts as one group."""
    (group,) = groups(alerts, lambda each: each, Grouping(by="all"))
    return group


def numbered(alert, number, **changes):
    """The same for another check."""
    of = {"id": f"{alert.id}-{number}", "episode": f"{alert.episode}-{number}"}
    return replace(alert, **of, check=f"{alert.check}.{number}", **changes)


def elsewhere(alert, number, **changes):
    """The same for another contract."""
    of = {"contract": f"{alert.contract}-{number}", "contract_title": f"{alert.contract_title} {number}"}
    return numbered(alert, number, **of, **changes)


ONE_CONTRACT = ordered(
    numbered(told(Transition.ESCALATED, Severity.CRITICAL), 1),
    OPENED,
    numbered(
        OPENED,
        2,
        title="carrier is known",
        message="flights.carrier: 12 of 336,776 rows hold no known carrier, 0 promised (since 07:15 UTC)",
    ),
    EARLY,
    numbered(told(Transition.FLAPPING, Severity.WARNING), 3),
    numbered(told(Transition.RESOLVED, Severity.ERROR), 4),
)
A_DEAD_WAREHOUSE = ordered(
    *(
        elsewhere(
            OPENED,
            each,
            severity=Severity.CRITICAL if each == 30 else Severity.ERROR,
            title="the server answers",
            message=f"flights {each}: nycflights13 does not answer (since 07:00 UTC)",
            since=OPENED.since + timedelta(minutes=each),
            owner=f"team {each % 3}",
            consumers=(f"dashboard {each}",),
        )
        for each in range(50)
    ),
    *(elsewhere(told(Transition.RESOLVED, Severity.ERROR), each) for each in range(60, 63)),
)
RECOVERIES = ordered(*(numbered(told(Transition.RESOLVED, Severity.CRITICAL), each) for each in range(4)))
HOSTILES = ordered(
    HOSTILE,
    elsewhere(HOSTILE, 1, transition=Transition.ESCALATED, severity=Severity.CRITICAL),
    elsewhere(HOSTILE, 2, transition=Transition.RESOLVED),
)

DIGESTS = [
    pytest.param(ONE_CONTRACT, id="together-one-contract"),
    pytest.param(A_DEAD_WAREHOUSE, id="together-a-dead-warehouse"),
    pytest.param(RECOVERIES, id="together-recoveries"),
    pytest.param(HOSTILES, id="together-hostile"),
]
"""What every channel for people has a golden letter for."""
