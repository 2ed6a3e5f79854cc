"""Every event is valid by the OpenLineage specification and by the schema of each facet, formats included."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.generated import (
    base,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    error_message_run,
    job_type_job,
    nominal_time_run,
    ownership_job,
    parent_run,
    test_run,
)

from floe_dagster.lineage import events_for, facets
from floe_dagster.outcome.outcome import Key
from floe_dagster.plan.check import Severity, Status
from tests.lineage.facts import BROKEN, CONTRACT, END, EVERY, OURS, PLAN, SCHEMAS, SERVER, START, problems

pytestmark = pytest.mark.requirement("E-02")

RUN = "0198c0de-0000-4000-8000-000000000001"


def events(*outcomes):
    return events_for(
        outcomes,
        PLAN,
        server=SERVER,
        namespace="floe",
        started_at=START,
        ended_at=END,
        parent_run_id=RUN,
        contract_violation=True,
    )


@pytest.mark.parametrize("name", EVERY)
def test_every_event_is_valid(wrong, name):
    for each in events(EVERY[name]):
        assert wrong(each) == []


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the OpenLineage schemas are not at {SCHEMAS}")
@given(
    text=st.text(),
    check=st.one_of(st.text(), st.sampled_from([each.id for each in PLAN.checks])),
    kind=st.sampled_from(["freshness", "quality"]),
    status=st.sampled_from([Status.PASSED, Status.FAILED, Status.WARNED, Status.ERROR]),
    severity=st.sampled_from(Severity),
    actual=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    at=st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_any_outcome_makes_valid_events(text, check, kind, status, severity, actual, at):
    outcome = replace(
        BROKEN,
        key=Key(contract=CONTRACT.id, server="s", check=check),
        kind=kind,
        status=status,
        severity=severity,
        broken=status is Status.FAILED,
        message=text,
        title=text,
        expected=text,
        element=text,
        actual=actual,
        at=at,
    )
    for each in events_for([outcome], PLAN, server=SERVER, namespace="floe", started_at=at, ended_at=at):
        assert problems(json.loads(json.dumps(each, allow_nan=False))) == []


def _set(path, value):
    def change(event):
        *way, last = path
        here = event
        for each in way:
            here = here[each]
        if value is _GONE:
            del here[last]
        else:
            here[last] = value

    return change


_GONE = object()
_VIOLATION = ("run", "facets", "floe_contractViolation")
_TEST = ("run", "facets", "test")
_ASSERTIONS = ("inputs", 0, "inputFacets", "dataQualityAssertions")
_METRICS = ("inputs", 0, "inputFacets", "dataQualityMetrics")
MUTATIONS = {
    "no schemaURL": _set(("schemaURL",), _GONE),
    "no producer": _set(("producer",), _GONE),
    "a producer that is no URI": _set(("producer",), "floe"),
    "an event time that is no time": _set(("eventTime",), "yesterday"),
    "an event time without a zone": _set(("eventTime",), "2026-03-29T07:15:00"),
    "an event type that does not exist": _set(("eventType",), "BROKEN"),
    "a run id that is no UUID": _set(("run", "runId"), "tick-1"),
    "no run": _set(("run",), _GONE),
    "no job": _set(("job",), _GONE),
    "no job name": _set(("job", "name"), _GONE),
    "an input without a namespace": _set(("inputs", 0, "namespace"), _GONE),
    "a facet without a producer": _set((*_TEST, "_producer"), _GONE),
    "a facet whose schema leads nowhere": _set(
        (*_TEST, "_schemaURL"), "https://openlineage.io/spec/none.json"
    ),
    "a nominal time that is no time": _set(("run", "facets", "nominalTime", "nominalStartTime"), "7:15"),
    "a parent run that is no UUID": _set(("run", "facets", "parent", "run", "runId"), "dagster"),
    "a parent without a job": _set(("run", "facets", "parent", "job"), _GONE),
    "a job type without an integration": _set(("job", "facets", "jobType", "integration"), _GONE),
    "tests that are no list": _set((*_TEST, "tests"), {}),
    "a test without a status": _set((*_TEST, "tests", 0, "status"), _GONE),
    "an actual value that is no text": _set((*_TEST, "tests", 0, "actual"), 12),
    "an assertion without success": _set((*_ASSERTIONS, "assertions", 0, "success"), _GONE),
    "a violation without a timestamp": _set((*_VIOLATION, "timestamp"), _GONE),
    "a violation at no time": _set((*_VIOLATION, "timestamp"), "2026-02-30T00:00:00Z"),
    "a violation of no known severity": _set((*_VIOLATION, "severity"), "fatal"),
    "a violation without a contract": _set((*_VIOLATION, "contractName"), _GONE),
    "a violation with an actual value that is no text": _set((*_VIOLATION, "actualValue"), 12),
    "a violation with consumers that are no list": _set((*_VIOLATION, "affectedConsumers"), "everyone"),
    "a violation that took less than no time": _set((*_VIOLATION, "checkDurationSeconds"), -1),
    "a violation whose producer is no URI": _set((*_VIOLATION, "_producer"), "floe"),
    "a violation by its other name without a message": _set(
        ("run", "facets", "contractViolation", "message"), _GONE
    ),
    "a root run that is no UUID": _set(("run", "facets", "parent", "root", "run", "runId"), "dagster"),
    "a root without a job": _set(("run", "facets", "parent", "root", "job"), _GONE),
    "an error without a message": _set(("run", "facets", "errorMessage", "message"), _GONE),
    "an error in no language": _set(("run", "facets", "errorMessage", "programmingLanguage"), _GONE),
    "owners that are no list": _set(("job", "facets", "ownership", "owners"), "ann"),
    "an owner without a name": _set(("job", "facets", "ownership", "owners", 0, "name"), _GONE),
    "metrics without columns": _set((*_METRICS, "columnMetrics"), _GONE),
    "a count of NULLs that is half": _set((*_METRICS, "columnMetrics", "dest", "nullCount"), 0.5),
    "a count of rows that is text": _set((*_METRICS, "rowCount"), "12"),
    "a last change at no time": _set((*_METRICS, "lastUpdated"), "lately"),
    "an assertion without a kind": _set((*_ASSERTIONS, "assertions", 0, "assertion"), _GONE),
    "outputs that are no list": _set(("outputs",), {}),
    "inputs that are no list": _set(("inputs",), {}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_not_valid_is_found_to_be_so(wrong, name):
    event = copy.deepcopy(events(BROKEN)[-1])
    assert wrong(event) == []
    MUTATIONS[name](event)
    assert wrong(event)


def test_the_schemas_are_the_ones_that_the_official_client_names():
    official = {
        base.RunEvent._get_schema(),
        data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet._get_schema(),
        data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet._get_schema(),
        error_message_run.ErrorMessageRunFacet._get_schema(),
        job_type_job.JobTypeJobFacet._get_schema(),
        nominal_time_run.NominalTimeRunFacet._get_schema(),
        ownership_job.OwnershipJobFacet._get_schema(),
        parent_run.ParentRunFacet._get_schema(),
        test_run.TestRunFacet._get_schema(),
    }
    text = json.dumps(events(*EVERY.values()))
    used = {
        each.split('"')[0]
        for each in text.replace('"schemaURL": "', '"_schemaURL": "').split('"_schemaURL": "')[1:]
    }
    assert {each for each in used if not each.startswith("urn:floe-dagster:")} == official


def test_there_are_enough_of_them():
    assert len(MUTATIONS) >= 30


def test_our_facet_is_published_where_its_events_say():
    document = json.loads((OURS / "FloeContractViolationRunFacet.json").read_text())
    url = facets.contract_violation(BROKEN, CONTRACT)["_schemaURL"]
    assert url == f"{document['$id']}#/$defs/FloeContractViolationRunFacet"


def test_every_field_of_our_facet_is_described_in_its_schema():
    document = json.loads((OURS / "FloeContractViolationRunFacet.json").read_text())
    own = document["$defs"]["FloeContractViolationRunFacet"]["allOf"][1]["properties"]
    sent = {each for each in facets.contract_violation(BROKEN, CONTRACT) if not each.startswith("_")}
    assert sent == set(own)
    assert all(each["description"] for each in own.values())
