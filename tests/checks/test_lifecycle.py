from __future__ import annotations

from datetime import UTC, datetime

import pytest

from floe_dagster.plan.check import Noted, Severity
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset, ids, plan

pytestmark = pytest.mark.requirement("B-06")

ORDERS = dataset("orders", column("id"))


def ends(value="2026-06-30T00:00:00Z", what="endOfSupport", id_="orders.end_of_support"):
    return check_of(id_, ORDERS, sla=[{"property": what, "value": value}])


def test_an_end_that_is_far_away_is_fine():
    verdict = judge(ends(), now=datetime(2026, 3, 1, tzinfo=UTC))

    assert (verdict.broken, verdict.severity, verdict.actual) == (False, None, 121)
    assert verdict.message == "the support of Shop ends in 121 d, on 2026-06-30"


def test_an_end_is_told_a_month_before():
    assert judge(ends(), now=datetime(2026, 6, 1, tzinfo=UTC)).severity is Severity.WARNING


def test_an_end_that_has_come_is_a_breach():
    verdict = judge(ends(what="endOfLife", id_="orders.end_of_life"), now=datetime(2026, 7, 10, tzinfo=UTC))

    assert verdict.broken
    assert verdict.message.startswith("the life of Shop ended 10 d ago, on 2026-06-30")


def test_nothing_is_asked_of_a_warehouse():
    assert ends().metrics == ()


def test_a_day_without_a_zone_is_a_day_of_utc():
    assert ends("2026-06-30").terms.end == datetime(2026, 6, 30, tzinfo=UTC)


def test_what_is_no_date_is_declined():
    assert ends("next summer").reason.startswith('"next summer" is no date')


def test_general_availability_is_for_people():
    noted = ends("2026-06-30", "generalAvailability", "orders.general_availability")

    assert isinstance(noted, Noted)
    assert noted.note == "generally available from 2026-06-30"


def test_the_end_of_a_contract_is_told_once_and_not_for_each_dataset():
    found = plan(
        ORDERS, dataset("customers", column("id")), sla=[{"property": "endOfLife", "value": "2030-01-01"}]
    )

    assert [each for each in ids(found) if "end_of_life" in each] == ["orders.end_of_life"]
