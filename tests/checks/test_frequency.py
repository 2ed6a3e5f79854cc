from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Arrivals, Cause, Gaps, LastChange, NotMeasured
from floe_dagster.plan.past import Earlier, Looks
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset, plan

pytestmark = pytest.mark.requirement("B-05")

AT = column("loaded_at", "timestamp")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ID = "orders.loaded_at.frequency"


def promised(value=1, unit="d", element="orders.loaded_at", **more):
    found = {"property": "fy", "value": value, "unit": unit, **more}
    return [found | ({"element": element} if element else {})]


def often(column=AT, custom=None, **more):
    custom = {"floe.interpretation": custom} if custom else None
    return check_of(ID, dataset("orders", column), sla=promised(**more), custom=custom)


def arrived(ago=HOUR, *gaps):
    return Arrivals(newest=NOW - ago, gaps=gaps)


def test_the_stretches_between_arrivals_are_asked_for():
    check = often()

    assert check.metrics == (Gaps("loaded_at", 36 * 3600.0, 10 * 86400.0, "UTC"),)
    assert check.expected == "every 1 d"
    assert (check.kind, check.schedule) == ("frequency", None)
    assert {("frequency", "half"), ("frequency_window", "ten_periods")} <= set(check.interpretation)


@pytest.mark.parametrize(
    ("choice", "within"),
    [("ten_periods", 10 * 86400.0), ("hundred_periods", 100 * 86400.0), ("everything", None)],
)
def test_how_far_back_is_looked_is_a_choice(choice, within):
    assert often(custom={"frequency_window": choice}).metrics[0].within_seconds == within


def test_data_that_came_as_often_as_promised_keeps_it():
    verdict = judge(often(), arrived(timedelta(hours=25)))

    assert not verdict.broken
    assert verdict.used == pytest.approx(25 / 36)
    assert verdict.message == (
        "orders.loaded_at arrives as promised (newest 2026-03-03 11:00 UTC); every 1 d promised"
    )


def test_a_stretch_without_data_breaks_it():
    gap = (datetime(2026, 2, 27, 2, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC))
    verdict = judge(often(), arrived(HOUR, gap, (gap[0] - 2 * DAY, gap[0])))

    assert (verdict.broken, verdict.actual) == (True, 49 * 3600)
    assert verdict.message == (
        "orders.loaded_at: nothing arrived for 2 d 1 h (2026-02-27 02:00 UTC to 2026-03-01 03:00 UTC); "
        "every 1 d promised"
    )


def test_the_stretch_until_now_counts_too():
    verdict = judge(often(), arrived(2 * DAY))

    assert verdict.broken
    assert "(2026-03-02 12:00 UTC to now)" in verdict.message


def test_without_leeway_a_minute_too_late_breaks_it_and_nothing_is_warned_of():
    check = often(custom={"frequency": "none"})

    assert check.metrics[0].apart_seconds == 86400.0
    assert judge(check, arrived(DAY + timedelta(minutes=1))).broken
    assert (judge(check, arrived(DAY)).broken, judge(check, arrived(DAY)).used) == (False, None)


def test_dates_are_a_day_apart_wherever_the_clock_is_changed():
    zone = {"defaultTimezone": "Europe/Berlin"}
    stamp = column("loaded_at", "timestamp", logicalTypeOptions=zone)

    assert often(column("loaded_at", "date")).metrics[0].zone == "UTC"
    assert often(stamp).metrics[0].zone == "Europe/Berlin"


FRIDAY, MONDAY = datetime(2026, 2, 27, 6, 2, tzinfo=UTC), datetime(2026, 3, 2, 5, 58, tzinfo=UTC)


def on_workdays(**more):
    return often(schedule="0 6 * * 1-5", scheduler="cron", **more)


def test_a_schedule_says_when_data_is_expected():
    check = on_workdays()

    assert check.expected == "every 1 d, at 0 6 * * 1-5"
    assert check.metrics[0].apart_seconds == 86400.0
    assert not judge(check, arrived(HOUR, (FRIDAY, MONDAY))).broken


