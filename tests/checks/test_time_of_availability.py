"""By when the data of a day has to be there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.holiday import dates_of, written_holidays
from floe_dagster.plan.metric import Cause, LastChange, Measured, Newest, NotMeasured
from floe_dagster.plan.past import Deadline, Deadlines, Due, Holidays, Met
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset, ids, plan

pytestmark = pytest.mark.requirement("B-05")

AT = column("loaded_at", "timestamp")
ID = "orders.loaded_at.time_of_availability"
MONTH = 30 * 86400.0
TODAY = NOW.replace(hour=0)


def promised(value="07:00", **more):
    return [{"property": "timeOfAvailability", "value": value, "element": "orders.loaded_at", **more}]


def by(value="07:00", *, loaded=AT, custom=None, **more):
    return check_of(ID, dataset("orders", loaded), sla=promised(value, **more), custom=custom)


@pytest.mark.parametrize(
    ("value", "more", "at", "zone"),
    [
        ("07:00", {}, time(7), "UTC"),
        ("7:30", {}, time(7, 30), "UTC"),
        ("09:00-08:00", {}, time(9), "Etc/GMT+8"),
        ("09:00+01:00", {}, time(9), "Etc/GMT-1"),
        ("09:00Z", {}, time(9), "UTC"),
        ("07:00 Europe/Berlin", {}, time(7), "Europe/Berlin"),
        ("07:00", {"valueExt": "Europe/Berlin"}, time(7), "Europe/Berlin"),
    ],
)
def test_the_time_has_an_offset_or_a_zone(value, more, at, zone):
    check = by(value, **more)

    assert check.metrics == (Newest("loaded_at", "UTC"), Due(Newest("loaded_at", "UTC"), at, zone, MONTH))


@pytest.mark.parametrize("value", ["noon", "25:00", "07:00 Atlantis/City", "09:00+05:30", 7])
def test_what_is_no_time_of_day_is_declined(value):
    assert isinstance(by(value), Declined)


def test_a_column_of_dates_has_the_days_of_the_deadline():
    assert by("07:00 Asia/Tokyo", loaded=column("loaded_at", "date")).metrics[0].zone == "Asia/Tokyo"


def test_without_a_column_it_counts_when_the_dataset_was_written():
    found = plan(dataset("files", column("id")), sla=[{"property": "timeOfAvailability", "value": "07:00"}])

    (check,) = (each for each in found.checks if each.kind == "time_of_availability")
    assert check.metrics[0] == LastChange()


def test_a_schedule_says_on_which_days_and_not_when_to_look():
    check = by(scheduler="cron", schedule="0 7 * * 1-5")

    assert (check.metrics[1].schedule, check.schedule) == ("0 7 * * 1-5", None)
    assert check.expected == "by 07:00 UTC, on days of 0 7 * * 1-5"


def test_two_drivers_are_two_checks():
    found = plan(
        dataset("orders", AT),
        sla=promised("07:00", driver="regulatory") + promised("09:00", driver="analytics"),
    )

    assert {f"{ID}.regulatory", f"{ID}.analytics"} <= set(ids(found))


def test_which_days_data_is_due_is_a_choice():
    check = by(custom={"floe.interpretation": {"time_of_availability": "day_before"}})

    assert check.metrics[1].days_before == 1
    assert ("time_of_availability", "day_before") in check.interpretation


def test_holidays_are_those_of_a_country_or_listed():
    assert by(custom={"floe.holidays": "DE-BY"}).metrics[1].holidays == Holidays("DE-BY")
    assert by(custom={"floe.holidays": ["2026-12-24"]}).metrics[1].holidays == Holidays(
        dates=(date(2026, 12, 24),)
    )
    assert date(2026, 1, 6) in dates_of(Holidays("DE-BY"), [2026])
    assert date(2026, 1, 6) not in dates_of(Holidays("DE"), [2026])


@pytest.mark.parametrize("written", ["Atlantis", 5, ["soon"], {"country": "DE"}])
def test_holidays_that_nobody_knows_are_declined(written):
    with pytest.raises(ValueError, match=r"floe\.holidays"):
        written_holidays(written)
    assert isinstance(by(custom={"floe.holidays": written}), Declined)


def passed(*met):
    """The deadlines of so many days, the last of them today's."""
    days = [TODAY - timedelta(days=back) for back in range(len(met) - 1, -1, -1)]
    return Deadlines(
        tuple(
            Deadline(f"{day:%Y-%m-%d}", day, day + timedelta(hours=7), one)
            for day, one in zip(days, met, strict=True)
        )
    )


@pytest.mark.parametrize(
    ("newest", "met", "broken"),
    [
        (TODAY + timedelta(hours=6), [Met.HIT], False),
        (TODAY, [Met.HIT], False),
        (TODAY - timedelta(hours=1), [Met.MISS], True),
        (None, [Met.MISS], True),
        (TODAY - timedelta(hours=1), [Met.UNKNOWN], True),
        (TODAY + timedelta(hours=9), [Met.MISS], False),
        (TODAY - timedelta(hours=1), [Met.EXCUSED], False),
        (TODAY - timedelta(days=9), [], False),
    ],
    ids=[
        "there in time",
        "stamped with the first moment of the day",
        "yesterday's only",
        "nothing at all",
        "not there, whoever looked when it was due",
        "there, though too late",
        "not there, in a maintenance window",
        "not due yet",
    ],
)
def test_it_is_broken_while_what_was_due_is_not_there(newest, met, broken):
    verdict = judge(by(), newest, passed(*met))

    assert (verdict.broken, verdict.unknown) == (broken, None)
    assert verdict.actual == (newest.isoformat() if newest else None)


def test_how_the_deadlines_before_went_is_told():
    verdict = judge(
        by(), TODAY - timedelta(hours=2), passed(Met.HIT, Met.MISS, Met.UNKNOWN, Met.EXCUSED, Met.MISS)
    )

    assert verdict.message == (
        "orders.loaded_at of 2026-03-04 was not there by 07:00 UTC (newest 2026-03-03 22:00 UTC); "
        "07:00 UTC promised; missed 2 of 3 since 2026-02-28"
    )


def test_one_stamp_in_the_future_does_not_hide_what_is_missing():
    assert judge(by(), NOW + timedelta(days=1), passed(Met.HIT)).unknown.cause is Cause.BROKEN


def test_what_cannot_be_asked_is_unknown():
    gap = NotMeasured(Cause.UNREACHABLE, "the server is down")

    assert judge(by(), gap, passed(Met.HIT)).unknown is gap
    assert judge(by(), Measured(datetime(2026, 3, 4, tzinfo=UTC)), gap).unknown is gap
