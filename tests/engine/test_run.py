from __future__ import annotations

import json
import pickle
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster import engine
from floe_dagster.plan.check import Severity, Status, Verdict
from floe_dagster.plan.metric import (
    Cause,
    Columns,
    LiveColumn,
    Measured,
    Newest,
    NotMeasured,
    Offenders,
    Probe,
    RowCount,
)
from floe_dagster.plan.offence import Null
from floe_dagster.settings import Grading
from floe_dagster.testing import Clock, FakeWarehouse
from tests.plan.contracts import column, dataset, kinds, plan

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
FULL = {
    Probe(): 0.02,
    Columns(): (LiveColumn("id", "INT", "integer"), LiveColumn("at", "TIMESTAMP", "timestamp")),
    RowCount(): 10,
    Offenders(Null("id")): 1,
    Newest("at", "UTC"): NOW - timedelta(hours=2),
}


def orders():
    return plan(
        dataset(
            "orders",
            column("id", "integer", required=True, quality=[
                {"metric": "nullValues", "mustBeLessThan": 50, "unit": "percent", "severity": "warning"},
            ]),
            column("at", "timestamp"),
            quality=[{"metric": "rowCount", "mustBe": 10}, {"type": "text", "description": "Looks right"}],
        ),
        sla=[
            {"property": "freshness", "value": 1, "unit": "h", "element": "orders.at"},
            {"property": "throughput", "value": 1},
        ],
    )  # fmt: skip


def run(found, warehouse, checks=None, with_kinds=None):
    outcomes = engine.run(
        found,
        found.checks if checks is None else checks,
        warehouse,
        server="db",
        tick="t1",
        clock=Clock(NOW),
        kinds=with_kinds or kinds(),
        grading=Grading(),
    )
    return {each.key.check: each for each in outcomes}


def test_every_check_has_one_outcome_in_its_order():
    found = orders()

    outcomes = run(found, FakeWarehouse({"orders": FULL}))

    assert list(outcomes) == [each.id for each in found.checks]
    assert {name: each.status for name, each in outcomes.items()} == {
        "orders.availability": Status.PASSED,
        "orders.schema": Status.PASSED,
        "orders.id.required": Status.FAILED,
        "orders.id.null_values": Status.PASSED,
        "orders.row_count": Status.PASSED,
        "orders.at.freshness": Status.FAILED,
    }


def test_the_warehouse_is_asked_once_and_each_question_once():
    warehouse = FakeWarehouse({"orders": FULL})

    run(orders(), warehouse)

    assert len(warehouse.asked) == 1
    assert len(set(warehouse.asked[0])) == len(warehouse.asked[0]) == 5


def test_an_outcome_has_all_that_people_and_programs_want():
    found = orders()
    freshness = run(found, FakeWarehouse({"orders": FULL}, seconds=0.25))["orders.at.freshness"]

    assert (freshness.key.contract, freshness.key.server, freshness.tick) == ("shop", "db", "t1")
    assert (freshness.broken, freshness.severity, freshness.used) == (True, Severity.ERROR, 2.0)
    assert (freshness.path, freshness.source) == ("slaProperties[0]", "shop.odcs.yaml")
    assert freshness.line > 0
    assert (freshness.at, freshness.duration_seconds) == (NOW, 0.25)
    assert freshness.expected == "at most 1 h old"


def test_only_what_is_wanted_is_asked():
    found = orders()
    warehouse = FakeWarehouse({"orders": FULL})

    outcomes = run(found, warehouse, found.of(["availability"]))

    assert list(outcomes) == ["orders.availability"]
    assert [each.metric for each in warehouse.asked[0]] == [Probe()]


def test_nothing_is_asked_where_nothing_is_to_be_known():
    warehouse = FakeWarehouse()

    assert run(orders(), warehouse, ()) == {}
    assert warehouse.asked == []


def test_a_question_that_cannot_be_answered_disturbs_no_other():
    answers = FULL | {Offenders(Null("id")): NotMeasured(Cause.NO_COLUMN, 'orders has no column "id"')}

    outcomes = run(orders(), FakeWarehouse({"orders": answers}))

    assert outcomes["orders.id.required"].status is Status.ERROR
    assert outcomes["orders.id.required"].cause == "no column"
    assert not outcomes["orders.id.required"].broken
    assert outcomes["orders.row_count"].status is Status.PASSED


