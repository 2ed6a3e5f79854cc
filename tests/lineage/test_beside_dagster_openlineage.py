"""Beside dagster-openlineage: the same runs of Dagster, told by that package and by us, do not mix."""

from __future__ import annotations

import json
import warnings

import dagster as dg
import pytest

from floe_dagster.definitions import build_definitions
from tests.delivery.receiver import receiver as receiving
from tests.project import Project

pytestmark = pytest.mark.requirement("E-04")

NAMESPACE = "dagster"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The events of one run of the quality checks: theirs, by their sensor, and ours."""
    with receiving() as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENLINEAGE_URL", receiver.url.removesuffix("/hook/CANARY-PATH"))
        patch.setenv("OPENLINEAGE_NAMESPACE", NAMESPACE)
        theirs = pytest.importorskip(
            "dagster_openlineage", reason="pip install dagster-openlineage, which nothing else here needs"
        )
        project = Project(tmp_path_factory.mktemp("project"))
        project.manifest(
            "lineage: {file: lineage.jsonl}",
            f"lineage: {{file: lineage.jsonl, namespace: {NAMESPACE}, dagster_namespace: {NAMESPACE}}}",
        )
        project.load(orphans=3)
        ours = build_definitions(project.root)
        sensor = theirs.openlineage_sensor(include_asset_events=True, record_filter_limit=10_000)
        # their sensor reads no event log that has a file for each run, as Dagster's default one has
        storage = {
            "module": "dagster._core.storage.event_log",
            "class": "ConsolidatedSqliteEventLogStorage",
            "config": {"base_dir": str(project.root / "dagster")},
        }
        with dg.instance_for_test(overrides={"event_log_storage": storage}) as instance:
            ours.resolve_job_def("floe_quality").execute_in_process(instance=instance)
            for each in (sensor, ours.resolve_sensor_def("floe_lineage")):
                with dg.build_sensor_context(instance=instance) as context, warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    each.evaluate_tick(context)
        lines = (project.root / "lineage.jsonl").read_text().splitlines()
        return [json.loads(body) for _, _, body in receiver.received], [json.loads(each) for each in lines]


def jobs(events):
    return {(each["job"]["namespace"], each["job"]["name"]) for each in events}


def runs(events):
    return {each["run"]["runId"] for each in events}


def datasets(events):
    return {(each["namespace"], each["name"]) for event in events for each in event.get("inputs", [])}


def test_both_tell_of_the_same_checks_in_jobs_and_runs_of_their_own(told):
    theirs, ours = told
    assert any(name.endswith("__checks") for _, name in jobs(theirs))
    assert all(name.startswith("contract_check.") for _, name in jobs(ours))
    assert jobs(theirs) & jobs(ours) == set()
    assert runs(theirs) & runs(ours) == set()
    assert datasets(theirs) & datasets(ours) == set()


def test_the_parent_of_our_runs_is_the_very_run_that_the_other_tells_of(told):
    theirs, ours = told
    known = {
        (each["run"]["runId"], each["job"]["namespace"], each["job"]["name"])
        for each in theirs
        if each["job"]["name"] == "floe_quality"
    }
    parents = [each["run"]["facets"]["parent"] for each in ours]
    assert {
        (each["run"]["runId"], each["job"]["namespace"], each["job"]["name"]) for each in parents
    } == known
    assert len(known) == 1
