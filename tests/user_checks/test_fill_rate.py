from __future__ import annotations

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause, NotMeasured, Offenders, RowCount
from floe_dagster.plan.offence import Null
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("A-12")


def fill(**implementation):
    given = {"check": "fill_rate"} | (implementation or {"columns": ["a", "b"], "at_least": 95})
    rule = {"type": "custom", "engine": "floe", "implementation": given}
    columns = column("a", physicalName="col_a"), column("b")
    return check_of("orders.fill_rate", dataset("orders", *columns, quality=[rule]))


def test_it_asks_for_all_its_columns_at_once():
    assert fill().metrics == (RowCount(), Offenders(Null("col_a")), Offenders(Null("b")))


def test_columns_that_are_filled_as_promised_are_kept():
    verdict = judge(fill(), 100, 5, 0)

    assert (verdict.broken, verdict.actual, verdict.differences) == (False, 95, ())
    assert verdict.message == "orders is filled: a 95 %, b 100 %; at least 95 % filled promised"


def test_every_column_that_is_filled_less_is_named():
    verdict = judge(fill(), 100, 6, 50)

    assert (verdict.broken, verdict.actual) == (True, 50)
    assert [(each.element, each.actual) for each in verdict.differences] == [("a", "94 %"), ("b", "50 %")]


def test_a_dataset_without_rows_lacks_nothing():
    assert not judge(fill(), 0, 0, 0).broken


def test_what_cannot_be_measured_is_unknown():
    assert judge(fill(), 100, NotMeasured(Cause.NO_COLUMN, "no a"), 0).unknown.cause is Cause.NO_COLUMN


@pytest.mark.parametrize(
    ("implementation", "reason"),
    [
        ({"at_least": 95}, "fill_rate needs columns, a list of the names of columns"),
        ({"columns": ["a"], "at_least": 950}, "fill_rate needs at_least, in percent from 0 to 100"),
        ({"columns": ["gone"], "at_least": 95}, 'orders has no column "gone" in the contract'),
    ],
)
def test_arguments_that_are_wrong_are_declined_with_the_reason(implementation, reason):
    found = fill(**implementation)

    assert isinstance(found, Declined)
    assert found.reason == reason
