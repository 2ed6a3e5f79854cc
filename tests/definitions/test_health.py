"""The asset `floe/health`: red and yellow in a real Dagster, never an exception."""

from __future__ import annotations

import threading

import dagster as dg
import pytest

from floe_dagster import build_definitions
from floe_dagster.definitions.health import KEY
from floe_dagster.health import Aspect
from floe_dagster.state.store import open_store
from tests.conftest import start_postgres, stop_postgres

pytestmark = pytest.mark.requirement("F-10")


def look(project, instance, job="floe_health"):
    """What the run of a job said of each aspect."""
    result = build_definitions(project.root).resolve_job_def(job).execute_in_process(instance=instance)
    assert result.success
    events = [each for each in result.all_events if each.event_type_value == "ASSET_CHECK_EVALUATION"]
    said = [each.asset_check_evaluation_data for each in events]
    assert {each.asset_key for each in said} <= {KEY}
    return {each.check_name: each for each in said}


def execute(project, instance, *names):
    """What the Execute button is told, of all checks or of some."""
    keys = [dg.AssetCheckKey(KEY, each) for each in names]
    selection = (
        dg.AssetSelection.checks(*keys)
        if keys
        else dg.AssetSelection.checks_for_assets(dg.AssetKey(KEY.path))
    )
    job = dg.define_asset_job("by_hand", selection, executor_def=dg.in_process_executor)
    both = dg.Definitions.merge(build_definitions(project.root), dg.Definitions(jobs=[job]))
    result = both.resolve_job_def("by_hand").execute_in_process(instance=instance)
    assert result.success
    return {each.check_name: each for each in result.get_asset_check_evaluations()}


def test_every_aspect_is_a_check_that_blocks_nothing(project):
    graph = build_definitions(project.root).resolve_asset_graph()
    keys = graph.get_check_keys_for_assets({KEY})

    assert {each.name for each in keys} == {each.value for each in Aspect}
    assert not any(graph.get_check_spec(each).blocking for each in keys)
    assert not graph.get(KEY).is_materializable


def test_its_schedule_looks_every_five_minutes_and_skips_while_it_is_looking(project):
    schedule = build_definitions(project.root).resolve_schedule_def("floe_health")

    assert schedule.cron_schedule == "*/5 * * * *"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


def test_it_is_green_then_red_where_something_is_wrong_and_only_news_is_shown(project, instance):
    well = execute(project, instance)
    assert set(well) == {each.value for each in Aspect}
    assert {each.passed for each in well.values()} == {True}
    assert look(project, instance) == {}

    project.contract("broken", "apiVersion: v3.1.0\n")
    project.manifest(
        "log: {type: file", "log: {type: webhook, url: '${NOT_SET_ANYWHERE}'}\n    file: {type: file"
    )
    said = look(project, instance)

    assert set(said) == {"channels", "contracts"}
    assert {(each.passed, each.severity) for each in said.values()} == {(False, dg.AssetCheckSeverity.ERROR)}
    assert "broken.odcs.yaml:1" in said["contracts"].description
    table = said["channels"].metadata["floe/report"].value
    assert "| severity | about | what was found | what to do |" in table
    assert "NOT\\_SET\\_ANYWHERE" in table
    assert "mend alerts.channels.log" in table
    (finding,) = said["contracts"].metadata["floe/findings"].value
    assert (finding["about"], finding["severity"]) == ("contracts/broken.odcs.yaml", "error")

    assert look(project, instance) == {}
    project.manifest("timeout: 2 s", "timeout: 2 s\nheartbeat: 1 s")
    threading.Event().wait(1.1)
    assert len(look(project, instance)) == len(Aspect)


@pytest.mark.requirement("C-07")
def test_outcomes_that_wait_for_the_store_are_yellow(project, instance):
    spool = project.root / ".floe" / "spool"
    spool.mkdir(parents=True)
    (spool / "x.jsonl").write_text("{}\n")

    said = execute(project, instance, "store")

    assert set(said) == {"store"}
    assert (said["store"].passed, said["store"].severity) == (False, dg.AssetCheckSeverity.WARN)
    assert said["store"].description.startswith("degraded: 1 outcome")


@pytest.mark.postgres
@pytest.mark.requirement("C-07")
def test_a_store_that_is_stopped_is_failed_health_and_no_failed_run(project, instance):
    server = start_postgres()
    try:
        project.manifest(f"sqlite:///{project.root}/floe.db", server.url())
        open_store(server.url()).close()
        server.stop()

        said = execute(project, instance)

        assert (said["store"].passed, said["store"].severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert "does not answer" in said["store"].description
        for each in ("ticks", "measured", "delivery"):
            assert (said[each].passed, said[each].severity) == (False, dg.AssetCheckSeverity.WARN)
        assert said["channels"].passed
        server.start()
        assert execute(project, instance, "store")["store"].passed
    finally:
        stop_postgres(server)


def test_a_dataset_that_claims_a_key_of_ours_is_quarantined_and_named(project, instance):
    text = (project.root / "contracts/orders.odcs.yaml").read_text()
    renamed = text.replace("id: shop.orders", "id: shop.health").replace("name: orders\n", "name: lines\n")
    renamed = renamed.replace("name: customers", "name: buyers").replace("to: customers.id", "to: buyers.id")
    renamed = renamed.replace("element: orders.at", "element: lines.at").replace(
        "    description: One row for each order\n",
        "    customProperties: [{property: floe.assetKey, value: floe/health}]\n",
    )
    project.contract("health", renamed)

    said = execute(project, instance, "contracts")["contracts"]

    assert not said.passed
    assert "are floe's own" in said.description
