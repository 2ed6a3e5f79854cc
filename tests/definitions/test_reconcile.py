"""A store that is away for a while: everything is measured, Dagster has all of it, and in the end so have we."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta

import dagster as dg
import pytest

from floe_dagster import build_definitions
from floe_dagster.definitions import log
from floe_dagster.definitions.log import EventLog
from floe_dagster.definitions.publish import WHOLE
from floe_dagster.definitions.storage import evaluations
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.wire import to_dict
from floe_dagster.settings import load_settings
from floe_dagster.state.store import open_reader
from floe_dagster.watchlist import load_watchlist
from tests.conftest import start_postgres, stop_postgres

pytestmark = pytest.mark.requirement("C-07")

ORDERS = dg.AssetKey("orders")
CHECK = Key(contract="shop.orders", server="shop", check="orders.customer.relationship")
NAME = "customer_relationship"


@pytest.fixture
def server():
    """A PostgreSQL that may be stopped and started."""
    found = start_postgres()
    yield found
    stop_postgres(found)


def jobs(project):
    defs = build_definitions(project.root)

    def tick(history, name="quality"):
        result = defs.resolve_job_def(f"floe_{name}").execute_in_process(instance=history)
        assert result.success
        return result.get_asset_check_evaluations()

    return tick


def monitor_of(project):
    return Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml")))


def event_log(project, history):
    monitor = monitor_of(project)
    (key,) = {
        Key(contract="shop.orders", server=watch.server_name, check=check.id)
        for watch in monitor.watchlist.watches
        for check in watch.plan.checks
        if "relationship" in check.id
    }
    return monitor, key, EventLog(instance=history, monitor=monitor, places={key: (ORDERS, NAME)})


def health_of(store, key):
    return [str(each.health) for each in store.segments() if each.key == key]


@pytest.mark.postgres
def test_a_postgres_that_is_away_for_some_ticks_misses_nothing(project, own_history, server):
    """Stopped and started for real; the spool is thrown away, so that Dagster's history alone has to do."""
    project.manifest(f"sqlite:///{project.root}/floe.db", server.url())
    project.manifest("timeout: 2 s", "timeout: 2 s\npublish: on_change")
    tick = jobs(project)
    everything = tick(own_history)
    assert tick(own_history) == []

    server.stop()
    project.load(orphans=3)
    broken = tick(own_history)
    project.load(orphans=0)
    kept = tick(own_history)
    shutil.rmtree(project.root / ".floe")
    server.start()

    assert len(everything) == len(broken) == len(kept)
    assert all(WHOLE in each.metadata and "floe/degraded" in each.metadata for each in (*broken, *kept))
    tick(own_history)

    with open_reader(server.url()) as store:
        outcomes = store.outcomes()
        (episode,) = store.episodes()
        assert len(outcomes) == 5 * len(everything)
        left = {each.metadata[WHOLE].value["tick"] for each in (*broken, *kept)}
        assert left < {each.tick for each in outcomes}
        assert episode.resolved_at is not None
        assert health_of(store, episode.key) == ["good", "bad", "good"]
        assert {str(each.state) for each in store.parcels(topic="alert")} == {"suppressed"}
    assert project.alerts() == []

    tick(own_history)
    with open_reader(server.url()) as store:
        assert len(store.outcomes()) == 6 * len(everything)
        assert len(store.episodes()) == 1


def test_a_sqlite_that_cannot_be_written_misses_nothing(project, own_history):
    tick = jobs(project)
    size = len(tick(own_history))
    with sqlite3.connect(project.root / "floe.db") as connection:
        connection.execute(
            "create trigger no before insert on floe_outcomes begin select raise(abort, 'no'); end"
        )
    project.load(orphans=3)
    assert all(WHOLE in each.metadata for each in tick(own_history))
    assert project.alerts() == []
    with sqlite3.connect(project.root / "floe.db") as connection:
        connection.execute("drop trigger no")

    tick(own_history)

    with open_reader(f"sqlite:///{project.root}/floe.db") as store:
        assert len(store.outcomes()) == 3 * size
        (episode,) = store.episodes()
        assert health_of(store, episode.key) == ["good", "bad"]
    assert [each["transition"] for each in project.alerts()] == ["opened"]
    assert list((project.root / ".floe" / "spool").iterdir()) == []