def test_a_dataset_that_is_not_there_is_down_and_has_no_columns_and_the_rest_is_unknown():
    outcomes = run(orders(), FakeWarehouse())

    assert {name: each.status for name, each in outcomes.items()} == {
        "orders.availability": Status.FAILED,
        "orders.schema": Status.FAILED,
        "orders.id.required": Status.ERROR,
        "orders.id.null_values": Status.ERROR,
        "orders.row_count": Status.ERROR,
        "orders.at.freshness": Status.ERROR,
    }
    assert outcomes["orders.availability"].cause is None


def test_what_a_warehouse_can_never_answer_is_not_executable():
    answers = FULL | {RowCount(): NotMeasured(Cause.UNSUPPORTED, "this fake does not count")}

    outcome = run(orders(), FakeWarehouse({"orders": answers}))["orders.row_count"]

    assert (outcome.status, outcome.cause) == (Status.NOT_EXECUTABLE, "unsupported")


class Raising(FakeWarehouse):
    def ask(self, questions):
        raise OSError("the cable is out\nand a second line")


class Silent(FakeWarehouse):
    def ask(self, questions):
        return {}


@pytest.mark.parametrize(
    ("warehouse", "reason"),
    [
        (Raising(), "OSError: the cable is out"),
        (Silent(), "the warehouse did not answer this question"),
    ],
)
def test_a_warehouse_that_raises_or_is_silent_is_unknown(warehouse, reason, caplog):
    outcomes = run(orders(), warehouse)

    assert {each.status for each in outcomes.values()} == {Status.ERROR}
    assert all(each.message.endswith(reason) for each in outcomes.values())


class Confused:
    name = "quality"
    cadence_seconds = 1

    def compile(self, contract, dataset, choices):
        return ()

    def judge(self, check, answers, now):
        raise KeyError("where am I")


def test_a_judge_that_raises_is_an_error_with_a_short_reason(caplog):
    outcomes = run(orders(), FakeWarehouse({"orders": FULL}), with_kinds=kinds() | {"quality": Confused()})

    outcome = outcomes["orders.row_count"]
    assert outcome.status is Status.ERROR
    assert outcome.message.endswith("""the check kind "quality" failed: KeyError: 'where am I'""")
    assert outcomes["orders.schema"].status is Status.PASSED
    assert "could not judge orders.row_count" in caplog.text


def test_a_kind_that_is_gone_is_an_error_and_not_a_crash(caplog):
    gone = {name: kind for name, kind in kinds().items() if name != "quality"}

    assert (
        run(orders(), FakeWarehouse({"orders": FULL}), with_kinds=gone)["orders.row_count"].status
        is Status.ERROR
    )


class Exotic(Confused):
    def judge(self, check, answers, now):
        return Verdict(broken=False, message="odd", actual=float("inf"))


def test_an_outcome_is_plain_whatever_a_kind_measures():
    outcomes = run(orders(), FakeWarehouse({"orders": FULL}), with_kinds=kinds() | {"quality": Exotic()})

    assert outcomes["orders.row_count"].actual == "inf"
    for each in outcomes.values():
        json.dumps(asdict(each) | {"at": str(each.at)}, allow_nan=False)
        assert pickle.loads(pickle.dumps(each)) == each


def test_the_same_check_in_the_same_tick_has_the_same_id():
    one, other = (run(orders(), FakeWarehouse({"orders": FULL}))["orders.row_count"] for _ in range(2))

    assert one.id == other.id


def test_a_check_takes_as_long_as_its_slowest_statement():
    answers = FULL | {RowCount(): Measured(10, 0.5), Offenders(Null("id")): Measured(1, 2.5)}

    outcomes = run(orders(), FakeWarehouse({"orders": answers}))

    assert outcomes["orders.id.null_values"].duration_seconds == 2.5
    assert outcomes["orders.row_count"].duration_seconds == 0.5


@pytest.mark.requirement("B-10")
def test_what_is_not_executed_has_an_outcome_too():
    outcomes = engine.unexecuted(orders(), server="db", tick="t1", now=NOW)

    assert [(each.key.check, each.status, each.message) for each in outcomes] == [
        ("orders.text", Status.INFORMATIONAL, "Looks right"),
        (
            "orders.throughput",
            Status.NOT_EXECUTABLE,
            "the promise has no unit; the unit has to say in which time they come, such as rows/h",
        ),
    ]
