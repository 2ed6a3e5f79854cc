from __future__ import annotations

import os
from pathlib import Path

import pytest

from floe_dagster.notify.compose import alert_for
from floe_dagster.outcome.episode import Transition, advance
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity
from tests.notify.alerts import START, alerts, fresh, hours

GOLDEN = Path(__file__).parents[1] / "golden" / "notify"

HISTORIES = {
    "a-breach-and-its-recovery": [fresh(0, hours(6.2)), fresh(35, hours(0.2))],
    "a-breach-of-days": [fresh(0, hours(6.2)), fresh(3000, hours(0.2))],
    "close-then-broken-then-kept": [
        fresh(0, hours(3.3)),
        fresh(15, hours(3.7)),
        fresh(30, hours(4.1)),
        fresh(60, hours(0.1)),
    ],
    "close-and-no-longer": [fresh(0, hours(3.7)), fresh(120, hours(0.1))],
    "kept-again-but-closely": [fresh(0, hours(4.1)), fresh(15, hours(3.9))],
    "four-breaches-in-a-day": [
        each
        for start in range(0, 2000, 300)
        for each in (fresh(start, hours(4.5)), fresh(start + 20, hours(0.1)))
    ][:8],
}


@pytest.mark.requirement("D-03")
@pytest.mark.parametrize("name", HISTORIES)
def test_every_message_reads_as_agreed(name):
    said = "".join(
        f"{each.transition} {each.severity}: {each.message}\n" for each in alerts(*HISTORIES[name])
    )

    file = GOLDEN / f"{name}.txt"
    if os.environ.get("FLOE_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")


@pytest.mark.requirement("C-01")
def test_an_alert_says_whose_data_it_is_and_who_reads_it():
    [alert] = alerts(fresh(0, hours(6)))

    assert (alert.contract_title, alert.owner, alert.consumers) == ("orders", "ada", ("revenue dashboard",))
    assert (alert.source, alert.line, alert.expected) == ("contracts/orders.odcs.yaml", 31, "at most 4 h")
    assert (alert.environment, alert.link, alert.since, alert.broken) == ("prod", None, START, True)


def test_an_alert_has_the_same_id_whoever_composes_it():
    first, second = alerts(fresh(0, hours(6))), alerts(fresh(0, hours(6)))

    assert first[0].id == second[0].id


def test_every_alert_of_an_episode_has_an_id_of_its_own():
    raised = alerts(*HISTORIES["close-then-broken-then-kept"])

    assert len({each.id for each in raised}) == len(raised) == 4
    assert len({each.episode for each in raised}) == 1


def test_a_contract_that_cannot_be_read_is_told_by_its_id():
    outcome = fresh(0, hours(6))
    step = advance(None, outcome, Policy(cadence_seconds=900))

    alert = alert_for(step, outcome, None, environment="dev")

    assert (alert.contract_title, alert.owner, alert.consumers) == ("urn:shop:orders", None, ())


def test_a_recovery_has_the_severity_of_what_is_over():
    *_, over = alerts(fresh(0, hours(6), Severity.CRITICAL), fresh(15, hours(1)))

    assert (over.transition, over.severity) == (Transition.RESOLVED, Severity.CRITICAL)