@pytest.mark.parametrize(
    ("since", "until", "broken"),
    [
        (FRIDAY, MONDAY, False),
        (FRIDAY, MONDAY + 11 * HOUR, False),
        (FRIDAY, MONDAY + 13 * HOUR, True),
        (FRIDAY, MONDAY + DAY, True),
        (FRIDAY - DAY, FRIDAY + 13 * HOUR, True),
        (FRIDAY - DAY - 4 * timedelta(minutes=1), FRIDAY, False),
        (FRIDAY - DAY, MONDAY, True),
        (MONDAY, MONDAY + DAY + 3 * timedelta(minutes=1), False),
    ],
)
def test_what_a_schedule_does_not_expect_is_not_missed(since, until, broken):
    newest = Arrivals(newest=datetime(2026, 3, 4, 6, tzinfo=UTC), gaps=((since, until),))

    assert judge(on_workdays(), newest).broken is broken


def test_a_schedule_is_in_the_zone_of_the_column():
    zone = {"defaultTimezone": "America/New_York"}
    stamp = column("loaded_at", "timestamp", logicalTypeOptions=zone)
    check = on_workdays(column=stamp)
    # six in New York is eleven in UTC, and from then on there are twelve hours
    last = datetime(2026, 3, 2, 11, tzinfo=UTC)

    assert not judge(check, Arrivals(newest=last), now=datetime(2026, 3, 3, 22, 59, tzinfo=UTC)).broken
    assert judge(check, Arrivals(newest=last), now=datetime(2026, 3, 3, 23, 1, tzinfo=UTC)).broken


@pytest.mark.parametrize("schedule", ["0 30 * * *", "0 0 30 2 *", "every day", "0 " * 500, "* * * * * *"])
def test_a_schedule_that_never_comes_is_declined(schedule):
    found = plan(dataset("orders", AT), sla=promised(schedule=schedule))
    declined = [each for each in found.items if each.path == "slaProperties[0]"]

    assert [type(each) for each in declined] == [Declined]
    assert "write it as cron does" in declined[0].reason


def test_a_dataset_without_rows_never_got_any():
    assert judge(often(), None).broken
    assert not judge(often(custom={"empty_dataset": "fresh"}), None).broken


def test_a_stamp_in_the_future_hides_when_data_came_last():
    future = Arrivals(newest=NOW + DAY)

    assert judge(often(), future).unknown.cause is Cause.BROKEN
    assert judge(often(custom={"future_stamps": "broken"}), future).broken
    assert not judge(often(custom={"future_stamps": "fresh"}), future).broken
    assert not judge(often(), Arrivals(newest=NOW + timedelta(seconds=59))).broken


def test_what_cannot_be_measured_is_unknown():
    verdict = judge(often(), NotMeasured(Cause.TIMEOUT, "30 s were not enough"))

    assert verdict.message == "how often orders.loaded_at arrives could not be measured: 30 s were not enough"


def test_without_an_element_the_usual_column_of_every_dataset_is_meant():
    found = plan(dataset("orders", AT), dataset("sales", column("id")), sla=promised(element=None))
    mine = {each.id: each for each in found.items if each.path == "slaProperties[0]"}

    assert mine[ID].metrics[0].column == "loaded_at"
    assert mine["sales.frequency"].metrics == (LastChange(), Earlier(LastChange(), 10 * 86400.0))


def written():
    return check_of("files.frequency", dataset("files", column("id")), sla=promised(element=None))


def looked(*seen):
    """What was seen so many hours ago, each written so many hours ago."""
    return Looks(tuple((NOW - at * HOUR, NOW - each * HOUR) for at, each in seen), 21600.0)


def test_without_a_column_the_looks_at_when_it_was_written_are_the_arrivals():
    verdict = judge(written(), NOW - HOUR, looked((54, 60), (30, 36), (6, 12)))

    assert not verdict.broken
    assert verdict.actual == (NOW - HOUR).isoformat()
    assert verdict.message == "files arrives as promised (newest 2026-03-04 11:00 UTC); every 1 d promised"


def test_a_file_that_stood_still_for_too_long_breaks_it():
    verdict = judge(written(), NOW - HOUR, looked((54, 100), (30, 100), (6, 12)))

    assert verdict.broken
    assert "nothing arrived for 2 d 22 h" in verdict.message


def test_what_was_written_between_two_looks_far_apart_is_not_missed():
    assert not judge(written(), NOW - HOUR, looked((100, 101), (2, 3))).broken


def test_what_never_says_when_it_was_written_cannot_be_told():
    assert judge(written(), None, looked()).unknown.cause is Cause.UNSUPPORTED
