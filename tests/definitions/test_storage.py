"""The one file that uses what Dagster does not call public, on both of Dagster's storages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from floe_dagster.definitions.storage import evaluations, latest, log_id

pytestmark = pytest.mark.requirement("C-07")
ORDERS = dg.AssetKey("orders")


def said(name: str, *, passed: bool = True, **more) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(asset_key=ORDERS, check_name=name, passed=passed, **more)


@dg.job(executor_def=dg.in_process_executor)
def somebody():
    @dg.op(out={})
    def say():
        yield said("in_a_run", metadata={"rows": 3})

    say()


def test_evaluations_with_and_without_a_run_are_read_by_their_ids(own_history):
    own_history.report_runless_asset_event(said("first"))
    run = somebody.execute_in_process(instance=own_history)
    own_history.report_runless_asset_event(dg.AssetMaterialization("orders"))
    own_history.report_runless_asset_event(said("last", passed=False))

    found = evaluations(own_history, after=0, limit=10)

    assert [each.event.check_name for each in found] == ["first", "in_a_run", "last"]
    assert [each.id for each in found] == sorted({each.id for each in found})
    assert [each.run_id for each in found] == ["", run.run_id, ""]
    assert found[1].event.metadata["rows"].value == 3
    assert all(abs(each.at - datetime.now(UTC)) < timedelta(minutes=5) for each in found)
    assert evaluations(own_history, after=found[0].id, limit=1) == (found[1],)
    assert evaluations(own_history, after=found[-1].id, limit=9) == ()
    assert evaluations(own_history, after=0, since=datetime.now(UTC) + timedelta(days=1), limit=9) == ()
    assert len(evaluations(own_history, after=0, since=datetime.now(UTC) - timedelta(days=1), limit=9)) == 3


def test_the_newest_of_several_checks_is_read_at_once(own_history):
    for each in (said("a"), said("b"), said("a", passed=False)):
        own_history.report_runless_asset_event(each)
    keys = [dg.AssetCheckKey(ORDERS, name) for name in ("a", "b", "never")]

    found = latest(own_history, keys)

    assert {key.name: entry.asset_check_evaluation.passed for key, entry in found.items()} == {
        "a": False,
        "b": True,
    }


def test_a_history_has_a_name_that_stays(own_history):
    with dg.instance_for_test() as other:
        assert log_id(own_history) == log_id(own_history) != log_id(other)
