"""Making a store, bringing it up to date, and refusing one that is newer."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from floe_dagster.errors import StoreError, StoreVersionError
from floe_dagster.state import schema
from floe_dagster.state.address import Address
from floe_dagster.state.store import open_reader, open_store
from floe_dagster.state.tables import VERSION_TABLE, metadata
from tests.state.ticks import outcome, record

pytestmark = pytest.mark.requirement("C-04")

OPEN = "import sys; from floe_dagster.state.store import open_store; open_store(sys.argv[1]).close()"


def set_version(store, version: str) -> None:
    with store._writing.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'")


def test_an_empty_store_is_made_with_its_folder(store_url):
    with open_store(store_url) as store:
        assert set(store.info().rows) == set(metadata.tables)


def test_opening_it_again_changes_nothing(store, store_url):
    record(store, outcome())

    with open_store(store_url) as again:
        assert again.outcomes() == store.outcomes()


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(store):
    with store._writing.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_revisions_are_one_line_from_the_first_to_the_last():
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)

    assert tuple(each.revision for each in reversed(list(script.walk_revisions()))) == schema.revisions()


def test_a_store_that_is_newer_is_refused_and_says_what_to_run(store, store_url):
    set_version(store, "9999")

    for way in (open_store, open_reader):
        with pytest.raises(StoreVersionError, match=r"version 9999.*pip install --upgrade floe-dagster"):
            way(store_url)


def test_a_reader_of_a_store_that_is_older_says_what_to_run(store, store_url, monkeypatch):
    revisions = schema.revisions()
    monkeypatch.setattr(schema, "revisions", lambda: (*revisions, "9998"))

    with pytest.raises(StoreVersionError, match=rf"version {revisions[-1]}.*floe state migrate"):
        open_reader(store_url)


def test_a_reader_makes_nothing(tmp_path, store_url):
    with pytest.raises(StoreError, match=r"nothing yet in .*floe state migrate"):
        open_reader(store_url)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_of_an_empty_file_says_that_there_is_nothing(tmp_path):
    (tmp_path / "floe.db").touch()

    with pytest.raises(StoreError, match="nothing yet"):
        open_reader(f"sqlite:///{tmp_path}/floe.db")


def test_processes_that_open_an_empty_store_at_once_make_it_once(store_url):
    running = [
        subprocess.Popen([sys.executable, "-c", OPEN, store_url], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    said = [each.communicate(timeout=120)[1] for each in running]
    assert [(each.returncode, text) for each, text in zip(running, said, strict=True)] == [(0, "")] * 4


def test_threads_that_open_an_empty_store_at_once_make_it_once(store_url):
    with ThreadPoolExecutor(4) as pool:
        for each in pool.map(open_store, [store_url] * 4):
            each.close()


def test_a_migration_that_fails_leaves_nothing_behind(store_url, monkeypatch):
    def broken(connection):
        schema_upgrade(connection)
        raise RuntimeError("the power went")

    schema_upgrade = schema._upgrade
    monkeypatch.setattr(schema, "_upgrade", broken)
    with pytest.raises(RuntimeError, match="the power went"):
        open_store(store_url)
    monkeypatch.undo()

    with Address.read(store_url).engine(read_only=False).connect() as connection:
        assert schema.version(connection) == ""
    with open_store(store_url) as store:
        assert set(store.info().rows.values()) == {0}


def test_migrating_leaves_the_logging_of_the_host_alone(store_url):
    host = logging.getLogger("of.the.host")
    before = (host.disabled, logging.getLogger().handlers[:], logging.getLogger().level)

    open_store(store_url).close()

    assert (host.disabled, logging.getLogger().handlers, logging.getLogger().level) == before


def test_a_store_from_before_the_first_version_is_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path}/floe.db"
    with Address.read(url).engine(read_only=False).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE floe_outcomes (id TEXT)")

    with pytest.raises(StoreError, match="floe_outcomes already exists"):
        open_store(url)
