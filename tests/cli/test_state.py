"""`floe state`: making a store, and saying what is in it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from floe_dagster.cli.state import app
from floe_dagster.errors import StoreError, StoreVersionError
from floe_dagster.state.store import open_store
from tests.state.ticks import outcome, record

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

    assert first == second == f"the store {url.removeprefix('sqlite:///')} is ready, at version 0001\n"


def test_info_counts_what_is_there(url):
    with open_store(url) as store:
        record(store, outcome(0, broken=True), outcome(1))

    said = floe("info")
    assert "version 0001" in said
    assert "outcomes since 2026-11-20 03:10 UTC" in said
    assert "           2  floe_outcomes\n" in said
    assert "           1  floe_episodes\n" in said


def test_info_speaks_to_programs(url):
    with open_store(url) as store:
        record(store, outcome())

    found = json.loads(floe("info", "--format", "json"))
    assert (found["version"], found["rows"]["floe_outcomes"]) == ("0001", 1)
    assert found["oldest_outcome"].startswith("2026-11-20 03:10")


def test_info_of_a_store_that_is_not_there_says_what_to_run(url):
    with pytest.raises(StoreError, match="run a check, or: floe state migrate"):
        floe("info")


def test_a_store_that_is_newer_is_left_alone(url):
    with open_store(url) as store, store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE floe_version SET version_num = '9999'")

    with pytest.raises(StoreVersionError, match="pip install --upgrade floe-dagster"):
        floe("migrate")
