"""Every warehouse takes the same samples: the rows that are counted, and of them only what may be shown."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import duckdb
import pandas as pd
import pytest

from floe_dagster.plan.metric import Duplicates, Offenders, Orphans, Question, RowCount, Table
from floe_dagster.plan.offence import AnyOf, Compares, NotMatching, Null
from floe_dagster.plan.sample import SampleColumn, Sampler, Treatment, Wanted
from floe_dagster.warehouses import _sample as warehouse_samples
from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._frames import FramesWarehouse
from floe_dagster.warehouses._sample import statement
from tests.warehouses.oracle import Data
from tests.warehouses.tables import server
from tests.warehouses.test_conformance import every_warehouse

pytestmark = pytest.mark.requirement("B-09")

SECRET = b"not to be guessed"
KEY = SampleColumn("id", "id", Treatment.HASHED)
OPEN_KEY = SampleColumn("id", "id", Treatment.SHOWN)
MAIL = SampleColumn("e-mail", "mail", Treatment.MASKED)
CITY = SampleColumn("city", "city", Treatment.SHOWN)
TABLES = {
    "people": Data(
        {
            "id": "integer",
            "mail": "text",
            "city": "text",
            "pay": "decimal",
            "born": "date",
            "boss": "integer",
        },
        [
            (1, "a@b", "Ulm", Decimal("10.50"), date(2000, 1, 2), None),
            (2, None, "Ulm", Decimal("11.00"), date(2000, 1, 2), 1),
            (3, None, None, Decimal("12.00"), None, 77),
            (4, "a@b", "Köln", Decimal("-1.00"), date(1999, 1, 2), 2),
            (5, "c@d", 'a "quoted" city', Decimal("-1.00"), None, 88),
        ],
    ),
}


def wanted(*columns, metric, table="people", most=5):
    metrics = metric if isinstance(metric, tuple) else (metric,)
    return Wanted(Table(table), metrics, columns, most)


def taken(warehouse, *some):
    with closing(warehouse):
        assert isinstance(warehouse, Sampler)
        return warehouse.samples(some, SECRET)


def texts(sample):
    assert sample.gap is None
    return [tuple(each.text for each in row) for row in sample.rows]


def hashed(text):
    return hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()[:16]


@every_warehouse
def test_the_rows_that_offend_are_shown_as_far_as_they_may_be(kind, loaded):
    (sample,) = taken(loaded(kind, TABLES), wanted(KEY, MAIL, CITY, metric=Offenders(Null("mail"))))

    assert sample.columns == (KEY, MAIL, CITY)
    assert sorted(texts(sample), key=str) == sorted(
        [(hashed("2"), "masked", "Ulm"), (hashed("3"), "masked", None)], key=str
    )


@every_warehouse
def test_repeated_keys_are_shown_with_equal_values_side_by_side(kind, loaded):
    (sample,) = taken(
        loaded(kind, TABLES), wanted(OPEN_KEY, MAIL, CITY, metric=Duplicates(("pay",))),
    )  # fmt: skip

    assert sorted(texts(sample)) == [("4", "masked", "Köln"), ("5", "masked", 'a "quoted" city')]


@every_warehouse
def test_a_key_of_several_columns_repeats_as_a_whole(kind, loaded):
    (sample,) = taken(loaded(kind, TABLES), wanted(OPEN_KEY, metric=Duplicates(("city", "born"))))

    assert sorted(texts(sample)) == [("1",), ("2",)]


@every_warehouse
def test_rows_that_refer_to_nobody_are_shown(kind, loaded):
    orphans = Orphans(("boss",), Table("people"), ("id",))

    (sample,) = taken(loaded(kind, TABLES), wanted(OPEN_KEY, MAIL, metric=orphans))

    assert sorted(texts(sample)) == [("3", "masked"), ("5", "masked")]


@every_warehouse
def test_a_key_that_lacks_a_part_or_repeats_is_one_sample(kind, loaded):
    either = (Offenders(AnyOf((Null("mail"), Null("born")))), Duplicates(("mail",)))

    (sample,) = taken(loaded(kind, TABLES), wanted(OPEN_KEY, metric=either))

    assert sorted(texts(sample)) == [("1",), ("2",), ("3",), ("4",), ("5",)]


@every_warehouse
def test_no_more_rows_come_than_are_wanted(kind, loaded):
    every, some = Offenders(Compares("id", ">", 0)), Duplicates(("mail",))

    first, second = taken(
        loaded(kind, TABLES), wanted(KEY, metric=every, most=2), wanted(KEY, metric=some, most=1)
    )

    assert (len(first.rows), len(second.rows)) == (2, 1)


@every_warehouse
def test_a_sample_that_cannot_be_taken_says_why_and_disturbs_no_other(kind, loaded):
    gone, fine = taken(
        loaded(kind, TABLES),
        wanted(KEY, metric=Offenders(Null("nowhere"))),
        wanted(KEY, metric=Offenders(Null("mail"))),
    )

    assert (gone.rows, gone.gap) == ((), "one of its columns is not there")
    assert len(fine.rows) == 2


@every_warehouse
def test_the_table_may_be_gone(kind, loaded):
    (sample,) = taken(loaded(kind, TABLES), wanted(KEY, table="nobody", metric=Offenders(Null("mail"))))

    assert sample.gap == "the table is not there any more"


@every_warehouse
def test_a_warehouse_goes_on_answering_after_samples_that_failed(kind, loaded):
    rows = Question(Table("people"), RowCount())
    with closing(loaded(kind, TABLES)) as warehouse:
        before = warehouse.ask((rows,))[rows].value
        warehouse.samples((wanted(KEY, table="nobody", metric=Offenders(Null("mail"))),), SECRET)
        assert before == warehouse.ask((rows,))[rows].value == 5


def sent_of(warehouse):
    """What a warehouse sends, as it sends it."""
    sent = []
    connect = warehouse._connect

    def listening(tables):
        session = connect(tables)
        rows = session.rows
        session.rows = lambda sql, most=2: [sent.append(sql), rows(sql, most)][1]
        return session

    warehouse._connect = listening
    return sent


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "parquet"])
def test_a_masked_column_is_selected_nowhere(kind, loaded):
    warehouse = loaded(kind, TABLES)
    assert isinstance(warehouse, SqlWarehouse)
    sent = sent_of(warehouse)

    taken(
        warehouse,
        wanted(KEY, MAIL, metric=Offenders(Null("pay"))),
        wanted(KEY, MAIL, CITY, metric=Offenders(Null("mail"))),
    )

    first, second = sent
    assert "mail" not in first
    assert "city" not in first
    assert "mail" not in second.partition("from")[0]
    assert '"mail" is null' in second


def test_one_statement_is_sent_for_each_sample_and_one_for_the_catalogue(loaded):
    warehouse = loaded("duckdb", TABLES)
    some = [wanted(KEY, metric=Offenders(Null(each))) for each in ("mail", "city", "pay")]
    before = warehouse.statements()

    warehouse.samples(tuple(some), SECRET)

    assert warehouse.statements() - before == 4


def test_rows_of_sqlalchemy_are_in_no_log_that_takes_everything(loaded, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    open_city = wanted(OPEN_KEY, CITY, metric=Offenders(Null("born")))

    (sample,) = taken(loaded("sqlalchemy-sqlite", TABLES), open_city)

    assert "quoted" in texts(sample)[1][1]
    assert "SELECT" in caplog.text
    assert "quoted" not in caplog.text


def hostile_sqlite(path):
    connection = sqlite3.connect(path)
    connection.execute('create table t (k text, "x"" from t; drop table t; --" text, bad text)')
    rows = [("key", "\x1b[31mred\x07", None), (b"\xff\x00", "x" * 1_000_000, None), ("w", b"\xfe\xff", None)]
    connection.executemany("insert into t values (?, ?, ?)", rows)
    connection.commit()
    connection.close()


COLUMN = 'x" from t; drop table t; --'


@pytest.mark.parametrize("kind", ["sqlite", "sqlalchemy"])
def test_values_and_names_that_mean_harm_do_none(kind, opened, tmp_path):
    hostile_sqlite(str(tmp_path / "h.db"))
    options = {"database": "h.db"} if kind == "sqlite" else {}
    access = {} if kind == "sqlite" else {"url": "sqlite:///h.db"}
    columns = (SampleColumn("k", "k", Treatment.HASHED), SampleColumn("x", COLUMN, Treatment.SHOWN))

    (sample,) = taken(
        opened(kind, access=access, **options), wanted(*columns, table="t", metric=Offenders(Null("bad")))
    )

    shown = {row[1] for row in texts(sample)}
    assert r"\x1b[31mred\x07" in shown
    assert "x" * 79 + "…" in shown
    assert {"xFEFF", r"\xfeff"} & shown
    assert all(len(each) <= 100 and each.isprintable() for each in shown)
    assert sqlite3.connect(tmp_path / "h.db").execute("select count(*) from t").fetchone() == (3,)


def test_a_text_that_is_no_text_is_told_without_a_value(opened, tmp_path):
    connection = sqlite3.connect(tmp_path / "h.db")
    connection.execute("create table t (k text, bad text)")
    connection.execute("insert into t values (cast(x'63616e617279ff' as text), null)")
    connection.commit()
    connection.close()
    key = SampleColumn("k", "k", Treatment.SHOWN)

    (sample,) = taken(
        opened("sqlite", database="h.db"), wanted(key, table="t", metric=Offenders(Null("bad")))
    )

    assert sample.gap == "the engine could not read the rows"


def test_nested_values_and_values_that_are_no_numbers_become_text():
    frame = pd.DataFrame(
        {
            "n": [math.inf, 1.5, 2.0],
            "list": [[1, [2]], {"a": "\x1b"}, None],
            "bytes": [b"\x00\xff", b"", None],
            "bad": [None, None, None],
        }
    )
    columns = [SampleColumn(each, each, Treatment.SHOWN) for each in ("n", "bytes")]

    (sample,) = taken(
        FramesWarehouse({"t": frame}), wanted(*columns, table="t", metric=Offenders(Null("bad")))
    )

    assert [row[0].text for row in sample.rows] == ["inf", "1.5", "2.0"]
    assert [row[1].text for row in sample.rows] == [r"\x00\xFF", "", None]


def test_duckdb_shows_what_is_nested_on_one_line(tmp_path, opened):
    with duckdb.connect(str(tmp_path / "n.duckdb")) as connection:
        connection.execute(
            "create table t as select {'a': [1, 2], 'b': 'x' || chr(10) || 'y'} as s, 'nan'::double as n,"
            " timestamptz '2026-01-02 03:04:05+00' as at, null as bad"
        )
    columns = [SampleColumn(each, each, Treatment.SHOWN) for each in ("s", "n", "at")]

    (sample,) = taken(
        opened("duckdb", database="n.duckdb"), wanted(*columns, table="t", metric=Offenders(Null("bad")))
    )

    ((nested, number, at),) = texts(sample)
    assert (r"\n" in nested, number, at) == (True, "nan", "2026-01-02 03:04:05+00")


@pytest.mark.postgres
def test_a_permission_that_is_missing_is_told_by_its_kind_alone(postgres_url, postgres_server, opened):
    name = urlsplit(postgres_url).path.strip("/")
    postgres_server.run("create table t (id integer, secret_city text); insert into t values (1, 'x')", name)
    postgres_server.run(f"create role reader_{name} login; grant select (id) on t to reader_{name}", name)
    columns = (KEY, SampleColumn("c", "secret_city", Treatment.SHOWN))
    try:
        denied, fine = taken(
            opened("postgres", access={"url": postgres_server.url(name, user=f"reader_{name}")}),
            wanted(*columns, table="t", metric=Offenders(Compares("id", ">", 0))),
            wanted(KEY, table="t", metric=Offenders(Compares("id", ">", 0))),
        )
    finally:
        postgres_server.run(f"drop owned by reader_{name}; drop role reader_{name}", name)

    assert denied.gap == "no permission to read the rows"
    assert len(fine.rows) == 1


@pytest.mark.postgres
def test_after_a_timeout_no_other_sample_is_asked_for(postgres_url, opened, postgres_server):
    name = urlsplit(postgres_url).path.strip("/")
    postgres_server.run("create view t as select 1 as id, pg_sleep(30)::text as slow", name)
    warehouse = opened("postgres", access={"url": postgres_url}, timeout=0.3)
    slow = wanted(KEY, table="t", metric=Offenders(NotMatching("slow", "x")))

    first, second = warehouse.samples((slow, slow), SECRET)

    assert first.gap == second.gap == "no answer within the timeout"
    assert warehouse.statements() == 2


def test_samples_that_take_too_long_leave_the_others_out():
    ticking = iter(range(0, 100, 20))
    read = []

    found = warehouse_samples.taken(
        [wanted(KEY, metric=Offenders(Null("mail")))] * 4,
        lambda _: lambda one: read.append(one) or [["1"]],
        SECRET,
        lambda: float(next(ticking)),
    )

    assert len(read) == 1
    assert [bool(each.rows) for each in found] == [True, False, False, False]
    assert {each.gap for each in found[1:]} == {
        "the samples before it took 30 s, and more they are not given"
    }


def test_a_server_that_is_not_there_is_asked_once(tmp_path):
    warehouse = open_warehouse(server("duckdb", database="gone.duckdb"), root=tmp_path, timeout_seconds=1)

    some = taken(warehouse, *[wanted(KEY, metric=Offenders(Null("mail")))] * 3)

    assert {each.gap for each in some} == {"the server does not answer any more"}


def test_the_statement_names_every_part_in_quotes(loaded):
    warehouse = loaded("duckdb", TABLES)
    with closing(warehouse):
        session = warehouse._connect(("people",))
        catalogue = session.catalogue(("people",))
        one = wanted(KEY, CITY, metric=(Offenders(Null("mail")), Duplicates(("city", "born"))))
        assert statement(one, catalogue, warehouse.dialect) == (
            'select substr(cast("id" as varchar), 1, 10001), substr("city", 1, 81)\n'
            'from "main"."people"\n'
            'where ("mail" is null) or (("city", "born") in (select "city", "born" from "main"."people"'
            ' where "city" is not null and "born" is not null group by "city", "born"'
            " having count(*) > 1 limit 5))\n"
            'order by "city", "born"\n'
            "limit 5"
        )
        session.close()
