"""`floe state`: making a store, and saying what is in it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from floe_dagster.cli.state import app
from floe_dagster.errors import StoreError, StoreVersionError
from floe_dagster.settings import load_settings
from floe_dagster.spool import spool_of
from floe_dagster.state.store import open_store
from tests.state.ticks import outcome, record

NOW = datetime.now(UTC)

pytestmark = pytest.mark.requirement("C-04")


@pytest.fixture
def url(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'memory' / 'floe.db'}"
    (tmp_path / "floe.yaml").write_text(f"store: {url}\n")
    return url


def floe(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_migrate_makes_the_store_and_says_so_every_time(url):
    first, second = floe("migrate"), floe("migrate")

    assert first == second == f"the store {url.removeprefix('sqlite:///')} is ready, at version 0003\n"


def test_info_counts_what_is_there(url):
    with open_store(url) as store:
        record(store, outcome(0, broken=True), outcome(1))

    said = floe("info")
    assert "version 0003" in said
    assert "outcomes since 2026-11-20 03:10 UTC" in said
    assert "           2  floe_outcomes, the oldest of 2026-11-20 03:10 UTC\n" in said
    assert "           1  floe_episodes\n" in said


def test_info_speaks_to_programs(url):
    with open_store(url) as store:
        record(store, outcome())

    found = json.loads(floe("info", "--format", "json"))
    assert (found["version"], found["rows"]["floe_outcomes"]) == ("0003", 1)
    assert found["oldest_outcome"].startswith("2026-11-20 03:10")


def test_info_of_a_store_that_is_not_there_says_what_to_run(url):
    with pytest.raises(StoreError, match="run a check, or: floe state migrate"):
        floe("info")


def test_a_store_that_is_newer_is_left_alone(url):
    with open_store(url) as store, store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE floe_version SET version_num = '9999'")

    with pytest.raises(StoreVersionError, match="pip install --upgrade floe-dagster"):
        floe("migrate")


@pytest.fixture
def spooled(url, tmp_path, monkeypatch):
    """A project whose store was away when something was measured, and without Dagster."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    spool = spool_of(load_settings(tmp_path / "floe.yaml"))
    spool.put([outcome(0, 0, broken=True), outcome(0, 15)], datetime(2026, 11, 20, tzinfo=UTC))
    return spool


def test_reconcile_records_what_waits_in_the_spool_once(url, spooled):
    first, second = floe("reconcile"), floe("reconcile")

    assert first == "2 outcomes were found and recorded\n"
    assert second == "0 outcomes were found and recorded\n"
    assert spooled.paths() == []
    with open_store(url) as store:
        (episode,) = store.episodes()
        assert episode.resolved_at == outcome(0, 15).at


def test_reconcile_asks_dagster_where_there_is_one(url, spooled, tmp_path, monkeypatch):
    home = tmp_path / "dagster"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))

    assert floe("reconcile").startswith("2 outcomes")


def test_reconcile_of_a_store_that_is_away_keeps_what_waits(url, spooled, tmp_path):
    (tmp_path / "memory").write_text("a file where a folder is needed")

    with pytest.raises(StoreError):
        floe("reconcile")
    assert len(spooled.paths()) == 1


def test_info_says_that_outcomes_wait(url, spooled):
    open_store(url).close()

    assert "degraded: 1 batches of outcomes wait for the store" in floe("info")
    floe("reconcile")
    assert "degraded" not in floe("info")


DAY = 24 * 60


def measured(url, days: int):
    with open_store(url) as store:
        for day in range(days):
            record(store, outcome(0, day * DAY, at=NOW - timedelta(days=days - day), tick=f"{day}"))


def test_prune_keeps_the_days_and_says_what_went_and_how_long_the_store_was_locked(url):
    measured(url, 100)

    said = floe("prune")

    assert re.search(
        r"the record of days and weeks has \d+ rows written, and is complete until ....-..-..", said
    )
    assert re.search(r" 11  floe_outcomes, the store was locked for \d\.\d\d s at most\n", said)
    with open_store(url) as store:
        assert len(store.outcomes()) == 89
        assert store.periods("week") != ()
    assert " 0  floe_outcomes" in floe("prune")


def test_prune_can_say_what_would_go_and_leave_it(url):
    measured(url, 100)
    floe("prune")
    with open_store(url) as store:
        before = len(store.ticks())
        with store._writing.begin() as connection:
            connection.exec_driver_sql("UPDATE floe_ticks SET started_at = '2001-01-01 00:00:00.000000'")

    said = floe("prune", "--dry-run")

    assert said.startswith("this would go:\n")
    assert f" {before}  floe_ticks\n" in said
    with open_store(url) as store:
        assert len(store.ticks()) == before


def test_how_long_things_are_kept_is_said_in_the_manifest(url, tmp_path):
    measured(url, 20)
    (tmp_path / "floe.yaml").write_text(f"store: {url}\nretention: {{outcomes: 10 d, ticks: 5 d}}\n")

    floe("prune")

    with open_store(url) as store:
        assert (len(store.outcomes()), len(store.ticks())) == (9, 4)


def test_info_says_since_when_and_how_far(url):
    measured(url, 3)
    assert "no day is on record as a whole yet; run: floe state prune" in floe("info")
    floe("prune")
    with open_store(url) as store, store.writing() as writing:
        writing.set_cursor("reconcile/sqlite", "42", datetime.now(UTC) - timedelta(minutes=90, seconds=5))

    said = floe("info")

    assert re.search(r"3  floe_outcomes, the oldest of ....-..-.. ..:.. UTC\n", said)
    assert "days and weeks are on record until " in said
    assert "kept for: outcomes 90 d, segments 400 d, parcels 40 d, dead letters 90 d, lineage 7 d" in said
    assert re.search(r"reconcile/sqlite has come to 42, 1 h 3\d min ago\n", said)
    assert "0 episodes are open; alerts and lineage events: none" in said
    found = json.loads(floe("info", "--format", "json"))
    assert set(found["cursors"]) == {"periods", "reconcile/sqlite"}
    assert found["retention_seconds"]["lineage"] == 7 * 86400
