"""Availability over time, by what was recorded of the probes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause, NotMeasured, Probe
from floe_dagster.plan.past import KeptTime, Record
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset, ids, plan

pytestmark = pytest.mark.requirement("B-04")

ORDERS = dataset("orders", column("id"))
DAY = 86400.0


def up(value=99, **more):
    return check_of("orders.uptime", ORDERS, sla=[{"property": "availability", "value": value} | more])


def went(good=0.0, bad=0.0, unknown=0.0, **more):
    """So many hours of each."""
    of = {"good": good * 3600, "bad": bad * 3600, "unknown": unknown * 3600, "every_seconds": 300.0}
    return Record(**(of | more))


def test_the_probes_of_the_dataset_are_what_is_asked_for():
    check = up()

    assert check.metrics == (KeptTime(DAY, asked=Probe()),)
    assert check.expected == "readable 99 % of 1 d"


@pytest.mark.parametrize(
    ("written", "seconds"), [(30, 30 * DAY), ("30", 30 * DAY), ("PT12H", DAY / 2), ("7 d", 7 * DAY)]
)
def test_the_window_is_a_day_or_what_the_promise_names(written, seconds):
    assert up(valueExt=written).metrics[0].seconds == seconds


@pytest.mark.parametrize("written", ["always", 0, 1000])
def test_a_window_that_is_none_is_declined_and_the_dataset_is_probed_all_the_same(written):
    found = plan(ORDERS, sla=[{"property": "availability", "value": 99, "valueExt": written}])

    assert isinstance(next(each for each in found.items if each.id == "orders.uptime"), Declined)
    assert "orders.availability" in [each.id for each in found.checks]


def test_where_no_share_is_promised_nothing_is_told_of_it():
    assert "orders.uptime" not in ids(plan(ORDERS))


@pytest.mark.parametrize(
    ("record", "broken"),
    [
        (went(24), False),
        (went(23.8, 0.2), False),
        (went(23.7, 0.3), True),
        (went(12, 0.1, 11.9), False),
        (went(12, 0.2, 11.8), True),
        (went(11.7, 0.2, 12.1), False),
        (went(0, 0.3, 23.7), True),
        (went(0, 0.2, 23.8), False),
    ],
    ids=[
        "it was always there",
        "down for less than allowed",
        "down for longer than allowed",
        "half is unknown, and the rest keeps it",
        "half is unknown, and the rest does not",
        "more than half is unknown, so that the rest does not speak for it",
        "even if it was there in all the unknown time, it was down for too long",
        "nearly all is unknown, and it may have been there",
    ],
)
def test_the_promise_of_99_percent_of_a_day_is(record, broken):
    verdict = judge(up(), record)

    assert verdict.broken is broken
    assert verdict.unknown is None


def test_the_message_says_how_much_is_known_and_how_the_probes_went():
    record = went(
        11.5, 0.5, 12, looks=144, failures=6, in_a_row=2, last_failure=NOW, reason="orders cannot be read: x"
    )
    verdict = judge(up(), record)

    assert (verdict.broken, verdict.actual) == (True, 95.8333)
    assert verdict.message == (
        "orders could be read 95.833 % of the last 1 d (50 % of it known, so between 47.916 and 97.916 %); "
        "99 % promised; 6 of 144 probes failed, the last at 2026-03-04 12:00 UTC (orders cannot be read: x), "
        "2 in a row until now"
    )


def test_how_much_of_the_time_that_it_may_be_down_is_used_up_is_told():
    assert judge(up(), went(23.88, 0.12)).used == pytest.approx(0.5)
    assert judge(up(100), went(24)).used is None


def test_no_data_is_no_data():
    verdict = judge(up(), went(0, 0, 24))

    assert (verdict.broken, verdict.unknown.cause) == (False, Cause.NO_HISTORY)
    assert judge(up(), NotMeasured(Cause.UNREACHABLE, "the store is down")).unknown is not None


def test_a_promise_that_is_finer_than_the_probes_is_flagged():
    assert judge(up(99.9), went(24)).message == (
        "orders could be read 100 % of the last 1 d; 99.9 % promised; one failed probe already breaks this: "
        "288 probes in 1 d show steps of 0.347 points; probe every 1 min 26 s or more often, promise it of "
        "3 d 11 h or longer (valueExt), or let several failures in a row open an episode (grading.open_after)"
    )


@pytest.mark.parametrize(
    ("value", "every", "flagged"),
    [(99.9, 86, False), (99.9, 300, True), (99, 300, False), (100, 300, False), (99, 3600, True)],
)
def test_only_such_a_promise_is_flagged(value, every, flagged):
    found = judge(up(value), went(24, every_seconds=float(every))).message

    assert ("one failed probe already breaks this" in found) is flagged


def test_excused_time_is_in_no_share():
    assert judge(up(), went(2, 0, 0, excused=timedelta(hours=22).total_seconds())).actual == 100
