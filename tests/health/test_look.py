"""Facts are gathered from a real project, store, disk and channels, whatever of it is away."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.health import Aspect, examine, look
from floe_dagster.health.facts import Nothing, Recorded
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.plan.check import Severity
from floe_dagster.settings import load_settings
from floe_dagster.state.store import open_store
from floe_dagster.watchlist import load_watchlist
from tests.project import Project
from tests.state.ticks import outcome, record

pytestmark = pytest.mark.requirement("F-10")

CADENCES = ("availability", "freshness", "schema", "quality")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def monitor_of(project, **more):
    return Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml")), **more)


def looked(project, after=timedelta(0)):
    """Health, as it is that much later."""
    monitor = monitor_of(project)
    return examine(look(monitor.watchlist, lambda: datetime.now(UTC) + after, monitor.refused))


def wrong(health):
    return {each: health.worst(each) for each in Aspect if health.worst(each) is not Severity.INFO}


def test_before_the_first_tick_nothing_is_wrong_and_no_store_is_made(project):
    health = looked(project)

    assert wrong(health) == {}
    assert health.said(Aspect.STORE) == "nothing is recorded yet"
    assert not (project.root / "floe.db").exists()


def test_an_empty_database_is_no_store_yet(project, postgres_url):
    project.manifest(f"sqlite:///{project.root}/floe.db", postgres_url)

    assert isinstance(look(monitor_of(project).watchlist, lambda: datetime.now(UTC)).memory, Nothing)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_ticks_is_well_and_what_stops_is_told_by_name(project, database, request):
    if database == "postgres":
        project.manifest(f"sqlite:///{project.root}/floe.db", request.getfixturevalue("postgres_url"))
    monitor = monitor_of(project)
    for each in CADENCES:
        monitor.tick(each)

    assert wrong(looked(project)) == {}
    later = looked(project, timedelta(hours=3))
    assert [each.about for each in later.of(Aspect.TICKS)] == ["availability", "freshness", "schema"]
    assert [each.about for each in later.of(Aspect.MEASURED)] == [
        "shop.orders availability",
        "shop.orders freshness",
        "shop.orders schema",
    ]
    assert "orders.at.freshness" in later.of(Aspect.MEASURED)[1].what


def test_a_check_that_is_new_is_late_only_after_its_own_time(project):
    monitor_of(project).tick("availability")

    assert wrong(looked(project)) == {}
    late = looked(project, timedelta(minutes=40)).of(Aspect.MEASURED)
    assert [each.about for each in late] == ["shop.orders availability", "shop.orders freshness"]
    assert "never measured" in late[1].what


def test_a_contract_of_which_nothing_was_measured_is_known_by_its_file(project):
    monitor_of(project).tick_files(["contracts/orders.odcs.yaml"])

    assert wrong(looked(project)) == {}
    late = looked(project, timedelta(days=1)).of(Aspect.MEASURED)
    assert {each.severity for each in late} == {Severity.ERROR}


def parcel(key: str, at: datetime, **more) -> Parcel:
    return Parcel(
        **{
            "key": key,
            "topic": "alert",
            "channel": "log",
            "group": key,
            "sequence": 1,
            "payload": "{}",
            "created_at": at,
            "severity": "error",
        }
        | more
    )


@pytest.mark.requirement("D-05")
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_waits_what_was_given_up_and_what_went_to_nobody_is_counted(project, database, request):
    url = (
        request.getfixturevalue("postgres_url")
        if database == "postgres"
        else f"sqlite:///{project.root}/floe.db"
    )
    project.manifest(f"sqlite:///{project.root}/floe.db", url)
    now = datetime.now(UTC)
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    with open_store(url) as store:
        record(store, outcome(at=now))
        with store.writing() as writing:
            writing.save(
                outcomes=(),
                steps=(),
                parcels=(
                    parcel("waits", now - hour),
                    parcel("tried", now - 2 * hour),
                    parcel("young", now - minute),
                    parcel("held", now - hour, not_before=now + hour),
                    parcel("nobody", now - hour, state=ParcelState.UNROUTED, channel=""),
                    parcel("long ago", now - 30 * hour, state=ParcelState.UNROUTED, channel=""),
                    parcel("dead", now - hour, channel="slack"),
                    parcel("dead long ago", now - 200 * hour, channel="slack"),
                ),
            )
        claims = {each.parcel.key: each for each in store.claim("alert", now=now, lease_seconds=60)}
        store.failed(claims["tried"], now=now, error="HTTP 503", retry_at=now + hour)
        store.failed(claims["dead"], now=now - minute, error="HTTP 404", retry_at=None)
        store.failed(claims["dead long ago"], now=now - 190 * hour, error="HTTP 410", retry_at=None)

    memory = look(monitor_of(project).watchlist, lambda: now).memory

    assert isinstance(memory, Recorded)
    (waiting,) = [each for each in memory.waiting if each.channel == "log"]
    assert (waiting.count, waiting.since, waiting.reason) == (2, now - 2 * hour, "HTTP 503")
    (dead,) = memory.given_up
    assert (dead.channel, dead.count, dead.newest, dead.reason) == ("slack", 1, now - minute, "HTTP 404")
    assert memory.unrouted == {"error": 1}


@pytest.mark.requirement("C-07")
def test_outcomes_on_disk_are_counted_since_they_were_put_aside(project):
    (project.root / ".floe/spool").mkdir(parents=True)
    aside = project.root / ".floe/spool/20260301T120000000000-x.jsonl"
    aside.write_text("{}\n{}\n{}\n")
    two_hours_ago = time.time() - 7200
    os.utime(aside, (two_hours_ago, two_hours_ago))
    aside.with_name("y.damaged").write_text("?\n")

    health = looked(project)

    assert [(each.about, each.severity) for each in health.of(Aspect.STORE)][:2] == [
        ("degraded", Severity.ERROR),
        ("damaged", Severity.WARNING),
    ]
    assert "3 outcomes" in health.said(Aspect.STORE)


@pytest.mark.requirement("C-07")
def test_a_store_that_is_no_store_is_told_and_all_else_is_looked_at(project):
    (project.root / "floe.db").write_text("this is no database, but it is long enough to be looked at" * 20)
    project.contract("broken", "apiVersion: v3.1.0\n")

    health = looked(project)

    assert health.worst(Aspect.STORE) is Severity.ERROR
    assert "is not a store, or is damaged" in health.said(Aspect.STORE)
    assert health.worst(Aspect.CONTRACTS) is Severity.ERROR
    assert health.said(Aspect.CHANNELS) == "1 channel can be used"


def test_channels_contracts_and_the_manifest_are_looked_at(project, monkeypatch):
    monkeypatch.delenv("HOOK", raising=False)
    project.manifest(
        "log: {type: file, path: alerts.jsonl}",
        "log: {type: file, path: alerts.jsonl}\n"
        "    unset: {type: webhook, url: '${HOOK}'}\n"
        "    refused: {type: webhook, url: 'http://127.0.0.1:1/hook'}",
    )
    project.manifest("dagster_url: http://dagster.example.com", "")
    marquez = "marquez: {type: http, url: 'http://127.0.0.1:1/'}"
    project.manifest("{file: lineage.jsonl}", f"{{file: lineage.jsonl, transports: {{{marquez}}}}}")
    project.contract("broken", "apiVersion: v3.1.0\n")

    health = looked(project)

    said = {each.about: each.what for each in health.findings}
    assert "HOOK" in said["unset"]
    assert "cannot be reached" in said["refused"]
    assert said["contracts/broken.odcs.yaml"].startswith("contracts/broken.odcs.yaml:1: ")
    assert "dagster_url is not set" in said["dagster_url"]
    assert "log" not in said
    assert said["lineage"] == "lineage leaves by lineage.file"
    assert "cannot be reached" in said["lineage by lineage.marquez"]
