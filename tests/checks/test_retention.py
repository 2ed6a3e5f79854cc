from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.plan.metric import Cause, NotMeasured, Oldest
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("B-05")


AT = column("at", "timestamp")


def kept(value=3, unit="y", custom=None, element="orders.at", columns=(AT,)):
    promised = {"property": "retention", "value": value, "unit": unit}
    if element:
        promised["element"] = element
    id_ = f"{element or 'orders'}.retention"
    return check_of(id_, dataset("orders", *columns), sla=[promised], custom=custom)


def test_data_is_kept_for_at_least_as_long_as_promised():
    check = kept()

    assert check.metrics == (Oldest("at", "UTC"),)
    assert check.expected == "at least 3 y"
    assert not judge(check, NOW - timedelta(days=1096)).broken
    assert judge(check, NOW - timedelta(days=30)).broken


def test_data_is_kept_for_at_most_as_long_where_the_contract_says_so():
    check = kept(custom={"floe.interpretation": {"retention": "at_most"}})

    assert judge(check, NOW - timedelta(days=1097)).broken
    assert judge(check, NOW - timedelta(days=1000)).used == pytest.approx(1000 / 1096)
    assert check.interpretation[1] == ("retention", "at_most")


def test_a_dataset_without_rows_keeps_nothing_and_keeps_nothing_too_long():
    assert judge(kept(), None).broken
    assert not judge(kept(custom={"floe.interpretation": {"retention": "at_most"}}), None).broken


def test_m_is_a_month_of_retention():
    assert kept(6, "m").expected == "at least 6 mo"


@pytest.mark.parametrize(
    ("value", "unit", "now", "bound", "said"),
    [
        (3, "y", datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2023, 3, 4, 12, tzinfo=UTC), "3 y"),
        (1, "years", datetime(2024, 2, 29, tzinfo=UTC), datetime(2023, 2, 28, tzinfo=UTC), "1 y"),
        (1, "mo", datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC), "1 mo"),
        (18, "months", datetime(2026, 1, 15, tzinfo=UTC), datetime(2024, 7, 15, tzinfo=UTC), "1 y 6 mo"),
        ("2 years", None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC), "2 y"),
        ("P1Y6M", None, datetime(2026, 1, 15, tzinfo=UTC), datetime(2024, 7, 15, tzinfo=UTC), "1 y 6 mo"),
        ("P1M10D", None, datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), "1 mo 10 d"),
        ("P90D", None, datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "90 d"),
        (3.0, "y", datetime(2026, 3, 4, tzinfo=UTC), datetime(2023, 3, 4, tzinfo=UTC), "3 y"),
        (0.5, "y", datetime(2026, 7, 2, 12, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "182 d 12 h"),
        (90, "d", datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "90 d"),
    ],
)
def test_months_and_years_are_those_of_the_calendar(value, unit, now, bound, said):
    promised = {"property": "retention", "value": value, "element": "orders.at"}
    promised |= {"unit": unit} if unit else {}
    check = check_of("orders.at.retention", dataset("orders", AT), sla=[promised])

    assert check.expected == f"at least {said}"
    assert not judge(check, bound, now=now).broken
    assert judge(check, bound + timedelta(microseconds=1), now=now).broken


def test_what_is_older_than_the_calendar_goes_back_to_its_first_day():
    check = kept(9000, "y")

    assert judge(check, datetime(1, 1, 2, tzinfo=UTC)).broken


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("updated_at", "created_at"), "created_at"),
        (("updated_at",), "updated_at"),
        (("loaded_at", "event_time"), "event_time"),
        (("created_at", "placed!2", "region!1"), "placed"),
        (("created_at", "placed!2", "made!1"), "made"),
        (("created_at", "placed!"), "placed"),
    ],
)
def test_without_an_element_it_is_a_partition_or_when_a_row_came_about(columns, found):
    def written(text):
        name, partitioned, place = text.partition("!")
        more = {"partitioned": True} if partitioned else {}
        more |= {"partitionKeyPosition": int(place)} if place else {}
        return column(name, "string" if name == "region" else "date", **more)

    promised = {"property": "retention", "value": 1, "unit": "y"}
    check = check_of(f"orders.{found}.retention", dataset("orders", *map(written, columns)), sla=[promised])

    assert check.metrics == (Oldest(found, "UTC"),)


def test_without_a_column_that_says_how_old_a_row_is_it_is_declined():
    declined = kept(element="", columns=(column("id"),))

    assert declined.reason == "no column says how old a row is; name one as the promise's element"


def test_what_cannot_be_measured_is_unknown():
    assert judge(kept(), NotMeasured(Cause.TIMEOUT, "30 s were not enough")).unknown.cause is Cause.TIMEOUT
    assert judge(kept(), 5).unknown.cause is Cause.BROKEN