def test_the_execute_button_leaves_its_outcomes_in_dagster_too(project, own_history):
    (project.root / "floe.db").mkdir()
    defs = build_definitions(project.root)
    job = defs.resolve_implicit_global_asset_job_def().get_subset(
        asset_check_selection={dg.AssetCheckKey(ORDERS, NAME)}
    )

    result = job.execute_in_process(instance=own_history)

    (found,) = result.get_asset_check_evaluations()
    assert result.success
    assert found.metadata[WHOLE].value["key"][0] == "shop.orders"


def test_what_somebody_else_says_of_our_checks_is_an_outcome(project, own_history):
    monitor, key, place = event_log(project, own_history)
    say = own_history.report_runless_asset_event
    say(dg.AssetCheckEvaluation(asset_key=ORDERS, check_name=NAME, passed=True))
    say(
        dg.AssetCheckEvaluation(
            asset_key=ORDERS,
            check_name=NAME,
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description="dbt found 3 orphans",
        )
    )
    say(dg.AssetCheckEvaluation(asset_key=ORDERS, check_name="theirs", passed=False))

    assert monitor.reconcile([place]).recorded == 2
    assert monitor.reconcile([place]).recorded == 0

    first, second = monitor.store.outcomes()
    assert (first.key, first.status, first.broken) == (key, "passed", False)
    assert (second.status, second.severity, second.broken) == ("warned", "warning", True)
    assert second.message == "dbt found 3 orphans"
    assert second.path.startswith("schema[1]")
    assert health_of(monitor.store, key) == ["good", "bad"]


def test_what_is_no_outcome_or_one_of_another_check_is_left_alone(project, own_history):
    monitor, key, place = event_log(project, own_history)
    other = monitor.measure(
        monitor.watchlist.watches[0],
        [each for each in monitor.watchlist.watches[0].plan.checks if each.id != key.check][:1],
        "t",
    )[0]
    for value in ({"form": 1}, {"a": [1]}, to_dict(other)):
        own_history.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=ORDERS,
                check_name=NAME,
                passed=True,
                metadata={WHOLE: dg.MetadataValue.json(value)},
            )
        )

    assert monitor.reconcile([place]).recorded == 0


def test_the_log_is_read_in_pages_and_the_cursor_stays_behind_what_is_young(
    project, own_history, monkeypatch
):
    monkeypatch.setattr(log, "AT_ONCE", 2)
    monitor, _, place = event_log(project, own_history)
    for passed in (True, False, True, False, True):
        own_history.report_runless_asset_event(
            dg.AssetCheckEvaluation(asset_key=ORDERS, check_name=NAME, passed=passed)
        )

    assert monitor.reconcile([place]).recorded == 5
    assert monitor.store.cursor(place.name) is None

    monkeypatch.setattr(log, "SETTLED_AFTER", timedelta(seconds=-60))
    assert monitor.reconcile([place]).recorded == 0
    last = evaluations(own_history, after=0, limit=99)[-1].id
    assert monitor.store.cursor(place.name).value == str(last)
    assert [len(each.outcomes) for each in place.left(str(last))] == [0]


@pytest.mark.postgres
def test_a_record_that_becomes_visible_after_later_ones_is_not_lost(project, postgres_url):
    """Two writers: the one with the lower id commits after the other's was read."""
    storage = {"postgres": {"postgres_url": postgres_url}}
    with dg.instance_for_test(overrides={"storage": storage}) as history:
        monitor, _, place = event_log(project, history)
        for passed in (False, True):
            history.report_runless_asset_event(
                dg.AssetCheckEvaluation(asset_key=ORDERS, check_name=NAME, passed=passed)
            )
        first, _ = evaluations(history, after=0, limit=9)
        with history.event_log_storage.index_connection() as connection:
            connection.exec_driver_sql("create table slow as select * from event_logs")
            connection.exec_driver_sql(f"delete from slow where id <> {first.id}")
            connection.exec_driver_sql(f"delete from event_logs where id = {first.id}")

        assert monitor.reconcile([place]).recorded == 1
        with history.event_log_storage.index_connection() as connection:
            connection.exec_driver_sql("insert into event_logs select * from slow")
        caught = monitor.reconcile([place])

        assert (caught.recorded, caught.late) == (1, 1)
        assert [each.broken for each in monitor.store.outcomes()] == [True, False]
