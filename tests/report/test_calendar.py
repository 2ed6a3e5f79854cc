"""Calendar: days, weeks and months as a place has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.report.calendar import (
    Grain,
    after,
    before,
    last_finished,
    period_named,
    period_of,
    periods,
)

pytestmark = pytest.mark.requirement("G-01")

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # clocks skip midnight
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # clocks are changed by half an hour
    "Pacific/Apia",  # one date was skipped
)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("name", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-20", 24)], ids=str
)
def test_a_day_in_berlin_has_as_many_hours_as_its_clocks_show(name, hours):
    assert period_named(name, "Europe/Berlin").seconds == hours * 3600


def test_a_week_begins_on_monday_and_is_named_by_the_year_that_most_of_it_is_in():
    first = period_of(Grain.WEEK, datetime(2027, 1, 1, tzinfo=UTC))
    assert (first.name, first.start) == ("2026-W53", datetime(2026, 12, 28, tzinfo=UTC))


def test_a_month_ends_where_the_next_begins():
    february = period_named("2028-02", "America/New_York")
    assert february.end == datetime(2028, 3, 1, 5, tzinfo=UTC)
    assert after(february).name == "2028-03"


def test_the_last_finished_day_is_yesterday_there():
    now = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert last_finished(Grain.DAY, now, "UTC").name == "2026-11-19"
    assert last_finished(Grain.DAY, now, "America/New_York").name == "2026-11-18"


@pytest.mark.parametrize("name", ["2026-W54", "2026-13", "yesterday", "", "2026-02-30", "20261"])
def test_what_names_no_period_is_refused_with_how_to_write_one(name):
    with pytest.raises(ValueError, match="names no period; write a day as 2026-11-20"):
        period_named(name)


@given(instants, st.sampled_from(list(Grain)), st.sampled_from(ZONES))
def test_every_instant_is_in_exactly_one_period_and_a_name_names_it(at, grain, zone):
    one = period_of(grain, at, zone)
    assert one.start <= at < one.end
    assert period_named(one.name, zone) == one
    assert before(one).end == one.start
    assert after(one).start == one.end


@given(instants, st.integers(0, 100), st.sampled_from(list(Grain)), st.sampled_from(ZONES))
def test_periods_follow_each_other_without_gap_or_overlap(start, days, grain, zone):
    end = start + timedelta(days=days)
    every = list(periods(grain, start, end, zone))
    assert all(left.end == right.start for left, right in pairwise(every))
    if days:
        assert every[0].start <= start < every[0].end
        assert every[-1].start < end <= every[-1].end
    else:
        assert every == []
