"""Contract SQL is hostile until it is shown to be one query that reads; what slips through cannot write anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, Measured, NotMeasured, Query, Question, RowCount, Table
from floe_dagster.warehouses._guard import guarded, tables_in
from tests.warehouses.oracle import Data

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

TABLES = {"t": Data({"a": "integer", "b": "text"}, [(1, "x"), (2, "y")])}
ENGINES = ("duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres))

HOSTILE = [
    # several statements, by every means of hiding one
    "select 1; select 2",
    "select 1; delete from t",
    "select 1; drop table t; --",
    "select '\\'; drop table t; --'",
    "select 1 /* ; */ ; update t set a = 3",
    "select 1) as q; delete from t; select * from (select 1",
    "commit; delete from t",
    "begin; select 1",
    # writes
    "insert into t values (3, 'z')",
    "update t set a = 7",
    "delete from t",
    "truncate t",
    "merge into t using t as s on false when not matched then insert values (1, 'a')",
    "with gone as (delete from t returning a) select count(*) from gone",
    "with new as (insert into t values (9, 'n') returning a) select count(*) from new",
    "with new as (update t set a = 1 returning a) select count(*) from new",
    "select a into copied from t",
    "create table u as select 1",
    "create view v as select 1",
    "drop table t",
    "alter table t add column c int",
    "replace into t values (1, 'a')",
    "vacuum",
    "reindex",
    # locks, settings, sessions
    "select a from t for update",
    "select a from t for share",
    "lock table t",
    "set statement_timeout = 0",
    "set session authorization postgres",
    "reset all",
    "set enable_external_access = true",
    "pragma writable_schema = 1",
    "pragma table_info(t)",
    "select set_config('statement_timeout', '0', false)",
    "select current_setting('data_directory')",
    "show all",
    "use other",
    "grant all on t to public",
    "listen floe",
    "discard all",
    # files, programs, networks
    "copy t to '/tmp/floe-stolen.csv'",
    "copy t from '/etc/passwd'",
    "copy t to program 'id'",
    "attach '/tmp/floe-other.db' as o",
    "detach main",
    "install httpfs",
    "load httpfs",
    "export database '/tmp/floe-export'",
    "select * from read_csv('/etc/passwd')",
    "select count(*) from read_csv_auto('/etc/passwd', header = false)",
    "select count(*) from read_parquet('s3://bucket/x.parquet')",
    "select count(*) from read_text('/etc/passwd')",
    "select count(*) from read_blob('/etc/passwd')",
    "select count(*) from glob('/etc/*')",
    "select count(*) from '/etc/passwd'",
    'select count(*) from "/etc/passwd"',
    "select count(*) from 'other.csv'",
    "select count(*) from 'https://example.org/x.parquet'",
    "select count(*) from sqlite_scan('/tmp/x.db', 't')",
    "select count(*) from postgres_scan('host=x', 'public', 't')",
    "select * from query('delete from t')",
    "select * from query_table('t')",
    "select pg_read_file('/etc/passwd')",
    "select count(*) from pg_ls_dir('/')",
    "select lo_export(1, '/tmp/floe-lo')",
    "select lo_import('/etc/passwd')",
    "select * from dblink('dbname=postgres', 'select 1') as d(a int)",
    "select load_extension('/tmp/x.so')",
    "select readfile('/etc/passwd')",
    "select writefile('/tmp/floe-w', 'x')",
    "select edit('x')",
    "select getenv('HOME')",
    # side effects and waiting
    "select pg_sleep(60)",
    "select pg_catalog.pg_sleep(60)",
    "select pg_advisory_lock(1)",
    "select pg_terminate_backend(1)",
    "select nextval('s')",
    "select setval('s', 1)",
    "select txid_current()",
    "select query_to_xml('delete from t', true, true, '')",
    "select count(*) from generate_series(1, 1000000000000)",
    "select count(*) from range(1000000000000)",
    "select randomblob(1000000000)",
    "select zeroblob(1000000000)",
    "select printf('%.1000000000c', 'x')",
    "select repeat('x', 1000000000)",
    "select lpad('x', 1000000000)",
    # the engine's own tables
    "select count(*) from pg_shadow",
    "select count(*) from pg_catalog.pg_authid",
    "select count(*) from information_schema.tables",
    "select count(*) from sqlite_master",
    "select count(*) from duckdb_secrets()",
    # other things that are no query
    "do $$ begin delete from t; end $$",
    "call p()",
    "execute p",
    "prepare p as select 1",
    "explain analyze delete from t",
    "explain select 1",
    "describe t",
    "summarize t",
    "values (1)",
    "table t",
    "",
    "   ",
    "-- nothing",
    "select",
    "selec 1",
    "select $1",
    "select ?",
    "select " + "(" * 2000 + "1" + ")" * 2000,
    "select '" + "x" * 200_000 + "'",
]

HARMLESS = [
    "select count(*) from t",
    "SELECT COUNT(*) FROM t;",
    "  -- how many\n select count(*) from t where a > 1  ",
    "/* how many */ select count(*) from t -- the end",
    "with big as (select * from t where a > 1) select count(*) from big",
    "(select count(*) from t)",
    "select count(*) from (select a from t union all select a from t) as u",
    "select sum(case when b like 'x%' then 1 else 0 end) from t",
    "select count(distinct b) * 100.0 / count(*) from t",
    "select coalesce(max(a), 0) - min(a) from t where b is not null and a between 1 and 5",
    "select count(*) from t as l left join t as r on l.a = r.a + 1 where r.a is null",
    "select count(*) from t where exists (select 1 from t as o where o.a = t.a) and a in (1, 2)",
    "select max(r) from (select row_number() over (partition by b order by a desc) as r from t) as n",
    "select avg(length(trim(upper(b)))) from t",
    "select round(abs(avg(a)), 2) from t group by 1 = 1 having count(*) > 0 order by 1 limit 1",
    "select cast(count(*) as integer) from t where b <> 'a;b' and b <> '--'",
    "select count(*) filter (where a > 1) from t",
]


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 80


@pytest.mark.parametrize("engine", ENGINES)
def test_no_hostile_statement_is_run(engine: str, loaded: Callable[..., Any]) -> None:
    warehouse = loaded(engine, TABLES)
    rows = Question(Table("t"), RowCount())
    asked = {sql: Question(Table("t"), Query(sql)) for sql in HOSTILE}
    answers = warehouse.ask((rows, *asked.values()))
    let_through = {
        sql: answers[each]
        for sql, each in asked.items()
        if not isinstance(answers[each], NotMeasured) or answers[each].cause is not Cause.UNSUPPORTED
    }
    assert let_through == {}
    assert all(0 < len(answers[each].reason) <= 300 for each in asked.values())
    # the catalogue and the row count, and not one of the others
    assert warehouse.statements() == 2
    assert warehouse.ask((rows,))[rows].value == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_a_query_that_only_reads_is_run(engine: str, loaded: Callable[..., Any]) -> None:
    asked = tuple(Question(Table("t"), Query(sql)) for sql in HARMLESS)
    answers = loaded(engine, TABLES).ask(asked)
    assert {
        each.metric.sql: given for each, given in answers.items() if not isinstance(given, Measured)
    } == {}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "sql",
    [
        "insert into t values (3, 'z')",
        "delete from t",
        "drop table t",
        "create table u (a int)",
        "update t set a = 1",
    ],
)
def test_a_write_that_got_past_the_guard_is_refused_by_the_connection(
    engine: str, sql: str, loaded: Callable[..., Any]
) -> None:
    warehouse = loaded(engine, TABLES)
    question = Question(Table("t"), RowCount())
    session = warehouse._connect(("t",))
    session.catalogue(("t",))
    with pytest.raises(WarehouseError):
        session.rows(sql)
    session.close()
    assert warehouse.ask((question,))[question].value == 2


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "attach '/tmp/floe-none.db'",
        "set enable_external_access = true",
    ],
)
@pytest.mark.parametrize("engine", ["duckdb", "csv"])
def test_duckdb_reaches_no_file_but_the_contracts(engine: str, sql: str, loaded: Callable[..., Any]) -> None:
    session = loaded(engine, TABLES)._connect(("t",))
    with pytest.raises(WarehouseError):
        session.rows(sql)
    assert session.rows("select count(*) from t") == [(2,)]
    session.close()


def test_the_query_is_sent_as_a_subquery_of_which_two_rows_are_read() -> None:
    assert guarded("select 1 -- one", "duckdb") == "select * from (\nselect 1 -- one\n) as asked\nlimit 2"


def test_the_tables_of_a_query_are_known_and_those_of_a_hostile_one_are_not() -> None:
    assert tables_in("select count(*) from a join b.c on true where x in (select y from a)", "duckdb") == (
        "a",
        "c",
    )
    assert tables_in("delete from a", "duckdb") == ()
