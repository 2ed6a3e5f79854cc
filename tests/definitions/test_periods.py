"""The partitions of report assets are the periods of the calendar, whatever clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from floe_dagster.definitions.reports import ROUTINES, partitions
from floe_dagster.report.calendar import period_named, period_of
from floe_dagster.settings import Settings
from floe_dagster.settings.model import Reports

pytestmark = pytest.mark.requirement("G-03")

ROUTINE = {each.name: each for each in ROUTINES}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def windows(name: str, zone: str, first: date, until: datetime):
    """The partitions of a routine until then, by key."""
    definition = partitions(ROUTINE[name], Settings(reports=Reports(zone=zone, start=first)))
    keys = definition.get_partition_keys(current_time=until)
    return {key: definition.time_window_for_partition_key(key) for key in keys}


@pytest.mark.parametrize(
    ("month", "hours"),
    [("2028-02", 29 * 24), ("2026-02", 28 * 24), ("2026-03", 31 * 24 - 1), ("2026-10", 31 * 24 + 1)],
)
def test_a_month_in_berlin_has_the_hours_that_its_clocks_show(month, hours):
    period = period_named(month, "Europe/Berlin")
    every = windows("monthly", "Europe/Berlin", date(2026, 1, 1), datetime(2028, 4, 1, tzinfo=UTC))
    window = every[f"{month}-01"]
    assert (window.start, window.end) == (period.start, period.end)
    assert period.seconds == hours * 3600


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("name", "count"), [("daily", 366), ("weekly", 52), ("monthly", 12)])
def test_every_partition_of_a_leap_year_is_one_period_and_none_is_left_out(name, count, zone):
    every = windows(name, zone, date(2028, 1, 1), datetime(2029, 1, 1, 12, tzinfo=UTC))
    assert len(every) >= count
    ends = None
    for window in every.values():
        period = period_of(ROUTINE[name].grain, window.start, zone)
        assert (window.start, window.end) == (period.start, period.end)
        assert ends in (None, window.start)
        ends = window.end


@pytest.mark.parametrize(
    ("first", "begins"), [(date(2028, 2, 29), "2028-02-01"), (date(2028, 1, 1), "2028-01-01")]
)
def test_the_first_month_is_whole_even_where_the_first_day_is_not_its_first(first, begins):
    assert next(iter(windows("monthly", "Europe/Berlin", first, datetime(2028, 5, 1, tzinfo=UTC)))) == begins


def test_a_month_that_goes_on_has_no_partition_yet():
    until = datetime(2028, 2, 29, 22, 59, tzinfo=UTC)
    assert "2028-02-01" not in windows("monthly", "Europe/Berlin", date(2028, 1, 1), until)
    assert "2028-02-01" in windows(
        "monthly", "Europe/Berlin", date(2028, 1, 1), datetime(2028, 2, 29, 23, tzinfo=UTC)
    )
