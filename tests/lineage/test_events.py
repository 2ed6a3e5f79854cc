"""Outcomes as OpenLineage events."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from floe_dagster import __version__
from floe_dagster.lineage import destinations, events_for, facets, parcels
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.check import Status
from floe_dagster.settings import Settings
from tests.lineage.facts import (
    BROKEN,
    CLOSE,
    CONTRACT,
    END,
    EVERY,
    KEPT,
    MINOR,
    PLAN,
    ROWS,
    SERVER,
    STALE,
    START,
    UNKNOWN,
)

pytestmark = pytest.mark.requirement("E-01")

GOLDEN = Path(__file__).parents[1] / "golden" / "lineage"
RUN = "0198c0de-0000-4000-8000-000000000001"


def events(*outcomes, **more):
    given = {"server": SERVER, "namespace": "floe", "started_at": START, "ended_at": END, **more}
    return events_for(outcomes, PLAN, **given)


def terminal(outcome, **more):
    return events(outcome, **more)[-1]


@pytest.mark.parametrize("name", EVERY)
def test_every_kind_of_outcome_reads_as_agreed(name):
    text = json.dumps(events(EVERY[name], parent_run_id=RUN), indent=2) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("FLOE_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (BROKEN, "FAIL"),
        (MINOR, "FAIL"),
        (UNKNOWN, "FAIL"),
        (KEPT, "COMPLETE"),
        (CLOSE, "COMPLETE"),
        (ROWS, "COMPLETE"),
    ],
)
def test_a_run_starts_and_ends_once(outcome, kind):
    start, end = events(outcome)
    assert (start["eventType"], end["eventType"]) == ("START", kind)
    assert start["run"]["runId"] == end["run"]["runId"]
    assert start["job"] == end["job"]
    assert start["eventTime"] < end["eventTime"]


@pytest.mark.parametrize("status", [Status.NOT_EXECUTABLE, Status.INFORMATIONAL])
def test_what_was_never_executed_is_no_run(status):
    assert events(replace(KEPT, status=status)) == ()


def test_a_clock_that_went_back_does_not_end_a_run_before_its_start():
    start, end = events(KEPT, ended_at=START - timedelta(hours=1))
    assert start["eventTime"] == end["eventTime"]


@pytest.mark.requirement("E-04")
def test_the_job_is_our_own_and_the_dataset_only_its_input():
    for each in events(BROKEN, namespace="nyc"):
        assert each["job"]["namespace"] == "nyc"
        assert each["job"]["name"] == "contract_check.urn:flights:1.flights.destination.required"
        assert [(one["namespace"], one["name"]) for one in each["inputs"]] == [
            ("file", "data/nyc.duckdb/main.flights")
        ]
        assert each["outputs"] == []


@pytest.mark.requirement("E-02")
def test_the_same_check_of_the_same_tick_is_the_same_run():
    assert events(BROKEN) == events(BROKEN)
    assert terminal(BROKEN)["run"]["runId"] == terminal(UNKNOWN)["run"]["runId"]


@pytest.mark.requirement("E-02")
def test_another_tick_check_or_server_is_another_run():
    others = [
        replace(BROKEN, tick="tick-2"),
        replace(BROKEN, key=replace(BROKEN.key, check="flights.rows")),
        replace(BROKEN, key=replace(BROKEN.key, server="elsewhere")),
    ]
    assert len({terminal(each)["run"]["runId"] for each in (BROKEN, *others)}) == 4


@pytest.mark.parametrize(
    ("outcome", "facets_of_run"),
    [
        (BROKEN, {"nominalTime", "test", "errorMessage", "floe_contractViolation"}),
        (UNKNOWN, {"nominalTime", "test", "errorMessage"}),
        (KEPT, {"nominalTime", "test"}),
        (CLOSE, {"nominalTime", "test"}),
    ],
)
def test_the_facets_of_the_run_say_what_came_of_it(outcome, facets_of_run):
    start, end = events(outcome)
    assert set(start["run"]["facets"]) == {"nominalTime"}
    assert set(end["run"]["facets"]) == facets_of_run


@pytest.mark.parametrize(
    ("outcome", "status"), [(BROKEN, "fail"), (KEPT, "pass"), (CLOSE, "pass"), (UNKNOWN, "skip")]
)
def test_the_test_facet_never_says_that_a_pipeline_was_blocked(outcome, status):
    (test,) = terminal(outcome)["run"]["facets"]["test"]["tests"]
    assert (test["status"], test["severity"]) == (status, "warn")


def test_an_assertion_names_the_column_as_the_database_does():
    (assertion,) = terminal(BROKEN)["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion["column"] == "dest"
    assert assertion["success"] is False
    assert assertion["actual"] == "12"


@pytest.mark.parametrize("element", [None, "destination, origin", "gone"])
def test_an_assertion_on_no_single_known_column_is_on_the_dataset(element):
    (assertion,) = terminal(replace(BROKEN, element=element))["inputs"][0]["inputFacets"][
        "dataQualityAssertions"
    ]["assertions"]
    assert "column" not in assertion


def test_what_could_not_be_measured_asserts_nothing():
    assert "inputFacets" not in terminal(UNKNOWN)["inputs"][0]


def measured(outcome):
    facet = terminal(outcome)["inputs"][0]["inputFacets"].get("dataQualityMetrics", {})
    return {name: each for name, each in facet.items() if not name.startswith("_")}


def test_what_the_standard_has_a_word_for_is_told_as_a_metric_too():
    assert measured(ROWS) == {"rowCount": 336776, "columnMetrics": {}}
    assert measured(BROKEN) == {"columnMetrics": {"dest": {"nullCount": 12}}}
    assert measured(STALE) == {"lastUpdated": "2026-03-29T05:14:46Z", "columnMetrics": {}}


@pytest.mark.parametrize(
    "outcome",
    [
        replace(ROWS, actual=0.5),
        replace(ROWS, actual=True),
        replace(ROWS, key=replace(ROWS.key, check="gone")),
        replace(STALE, actual=-1),
        replace(STALE, actual=1e300),
        replace(STALE, actual=float("nan")),
        replace(STALE, kind="quality"),
    ],
)
def test_what_is_no_such_number_is_no_metric(outcome):
    assert measured(outcome) == {}


def test_the_dagster_run_is_the_parent_where_its_id_is_a_uuid():
    parent = terminal(BROKEN, parent_run_id=RUN, parent_job="floe_quality")["run"]["facets"]["parent"]
    assert parent["run"] == {"runId": RUN}
    assert parent["job"] == {"namespace": "floe", "name": "floe_quality"}
    assert parent["root"] == {"run": parent["run"], "job": parent["job"]}


@pytest.mark.requirement("E-04")
def test_the_parent_is_in_the_namespace_that_dagsters_own_events_are_in():
    event = terminal(BROKEN, parent_run_id=RUN, dagster_namespace="dagster")
    assert event["run"]["facets"]["parent"]["job"]["namespace"] == "dagster"
    assert event["job"]["namespace"] == "floe"


def test_the_job_is_owned_by_who_answers_for_the_contract():
    owners = terminal(BROKEN)["job"]["facets"]["ownership"]["owners"]
    assert [each["name"] for each in owners] == ["user:ann", "team:flight data"]
    nobody = replace(PLAN, contract=replace(CONTRACT, team=(), team_name=None))
    (start, _) = events_for([BROKEN], nobody, server=SERVER, namespace="floe", started_at=START, ended_at=END)
    assert set(start["job"]["facets"]) == {"jobType"}


@pytest.mark.parametrize("outcome", [BROKEN, STALE, UNKNOWN])
def test_a_run_that_failed_says_why_where_everybody_looks(outcome):
    facet = terminal(outcome)["run"]["facets"]["errorMessage"]
    assert facet["message"] == outcome.message
    assert "stackTrace" not in facet


def test_the_facet_of_a_breach_can_have_the_name_of_the_floe_platform_too():
    found = terminal(BROKEN, contract_violation=True)["run"]["facets"]
    assert found["contractViolation"] == found["floe_contractViolation"]
    assert "contractViolation" not in terminal(BROKEN)["run"]["facets"]


@pytest.mark.parametrize("run_id", [None, "", "tick-1", "0198c0de"])
def test_without_a_uuid_there_is_no_parent(run_id):
    assert "parent" not in terminal(BROKEN, parent_run_id=run_id)["run"]["facets"]


def test_the_nominal_time_is_when_the_tick_was_due():
    due = START - timedelta(minutes=3)
    assert (
        terminal(KEPT, nominal_at=due)["run"]["facets"]["nominalTime"]["nominalStartTime"]
        == "2026-03-29T07:12:00Z"
    )


def test_the_violation_facet_carries_what_the_contract_says():
    facet = terminal(BROKEN)["run"]["facets"]["floe_contractViolation"]
    assert facet["contractVersion"] == "v1.2-rc1"
    assert facet["affectedConsumers"] == ["delay dashboard"]
    assert (facet["expectedValue"], facet["actualValue"]) == ("0 rows", "12")


def test_the_producer_names_the_version_of_the_package():
    assert facets.PRODUCER.endswith(f":{__version__}")


def test_events_become_parcels_in_the_order_of_their_run():
    made = parcels(events(BROKEN), END)
    run = json.loads(made[0].payload)["run"]["runId"]
    assert [each.key for each in made] == [f"lineage/{run}/START", f"lineage/{run}/FAIL"]
    assert [(each.topic, each.channel, each.group, each.sequence) for each in made] == [
        ("lineage", "lineage", run, 1),
        ("lineage", "lineage", run, 2),
    ]
    assert {each.state for each in made} == {ParcelState.PENDING}
    assert [json.loads(each.payload) for each in made] == list(events(BROKEN))


@pytest.mark.requirement("E-03")
def test_every_channel_has_parcels_of_its_own():
    made = parcels(events(BROKEN), END, ("lineage", "lineage.marquez", "lineage.bus"))
    run = terminal(BROKEN)["run"]["runId"]
    assert [(each.key, each.channel, each.group, each.sequence) for each in made] == [
        (f"lineage/{run}/{kind}{suffix}", channel, run, sequence)
        for sequence, kind in ((1, "START"), (2, "FAIL"))
        for suffix, channel in (("", "lineage"), ("/marquez", "lineage.marquez"), ("/bus", "lineage.bus"))
    ]


@pytest.mark.requirement("E-03")
def test_events_go_to_every_transport_that_is_on_or_to_be_mended():
    settings = Settings.model_validate(
        {
            "lineage": {
                "file": "lineage.jsonl",
                "transports": {
                    "marquez": {"type": "http", "url": "http://marquez:5000"},
                    "off": {"type": "http", "url": ""},
                },
            },
            "broken": {"lineage.bus": "KAFKA_PASSWORD is not set", "channels.chat": "TOKEN is not set"},
        }
    )
    assert destinations(settings) == ("lineage", "lineage.marquez", "lineage.bus")
    assert destinations(Settings()) == ()


def test_a_payload_is_one_line_whatever_the_contract_says():
    hostile = replace(BROKEN, message="one\ntwo\u2028three\ud800", actual=float("nan"))
    assert all(len(each.payload.splitlines()) == 1 for each in parcels(events(hostile), END))


def test_a_dataset_that_the_contract_does_not_have_is_named_as_it_is():
    assert terminal(replace(KEPT, dataset="gone"))["inputs"][0]["name"] == "gone"
    assert CONTRACT.dataset("gone") is None
