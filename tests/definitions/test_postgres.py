"""In production Dagster keeps its history, and we keep ours, on PostgreSQL."""

from __future__ import annotations

import dagster as dg
import pytest
from sqlalchemy.engine import make_url

from floe_dagster import build_definitions

pytestmark = [pytest.mark.postgres, pytest.mark.requirement("J-01")]


@pytest.fixture
def on_postgres(postgres_url):
    storage = {
        "postgres_url": make_url(postgres_url)
        .set(drivername="postgresql")
        .render_as_string(hide_password=False)
    }
    with dg.instance_for_test(overrides={"storage": {"postgres": storage}}) as instance:
        yield instance


def test_a_breach_is_in_dagsters_history_and_in_ours_and_is_told(project, on_postgres, postgres_url):
    project.manifest(f"sqlite:///{project.root}/floe.db", postgres_url)
    project.load(orphans=3)
    defs = build_definitions(project.root)

    result = defs.resolve_job_def("floe_quality").execute_in_process(instance=on_postgres)

    key = dg.AssetCheckKey(dg.AssetKey("orders"), "customer_relationship")
    record = on_postgres.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert result.success
    assert record.event.asset_check_evaluation.metadata["floe/actual"].value == 3
    assert [each["transition"] for each in project.alerts()] == ["opened"]
