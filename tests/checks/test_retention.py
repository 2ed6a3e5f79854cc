from __future__ import annotations

from datetime import timedelta

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
    assert check.expected == "at least 1,095 d"
    assert not judge(check, NOW - timedelta(days=1096)).broken
    assert judge(check, NOW - timedelta(days=30)).broken


def test_data_is_kept_for_at_most_as_long_where_the_contract_says_so():
    check = kept(custom={"floe.interpretation": {"retention": "at_most"}})

    assert judge(check, NOW - timedelta(days=1096)).broken
    assert judge(check, NOW - timedelta(days=1000)).used == pytest.approx(1000 / 1095)
    assert check.interpretation[1] == ("retention", "at_most")


def test_a_dataset_without_rows_keeps_nothing_and_keeps_nothing_too_long():
    assert judge(kept(), None).broken
    assert not judge(kept(custom={"floe.interpretation": {"retention": "at_most"}}), None).broken


def test_m_is_a_month_of_retention():
    assert kept(6, "m").expected == "at least 180 d"


def test_without_a_column_that_says_how_old_a_row_is_it_is_declined():
    declined = kept(element="", columns=(column("id"),))

    assert declined.reason == "no column says how old a row is; name one as the promise's element"


def test_what_cannot_be_measured_is_unknown():
    assert judge(kept(), NotMeasured(Cause.TIMEOUT, "30 s were not enough")).unknown.cause is Cause.TIMEOUT
    assert judge(kept(), 5).unknown.cause is Cause.BROKEN
