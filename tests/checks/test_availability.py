from __future__ import annotations

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause, NotMeasured, Probe
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset, ids, plan

pytestmark = pytest.mark.requirement("B-04")

ORDERS = dataset("orders", column("id"))


def available(**more):
    return check_of("orders.availability", ORDERS, **more)


def test_every_dataset_with_a_server_is_probed():
    check = available()

    assert check.metrics == (Probe(),)
    assert check.covers == ()


def test_a_contract_without_servers_has_nothing_to_probe():
    assert "orders.availability" not in ids(plan(ORDERS, servers=()))
    declined = available(servers=(), sla=[{"property": "availability", "value": 99}])
    assert declined.reason == "the contract has no servers, so there is nothing to reach"


def test_a_dataset_that_answers_is_available_and_its_latency_is_told():
    verdict = judge(available(), 0.0123)

    assert (verdict.broken, verdict.actual) == (False, 12.3)
    assert verdict.message == "orders answered in 12 ms"


@pytest.mark.parametrize("cause", [Cause.UNREACHABLE, Cause.TIMEOUT, Cause.NO_DATASET])
def test_what_cannot_be_reached_is_down(cause):
    verdict = judge(available(), NotMeasured(cause, "no answer from db:5432"))

    assert verdict.broken
    assert verdict.message == "orders cannot be read: no answer from db:5432"


@pytest.mark.parametrize("cause", [Cause.LOCKED, Cause.DENIED, Cause.MISCONFIGURED, Cause.BROKEN])
def test_what_keeps_us_from_asking_is_unknown_and_no_outage(cause):
    verdict = judge(available(), NotMeasured(cause, "the password is wrong"))

    assert not verdict.broken
    assert verdict.unknown.cause is cause


@pytest.mark.parametrize(
    ("value", "unit", "percent"),
    [
        (99.9, None, 99.9),
        ("99.9%", None, 99.9),
        (0.999, None, 99.9),
        (0.5, "%", 0.5),
        (1, None, 100),
        (100, "%", 100),
    ],
)
def test_the_promised_share_of_time_is_noted(value, unit, percent):
    promised = {"property": "availability", "value": value} | ({"unit": unit} if unit else {})
    check = available(sla=[promised])

    assert check.terms.percent == pytest.approx(percent)
    assert check.covers == ("slaProperties[0]",)
    assert check.expected.startswith("readable, ")


@pytest.mark.parametrize("value", ["always", 101, -1])
def test_a_share_that_is_none_is_declined_and_the_dataset_is_probed_all_the_same(value):
    found = plan(ORDERS, sla=[{"property": "availability", "value": value}])

    items = [each for each in found.items if each.kind == "availability"]
    assert sorted(isinstance(each, Declined) for each in items) == [False, True]
