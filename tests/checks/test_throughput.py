"""How many rows come in how long a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause, RowCount
from floe_dagster.plan.past import Earlier, Looks
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("B-05")

HOUR = timedelta(hours=1)


def promise(value=100, unit="rows/h", counting=None, **more):
    sla = [{"property": "throughput", "value": value, "unit": unit, "element": "orders", **more}]
    custom = {"floe.interpretation": {"throughput": counting}} if counting else None
    return check_of("orders.throughput", dataset("orders", column("id")), sla=sla, custom=custom)


def counts(**hours_ago):
    """How many rows there were so many hours ago: h3=100."""
    seen = sorted((NOW - float(name[1:].replace("_", ".")) * HOUR, rows) for name, rows in hours_ago.items())
    return Looks(tuple(seen), 3600.0)


@pytest.mark.parametrize(
    ("unit", "more", "interval"),
    [
        ("rows/h", {}, HOUR),
        ("rows per day", {}, 24 * HOUR),
        ("records/15 min", {}, HOUR / 4),
        ("h", {}, HOUR),
        ("rows/min", {"valueExt": 15}, HOUR / 4),
        ("/s", {}, HOUR / 3600),
    ],
)
def test_the_unit_says_in_which_time_they_come(unit, more, interval):
    check = promise(unit=unit, **more)

    assert check.terms.interval == interval
    back = (interval + max(interval, 24 * HOUR)).total_seconds()
    assert check.metrics == (RowCount(), Earlier(RowCount(), back))


@pytest.mark.parametrize(
    ("value", "unit"), [("many", "rows/h"), (0, "rows/h"), (5, "rows"), (5, "rows/fortnight"), (5, "rows/y")]
)
def test_what_says_no_rate_is_declined(value, unit):
    assert isinstance(promise(value, unit), Declined)


@pytest.mark.parametrize(
    ("looks", "rows", "broken"),
    [
        (counts(h1=1000), 1100, False),
        (counts(h1=1000), 1099, True),
        (counts(h2=1000), 1200, False),
        (counts(h2=1000), 1199, True),
        (counts(h3=0, h1=1000, h0_5=1099), 1100, False),
        (counts(h1=1000, h0_5=1100), 1000, False),
        (counts(h1=1000, h0_5=900), 1000, False),
        (counts(h1=1000), 0, True),
    ],
    ids=[
        "as many as promised",
        "one too few",
        "as many as promised, in two hours",
        "one too few in two hours",
        "since the newest count that is an hour old",
        "they came and went",
        "they went and came",
        "they only went",
    ],
)
def test_the_rows_that_came_keep_the_promise_or_not(looks, rows, broken):
    verdict = judge(promise(), rows, looks)

    assert (verdict.broken, verdict.actual) == (broken, rows)


def test_what_went_is_taken_off_where_that_is_chosen():
    looks = counts(h1=1000, h0_5=1100)

    assert judge(promise(counting="net"), 1000, looks).broken
    assert not judge(promise(), 1000, looks).broken


def test_the_first_count_says_nothing_and_is_remembered():
    verdict = judge(promise(), 1000, counts(h0_5=900))

    assert (verdict.broken, verdict.unknown.cause, verdict.actual) == (False, Cause.NO_HISTORY, 1000)
