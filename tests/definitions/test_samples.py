"""With samples on, Dagster shows what may be shown where that is said, and nothing else holds a row."""

from __future__ import annotations

import logging
import re
import sqlite3
from contextlib import closing

import dagster as dg
import duckdb
import pytest

from floe_dagster import build_definitions
from tests.delivery.receiver import receiver as receiving
from tests.project import Project

pytestmark = pytest.mark.requirement("B-09")

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.people
version: 1.0.0
status: active
servers:
  - {server: shop, type: duckdb, database: shop.duckdb, schema: main}
schema:
  - name: people
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - {name: mail, logicalType: string, required: true, classification: restricted}
      - {name: note, logicalType: string, unique: true}
      - {name: city, logicalType: string, classification: public, logicalTypeOptions: {maxLength: 5}}
"""
ROWS = [
    ("canary-key", None, "canary-note", "canary-city"),
    ("canary-key", "canary-mail", "canary-note", "<img src=x onerror=alert(1)>\x1b[31m"),
    (None, "canary-mail", "x", "Ulm"),
]
ON = "samples: {{rows: 5, show: [public], dagster: {}}}\n"


@pytest.fixture
def people(tmp_path):
    project = Project(tmp_path)
    project.contract("orders", CONTRACT)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("create table people (id text, mail text, note text, city text)")
        database.executemany("insert into people values (?, ?, ?, ?)", ROWS)
    return project


def on(project, text):
    path = project.root / "floe.yaml"
    path.write_text(path.read_text() + text)


def quality(project, instance):
    job = build_definitions(project.root).resolve_job_def("floe_quality")
    return job.execute_in_process(instance=instance)


def execute_button(project, instance):
    selection = dg.AssetSelection.checks_for_assets(dg.AssetKey("people"))
    job = dg.define_asset_job("under_test", selection=selection, executor_def=dg.in_process_executor)
    defs = dg.Definitions.merge(build_definitions(project.root), dg.Definitions(jobs=[job]))
    return defs.resolve_job_def("under_test").execute_in_process(instance=instance)


def samples(result):
    found = {each.check_name: each.metadata for each in result.get_asset_check_evaluations()}
    return {name: each["floe/sample"] for name, each in found.items() if "floe/sample" in each}


def events(result, instance):
    """Everything that Dagster keeps of a run."""
    return "\n".join(dg.serialize_value(each) for each in instance.all_logs(result.run_id))


def canaries(text):
    return sorted(set(re.findall(r"canary-[a-z]+", text)))


@pytest.mark.parametrize("run", [quality, execute_button], ids=["a cadence job", "the Execute button"])
def test_a_broken_check_shows_a_table_of_rows(people, instance, run):
    on(people, ON.format("true"))

    result = run(people, instance)

    found = samples(result)
    assert sorted(found) == ["city_max_length", "mail_required", "note_unique", "primary_key"]
    table = found["city_max_length"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [(each.name, each.description) for each in table.schema.columns] == [
        ("id", "hashed"),
        ("city", "shown"),
    ]
    assert {each.data["city"] for each in table.records} == {
        "canary-city",
        r"<img src=x onerror=alert(1)>\x1b[31m",
    }
    assert len({each.data["id"] for each in found["note_unique"].records}) == 1
    assert {each.data["note"] for each in found["note_unique"].records} == {"masked"}
    assert {each.data["id"] is None for each in found["primary_key"].records} == {True, False}
    assert canaries(events(result, instance)) == ["canary-city"]


@pytest.mark.parametrize("run", [quality, execute_button], ids=["a cadence job", "the Execute button"])
def test_dagster_gets_no_samples_unless_that_is_said(people, instance, run):
    on(people, "samples: {rows: 5, show: [public], keys: shown}\n")

    result = run(people, instance)

    assert samples(result) == {}
    assert canaries(events(result, instance)) == []


def test_off_is_the_default(people, instance):
    assert samples(quality(people, instance)) == {}


def test_no_row_is_in_an_alert_an_event_a_log_or_the_store(people, instance, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "duckdb", "httpx2", "httpcore"):
        caplog.set_level(logging.DEBUG, name)
    with receiving() as receiver:
        people.manifest("    log:", f"    hook: {{type: webhook, url: '{receiver.url}'}}\n    log:")
        people.manifest("channels: [log]", "channels: [log, hook]")
        on(people, ON.format("true").replace("rows: 5", "rows: 5, keys: shown"))

        result = quality(people, instance)
        for name in ("floe_alerts", "floe_lineage"):
            with dg.build_sensor_context(instance=instance) as context:
                build_definitions(people.root).resolve_sensor_def(name).evaluate_tick(context)

    assert canaries(events(result, instance)) == ["canary-city", "canary-key"]
    assert len(receiver.received) == 4
    with closing(sqlite3.connect(people.root / "floe.db")) as store:
        dump = "\n".join(store.iterdump())
    told = {
        "alerts": (people.root / "alerts.jsonl").read_text(),
        "letters": b"".join(body for *_, body in receiver.received).decode(),
        "lineage": (people.root / "lineage.jsonl").read_text(),
        "store": dump,
    }
    assert all("people" in each for each in told.values())
    assert {name: canaries(text) for name, text in told.items()} == {name: [] for name in told}
    assert canaries(caplog.text) == []
