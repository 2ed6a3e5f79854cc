from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.contract.model import Operator, Threshold
from floe_dagster.plan.wording import counted, moment, number, promise, span


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(hours=4), "4 h"),
        (timedelta(hours=6, minutes=12, seconds=3), "6 h 12 min"),
        (timedelta(days=3, seconds=5), "3 d"),
        (timedelta(0), "0 s"),
        (0.012, "12 ms"),
        (timedelta(days=1095), "1,095 d"),
        (timedelta(minutes=-90), "-1 h 30 min"),
        (59.7, "1 min"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(length, expected):
    assert span(length) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(336776, "336,776"), (2.45, "2.45"), (True, "true"), (None, "nothing"), (1234567.5, "1,234,567.50")],
)
def test_a_number_is_told_as_people_read_it(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    ("operator", "value", "unit", "expected"),
    [
        ("=", 0, "rows", "0 rows"),
        ("=", 1, "rows", "1 row"),
        ("<=", 5, "%", "at most 5 %"),
        ("<", 5, "%", "less than 5 %"),
        ("<", 5, "rows", "fewer than 5 rows"),
        (">", 1, "rows", "more than 1 row"),
        (">=", 2, "", "at least 2"),
        ("!=", 0, "rows", "anything but 0 rows"),
        ("between", (300000, 400000), "rows", "between 300,000 and 400,000 rows"),
        ("not between", (0, 1), "rows", "not between 0 and 1 row"),
        ("=", True, "", "true"),
    ],
)
def test_a_promise_is_told_with_its_unit(operator, value, unit, expected):
    assert promise(Threshold(operator=Operator(operator), value=value), unit) == expected


def test_one_row_is_no_rows():
    assert counted(1, "row") == "1 row"
    assert counted(7602, "row") == "7,602 rows"


def test_a_moment_is_told_to_the_minute():
    assert moment(datetime(2026, 3, 1, 4, 5, 59, tzinfo=UTC)) == "2026-03-01 04:05 UTC"
