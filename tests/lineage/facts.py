"""Outcomes of one contract, and the schemas that the events about them are held to."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from floe_dagster.contract.model import Column, Contract, Dataset, Member, Server
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Check, Plan, Severity, Status
from floe_dagster.plan.metric import Newest, Offenders, RowCount, Table
from floe_dagster.plan.offence import Null

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(os.environ.get("FLOE_CORPORA", ROOT.parent / "shared" / "corpora")) / "openlineage"
OURS = ROOT / "floe_dagster" / "lineage" / "schemas"
START = datetime(2026, 3, 29, 7, 15, tzinfo=UTC)
END = START + timedelta(seconds=1.25)


@cache
def _registry():
    files = [
        SCHEMAS / "OpenLineage.json",
        *sorted(SCHEMAS.glob("facets/*.json")),
        *sorted(OURS.glob("*.json")),
    ]
    documents = [json.loads(each.read_text()) for each in files]
    return Registry().with_resources([(each["$id"], DRAFT202012.create_resource(each)) for each in documents])


def problems(event):
    """Everything that is wrong with an event: by the core specification, and each facet by its own schema."""

    def against(url, document):
        validator = Draft202012Validator(
            {"$ref": url}, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        try:
            return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(document)]
        except Unresolvable as error:
            return [f"{url} leads nowhere: {error}"]

    found = against(str(event.get("schemaURL")), event)
    for facet in _facets(event):
        found += against(str(facet.get("_schemaURL")), facet)
    return found


def _facets(event):
    yield from event.get("run", {}).get("facets", {}).values()
    yield from event.get("job", {}).get("facets", {}).values()
    for dataset in (*event.get("inputs", []), *event.get("outputs", [])):
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(kind, {}).values()


SERVER = Server(
    path="servers[0]",
    name="nycflights13",
    type="duckdb",
    options={"database": "data/nyc.duckdb", "schema": "main"},
)
FLIGHTS = Dataset(
    path="schema[0]",
    name="flights",
    physical_name="flights",
    columns=(Column(path="schema[0].properties[0]", name="destination", physical_name="dest"),),
)
CONTRACT = Contract(
    id="urn:flights:1",
    version="v1.2-rc1",
    api_version="v3.1.0",
    status="active",
    source="contracts/flights.odcs.yaml",
    digest="0" * 64,
    name="flights",
    servers=(SERVER,),
    datasets=(FLIGHTS,),
    consumers=("delay dashboard",),
    team_name="flight data",
    team=(Member(username="ann", role="owner"), Member(username="bob")),
)


def check(name, *metrics):
    return Check(
        id=name,
        kind="quality",
        dataset="flights",
        path="schema[0].quality[0]",
        title=f"title of {name}",
        table=Table("flights"),
        metrics=metrics,
        terms=None,
        expected="0 rows",
    )


PLAN = Plan(
    contract=CONTRACT,
    items=(),
    checks=(
        check("flights.rows", RowCount()),
        check("flights.destination.required", Offenders(Null("dest"))),
        check("flights.freshness", Newest("landed_at")),
    ),
)

BROKEN = Outcome(
    tick="tick-1",
    key=Key(contract=CONTRACT.id, server="nycflights13", check="flights.destination.required"),
    version=CONTRACT.version,
    dataset="flights",
    element="destination",
    kind="quality",
    title="destination is required",
    status=Status.FAILED,
    severity=Severity.ERROR,
    broken=True,
    expected="0 rows",
    actual=12,
    message="flights.destination: 12 rows are empty, 0 promised",
    path="schema[0].properties[0]",
    source=CONTRACT.source,
    line=12,
    at=END,
    duration_seconds=0.25,
)
KEPT = replace(
    BROKEN, status=Status.PASSED, broken=False, actual=0, message="flights.destination: no row is empty"
)
CLOSE = replace(KEPT, status=Status.WARNED, severity=Severity.WARNING, used=0.95)
MINOR = replace(BROKEN, status=Status.WARNED, severity=Severity.WARNING)
UNKNOWN = replace(
    BROKEN,
    status=Status.ERROR,
    broken=False,
    actual=None,
    cause="unreachable",
    message="flights could not be measured: the file is not there",
)
ROWS = replace(
    KEPT, key=replace(KEPT.key, check="flights.rows"), element=None, actual=336776, expected="at least 1 row"
)
STALE = replace(
    BROKEN,
    key=replace(BROKEN.key, check="flights.freshness"),
    element="landed_at",
    kind="freshness",
    actual=7215.25,
    expected="at most 2 h old",
    message="flights.landed_at is 2 h old; at most 2 h promised",
)
EVERY = {
    "broken": BROKEN,
    "kept": KEPT,
    "close": CLOSE,
    "minor": MINOR,
    "unknown": UNKNOWN,
    "rows": ROWS,
    "stale": STALE,
}
