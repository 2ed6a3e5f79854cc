from __future__ import annotations

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause, NotMeasured, Offenders, RowCount
from floe_dagster.plan.offence import AnyOf, Lag, Null
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset, ids, item, plan

pytestmark = pytest.mark.requirement("B-05")

MADE = column("made_at", "timestamp", physicalName="made")
SEEN = column("seen_at", "timestamp")
ID = "orders.made_at_seen_at.latency"


def promised(element="orders.made_at, orders.seen_at", value=2, unit="h"):
    found = {"property": "ly", "value": value, "unit": unit}
    return [found | ({"element": element} if element else {})]


def interpreted(choice):
    return {"floe.interpretation": {"latency": choice}}


def own(value):
    return [{"property": "floe.latency", "value": value}]


def latency(choice="maximum"):
    return check_of(ID, dataset("orders", MADE, SEEN), sla=promised(), custom=interpreted(choice))


def test_rows_that_took_longer_are_counted():
    check = latency()
    late = Offenders(Lag("made", "seen_at", 7200.0))

    assert check.metrics == (late, RowCount(), Offenders(AnyOf((Null("made"), Null("seen_at")))))
    assert check.offending == (late,)
    assert (check.kind, check.element) == ("latency", "made_at, seen_at")
    assert check.expected == "at most 2 h after made_at"
    assert ("latency", "maximum") in check.interpretation
    assert check.covers == ("slaProperties[0]#orders.made_at", "slaProperties[0]#orders.seen_at")


def test_no_row_may_take_longer():
    kept, broken = judge(latency(), 0, 10, 0), judge(latency(), 1, 1_000_000, 0)

    assert (kept.broken, kept.actual, kept.used) == (False, 0, None)
    assert (broken.broken, broken.actual) == (True, 1)
    assert broken.message == (
        "orders.seen_at: 1 row of 1,000,000 came more than 2 h after made_at; none promised"
    )


def test_rows_without_one_of_the_two_are_left_out_and_said():
    verdict = judge(latency("p90"), 1, 12, 2)

    assert not verdict.broken
    assert verdict.message.endswith("at most 10 % of them promised; 2 rows without one of the two left out")
    assert judge(latency("p90"), 1, 12, 3).broken


@pytest.mark.parametrize(
    ("choice", "most"), [("maximum", 0), ("p99", 10), ("p95", 50), ("p90", 100), ("p50", 500)]
)
def test_a_share_of_the_rows_may_take_longer_where_the_contract_says_so(choice, most):
    check = latency(choice)

    assert not judge(check, most, 1000, 0).broken
    assert judge(check, most + 1, 1000, 0).broken
    assert judge(check, most, 1000, 0).used == (1.0 if most else None)


def test_a_dataset_without_rows_is_never_late():
    assert not judge(latency(), 0, 0, 0).broken
    assert not judge(latency("p99"), 0, 5, 5).broken


def test_what_cannot_be_measured_is_unknown():
    gap = NotMeasured(Cause.UNSUPPORTED, "never")

    assert judge(latency(), gap, 5, 0).unknown == gap
    assert judge(latency(), 1, gap, 0).message == (
        "the latency of orders.seen_at could not be measured: never"
    )


def test_each_column_is_read_in_its_own_zone():
    made = column("made_at", "timestamp", logicalTypeOptions={"defaultTimezone": "Asia/Tokyo"})
    check = check_of(ID, dataset("orders", made, SEEN), sla=promised())

    assert check.metrics[0] == Offenders(Lag("made_at", "seen_at", 7200.0, "Asia/Tokyo", "UTC"))
    assert check.interpretation[0] == ("naive_timestamps", "Asia/Tokyo and UTC")


@pytest.mark.parametrize(
    ("element", "given"),
    [
        ("orders.seen_at", {"from": "made_at"}),
        ("orders.seen_at", {"from": "made_at", "to": "made_at"}),
        ("orders", {"from": "made_at", "to": "seen_at"}),
        (None, {"from": "made_at", "to": "seen_at"}),
    ],
)
def test_a_dataset_names_the_partner_of_a_column(element, given):
    orders = dataset("orders", MADE, SEEN, customProperties=own(given))
    check = check_of(ID, orders, sla=promised(element))

    assert check.metrics[0] == Offenders(Lag("made", "seen_at", 7200.0))
    assert check.covers == ("slaProperties[0]",)


@pytest.mark.parametrize(
    ("element", "given", "reason"),
    [
        (None, {"from": "made_at"}, "has to name two columns"),
        (None, "made_at", "has to name two columns"),
        (None, {"from": 3, "to": ["a"]}, "has to name two columns"),
        ("orders.made_at", {"from": "made_at"}, "as both columns"),
        (None, {"from": "gone", "to": "seen_at"}, '"gone" is no column'),
        (None, {"from": "made_at", "to": "id"}, "an age needs a date or a timestamp"),
    ],
)
def test_a_partner_that_is_none_is_declined(element, given, reason):
    orders = dataset("orders", MADE, SEEN, column("id", "integer"), customProperties=own(given))
    found = plan(orders, sla=promised(element))
    declined = [each for each in found.items if each.path == "slaProperties[0]"]

    assert [type(each) for each in declined] == [Declined]
    assert reason in declined[0].reason


def test_more_than_two_columns_are_declined_once():
    orders = dataset("orders", MADE, SEEN, column("read_at", "timestamp"))
    found = plan(orders, sla=promised("orders.made_at, orders.seen_at, orders.read_at"))
    declined = [each for each in found.items if each.path == "slaProperties[0]"]

    assert [type(each) for each in declined] == [Declined]
    assert declined[0].reason == "a latency lies between two columns, and 3 are named"
    assert len(declined[0].covers) == 3


def test_no_length_of_time_is_declined():
    found = plan(dataset("orders", MADE, SEEN), sla=promised(value=0))

    assert "no time at all" in item(found, ID).reason


def test_columns_of_two_datasets_are_an_age_each():
    found = plan(
        dataset("orders", MADE), dataset("sales", SEEN), sla=promised("orders.made_at, sales.seen_at")
    )

    assert {"orders.made_at.latency", "sales.seen_at.latency"} <= set(ids(found))
    assert item(found, "orders.made_at.latency").kind == "freshness"
