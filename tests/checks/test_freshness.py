from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import Cause, LastChange, Newest, NotMeasured
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset, ids, item, plan

pytestmark = pytest.mark.requirement("B-01")

AT = column("updated_at", "timestamp")


def fresh(value=4, unit="h", element="orders.updated_at", columns=(AT,), custom=None, **more):
    promised = {"property": "freshness", "value": value, "unit": unit, **more}
    if element:
        promised["element"] = element
    id_ = f"{element}.freshness" if element else "orders.freshness"
    return check_of(id_, dataset("orders", *columns), sla=[promised], custom=custom)


def test_the_newest_value_of_the_element_is_asked():
    check = fresh()

    assert check.metrics == (Newest("updated_at", "UTC"),)
    assert check.expected == "at most 4 h old"


def test_a_dataset_is_fresh_within_its_promise():
    verdict = judge(fresh(), NOW - timedelta(hours=3))

    assert not verdict.broken
    assert verdict.actual == 3 * 3600
    assert verdict.used == 0.75
    assert verdict.message == (
        "orders.updated_at is 3 h old (newest 2026-03-04 09:00 UTC); at most 4 h promised"
    )


def test_a_dataset_is_stale_beyond_its_promise():
    verdict = judge(fresh(), NOW - timedelta(hours=6, minutes=12))

    assert verdict.broken
    assert verdict.message.startswith("orders.updated_at is 6 h 12 min old")


def test_an_age_of_exactly_the_promise_keeps_it():
    assert not judge(fresh(), NOW - timedelta(hours=4)).broken


def test_a_table_without_rows_is_not_fresh():
    verdict = judge(fresh(), None)

    assert verdict.broken
    assert verdict.actual is None
    assert verdict.message == "orders.updated_at has no rows, so nothing is fresh; at most 4 h promised"


def test_a_table_without_rows_is_fresh_where_the_contract_says_so():
    assert not judge(fresh(custom={"floe.interpretation": {"empty_dataset": "fresh"}}), None).broken


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60))
def test_a_stamp_up_to_a_minute_ahead_is_clock_skew(seconds):
    verdict = judge(fresh(), NOW + timedelta(seconds=seconds))

    assert (verdict.broken, verdict.unknown, verdict.actual) == (False, None, 0)


def test_a_stamp_further_in_the_future_says_nothing_about_the_age():
    verdict = judge(fresh(), NOW + timedelta(days=3))

    assert not verdict.broken
    assert verdict.unknown is not None
    assert "2026-03-07 12:00 UTC, is 3 d in the future" in verdict.message


@pytest.mark.parametrize(("choice", "broken"), [("fresh", False), ("broken", True)])
def test_a_stamp_in_the_future_means_what_the_contract_says(choice, broken):
    check = fresh(custom={"floe.interpretation": {"future_stamps": choice}})

    verdict = judge(check, NOW + timedelta(hours=1))

    assert (verdict.broken, verdict.unknown, verdict.actual) == (broken, None, -3600)


def test_a_stamp_of_another_zone_is_the_same_moment():
    there = (NOW - timedelta(hours=1)).astimezone(timezone(timedelta(hours=9)))

    assert judge(fresh(), there).actual == 3600


def test_what_cannot_be_measured_is_unknown_and_not_stale():
    verdict = judge(fresh(), NotMeasured(Cause.LOCKED, "a writer holds the file"))

    assert not verdict.broken
    assert verdict.message == "orders.updated_at could not be measured: a writer holds the file"


def test_a_newest_value_that_is_no_timestamp_is_unknown():
    verdict = judge(fresh(), "yesterday")

    assert verdict.unknown is not None
    assert verdict.unknown.cause is Cause.BROKEN


def test_latency_of_one_element_is_its_age():
    promised = {"property": "ly", "value": 1, "unit": "d", "element": "orders.updated_at"}
    check = check_of("orders.updated_at.latency", dataset("orders", AT), sla=[promised])

    assert check.expected == "at most 1 d old"
    assert judge(check, NOW - timedelta(days=2)).broken


