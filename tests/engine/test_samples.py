"""Samples are taken after judging, of what is broken alone, and change nothing."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from floe_dagster import engine
from floe_dagster.plan.metric import Cause, Duplicates, NotMeasured, Offenders, RowCount
from floe_dagster.plan.offence import Null
from floe_dagster.settings import Grading, Samples
from floe_dagster.testing import Clock, FakeWarehouse
from tests.plan.contracts import column, dataset, kinds, plan

pytestmark = pytest.mark.requirement("B-09")

ON = Samples(rows=2, keys="shown", show=("public",))
ROWS = [{"id": n, "city": f"city-{n}", "mail": f"canary-{n}"} for n in range(5)]


def people(*more):
    return plan(
        dataset(
            "people",
            column("id", "integer", primaryKey=True),
            column("city", "string", unique=True, classification="public"),
            column("mail", "string", required=True),
            *more,
            quality=[{"id": "rows", "metric": "rowCount", "mustBe": 5}],
        )
    )


def answers(**more):
    return {
        Offenders(Null("id")): 0,
        Duplicates(("id",)): 0,
        Duplicates(("city",)): 3,
        Offenders(Null("mail")): NotMeasured(Cause.TIMEOUT, "too slow"),
        RowCount(): 9,
    } | more


def measured(found, warehouse):
    checks = [each for each in found.checks if each.kind == "quality"]
    return engine.run(
        found, checks, warehouse, server="db", tick="t",
        clock=Clock(datetime(2026, 3, 4, tzinfo=UTC)), kinds=kinds(), grading=Grading(),
    )  # fmt: skip


def sampled(found, warehouse, samples=ON):
    outcomes = measured(found, warehouse)
    taken = engine.samples_of(found, outcomes, warehouse, samples=samples, secret=b"s")
    return {key.check: each for key, each in taken.items()}


def test_only_what_is_broken_and_points_at_rows_is_sampled():
    warehouse = FakeWarehouse(answers={"people": answers()}, rows={"people": ROWS})

    found = sampled(people(), warehouse)

    (check,) = found
    assert check == "people.city.unique"
    assert [[cell.text for cell in row] for row in found[check].rows] == [["0", "city-0"], ["1", "city-1"]]
    assert [each.metrics for each in warehouse.sampled] == [(Duplicates(("city",)),)]


def test_nothing_is_taken_while_samples_are_off():
    warehouse = FakeWarehouse(answers={"people": answers()}, rows={"people": ROWS})
    assert sampled(people(), warehouse, Samples(rows=0)) == {}
    assert warehouse.sampled == []


def test_a_kept_promise_has_no_sample():
    warehouse = FakeWarehouse(answers={"people": {**answers(), Duplicates(("city",)): 0}})
    assert sampled(people(), warehouse) == {}
    assert warehouse.sampled == []


def test_no_more_than_ten_samples_of_a_dataset_are_taken_at_a_time():
    more = [column(f"c{n}", "string", required=True, classification="public") for n in range(12)]
    asked = answers() | {Offenders(Null(f"c{n}")): 1 for n in range(12)}
    warehouse = FakeWarehouse(answers={"people": asked})

    found = sampled(people(*more), warehouse)

    assert (len(found), len(warehouse.sampled)) == (13, 10)
    assert [each.gap for each in found.values() if each.gap] == [
        "10 samples of this dataset are the most that are taken at a time"
    ] * 3


def test_a_check_that_points_at_rows_in_no_known_way_disturbs_nothing():
    found = people()
    odd = tuple(
        replace(each, offending=(Offenders("what"),)) if each.id == "people.city.unique" else each
        for each in found.checks
    )
    warehouse = FakeWarehouse(answers={"people": answers()})

    (sample,) = sampled(replace(found, checks=odd), warehouse).values()

    assert sample.gap == "the check does not say which rows it counts"


class Unable:
    """A warehouse of another distribution, which knows of no samples."""

    def __init__(self, inner):
        self.ask, self.explain, self.statements, self.close = (
            inner.ask, inner.explain, inner.statements, inner.close,
        )  # fmt: skip


class Raising(FakeWarehouse):
    def samples(self, wanted, secret):
        raise RuntimeError("row 7 is canary-7")


class TooFew(FakeWarehouse):
    def samples(self, wanted, secret):
        return ()


@pytest.mark.parametrize(
    ("warehouse", "gap"),
    [
        (Unable(FakeWarehouse(answers={"people": answers()})), "this warehouse takes no samples"),
        (Raising(answers={"people": answers()}), "the warehouse could not take it"),
        (TooFew(answers={"people": answers()}), "the warehouse could not take it"),
    ],
    ids=["unable", "raising", "too few"],
)
def test_a_warehouse_that_takes_no_samples_disturbs_nothing(warehouse, gap, caplog):
    caplog.set_level(logging.DEBUG)
    found = people()
    without = measured(found, FakeWarehouse(answers={"people": answers()}))

    (sample,) = sampled(found, warehouse).values()

    assert (sample.rows, sample.gap) == ((), gap)
    assert measured(found, warehouse) == without
    assert "canary" not in caplog.text
