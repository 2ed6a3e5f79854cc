"""One tick: measured, recorded and told together, whatever is dead around it."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from floe_dagster.monitor import Monitor
from floe_dagster.settings import Settings, load_settings, store_url
from floe_dagster.watchlist import load_watchlist
from tests.project import Project

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def monitor_of(project, **kwargs):
    return Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml")), **kwargs)


def test_a_tick_measures_only_what_its_cadence_is_for(project):
    monitor = monitor_of(project)

    kinds = {
        name: {each.kind for each in monitor.tick(name).outcomes}
        for name in ("availability", "freshness", "schema", "quality")
    }

    assert kinds == {
        "availability": {"availability"},
        "freshness": {"freshness"},
        "schema": {"schema", "contract"},
        "quality": {"quality"},
    }


@pytest.mark.requirement("D-03")
def test_a_breach_is_told_in_the_tick_that_finds_it_and_not_again(project):
    project.load(orphans=5)
    monitor = monitor_of(project)

    first, second = monitor.tick("quality"), monitor.tick("quality")

    assert [(each.transition, each.channels) for each in first.told] == [("opened", ("log",))]
    assert first.delivered.sent == 1
    assert second.told == ()
    assert len(project.alerts()) == 1


def test_the_report_of_a_tick_adds_up_what_each_of_its_parts_delivered(project):
    project.contract("broken", "apiVersion: v3.1.0\n")
    with duckdb.connect(str(project.root / "shop.duckdb")) as connection:
        connection.execute("alter table orders drop column amount")

    assert monitor_of(project).tick("schema").delivered.sent == 2


def test_every_outcome_of_a_tick_is_on_record_with_its_construct(project):
    monitor = monitor_of(project)
    report = monitor.tick("quality")

    recorded = monitor.store.outcomes()

    assert {each.id for each in recorded} == {each.id for each in report.outcomes}
    assert {each.path for each in recorded} >= {
        "schema[1].properties[1].relationships[0]",
        "schema[1].properties[2].logicalTypeOptions.minimum",
    }


@pytest.mark.requirement("C-07")
def test_with_a_dead_store_the_outcomes_are_still_there_and_the_problem_is_said(project):
    project.manifest(f"sqlite:///{project.root}/floe.db", "postgresql://nobody@127.0.0.1:1/x")

    report = monitor_of(project).tick("quality")

    assert report.outcomes
    assert not report.told
    assert "not recorded" in report.problems[0]


@pytest.mark.requirement("C-07")
def test_what_a_dead_store_could_not_take_waits_on_disk_and_is_recorded_once_it_is_back(project, tmp_path):
    project.load(orphans=2)
    project.manifest(f"{project.root}/floe.db", f"{project.root}/there/floe.db")
    (tmp_path / "there").write_text("a file where a folder is needed")
    monitor = monitor_of(project)

    down = monitor.tick("quality")
    assert down.degraded
    assert down.unrecorded == {each.key for each in down.outcomes}
    assert "they wait in" in down.problems[0]
    project.load(orphans=0)
    (tmp_path / "there").unlink()
    up = monitor.tick("quality")

    assert not up.degraded
    assert up.caught.recorded == len(down.outcomes)
    assert f"{len(down.outcomes)} outcomes of before were found and recorded" in list(up.lines())
    assert {each.tick for each in monitor.store.outcomes()} == {down.tick, up.tick}
    assert len(monitor.store.outcomes()) == 2 * len(down.outcomes)
    (episode,) = monitor.store.episodes()
    assert episode.resolved_at is not None
    assert monitor.spool.paths() == []


def test_a_spool_that_cannot_be_written_either_is_said(project, tmp_path):
    project.manifest(f"{project.root}/floe.db", f"{project.root}/there/floe.db")
    (tmp_path / "there").write_text("a file where a folder is needed")
    (tmp_path / ".floe").write_text("another one")

    assert "nor could they be put aside" in monitor_of(project).tick("quality").problems[0]


def test_a_store_that_dies_after_a_tick_was_recorded_is_no_outcome_lost(project):
    monitor = monitor_of(project)
    monitor.tick("quality")
    with sqlite3.connect(project.root / "floe.db") as connection:
        connection.execute(
            "create trigger no before update on floe_parcels begin select raise(abort, 'no'); end"
        )
    project.load(orphans=2)

    report = monitor.tick("quality")

    assert not report.degraded
    assert len(monitor.store.outcomes()) == 2 * len(report.outcomes)
    assert "outbox" in report.delivered.problems


def test_a_store_that_comes_back_gets_the_next_tick(project, tmp_path):
    project.load(orphans=1)
    project.manifest(f"{project.root}/floe.db", f"{project.root}/there/floe.db")
    (tmp_path / "there").write_text("a file where a folder is needed")
    monitor = monitor_of(project)
    assert monitor.tick("quality").problems

    (tmp_path / "there").unlink()

    assert not monitor.tick("quality").problems
    assert len(project.alerts()) == 1


def test_a_dead_warehouse_is_unknown_for_its_contract_and_no_other_contract_notices(project):
    text = (project.root / "contracts/orders.odcs.yaml").read_text()
    project.contract("gone", text.replace("shop.orders", "gone.orders").replace("shop.duckdb", "gone.duckdb"))

    outcomes = monitor_of(project).tick("quality").outcomes

    by_contract = {
        name: {each.status for each in outcomes if each.key.contract == name}
        for name in ("shop.orders", "gone.orders")
    }
    assert by_contract == {"shop.orders": {"passed"}, "gone.orders": {"error"}}


def test_an_unset_variable_of_a_connection_is_said_in_every_outcome_that_needs_it(project, monkeypatch):
    monkeypatch.delenv("SHOP_DATABASE", raising=False)
    project.manifest("timeout: 2 s", "timeout: 2 s\nconnections: {shop: {database: '${SHOP_DATABASE}'}}")

    outcomes = monitor_of(project).tick("quality").outcomes

    assert {each.cause for each in outcomes} == {"misconfigured"}
    assert all("SHOP_DATABASE" in each.message for each in outcomes)


def test_a_dead_channel_leaves_its_alert_in_the_outbox_and_the_others_are_told(project, monkeypatch):
    monkeypatch.delenv("NOWHERE", raising=False)
    project.manifest(
        "log: {type: file, path: alerts.jsonl}",
        "log: {type: file, path: alerts.jsonl}\n    hook: {type: webhook, url: '${NOWHERE}'}",
    )
    project.manifest("channels: [log]", "channels: [log, hook]")
    project.load(orphans=2)
    monitor = monitor_of(project)

    monitor.tick("quality")

    assert len(project.alerts()) == 1
    assert {each.channel: each.state for each in monitor.store.parcels(topic="alert")} == {
        "log": "sent",
        "hook": "pending",
    }


def test_an_unknown_outcome_neither_opens_nor_resolves(project):
    project.load(orphans=2)
    monitor = monitor_of(project)
    monitor.tick("quality")
    (project.root / "shop.duckdb").rename(project.root / "away.duckdb")

    assert not monitor.tick("quality").told
    (project.root / "away.duckdb").rename(project.root / "shop.duckdb")
    project.load(orphans=0)

    assert [each.transition for each in monitor.tick("quality").told] == ["resolved"]


def test_a_rule_with_a_schedule_of_its_own_runs_when_that_has_come_and_not_with_its_kind(project):
    text = (project.root / "contracts/orders.odcs.yaml").read_text()
    project.contract(
        "orders",
        text.replace(
            "    physicalType: table\n    description: One",
            "    physicalType: table\n    quality: [{id: nightly, type: library, metric: rowCount, mustBeGreaterThan: 0, scheduler: cron, schedule: '0 2 * * *'}]\n    description: One",
        ),
    )
    clock = [NOW]
    monitor = monitor_of(project, clock=lambda: clock[0])

    def runs(cadence):
        return any("nightly" in each.key.check for each in monitor.tick(cadence).outcomes)

    assert not runs("quality")
    assert runs("availability")
    clock[0] += timedelta(minutes=5)
    assert not runs("availability")
    clock[0] = NOW.replace(day=2, hour=2, minute=1)
    assert runs("availability")


def test_two_ticks_at_once_open_one_episode_and_tell_it_once(project):
    project.load(orphans=3)
    monitors = [monitor_of(project) for _ in range(4)]
    monitors[0].store.info()  # made once, so that the threads meet in the ticks and not in the migration
    barrier = threading.Barrier(4)

    def run(monitor):
        barrier.wait()
        monitor.tick("quality")

    threads = [threading.Thread(target=run, args=(each,)) for each in monitors]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(monitors[0].store.episodes()) == 1
    assert len(project.alerts()) == 1


def test_a_contract_that_is_repaired_is_told_like_data_that_is(project):
    good = (project.root / "contracts/orders.odcs.yaml").read_text()
    project.contract("orders", good.replace("version: 1.0.0\n", ""))
    monitor_of(project).tick("schema")
    project.contract("orders", good)
    monitor_of(project).tick("schema")

    assert [(each["transition"], each["kind"]) for each in project.alerts()] == [
        ("opened", "contract"),
        ("resolved", "contract"),
    ]


@pytest.mark.requirement("A-04")
def test_a_contract_whose_file_is_gone_leaves_the_active_set_and_that_is_said_once(project):
    monitor_of(project).tick("schema")
    (project.root / "contracts/orders.odcs.yaml").unlink()
    emptied = monitor_of(project)

    first, second = emptied.tick("schema"), emptied.tick("schema")

    assert "shop.orders" in first.problems[0]
    assert not second.problems
    assert not emptied.store.contracts(active=True)


def test_a_contract_that_is_only_invalid_for_now_stays_active(project):
    monitor_of(project).tick("schema")
    project.contract("orders", "apiVersion: v3.1.0\n")

    assert not monitor_of(project).tick("schema").problems


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:///state/floe.db", "sqlite:////project/state/floe.db"),
        ("sqlite:////elsewhere/floe.db", "sqlite:////elsewhere/floe.db"),
        ("postgresql://host/db", "postgresql://host/db"),
    ],
)
def test_a_relative_store_starts_at_the_manifest(given, expected):
    assert store_url(Settings(root=Path("/project"), store=given)) == expected


def test_without_a_store_in_the_manifest_it_stands_beside_dagsters_own(monkeypatch, tmp_path):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))

    assert store_url(Settings()) == f"sqlite:///{tmp_path}/floe/floe.db"
