"""What goes wrong outside becomes an answer that says what, where, and what to do; nothing raises, nothing leaks."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import psutil
import psycopg2
import pytest

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Cause,
    Columns,
    Duplicates,
    LastChange,
    Measured,
    Newest,
    NotMeasured,
    Offenders,
    Orphans,
    Probe,
    Query,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import Compares, NotMatching, Null
from floe_dagster.warehouses import open_warehouse
from tests.conftest import start_postgres, stop_postgres
from tests.warehouses.oracle import Data
from tests.warehouses.tables import fill_duckdb, fill_postgres, fill_sqlite, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS = Question(Table("t"), RowCount())
TABLES = {"t": Data({"a": "integer", "b": "text"}, [(1, "x"), (2, "y")])}


def gap(warehouse: Any, question: Question = ROWS) -> NotMeasured:
    given = warehouse.ask((question,))[question]
    assert isinstance(given, NotMeasured), given
    assert 0 < len(given.reason) <= 300
    assert "\n" not in given.reason
    return given


# What is asked for is not there, or was never said.


@pytest.mark.parametrize(("kind", "word"), [("duckdb", "DuckDB"), ("sqlite", "SQLite")])
def test_a_database_file_that_is_missing_is_unreachable_and_not_created(
    kind: str, word: str, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    given = gap(opened(kind, database="data/gone.db"))
    assert given.cause is Cause.UNREACHABLE
    assert given.reason.startswith(f"there is no {word} file data/gone.db; run what writes it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_file_that_is_no_database_says_so(kind: str, tmp_path: Path, opened: Callable[..., Any]) -> None:
    (tmp_path / "x.db").write_bytes(b"hello world, this is not a database\n" * 200)
    given = gap(opened(kind, database="x.db"))
    assert given.cause is Cause.BROKEN
    assert "x.db is not" in given.reason
    assert "correct the path" in given.reason


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "local", "postgres"])
def test_an_option_that_is_not_set_says_which_and_where(kind: str, opened: Callable[..., Any]) -> None:
    given = gap(opened(kind, format="csv"))
    option = {"local": "path", "postgres": "host"}.get(kind, "database")
    assert given.cause is Cause.MISCONFIGURED
    assert given.reason == (
        f'server "here": "{option}" is not set; write it into the server of the contract, '
        "or under connections.here in floe.yaml"
    )


@pytest.mark.parametrize(
    "database", [":memory:", "md:cloud", "https://example.org/x.duckdb", "s3://b/x.duckdb"]
)
def test_a_database_elsewhere_is_not_fetched(database: str, opened: Callable[..., Any]) -> None:
    assert gap(opened("duckdb", database=database)).cause is Cause.MISCONFIGURED


def test_a_type_of_server_that_nobody_reads_names_the_nearest(opened: Callable[..., Any]) -> None:
    with pytest.raises(WarehouseError, match=r'type "duckdv".*did you mean "duckdb"\?') as refused:
        opened("duckdv")
    assert refused.value.cause == Cause.MISCONFIGURED
    with pytest.raises(
        WarehouseError,
        match="known types: custom, duckdb, iceberg, local, postgres, postgresql, sqlalchemy, sqlite",
    ):
        opened("kafka")


def test_an_option_of_the_operator_that_there_is_not_names_the_nearest(opened: Callable[..., Any]) -> None:
    with pytest.raises(
        WarehouseError, match=r'connections.here.pasword in floe.yaml: .* did you mean "password"\?'
    ):
        opened("postgres", access={"pasword": "x"})


def test_a_custom_server_that_is_not_sqlite_says_what_is_read(opened: Callable[..., Any]) -> None:
    with pytest.raises(WarehouseError, match="only read where it is SQLite"):
        opened("custom", location="https://example.org/")


@pytest.mark.parametrize(
    "options",
    [
        {"location": "sqlite:///x.db"},
        {"path": "x.db"},
        {"database": "x.db", "format": "SQLite"},
        {"url": "sqlite:///x.db"},
    ],
)
def test_a_custom_server_may_be_sqlite_in_many_ways(
    options: dict[str, str], tmp_path: Path, opened: Callable[..., Any]
) -> None:
    fill_sqlite(str(tmp_path / "x.db"), TABLES)
    assert opened("custom", **options).ask((ROWS,))[ROWS].value == 2


def test_the_operator_overrides_the_contract_and_its_type(tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_sqlite(str(tmp_path / "x.db"), TABLES)
    warehouse = opened("postgres", host="nowhere", access={"type": "sqlite", "database": "x.db"})
    assert warehouse.ask((ROWS,))[ROWS].value == 2


def test_a_schema_that_is_not_there_says_so(tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    given = gap(opened("duckdb", database="x.duckdb", schema="gold"))
    assert (given.cause, '"gold"' in given.reason) == (Cause.NO_DATASET, True)


# DuckDB: one writer, or many readers.

HOLD = (
    "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); c.execute('insert into t values (3, null)');"
    "print('held', flush=True); time.sleep(float(sys.argv[2])); c.close()"
)


@pytest.fixture
def holder() -> Iterator[Callable[[Path, float], subprocess.Popen[str]]]:
    """A second process that writes to a DuckDB file for some seconds."""
    started: list[subprocess.Popen[str]] = []

    def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for each in started:
        each.kill()
        each.communicate()


def test_a_file_that_a_writer_holds_is_waited_for_and_then_locked(
    tmp_path: Path, opened: Callable[..., Any], holder: Callable[..., Any]
) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    holder(tmp_path / "x.duckdb", 60)
    start = time.monotonic()
    given = gap(opened("duckdb", database="x.duckdb", timeout=0.7))
    assert given.cause is Cause.LOCKED
    assert given.reason.startswith("x.duckdb was held by a writer for 0.7 s; close what writes to it")
    assert 0.6 < time.monotonic() - start < 5


def test_a_file_that_a_writer_lets_go_of_in_time_is_read(
    tmp_path: Path, opened: Callable[..., Any], holder: Callable[..., Any]
) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    holder(tmp_path / "x.duckdb", 0.5)
    assert opened("duckdb", database="x.duckdb", timeout=20).ask((ROWS,))[ROWS].value == 3


def test_a_writer_in_this_process_is_waited_for_too(tmp_path: Path, opened: Callable[..., Any]) -> None:
    writer = fill_duckdb(str(tmp_path / "x.duckdb"), TABLES)
    warehouse = opened("duckdb", database="x.duckdb", timeout=1)
    assert gap(warehouse).cause is Cause.LOCKED
    writer.close()
    assert warehouse.ask((ROWS,))[ROWS].value == 2


def test_a_reader_keeps_no_writer_out_after_its_answer(
    tmp_path: Path, opened: Callable[..., Any], holder: Callable[..., Any]
) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    warehouse = opened("duckdb", database="x.duckdb")
    assert warehouse.ask((ROWS,))[ROWS].value == 2
    holder(tmp_path / "x.duckdb", 0).wait(20)
    duckdb.connect(str(tmp_path / "x.duckdb")).close()
    assert warehouse.ask((ROWS,))[ROWS].value == 3


def test_many_readers_of_one_file_do_not_disturb_each_other(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    given: list[Any] = []

    def read() -> None:
        warehouse = open_warehouse(server("duckdb", database="x.duckdb"), root=tmp_path, timeout_seconds=5)
        given.extend(warehouse.ask((ROWS, Question(Table("t"), Columns())))[ROWS] for _ in range(10))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.value if isinstance(each, Measured) else each for each in given] == [2] * 60


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n where i < 0"


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_statement_without_end_is_stopped_and_the_rest_is_answered(
    kind: str, loaded: Callable[..., Any]
) -> None:
    big = {"t": Data({"a": "integer"}, [(each,) for each in range(2000)])}
    warehouse = loaded(kind, big, timeout=1)
    slow = Question(
        Table("t"), Query("select count(*) from t a, t b, t c, t d where sin(a.a * b.a + c.a * d.a) > 2")
    )
    endless = Question(Table("t"), Query(ENDLESS if kind != "duckdb" else slow.metric.sql))
    start = time.monotonic()
    answers = warehouse.ask((slow, endless, ROWS))
    assert {answers[each].cause for each in (slow, endless)} == {Cause.TIMEOUT}
    assert "raise timeout in floe.yaml" in answers[slow].reason
    assert answers[ROWS].value == 2000
    assert time.monotonic() - start < 15


# SQLite.


def test_a_busy_sqlite_file_is_waited_for_and_then_locked(tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_sqlite(str(tmp_path / "x.db"), TABLES)
    writer = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
    writer.execute("begin exclusive")
    given = gap(opened("sqlite", database="x.db", timeout=0.5))
    assert given == NotMeasured(
        Cause.LOCKED,
        "x.db was held by a writer for 0.5 s; end its transaction, or raise timeout in floe.yaml",
    )
    threading.Timer(0.3, lambda: writer.execute("commit")).start()
    assert opened("sqlite", database="x.db", timeout=10).ask((ROWS,))[ROWS].value == 2
    writer.close()


def test_a_sqlite_file_with_a_strange_name_is_opened(tmp_path: Path, opened: Callable[..., Any]) -> None:
    name = "50% of?mode=rwc#Größe.db"
    fill_sqlite(str(tmp_path / name), TABLES)
    assert opened("sqlite", database=name).ask((ROWS,))[ROWS].value == 2


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_view_that_is_broken_disturbs_no_other(
    kind: str, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    connect = duckdb.connect if kind == "duckdb" else sqlite3.connect
    connection = connect(tmp_path / "x.db")
    for sql in ("create table t (a integer)", "create table gone (a integer)", "create view v as select * from gone",
                "create view w as select a, a + 1 as b from t", "insert into t values (1)", "drop table gone"):  # fmt: skip
        connection.execute(sql)
    connection.commit()
    connection.close()
    broken, computed = (
        Question(Table("v"), RowCount()),
        Question(Table("w"), Offenders(Compares("b", "<", 5))),
    )
    warehouse = opened(kind, database="x.db")
    assert warehouse.ask((ROWS,))[ROWS].value == 1
    assert warehouse.statements() == 2
    answers = warehouse.ask((ROWS, broken, computed))
    assert (answers[ROWS].value, answers[computed].value) == (1, 1)
    assert answers[broken].cause is Cause.BROKEN
    assert "gone" in answers[broken].reason


@pytest.mark.parametrize(
    "text", ["20240101", "2024-W01-1", "now", "2024-1-5", "45000", "Ann Smith", "2024-01-01 (BC)", ""]
)
def test_sqlite_guesses_no_dates_either(text: str, tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_sqlite(str(tmp_path / "x.db"), {"t": Data({"at": "text"}, [(text,), ("2024-01-01",)])})
    assert gap(opened("sqlite", database="x.db"), Question(Table("t"), Newest("at"))).cause is Cause.BROKEN


def test_text_that_is_no_timestamp_is_said_and_not_shown(tmp_path: Path, opened: Callable[..., Any]) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.executescript(
        "create table t (at timestamp, b text); insert into t values ('Ann Smith', 'x'), ('2024-01-01', 'y')"
    )
    connection.close()
    newest, rows = Question(Table("t"), Newest("at")), Question(Table("t"), Offenders(Null("at")))
    answers = opened("sqlite", database="x.db").ask((newest, rows))
    assert answers[newest] == NotMeasured(
        Cause.BROKEN, "the column holds what is no ISO 8601 date or timestamp"
    )
    assert answers[rows].value == 0


# PostgreSQL.


def postgres(server: Any, database: str = "postgres", **login: str) -> dict[str, object]:
    return {"host": server.socket_dir, "database": database, "user": "postgres", **login}


@pytest.mark.postgres
def test_a_server_that_does_not_listen_is_unreachable(opened: Callable[..., Any]) -> None:
    given = gap(opened("postgres", host="127.0.0.1", port=1, database="x", schema="s", timeout=2))
    assert given.cause is Cause.UNREACHABLE
    assert "refused" in given.reason


@pytest.mark.postgres
def test_an_unknown_database_user_schema_and_table_are_told_apart(
    postgres_server: Any, opened: Callable[..., Any]
) -> None:
    known = postgres(postgres_server)
    assert gap(opened("postgres", access=known | {"database": "nodb"})).cause is Cause.UNREACHABLE
    assert gap(opened("postgres", access=known | {"user": "nobody"})).cause is Cause.DENIED
    assert gap(opened("postgres", access=known | {"schema": "nowhere"})).cause is Cause.NO_DATASET
    assert gap(opened("postgres", access=known)).cause is Cause.NO_DATASET


@pytest.fixture
def strict_server(postgres_server: Any, postgres_url: str) -> Iterator[Any]:
    """A role that needs a password and may read nothing."""
    hba = postgres_server.handle.pgdata / "pg_hba.conf"
    before = hba.read_text()
    fill_postgres(postgres_url, TABLES)
    postgres_server.run("create role guest login password 'open sesame/1'")
    hba.write_text("local all guest scram-sha-256\n" + before)
    postgres_server.run("select pg_reload_conf()")
    time.sleep(0.3)
    yield postgres_server
    hba.write_text(before)
    postgres_server.run("select pg_reload_conf()")
    postgres_server.run(
        "drop owned by guest; drop role guest", postgres_url.partition("@/")[2].partition("?")[0]
    )


SECRET = "open sesame/1"


@pytest.mark.postgres
def test_a_wrong_password_and_a_missing_grant_are_denied_and_no_password_is_told(
    strict_server: Any, postgres_url: str, opened: Callable[..., Any]
) -> None:
    database = postgres_url.partition("@/")[2].partition("?")[0]
    known = postgres(strict_server, database, user="guest")
    for wrong in ({}, {"password": "hunter2hunter2"}):
        given = gap(opened("postgres", access=known | wrong))
        assert given == NotMeasured(
            Cause.DENIED,
            "the server refused the login; set user and password under connections.here in floe.yaml",
        )
    questions = (
        ROWS,
        Question(Table("t"), Probe()),
        Question(Table("t"), Columns()),
        Question(Table("t"), Duplicates(("a",))),
    )
    for access in (
        known | {"password": SECRET},
        {"url": f"postgresql://guest:open%20sesame%2F1@/{database}?host={strict_server.socket_dir}"},
    ):
        answers = opened("postgres", access=access).ask(questions)
        assert answers[ROWS] == NotMeasured(
            Cause.DENIED, "permission denied for table t; grant SELECT on it to the user that checks"
        )
        assert [type(each) for each in answers.values()] == [NotMeasured, NotMeasured, Measured, NotMeasured]
        assert "sesame" not in str(answers)
    strict_server.run("grant select (a) on t to guest", database)
    asked = (Question(Table("t"), Offenders(Null("a"))), Question(Table("t"), Offenders(Null("b"))))
    seen, hidden = opened("postgres", access=known | {"password": SECRET}).ask(asked).values()
    assert (seen.value, hidden.cause) == (0, Cause.DENIED)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@h/d", "postgresql://u:hunter2@h:port/d", "postgresql://u:hunter2%@[h/d", "hunter2", "postgresql://u:hunter2%zz@h/d",
        "postgresql://u:hunter2@h/d?hunter2=1", "postgresql://u:hunter2@127.0.0.1:1/d", "postgresql://u:hunter2@no.such.host.invalid/d",
    ],
)  # fmt: skip
def test_no_url_is_told_whatever_is_wrong_with_it(url: str, opened: Callable[..., Any]) -> None:
    warehouse = opened("postgres", access={"url": url}, timeout=2)
    given = gap(warehouse)
    assert given.cause in (Cause.MISCONFIGURED, Cause.UNREACHABLE)
    assert "hunter2" not in given.reason + repr(warehouse)


@pytest.mark.postgres
def test_a_server_that_dies_between_two_rounds_is_unreachable_and_then_answers_again(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    own = start_postgres()
    try:
        fill_postgres(own.url(), TABLES)
        warehouse = opened("postgres", access={"url": own.url()}, timeout=5)
        assert warehouse.ask((ROWS,))[ROWS].value == 2
        own.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'floe'")
        assert gap(warehouse).cause is Cause.UNREACHABLE
        assert warehouse.ask((ROWS,))[ROWS].value == 2
        server = psutil.Process(own.handle.get_pid())
        server.send_signal(signal.SIGQUIT)
        server.wait(20)
        given = gap(warehouse)
        assert given.cause is Cause.UNREACHABLE
        assert gap(warehouse).cause is Cause.UNREACHABLE
    finally:
        stop_postgres(own)


@pytest.mark.postgres
def test_a_server_that_hangs_is_given_up(
    postgres_url: str, postgres_server: Any, opened: Callable[..., Any]
) -> None:
    fill_postgres(postgres_url, TABLES)
    warehouse = opened("postgres", access={"url": postgres_url}, timeout=1)
    assert warehouse.ask((ROWS,))[ROWS].value == 2
    backend = warehouse._session._connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    try:
        start = time.monotonic()
        given = gap(warehouse)
        assert given == NotMeasured(Cause.TIMEOUT, "the server did not answer within 1 s")
        assert time.monotonic() - start < 8
    finally:
        os.kill(backend, signal.SIGCONT)
    assert warehouse.ask((ROWS,))[ROWS].value == 2


@pytest.mark.postgres
def test_nobody_who_alters_a_table_waits_for_us_between_two_rounds(
    postgres_url: str, postgres_server: Any, opened: Callable[..., Any]
) -> None:
    fill_postgres(postgres_url, TABLES)
    warehouse = opened("postgres", access={"url": postgres_url})
    assert warehouse.ask((ROWS,))[ROWS].value == 2
    database = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.run(
        "set lock_timeout = '1s'; alter table t add column c int; insert into t values (3, 'z', 1)", database
    )
    assert warehouse.ask((ROWS,))[ROWS].value == 3


@pytest.mark.postgres
def test_a_table_that_is_locked_times_out_and_another_answers(
    postgres_url: str, opened: Callable[..., Any]
) -> None:
    fill_postgres(postgres_url, TABLES | {"free": TABLES["t"]})
    writer = psycopg2.connect(postgres_url)
    writer.cursor().execute("lock table t in access exclusive mode")
    free = Question(Table("free"), RowCount())
    answers = opened("postgres", access={"url": postgres_url}, timeout=1).ask((ROWS, free))
    writer.close()
    assert answers[ROWS].cause is Cause.TIMEOUT
    assert answers[free].value == 2


@pytest.mark.postgres
def test_engine_messages_hold_no_value_of_a_row(postgres_url: str, opened: Callable[..., Any]) -> None:
    fill_postgres(postgres_url, {"t": Data({"b": "text"}, [("Ann Smith",)])})
    question = Question(Table("t"), Query("select max(cast(b as integer)) from t"))
    given = gap(opened("postgres", access={"url": postgres_url}), question)
    assert given == NotMeasured(Cause.BROKEN, "invalid input syntax for type integer: …")


def test_duckdb_messages_hold_no_value_of_a_row(tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), {"t": Data({"b": "text"}, [("Ann Smith",)])}).close()
    question = Question(Table("t"), Query("select max(cast(b as integer)) from t"))
    given = gap(opened("duckdb", database="x.duckdb"), question)
    assert given == NotMeasured(
        Cause.BROKEN,
        "Conversion Error: Could not convert string … to INT32 when casting from source column b",
    )


# Answers that are no numbers.


@pytest.mark.parametrize("kind", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_infinity_and_nan_are_never_answers(kind: str, loaded: Callable[..., Any]) -> None:
    warehouse = loaded(
        kind,
        {
            "t": Data(
                {"f": "double", "day": "date"}, [(float("nan"), None), (float("inf"), None), (1.0, None)]
            )
        },
    )
    asked = {
        Query("select max(f) from t"): Cause.BROKEN,
        Query("select cast('-infinity' as double precision)"): Cause.BROKEN,
        Offenders(Compares("f", ">", 10)): 2,  # both are above every number
        Offenders(Compares("f", "<", 10)): 1,
        Offenders(Null("f")): 0,
    }
    answers = warehouse.ask(tuple(Question(Table("t"), each) for each in asked))
    for metric, expected in asked.items():
        given = answers[Question(Table("t"), metric)]
        if isinstance(expected, Cause):
            assert given.cause is expected
        elif expected is not None:
            assert given.value == expected


@pytest.mark.parametrize("kind", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_infinity_is_the_end_of_the_calendar_and_what_is_before_it_is_not_measured(
    kind: str, loaded: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    warehouse = loaded(kind, {"t": Data({"at": "timestamp", "day": "date"}, [])})
    if kind == "duckdb":
        folder = request.getfixturevalue("tmp_path")
        connection = duckdb.connect(str(folder / "data.duckdb"))
        connection.execute("insert into t values ('infinity', '-infinity')")
        connection.close()
    else:
        connection = psycopg2.connect(request.getfixturevalue("postgres_url"))
        connection.cursor().execute("insert into t values ('infinity', '0044-03-15 BC')")
        connection.commit()
        connection.close()
    at, day = (Question(Table("t"), Newest(each)) for each in ("at", "day"))
    answers = warehouse.ask((at, day))
    assert answers[at].value == datetime.max.replace(tzinfo=UTC)
    assert answers[day].cause is Cause.BROKEN


def test_types_that_cannot_be_joined_are_broken_and_disturb_no_other(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), {"t": Data({"a": "integer", "b": "text"}, [(1, "x")])}).close()
    wrong = Question(Table("t"), Orphans(("b",), Table("t"), ("a",)))
    right = Question(Table("t"), Offenders(NotMatching("b", "x")))
    answers = opened("duckdb", database="x.duckdb").ask((wrong, right, ROWS))
    assert (answers[wrong].cause, answers[right].value, answers[ROWS].value) == (Cause.BROKEN, 0, 1)


def test_names_that_no_engine_accepts_disturb_no_other(tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    odd = (
        Question(Table("a\x00b"), RowCount()),
        Question(Table("\ud800"), RowCount()),
        Question(Table(""), RowCount()),
        Question(Table("t"), Offenders(Null("\x00"))),
        Question(Table("t"), Offenders(NotMatching("b", "\x00"))),
    )
    answers = opened("duckdb", database="x.duckdb").ask((*odd, ROWS))
    assert all(isinstance(answers[each], NotMeasured) for each in odd)
    assert answers[ROWS].value == 2


def test_only_files_know_when_they_changed(tmp_path: Path, opened: Callable[..., Any]) -> None:
    fill_duckdb(str(tmp_path / "x.duckdb"), TABLES).close()
    question = Question(Table("t"), LastChange())
    assert gap(opened("duckdb", database="x.duckdb"), question).cause is Cause.UNSUPPORTED
