"""Physical types against the catalogues of real engines: each column is created, and read back as it is there."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import duckdb
import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.checks._types import same
from floe_dagster.plan.metric import Columns, LiveColumn, Measured, Question, Table
from floe_dagster.warehouses import open_warehouse
from tests.warehouses.tables import server

pytestmark = pytest.mark.requirement("B-02")

YES, NO, UNKNOWN = True, False, None

Row = tuple[str, str, bool | None]
"""What the column is created as, what is promised of it, and the verdict."""

DUCKDB: list[Row] = [
    ("BOOLEAN", "bool", YES),
    ("BOOL", "LOGICAL", YES),
    ("BOOLEAN", "tinyint", NO),
    ("TINYINT", "int1", YES),
    ("SHORT", "INT16", YES),
    ("SMALLINT", "int2", YES),
    ("INTEGER", "int4", YES),
    ("INT", "signed", YES),
    ("INTEGER", "INT64", NO),
    ("INT8", "INT64", YES),
    ("BIGINT", "int8", YES),
    ("BIGINT", "LONG", YES),
    ("BIGINT", "INTEGER", NO),
    ("BIGINT", "NUMBER(38,0)", NO),
    ("HUGEINT", "INT128", YES),
    ("UINTEGER", "uint32", YES),
    ("UINTEGER", "INTEGER", NO),
    ("FLOAT", "REAL", YES),
    ("FLOAT", "float4", YES),
    ("FLOAT", "FLOAT(24)", YES),
    ("FLOAT", "DOUBLE", NO),
    ("FLOAT", "FLOAT(25)", NO),
    ("FLOAT", "FLOAT64", NO),
    ("DOUBLE", "FLOAT", NO),
    ("DOUBLE", "FLOAT8", YES),
    ("DOUBLE PRECISION", "double precision", YES),
    ("FLOAT(53)", "DOUBLE", YES),
    ("DOUBLE", "FLOAT64", YES),
    ("DECIMAL", "DECIMAL", YES),
    ("DECIMAL", "numeric(18, 3)", YES),
    ("DECIMAL", "DECIMAL(18,2)", NO),
    ("DECIMAL(10)", "DECIMAL(10)", YES),
    ("DECIMAL(10)", "DEC(10,0)", YES),
    ("NUMERIC(10,2)", "numeric( 10 , 02 )", YES),
    ("DECIMAL(10,2)", "DECIMAL", YES),
    ("DECIMAL(10,2)", "NUMBER(10,2)", YES),
    ("DECIMAL(38,0)", "NUMBER(38,0)", YES),
    ("DECIMAL(38,0)", "NUMBER", YES),
    ("DECIMAL(10,2)", "NUMBER(12,2)", NO),
    ("DECIMAL(10,2)", "DOUBLE", NO),
    ("VARCHAR", "text", YES),
    ("TEXT", "string", YES),
    ("VARCHAR(20)", "character varying", YES),
    ("VARCHAR(20)", "VARCHAR(20)", UNKNOWN),
    ("VARCHAR", "STRING(20)", UNKNOWN),
    ("CHAR(5)", "CHAR", YES),
    ("VARCHAR", "VARCHAR2(20 CHAR)", UNKNOWN),
    ("VARCHAR", "NVARCHAR(MAX)", UNKNOWN),
    ("VARCHAR", "JSON", NO),
    ("VARCHAR", "UUID", NO),
    ("JSON", "json", YES),
    ("JSON", "VARCHAR", NO),
    ("BYTEA", "BLOB", YES),
    ("BLOB", "BYTES", YES),
    ("BLOB", "varbinary", YES),
    ("BIT", "bitstring", YES),
    ("BIT(3)", "BIT(3)", UNKNOWN),
    ("DATE", "date", YES),
    ("DATE", "TIMESTAMP", NO),
    ("TIME", "time without time zone", YES),
    ("TIMETZ", "TIME WITH TIME ZONE", YES),
    ("TIMETZ", "TIME", NO),
    ("TIMESTAMP", "datetime", YES),
    ("TIMESTAMP", "timestamp without time zone", YES),
    ("TIMESTAMP", "TIMESTAMP(6)", YES),
    ("TIMESTAMP", "TIMESTAMP(3)", NO),
    ("TIMESTAMP", "TIMESTAMP_NTZ", YES),
    ("TIMESTAMP", "TIMESTAMP_NTZ(9)", NO),
    ("TIMESTAMP", "TIMESTAMPTZ", NO),
    ("TIMESTAMP(0)", "TIMESTAMP_S", YES),
    ("TIMESTAMP(1)", "TIMESTAMP_MS", YES),
    ("TIMESTAMP(3)", "TIMESTAMP(3)", YES),
    ("TIMESTAMP_MS", "TIMESTAMP", NO),
    ("TIMESTAMP(9)", "TIMESTAMP_NS", YES),
    ("TIMESTAMP_NS", "TIMESTAMP_US", NO),
    ("TIMESTAMPTZ", "timestamp with time zone", YES),
    ("TIMESTAMPTZ", "TIMESTAMP_TZ", YES),
    ("TIMESTAMPTZ", "TIMESTAMP", NO),
    ("INTERVAL", "interval", YES),
    ("UUID", "guid", YES),
    ("UUID", "UNIQUEIDENTIFIER", YES),
    ("INTEGER[]", "int[]", YES),
    ("INTEGER[]", "INT ARRAY", YES),
    ("INTEGER[]", "ARRAY<INT64>", NO),
    ("BIGINT[]", "ARRAY<INT64>", YES),
    ("INTEGER[]", "VARCHAR[]", NO),
    ("INTEGER[]", "INTEGER", NO),
    ("INTEGER[]", "INTEGER[3]", NO),
    ("INTEGER[3]", "int4[3]", YES),
    ("INTEGER[3]", "INTEGER[]", NO),
    ("INTEGER[3]", "INTEGER[4]", NO),
    ("INTEGER[3][]", "int[3][]", YES),
    ("INTEGER[3][]", "int[][3]", NO),
    ("VARCHAR(9)[]", "VARCHAR(9)[]", UNKNOWN),
    ("STRUCT(a INT, b VARCHAR[])", "struct(a integer, b text[])", YES),
    ("STRUCT(a INT, b VARCHAR[])", "ROW(A int4, B string[])", YES),
    ("STRUCT(a INT, b VARCHAR)", "STRUCT(b VARCHAR, a INT)", NO),
    ("STRUCT(a INT, b VARCHAR)", "STRUCT(a INT)", NO),
    ("STRUCT(a INT, b VARCHAR)", "STRUCT(a INT, c VARCHAR)", NO),
    ("STRUCT(a INT, b VARCHAR)", "STRUCT(a BIGINT, b VARCHAR)", NO),
    ("STRUCT(a BIGINT, b VARCHAR)", "STRUCT<a INT64, b STRING>", YES),
    ("STRUCT(a INT, b VARCHAR)", "struct<a:int,b:string>", YES),
    ('STRUCT("x y" INT, "q""r" DECIMAL(4,2))', 'STRUCT("x y" INT4, "q""r" NUMERIC(4,2))', YES),
    ("STRUCT(a INT)[]", "STRUCT(a INT)[]", YES),
    ("STRUCT(a INT)[]", "ARRAY<STRUCT<a INT64>>", NO),
    ("MAP(TEXT, INT4)", "map(varchar, integer)", YES),
    ("MAP(TEXT, INT4)", "MAP(VARCHAR, BIGINT)", NO),
    ("MAP(TEXT, INT4)", "map<string,int>", YES),
    ("ENUM('a', 'b''c')", "enum('a','b''c')", YES),
    ("ENUM('a', 'b')", "ENUM('b', 'a')", NO),
    ("ENUM('a', 'b')", "ENUM('A', 'b')", NO),
    ("ENUM('a', 'b')", "ENUM", YES),
    ("ENUM('a', 'b')", "VARCHAR", NO),
    ("UNION(n INT, s TEXT)", "union(n int4, s varchar)", YES),
    ("UNION(n INT, s TEXT)", "union(n int4, t varchar)", NO),
    ("INTEGER", "our_own_type", UNKNOWN),
    ("INTEGER", "GEOGRAPHY", NO),
    ("INTEGER", "SERIAL", YES),
    ("INTEGER", "drop table orders; --", UNKNOWN),
    ("INTEGER", "", UNKNOWN),
]
POSTGRES: list[Row] = [
    ("bool", "BOOLEAN", YES),
    ("int2", "smallint", YES),
    ("smallserial", "SMALLINT", YES),
    ("int", "int4", YES),
    ("serial", "integer", YES),
    ("integer", "serial", YES),
    ("integer", "bigint", NO),
    ("integer", "pg_catalog.int4", YES),
    ("int8", "bigint", YES),
    ("bigserial", "int8", YES),
    ("bigint", "serial8", YES),
    ("bigint", "INT64", YES),
    ("bigint", "TINYINT", NO),
    ("float", "double precision", YES),
    ("float8", "FLOAT", YES),
    ("real", "FLOAT", NO),
    ("float(24)", "real", YES),
    ("real", "float(24)", YES),
    ("real", "FLOAT4", YES),
    ("float(25)", "float8", YES),
    ("double precision", "float(53)", YES),
    ("double precision", "FLOAT64", YES),
    ("double precision", "real", NO),
    ("decimal", "numeric", YES),
    ("numeric", "numeric(10,2)", NO),
    ("numeric(10)", "numeric(10)", YES),
    ("numeric(10)", "decimal(10, 0)", YES),
    ("numeric(10,2)", "DEC(10,2)", YES),
    ("numeric(10,2)", "numeric(10,3)", NO),
    ("numeric(10,2)", "numeric", YES),
    ("numeric(10,2)", "NUMBER(10,2)", YES),
    ("numeric(10,2)", "money", NO),
    ("varchar", "character varying", YES),
    ("varchar", "text", YES),
    ("text", "varchar", YES),
    ("text", "VARCHAR(20)", NO),
    ("varchar(20)", "text", NO),
    ("varchar(20)", "character varying(20)", YES),
    ("character varying(20)", "VARCHAR(20)", YES),
    ("varchar(20)", "VARCHAR(18)", NO),
    ("varchar(20)", "varchar", YES),
    ("varchar(20)", "VARCHAR2(20)", YES),
    ("varchar(20)", "char(20)", NO),
    ("national character varying(7)", "nchar varying(7)", YES),
    ("text", "STRING", YES),
    ("char(5)", "character(5)", YES),
    ("char(5)", "bpchar(5)", YES),
    ("char", "character(1)", YES),
    ("char(5)", "char(4)", NO),
    ("nchar(4)", "CHAR(4)", YES),
    ("bpchar", "bpchar", YES),
    ("bpchar", "char(3)", NO),
    ('"char"', '"char"', YES),
    ('"char"', "char", NO),
    ("name", "name", YES),
    ("bit(3)", "BIT(3)", YES),
    ("bit", "bit(1)", YES),
    ("bit varying(5)", "varbit(5)", YES),
    ("bit varying", "bit varying(5)", NO),
    ("bytea", "BYTES", YES),
    ("bytea", "BLOB", YES),
    ("date", "DATE", YES),
    ("date", "timestamp", NO),
    ("time", "time without time zone", YES),
    ("time(3)", "time(3)", YES),
    ("timetz", "time with time zone", YES),
    ("time(3) with time zone", "timetz(3)", YES),
    ("timestamp", "timestamp without time zone", YES),
    ("timestamp", "timestamp(6)", YES),
    ("timestamp", "timestamp(3)", NO),
    ("timestamp(3)", "timestamp(3) without time zone", YES),
    ("timestamp(3)", "timestamp", YES),
    ("timestamp(3)", "timestamp(6) without time zone", NO),
    ("timestamp", "TIMESTAMP_NTZ", YES),
    ("timestamp(3) with time zone", "timestamptz(3)", YES),
    ("timestamptz", "timestamp with time zone", YES),
    ("timestamptz", "timestamp", NO),
    ("interval", "INTERVAL", YES),
    ("interval(3)", "interval(3)", YES),
    ("interval", "interval(3)", NO),
    ("interval day to second(3)", "interval day to second(3)", YES),
    ("interval year to month", "interval day to second", NO),
    ("uuid", "UUID", YES),
    ("uuid", "text", NO),
    ("json", "jsonb", NO),
    ("jsonb", "JSONB", YES),
    ("xml", "xml", YES),
    ("money", "money", YES),
    ("inet", "cidr", NO),
    ("int4range", "int4range", YES),
    ("tsvector", "tsvector", YES),
    ("int[]", "integer[]", YES),
    ("int[]", "int4 array", YES),
    ("int array[4]", "int[4]", YES),
    ("int[3][3]", "integer[][]", YES),
    ("int[]", "bigint[]", NO),
    ("varchar(20)[]", "character varying(20)[]", YES),
    ("varchar(20)[]", "varchar(10)[]", NO),
    ("numeric(10,2)[]", "decimal(10,2)[]", YES),
    ("bigint[]", "ARRAY<INT64>", YES),
    ("vector(3)", "vector(3)", YES),
    ("vector(3)", "vector(4)", NO),
    ("vector(3)", "vector", YES),
    ("vector", "vector(3)", NO),
    ("mood", "mood", YES),
    ("mood", "MOOD", YES),
    ("mood", "public.mood", YES),
    ("mood", '"mood"', YES),
    ("mood", '"Mood"', UNKNOWN),
    ('"Mood"', '"Mood"', YES),
    ('"Mood"', "Mood", UNKNOWN),
    ("other.mood", "other.mood", YES),
    ("other.mood", "public.mood", UNKNOWN),
    ("mood", "text", UNKNOWN),
    ("mood", "ENUM('a', 'b')", UNKNOWN),
    ("posint", "integer", YES),
    ("posint", "bigint", NO),
    ("pair", "pair", YES),
    ("pair[]", "public.pair[]", YES),
    ("text", "our_own_type", UNKNOWN),
]
SQLITE: list[Row] = [
    ("INTEGER", "INT", YES),
    ("INT", "BIGINT", YES),
    ("UNSIGNED BIG INT", "INTEGER", YES),
    ("INTEGER", "TEXT", NO),
    ("INTEGER", "BOOLEAN", NO),
    ("TEXT", "VARCHAR", YES),
    ("VARCHAR(20)", "TEXT", YES),
    ("VARCHAR(20)", "varchar(20)", YES),
    ("VARCHAR(20)", "VARCHAR(10)", NO),
    ("TEXT", "VARCHAR(20)", NO),
    ("NATIVE CHARACTER(70)", "NCHAR(70)", YES),
    ("CLOB", "text", YES),
    ("BLOB", "blob", YES),
    ("BLOB", "TEXT", NO),
    ("REAL", "DOUBLE", YES),
    ("FLOAT", "double precision", YES),
    ("REAL", "NUMERIC", NO),
    ("NUMERIC", "DECIMAL", YES),
    ("DECIMAL(10,5)", "numeric(10, 5)", YES),
    ("DECIMAL(10,5)", "DECIMAL(10,2)", NO),
    ("NUMERIC", "DECIMAL(10,2)", NO),
    ("DATE", "DATE", YES),
    ("DATE", "DATETIME", NO),
    ("DATETIME", "timestamp", YES),
    ("BOOLEAN", "BOOL", YES),
    ("BOOLEAN", "NUMERIC", NO),
    ("STRING", "STRING", YES),
    ("TEXT", "STRING", NO),
    ("FLOATING POINT", "INTEGER", YES),
    ("JSON", "JSON", YES),
    ("our own words", "our own words", YES),
    ("our own words", "OUR OWN  WORDS", YES),
    ("TEXT", "array<int>", UNKNOWN),
    ("", "TEXT", UNKNOWN),
]


def table(rows: list[Row]) -> str:
    return f"create table t ({', '.join(f'c{n} {kind}' for n, (kind, _, _) in enumerate(rows))})"


def columns_of(kind: str, root: Any, **options: Any) -> tuple[LiveColumn, ...]:
    access = {"url": options.pop("url")} if "url" in options else {}
    warehouse = open_warehouse(server(kind, **options), root=root, timeout_seconds=10, access=access)
    question = Question(Table("t"), Columns())
    try:
        answer = warehouse.ask((question,))[question]
        assert isinstance(answer, Measured), answer
        return answer.value
    finally:
        warehouse.close()


def wrong(rows: list[Row], live: tuple[LiveColumn, ...]) -> list[object]:
    """Rows whose verdict is another; and every type is itself, as the engine spells it."""
    told = [
        (created, promised, column.type, found)
        for (created, promised, verdict), column in zip(rows, live, strict=True)
        if (found := same(promised, column.type, column.engine)) is not verdict
    ]
    strange = [each for each in live if same(each.type, each.type, each.engine) is not True]
    return [*told, *strange]


def test_the_types_of_duckdb(tmp_path: Any) -> None:
    with duckdb.connect(str(tmp_path / "data.duckdb")) as connection:
        connection.execute(table(DUCKDB))
    live = columns_of("duckdb", tmp_path, database="data.duckdb")
    assert {each.engine for each in live} == {"duckdb"}
    assert wrong(DUCKDB, live) == []


def test_the_types_of_sqlite(tmp_path: Any) -> None:
    connection = sqlite3.connect(tmp_path / "data.sqlite")
    connection.execute(table(SQLITE))
    connection.close()
    assert wrong(SQLITE, columns_of("sqlite", tmp_path, database="data.sqlite")) == []


OURS = (
    "create extension vector",
    "create type mood as enum ('a', 'b')",
    "create type \"Mood\" as enum ('a')",
    "create schema other",
    "create type other.mood as enum ('c')",
    "create domain posint as integer check (value > 0)",
    "create type pair as (a integer, b text)",
)


@pytest.mark.postgres
@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_the_types_of_postgres(tmp_path: Any, postgres_url: str) -> None:
    connection = psycopg2.connect(postgres_url)
    with connection.cursor() as cursor:
        for each in (*OURS, table(POSTGRES)):
            cursor.execute(each)
    connection.commit()
    connection.close()
    live = columns_of("postgres", tmp_path, url=postgres_url)
    assert {each.engine for each in live} == {"postgres"}
    assert wrong(POSTGRES, live) == []
    through = columns_of("sqlalchemy", tmp_path, url=postgres_url)
    assert {each.engine for each in through} == {"postgresql"}
    # SQLAlchemy calls two of these a VARCHAR, a domain by its name, and what it does not know NULL
    told = [
        (row, same(row[1], each.type, each.engine))
        for row, each in zip(POSTGRES, through, strict=True)
        if row[0] not in ('"char"', "name", "posint")
    ]
    assert [(row, found) for row, found in told if found not in (row[2], None)] == []
    assert sum(found is not None for _, found in told) > 90


def test_there_are_rows_enough() -> None:
    assert len(DUCKDB) + len(POSTGRES) + len(SQLITE) >= 150


@pytest.mark.parametrize(
    ("promised", "live", "engine", "expected"),
    [
        ("INT UNSIGNED", "INTEGER UNSIGNED", "mysql", True),
        ("int(11)", "INTEGER", "mysql", True),
        ("varchar(20)", "VARCHAR(20)", "mysql", True),
        ("varchar(20)", "VARCHAR(30)", "mysql", False),
        ("NVARCHAR(20)", "NVARCHAR(20)", "mssql", True),
        ("float", "FLOAT", "mssql", True),
        ("NUMBER(38,0)", "DECIMAL(38, 0)", "snowflake", True),
        ("STRING", "VARCHAR", "snowflake", True),
        ("int", "INTEGER", "no dialect at all", None),
        ("FLOAT", "DOUBLE", "", None),
        ("FLOAT", "FLOAT", "", True),
    ],
)
def test_other_engines_are_read_by_their_dialects(
    promised: str, live: str, engine: str, expected: bool | None
) -> None:
    assert same(promised, live, engine) is expected


HOSTILE = (
    "(" * 1_000_000,
    "STRUCT(a " * 100_000,
    "INTEGER" + "[]" * 4_000,
    "ARRAY<" * 1_600,
    "ARRAY<" * 20 + "INT64" + ">" * 20,
    "'" * 9_999,
    '"' * 9_999,
    "x." * 4_999,
    "a " * 4_999,
    "\x00",
    "int); drop table orders; --",
    "\N{DUCK}" * 9_000,
    "DECIMAL(" + "9" * 9_000 + ")",
    "FLOAT(" + "9" * 9_000 + ")",
    "\u0661\u0662",
    "DECIMAL(\u0661)",
    "select " + "1 union select " * 600 + "1",
    "cast(cast(" * 800,
)


@pytest.mark.parametrize("engine", ["duckdb", "postgres", "sqlite", "", "mysql"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_no_type_and_takes_no_time(text: str, engine: str) -> None:
    same("BIGNUMERIC", "INTEGER", engine)  # sqlglot is imported once
    start = time.perf_counter()
    assert not same(text, "INTEGER", engine)
    assert same("INTEGER", text, engine) is not True
    assert same(text, text, engine) is True
    assert time.perf_counter() - start < 0.5


@given(text=st.text(max_size=80), engine=st.sampled_from(["duckdb", "postgres", "sqlite", "", "mysql"]))
def test_any_text_is_itself(text: str, engine: str) -> None:
    assert same(text, text, engine) is True


WORDS = st.sampled_from(
    [
        *"()[]<>,:'\"",
        " ",
        "INTEGER",
        "STRUCT",
        "a",
        "ARRAY",
        "10",
        "-2",
        "DECIMAL",
        "MAP",
        "ENUM",
        "'x'",
        "VARCHAR",
        ".",
    ]
)


@given(
    parts=st.lists(WORDS, max_size=30),
    live=st.sampled_from(["INTEGER", "STRUCT(a INTEGER)", "DECIMAL(10,2)", "VARCHAR[]", "mood"]),
    engine=st.sampled_from(["duckdb", "postgres", "sqlite", "", "snowflake"]),
)
def test_no_text_is_an_error(parts: list[str], live: str, engine: str) -> None:
    assert same("".join(parts), live, engine) in (True, False, None)
    assert same(live, "".join(parts), engine) in (True, False, None)
