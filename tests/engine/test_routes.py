"""Checks that are tried another way first: what is asked then, and what where that leads nowhere."""

from __future__ import annotations

import pytest

from floe_dagster import engine
from floe_dagster.plan.check import Status
from floe_dagster.plan.metric import Cause, Expectation, Finding, NotMeasured, Offenders
from floe_dagster.plan.offence import Null
from floe_dagster.settings import Grading
from floe_dagster.testing import Clock, FakeWarehouse
from tests.plan.contracts import column, dataset, kinds, plan

pytestmark = pytest.mark.requirement("B-03")

FOUND = plan(
    dataset("orders", column("a", required=True), column("b", required=True)),
    custom={"floe.interpretation": {"quality_engine": "great_expectations"}},
)
A, B = (each.routed.metrics[0] for each in FOUND.of(["quality"]))
assert isinstance(A, Expectation)


def run(answers):
    warehouse = FakeWarehouse({"orders": answers})
    outcomes = engine.run(
        FOUND,
        FOUND.of(["quality"]),
        warehouse,
        server="db",
        tick="t",
        clock=Clock(),
        kinds=kinds(),
        grading=Grading(),
    )
    return outcomes, [[each.metric for each in asked] for asked in warehouse.asked]


def test_what_the_route_answers_is_asked_no_second_time():
    outcomes, asked = run({A: Finding(kept=True, offending=0), B: Finding(kept=False, offending=2)})

    assert asked == [[A, B]]
    assert [(each.status, each.actual) for each in outcomes] == [(Status.PASSED, 0), (Status.FAILED, 2)]
    assert {each.interpretation for each in outcomes} == {(("quality_engine", "great_expectations"),)}


@pytest.mark.parametrize("cause", [Cause.UNSUPPORTED, Cause.BROKEN, Cause.MISCONFIGURED, Cause.TIMEOUT])
def test_what_the_route_cannot_answer_is_counted_natively_and_says_why(cause):
    gap = NotMeasured(cause, "too many rows")
    (one, other), asked = run({A: gap, B: Finding(kept=True, offending=0), Offenders(Null("a")): 3})

    assert asked == [[A, B], [Offenders(Null("a"))]]
    assert (one.status, one.actual) == (Status.FAILED, 3)
    assert one.interpretation == (("quality_engine", "native: too many rows"),)
    assert other.interpretation == (("quality_engine", "great_expectations"),)


@pytest.mark.parametrize(
    "cause", [Cause.UNREACHABLE, Cause.NO_DATASET, Cause.NO_COLUMN, Cause.DENIED, Cause.LOCKED]
)
def test_nobody_is_asked_twice_where_nobody_can_answer(cause):
    gap = NotMeasured(cause, "no")
    outcomes, asked = run({A: gap, B: gap})

    assert asked == [[A, B]]
    assert {(each.status, each.cause) for each in outcomes} == {(Status.ERROR, cause.value)}
