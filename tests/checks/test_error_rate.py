"""For how much of the time a dataset broke a quality check."""

from __future__ import annotations

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause
from floe_dagster.plan.past import KeptTime, Record
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("B-05")


def rate(value=1, unit="%", of=None, **more):
    sla = [{"property": "errorRate", "value": value, **({"unit": unit} if unit else {}), **more}]
    custom = {"floe.interpretation": {"error_rate": of}} if of else None
    return check_of("orders.error_rate", dataset("orders", column("id")), sla=sla, custom=custom)


def test_the_quality_checks_of_the_last_month_are_looked_at():
    assert rate().metrics == (KeptTime(30 * 86400.0, kind="quality"),)
    assert rate(valueExt="7 d").metrics == (KeptTime(7 * 86400.0, kind="quality"),)
    assert rate().expected == "at most 1 % in 30 d"
    assert rate(0.01, unit=None).terms.limit == pytest.approx(1)


@pytest.mark.parametrize(("value", "more"), [("few", {}), (101, {}), (1, {"valueExt": "always"})])
def test_what_is_no_share_is_declined(value, more):
    assert isinstance(rate(value, **more), Declined)


@pytest.mark.parametrize(
    ("record", "broken"),
    [
        (Record(good=99, bad=1), False),
        (Record(good=98, bad=2), True),
        (Record(good=40, bad=1, unknown=59), False),
        (Record(good=49, bad=1, unknown=50), True),
        (Record(good=0, bad=2, unknown=98), True),
    ],
    ids=[
        "just kept",
        "broken",
        "broken for more of the known time, of which there is too little",
        "broken for more of the known time",
        "broken whatever the unknown time was",
    ],
)
def test_one_percent_of_the_time_is(record, broken):
    assert judge(rate(), record).broken is broken


def test_the_share_can_be_that_of_the_measurements():
    record = Record(good=99, bad=1, looks=10, failures=1)

    assert (judge(rate(of="looks"), record).actual, judge(rate(of="looks"), record).broken) == (10, True)
    assert judge(rate(), record).actual == 1


def test_no_data_is_no_data():
    assert judge(rate(), Record(unknown=100)).unknown.cause is Cause.NO_HISTORY
    assert judge(rate(of="looks"), Record(unknown=100)).unknown.cause is Cause.NO_HISTORY
