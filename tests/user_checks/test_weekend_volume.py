from __future__ import annotations

from datetime import UTC, datetime

import pytest

from floe_dagster.plan.check import Declined, Severity
from floe_dagster.plan.metric import Cause, NotMeasured, RowCount
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("A-12")

WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)


def volume(**implementation):
    given = {"check": "weekend_volume"} | (implementation or {"weekday": 1000, "weekend": 200})
    rule = {"type": "custom", "engine": "floe", "implementation": given, "severity": "warning"}
    return check_of("orders.weekend_volume", dataset("orders", column("id"), quality=[rule]))


def test_it_asks_for_the_number_of_rows():
    check = volume()

    assert (check.metrics, check.severity) == ((RowCount(),), Severity.WARNING)
    assert check.expected == "at least 1,000 rows, 200 on weekends"


@pytest.mark.parametrize(("day", "broken"), [(WEDNESDAY, True), (SATURDAY, False)])
def test_few_rows_are_too_few_on_a_weekday_only(day, broken):
    assert judge(volume(), 500, now=day).broken is broken


def test_a_weekend_begins_at_midnight_in_the_zone():
    here, there = volume(), volume(weekday=1000, weekend=200, zone="Asia/Tokyo")

    assert judge(here, 500, now=FRIDAY_NIGHT).broken
    assert not judge(there, 500, now=FRIDAY_NIGHT).broken


def test_it_says_what_it_found_and_what_was_promised_for_today():
    assert judge(volume(), 500, now=WEDNESDAY).message == (
        "orders: 500 rows; at least 1,000 promised for a weekday"
    )


def test_what_cannot_be_measured_is_unknown():
    assert judge(volume(), NotMeasured(Cause.DENIED, "no permission")).unknown is not None


@pytest.mark.parametrize(
    ("implementation", "reason"),
    [
        ({"weekday": 5}, "weekend_volume needs a whole number of rows for weekday and for weekend"),
        (
            {"weekday": 5, "weekend": 1, "holidays": 0},
            'weekend_volume takes no "holidays"; it takes weekday, weekend and zone',
        ),
        (
            {"weekday": 5, "weekend": 1, "zone": "Mars/Olympus"},
            '"Mars/Olympus" is no time zone; write one as Europe/Berlin',
        ),
    ],
)
def test_arguments_that_are_wrong_are_declined_with_the_reason(implementation, reason):
    found = volume(**implementation)

    assert isinstance(found, Declined)
    assert found.reason == reason