def test_latency_between_two_columns_is_no_age():
    columns = column("made_at", "timestamp"), column("seen_at", "timestamp")
    element = "orders.made_at, orders.seen_at"
    promised = {"property": "latency", "value": 1, "unit": "d", "element": element}
    found = plan(dataset("orders", *columns), sla=[promised])

    assert [each.kind for each in found.items if each.path == "slaProperties[0]"] == ["latency"]


def test_freshness_of_two_columns_is_two_checks():
    columns = column("made_at", "timestamp"), column("seen_at", "timestamp")
    promised = {
        "property": "freshness",
        "value": 1,
        "unit": "d",
        "element": "orders.made_at,orders.seen_at",
    }
    found = plan(dataset("orders", *columns), sla=[promised])

    assert {"orders.made_at.freshness", "orders.seen_at.freshness"} <= set(ids(found))


def test_without_an_element_the_usual_column_is_found():
    columns = column("created_at", "timestamp"), column("Updated_At", "timestamp", physicalName="upd")
    found = plan(dataset("orders", *columns), sla=[{"property": "freshness", "value": 1, "unit": "d"}])

    assert item(found, "orders.Updated_At.freshness").metrics == (Newest("upd", "UTC"),)


def test_without_an_element_a_text_column_of_a_usual_name_is_passed_over():
    check = fresh(element="", columns=(column("updated_at", "string"),))

    assert check.metrics == (LastChange(),)


def test_without_any_column_the_last_change_of_the_dataset_counts():
    check = fresh(element="", columns=(column("id"),))

    assert judge(check, NOW - timedelta(hours=1)).message.startswith("orders is 1 h old")
    assert judge(check, None).unknown.cause is Cause.UNSUPPORTED


def test_stamps_without_a_zone_are_read_in_the_columns_zone_else_in_the_contracts():
    berlin = column("updated_at", "timestamp", logicalTypeOptions={"defaultTimezone": "Europe/Berlin"})
    custom = {"floe.interpretation": {"naive_timestamps": "America/New_York"}}

    assert fresh(columns=(berlin,), custom=custom).metrics == (Newest("updated_at", "Europe/Berlin"),)
    assert fresh(custom=custom).metrics == (Newest("updated_at", "America/New_York"),)
    assert ("naive_timestamps", "America/New_York") in fresh(custom=custom).interpretation


@pytest.mark.parametrize(
    ("unit", "choice", "expected"),
    [
        ("m", "by_property", "at most 5 min old"),
        ("m", "months", "at most 150 d old"),
        ("min", "months", "at most 5 min old"),
    ],
)
def test_m_is_a_minute_of_freshness_unless_the_contract_says_month(unit, choice, expected):
    assert fresh(5, unit, custom={"floe.interpretation": {"unit_m": choice}}).expected == expected


def test_an_element_that_has_no_age_is_declined():
    declined = fresh(columns=(column("updated_at", "string"),))

    assert declined.reason == '"updated_at" is of type string, and an age needs a date or a timestamp'


def test_a_promise_of_no_time_at_all_is_declined():
    assert fresh(0).reason == "freshness of 0 h is no time at all"


def test_the_promise_gives_its_schedule_and_driver():
    check = fresh(
        scheduler="cron", schedule="0 6 * * *", driver="regulatory", description="for the regulator"
    )

    assert (check.schedule, check.driver, check.description) == (
        "0 6 * * *",
        "regulatory",
        "for the regulator",
    )


@settings(max_examples=50, deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=100)), st.integers(1, 1000))
def test_a_promise_is_broken_exactly_when_more_than_all_of_it_is_used(age, hours):
    verdict = judge(fresh(hours), NOW - age)

    assert verdict.broken is (age > timedelta(hours=hours))
    assert verdict.broken is (verdict.used > 1)


def test_the_age_of_a_nested_field_is_asked_where_a_row_holds_one_value_of_it():
    meta = column("meta", "object", properties=[column("updated_at", "timestamp", physicalName="upd")])
    promise = {"property": "freshness", "value": 1, "unit": "h", "element": "orders.meta.updated_at"}

    check = check_of("orders.meta.updated_at.freshness", dataset("orders", meta), sla=[promise])

    assert check.metrics == (Newest(Field("meta", ("upd",), "timestamp"), "UTC"),)
    assert check.element == "meta.updated_at"
