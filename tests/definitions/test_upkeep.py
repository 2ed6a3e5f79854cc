"""The daily job that keeps days and weeks for ever, and deletes what is too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from floe_dagster import build_definitions
from floe_dagster.settings import load_settings, store_url
from floe_dagster.state.store import open_store
from tests.state.ticks import outcome, record

NOW = datetime.now(UTC)


@pytest.mark.requirement("C-04")
def test_the_job_keeps_the_days_and_then_deletes_what_is_too_old(project, instance):
    with open_store(store_url(load_settings(project.root / "floe.yaml"))) as store:
        for days in (200, 199, 5, 4):
            record(store, outcome(at=NOW - timedelta(days=days), tick=f"{days} days ago"))

        result = (
            build_definitions(project.root)
            .resolve_job_def("floe_upkeep")
            .execute_in_process(instance=instance)
        )

        assert result.success
        assert [each.tick for each in store.outcomes()] == ["5 days ago", "4 days ago"]
        days = store.periods("day", contract="orders", whole=True)
        assert sum(each.passed for each in days) == 4
        assert days[0].start.date() == (NOW - timedelta(days=200)).date()


def test_its_schedule_runs_by_default(project):
    schedule = build_definitions(project.root).resolve_schedule_def("floe_upkeep")

    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
