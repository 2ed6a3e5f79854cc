"""Vectors on the engines that have them: how many numbers, and whether their length is 1."""

from __future__ import annotations

import sqlite3
from math import isclose
from typing import Any

import duckdb
import psycopg2
import pytest

from floe_dagster.plan.metric import Cause, Columns, Offenders, Question, Table
from floe_dagster.plan.offence import ItemsCompare, NotNormalized

pytestmark = pytest.mark.requirement("B-03")

VECTORS: list[list[float | None] | None] = [
    [1.0, 0.0, 0.0],
    [0.6, 0.8, 0.0],
    [0.57735026, 0.57735026, 0.57735026],
    [0.6, 0.8, 0.1],
    [0.0, 0.0, 0.0],
    [1.000001, 0.0, 0.0],
    None,
]


def not_unit(vector: list[float | None] | None) -> bool:
    return vector is not None and not isclose(
        sum((each or 0) ** 2 for each in vector), 1, abs_tol=1e-6, rel_tol=0
    )


WRONG = sum(map(not_unit, VECTORS))


def asked(warehouse: Any, *metrics: Any) -> list[Any]:
    questions = tuple(Question(Table("t"), each) for each in metrics)
    return [warehouse.ask(questions)[each] for each in questions]


@pytest.mark.parametrize("kind", ["float[3]", "double[3]", "float[]", "double[]"])
def test_vectors_of_duckdb(kind: str, tmp_path: Any, opened: Any) -> None:
    with duckdb.connect(str(tmp_path / "v.duckdb")) as connection:
        connection.execute(f"create table t (v {kind}, w varchar)")
        connection.executemany("insert into t values (?, 'x')", [[each] for each in VECTORS])
        if kind.endswith("[]"):
            connection.execute("insert into t values ([], ''), ([null, 1], '')")
    found, text = asked(
        opened("duckdb", database="v.duckdb"), Offenders(NotNormalized("v")), Offenders(NotNormalized("w"))
    )
    assert found.value == WRONG + kind.endswith("[]")
    assert text.cause is Cause.UNSUPPORTED


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["vector(3)", "real[]", "double precision[]"])
def test_vectors_of_postgres(kind: str, postgres_url: str, opened: Any) -> None:
    connection = psycopg2.connect(postgres_url)
    with connection.cursor() as cursor:
        cursor.execute(f"create extension vector; create table t (v {kind})")
        cursor.executemany(f"insert into t values (cast(%s as {kind}))", [[each] for each in VECTORS])
    connection.commit()
    connection.close()
    wrong, few, many, columns = asked(
        opened("postgres", access={"url": postgres_url}),
        Offenders(NotNormalized("v")),
        Offenders(ItemsCompare("v", "<", 3)),
        Offenders(ItemsCompare("v", ">", 2)),
        Columns(),
    )
    assert [wrong.value, few.value, many.value] == [WRONG, 0, len(VECTORS) - 1]
    assert columns.value[0].logical_type == ("vector" if kind == "vector(3)" else "array")


def test_an_engine_without_vectors_says_so(tmp_path: Any, opened: Any) -> None:
    sqlite3.connect(tmp_path / "v.sqlite").execute("create table t (v text)").connection.close()
    (found,) = asked(opened("sqlite", database="v.sqlite"), Offenders(NotNormalized("v")))
    assert found.cause is Cause.UNSUPPORTED
