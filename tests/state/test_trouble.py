"""Stores that cannot be reached, read or written: a clear message, and no password in it."""

from __future__ import annotations

import pickle
import sqlite3
import traceback

import pytest
from sqlalchemy import make_url

from floe_dagster.errors import StoreError
from floe_dagster.state import address
from floe_dagster.state.address import Address
from floe_dagster.state.store import open_reader, open_store
from floe_dagster.state.trouble import told_as_store_error
from tests.state.ticks import outcome, record

pytestmark = pytest.mark.requirement("C-07")

SECRET = "hunter2-canary"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "not the URL of a database"),
        ("floe.db", "not the URL of a database"),
        ("mysql://u:hunter2-canary@h/db", "SQLite or PostgreSQL"),
        ("nonsense://u:hunter2-canary@h/db", "SQLite or PostgreSQL"),
        ("postgresql://u:hunter2-canary@h:port/db", "not the URL of a database"),
        ("sqlite://", "memory forgets"),
        ("sqlite:///:memory:", "memory forgets"),
        ("sqlite:///file:floe.db?mode=ro&uri=true", "takes no options"),
        ("postgresql://floe:hunter2-canary@127.0.0.1:1/db", "does not answer: .*refused"),
        ("postgres://floe:hunter2-canary@127.0.0.1:1/db", "the store postgresql://127.0.0.1:1/db"),
        ("postgresql://floe:hunter2-canary@127.0.0.1:1/db?sslmode=wrong", "sslmode"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why_and_not_with_which_password(url, said):
    for way in (open_store, open_reader):
        with pytest.raises(StoreError, match=said) as caught:
            way(url)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert SECRET not in shown.replace(url, "")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("user", "said"), [("nobody", "does not answer: .*nobody"), ("postgres", "does not answer: .*no_such")]
)
def test_a_login_that_is_refused_says_so(postgres_server, user, said):
    database = "no_such" if user == "postgres" else "postgres"

    with pytest.raises(StoreError, match=said) as caught:
        open_store(postgres_server.url(database, user=user, password=SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.postgres
def test_a_user_without_rights_is_told_which_to_ask_for(postgres_server, postgres_url):
    with open_store(postgres_url) as store:
        record(store, outcome())
    database = make_url(postgres_url).database
    postgres_server.run("drop role if exists onlooker; create role onlooker login")
    postgres_server.run("grant select on floe_version to onlooker", database)

    said = pytest.raises(StoreError, match="grant it all rights on the tables whose names begin with floe_")
    with open_store(postgres_server.url(database, user="onlooker")) as store, said:
        store.outcomes()
    postgres_server.run("revoke all on floe_version from onlooker; drop role onlooker", database)


def test_a_file_that_is_no_database_says_so(tmp_path):
    (tmp_path / "floe.db").write_text("not a database at all, but long enough to be looked at as one " * 20)

    with pytest.raises(StoreError, match="is not a store, or is damaged"):
        open_store(f"sqlite:///{tmp_path}/floe.db")


def test_a_folder_that_is_a_file_says_so(tmp_path):
    (tmp_path / "taken").touch()

    with pytest.raises(StoreError, match=r"the store .*taken/floe.db: .*check the path"):
        open_store(f"sqlite:///{tmp_path}/taken/floe.db")


def test_a_full_disk_undoes_the_tick_and_loses_nothing_of_before(tmp_path, monkeypatch):
    with open_store(f"sqlite:///{tmp_path}/floe.db") as store:
        record(store, outcome())
        with pytest.raises(StoreError, match="the disk is full"), store.writing() as writing:
            writing._connection.exec_driver_sql("PRAGMA max_page_count = 1")
            writing.save(outcomes=[outcome(n, 15, message="x" * 5000) for n in range(500)])

        assert len(store.outcomes()) == 1
        record(store, outcome(0, 30))


def test_another_writer_that_does_not_let_go_is_waited_for_and_then_named(tmp_path, monkeypatch):
    monkeypatch.setattr(address, "PATIENCE_SECONDS", 0.2)
    with open_store(f"sqlite:///{tmp_path}/floe.db") as store:
        other = sqlite3.connect(tmp_path / "floe.db", isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="another process has been writing"):
                record(store, outcome())
            assert store.outcomes() == ()  # who reads does not wait
        finally:
            other.close()
        record(store, outcome())


def test_a_store_that_may_not_be_written_says_so(store):
    said = pytest.raises(StoreError, match=r"it cannot be written|it is read-only")
    with said, told_as_store_error(store.place), store._reading.connect() as connection:
        connection.exec_driver_sql("DELETE FROM floe_outcomes")


@pytest.mark.postgres
def test_a_server_that_went_away_and_came_back_is_used_again(postgres_server, postgres_url):
    with open_store(postgres_url) as store:
        record(store, outcome())
        postgres_server.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'floe'"
        )

        record(store, outcome(0, 15))
        assert len(store.outcomes()) == 2


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_undoes_the_tick(postgres_server, postgres_url):
    def cut():
        postgres_server.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'floe'"
        )

    with open_store(postgres_url) as store:
        record(store, outcome())
        with pytest.raises(StoreError):
            record(store, outcome(0, 15, broken=True), before_saving=cut)

        assert len(store.outcomes()) == 1
        assert len(record(store, outcome(0, 15, broken=True))) == 1
        assert len(store.episodes(open_only=True)) == 1


def test_what_is_raised_survives_a_move_between_processes():
    with pytest.raises(StoreError) as caught:
        open_store("mysql://h/db")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_address_does_not_show_its_password():
    where = Address.read(f"postgresql://floe:{SECRET}@db.internal:5433/floe?sslpassword={SECRET}")

    assert where.place == "the store postgresql://db.internal:5433/floe"
    assert SECRET not in repr(where)


def test_a_folder_where_the_file_should_be_says_so(tmp_path):
    (tmp_path / "floe.db").mkdir()

    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/floe.db")
