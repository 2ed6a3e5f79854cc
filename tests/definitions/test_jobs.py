"""The cadence jobs, their schedules, and the sensors."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg
import pytest
from dagster._core.storage.tags import SCHEDULED_EXECUTION_TIME_TAG

from floe_dagster import build_definitions
from floe_dagster.definitions.jobs import _BUSY
from tests.delivery.receiver import receiver as receiving


def tick(project, instance, name):
    return build_definitions(project.root).resolve_job_def(name).execute_in_process(instance=instance)


@pytest.mark.requirement("A-05")
def test_a_cadence_job_measures_its_kind_for_every_dataset_with_one_event_a_check(project, instance):
    result = tick(project, instance, "floe_availability")

    events = [each for each in result.all_events if each.event_type_value == "ASSET_CHECK_EVALUATION"]
    planned = [
        each for each in result.all_events if each.event_type_value == "ASSET_CHECK_EVALUATION_PLANNED"
    ]
    assert {each.asset_check_evaluation_data.asset_key.to_user_string() for each in events} == {
        "orders",
        "customers",
    }
    assert not planned


def test_a_breach_is_told_once_and_its_recovery_once(project, instance):
    project.load(orphans=3)
    for _ in range(3):
        assert tick(project, instance, "floe_quality").success
    project.load(orphans=0)
    for _ in range(3):
        tick(project, instance, "floe_quality")

    told = project.alerts()
    assert [each["transition"] for each in told] == ["opened", "resolved"]
    assert len({each["episode"] for each in told}) == 1


def test_a_schedule_skips_while_its_last_run_is_going(project, instance):
    defs = build_definitions(project.root)
    schedule = defs.resolve_schedule_def("floe_quality")

    def evaluate():
        with dg.build_schedule_context(instance=instance) as context:
            return schedule.evaluate_tick(context)

    assert len(evaluate().run_requests) == 1
    job = defs.resolve_job_def("floe_quality")
    going = instance.create_run_for_job(job, status=_BUSY[-1])
    assert going.run_id in evaluate().skip_message


def test_a_sensor_never_raises_even_where_the_store_is_gone(project, instance):
    manifest = project.root / "floe.yaml"
    manifest.write_text(
        manifest.read_text().replace(f"sqlite:///{project.root}/floe.db", "postgresql://nobody@127.0.0.1:1/x")
    )

    for name in ("floe_alerts", "floe_lineage"):
        with dg.build_sensor_context(instance=instance) as context:
            ticked = build_definitions(project.root).resolve_sensor_def(name).evaluate_tick(context)
        assert ticked.skip_message
        assert not ticked.run_requests


@pytest.mark.requirement("D-04")
def test_the_sensor_says_of_what_is_open_that_it_still_is_until_it_is_over(project, instance, monkeypatch):
    with receiving() as receiver:
        monkeypatch.setenv("ALERTMANAGER_URL", receiver.url.removesuffix("/hook"))
        project.manifest(
            "log: {type: file, path: alerts.jsonl}", "log: {type: alertmanager, url: '${ALERTMANAGER_URL}'}"
        )

        def posted():
            with dg.build_sensor_context(instance=instance) as context:
                build_definitions(project.root).resolve_sensor_def("floe_alerts").evaluate_tick(context)
            return [json.loads(body) for _, _, body in receiver.received]

        project.load(orphans=3)
        tick(project, instance, "floe_quality")
        opened, *renewed = posted()
        assert [each[0]["labels"] for each in renewed] == [opened[0]["labels"]]
        assert renewed[0][0]["endsAt"] > opened[0]["endsAt"]

        project.load(orphans=0)
        tick(project, instance, "floe_quality")
        assert len(posted()) == len(posted())


def test_lineage_events_are_carried_by_their_sensor(project, instance):
    tick(project, instance, "floe_quality")
    assert not (project.root / "lineage.jsonl").exists()

    with dg.build_sensor_context(instance=instance) as context:
        build_definitions(project.root).resolve_sensor_def("floe_lineage").evaluate_tick(context)

    kinds = [
        json.loads(each)["eventType"] for each in (project.root / "lineage.jsonl").read_text().splitlines()
    ]
    assert kinds.count("START") == kinds.count("COMPLETE") > 0


@pytest.mark.requirement("E-01")
@pytest.mark.parametrize("due", ["2026-03-29T06:00:00+00:00", "no time"])
def test_the_nominal_time_of_lineage_is_when_the_schedule_had_the_run_due(project, instance, due):
    defs = build_definitions(project.root)
    tags = {SCHEDULED_EXECUTION_TIME_TAG: due}
    defs.resolve_job_def("floe_availability").execute_in_process(instance=instance, tags=tags)
    with dg.build_sensor_context(instance=instance) as context:
        defs.resolve_sensor_def("floe_lineage").evaluate_tick(context)
    events = [json.loads(each) for each in (project.root / "lineage.jsonl").read_text().splitlines()]
    told = {each["run"]["facets"]["nominalTime"]["nominalStartTime"] for each in events}
    begun = {each["eventTime"] for each in events if each["eventType"] == "START"}
    assert told == ({"2026-03-29T06:00:00Z"} if due.startswith("2026") else begun)


@pytest.mark.requirement("G-03")
def test_the_sla_report_asset_writes_a_page_and_shows_it(project, instance):
    project.load(orphans=3)
    tick(project, instance, "floe_quality")

    result = tick(project, instance, "floe_sla_report")

    (materialization,) = result.asset_materializations_for_node("sla_report")
    page = project.root / materialization.metadata["html"].value
    assert "orders" in page.read_text()
    assert "orders" in materialization.metadata["report"].value


@pytest.mark.requirement("G-03")
@pytest.mark.parametrize("routine", ["daily", "weekly", "monthly"])
def test_a_period_is_reported_on_when_it_is_over_and_again_whenever_it_is_asked(project, instance, routine):
    tick(project, instance, "floe_quality")
    defs = build_definitions(project.root)
    schedule = defs.resolve_schedule_def(f"floe_sla_report_{routine}")
    with dg.build_schedule_context(
        instance=instance,
        repository_def=defs.get_repository_def(),
        scheduled_execution_time=datetime(2026, 6, 2, 2, tzinfo=UTC),
    ) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert (
        request.partition_key
        == {
            "daily": "2026-06-01",
            "weekly": "2026-05-25",
            "monthly": "2026-05-01",
        }[routine]
    )

    job = defs.resolve_job_def(f"floe_sla_report_{routine}")
    pages = []
    for _ in range(2):
        result = job.execute_in_process(instance=instance, partition_key=request.partition_key)
        pages.append({each.name: each.read_bytes() for each in (project.root / "reports").iterdir()})
    assert pages[0] == pages[1]

    (materialization,) = result.asset_materializations_for_node(f"sla_report__{routine}")
    page = project.root / materialization.metadata["html"].value
    assert materialization.partition == request.partition_key
    names = {"daily": "2026-06-01", "weekly": "2026-W22", "monthly": "2026-05"}
    assert page.name == f"sla-{routine}-{names[routine]}.html"


def test_no_report_is_asked_for_of_a_time_before_the_first(project, instance):
    schedule = build_definitions(project.root).resolve_schedule_def("floe_sla_report_monthly")
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime(2026, 1, 20, tzinfo=UTC)
    ) as context:
        assert "reports.start" in schedule.evaluate_tick(context).skip_message
