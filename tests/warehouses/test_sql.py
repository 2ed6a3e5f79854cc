"""The SQL that is sent, as files to be read; `UPDATE_GOLDEN=1 pytest tests/warehouses` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import (
    Columns,
    Count,
    Duplicates,
    Metric,
    Newest,
    Offenders,
    Oldest,
    Orphans,
    Probe,
    Query,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    Null,
)
from tests.warehouses.test_conformance import TABLES, TWELVE

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent.parent / "golden" / "sql"
DIALECTS = {
    "duckdb": ("duckdb", {"database": "x.duckdb"}),
    "files": ("local", {"path": "{model}.csv", "format": "csv"}),
    "sqlite": ("sqlite", {"database": "x.sqlite"}),
    "postgres": ("postgres", {"host": "db", "database": "shop", "schema": "sales"}),
}
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)

CASES: dict[str, list[Metric]] = {
    "one-scan": [
        Columns(),
        RowCount(),
        Offenders(Null("name")),
        Offenders(Missing("name", ("n/a", "-"))),
        Offenders(NotIn("status", ("open", "it's done"))),
        Offenders(NotMatching("name", "^[A-Z]\\w+$")),
        Offenders(Compares("qty", "<", 0)),
        Offenders(Compares("price", ">", 99.5)),
        Offenders(Compares("ordered_at", ">", "2024-01-01T00:00:00+01:00")),
        Offenders(LengthCompares("name", ">", 40)),
        Offenders(NotMultipleOf("qty", 5)),
        Offenders(NotMultipleOf("price", 0.1)),
        Offenders(NotFormat("host", "ipv4")),
        Offenders(AnyOf((Null("qty"), Compares("qty", ">", 1000)))),
        Newest("ordered_at"),
        Oldest("ordered_at", "Europe/Berlin"),
    ],
    "keys": [
        *(Duplicates(("name",), each) for each in Count),
        Duplicates(("name", "qty")),
        Offenders(NotMatching("name", "a")),
        Orphans(("name", "qty"), Table("other.parents"), ("id", "part")),
    ],
    "alone": [
        Probe(),
        Query("select count(*) from orders where qty > 1 -- many"),
        Query("delete from orders"),
    ],
    "fields": [
        Offenders(Null(Field("address", ("street",), "string"))),
        Offenders(NotMatching(Field("lines", ("[]", "sku"), "string"), "^[A-Z]+$")),
        Offenders(Compares(Field("lines", ("[]", "qty"), "integer"), "<", 1)),
        Offenders(NotIn(Field("tags", ("[]",), "string"), ("new", "it's done"))),
        Offenders(NotMatching(Field("prices", ("[key]",), "string"), "^[A-Z]{3}$")),
        Offenders(Compares(Field("prices", ("[value]",), "number"), "<", 0)),
        Duplicates((Field("address", ("street",), "string"),)),
        Newest(Field("meta", ("updated_at",), "timestamp")),
    ],
    "names": [
        Offenders(
            Null(Field('a"; drop table t; --', ('b"', "[]", "c'; drop table t; --", "$.\\ü"), "string"))
        ),
        Offenders(Null('a"; drop table t; --')),
        Offenders(NotIn("select", ("'; drop table t; --", "\\", "%s", "${x}"))),
        Duplicates(("Größe (cm)",)),
    ],
}


@every_dialect
@pytest.mark.parametrize("case", CASES)
def test_the_sql_is_as_it_was_read(case: str, dialect: str, opened: Callable[..., Any]) -> None:
    kind, options = DIALECTS[dialect]
    questions = tuple(Question(Table("orders"), each) for each in CASES[case])
    warehouse = opened(kind, **options)
    shown = ";\n\n".join(each.sql for each in warehouse.explain(questions)) + ";\n"
    golden = GOLDEN / dialect / f"{case}.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert warehouse.statements() == 0


@every_dialect
def test_every_question_that_is_asked_is_in_one_statement(dialect: str, opened: Callable[..., Any]) -> None:
    kind, options = DIALECTS[dialect]
    questions = tuple(
        Question(Table("orders"), each) for case in ("one-scan", "keys") for each in CASES[case]
    )
    explained = [
        each
        for statement in opened(kind, **options).explain(questions)
        if not statement.only
        for each in statement.questions
    ]
    assert sorted(map(str, explained)) == sorted(map(str, questions))


@every_dialect
def test_what_is_explained_is_what_is_sent(dialect: str, loaded: Callable[..., Any]) -> None:
    warehouse = loaded({"files": "csv"}.get(dialect, dialect), TABLES)
    questions = tuple(Question(Table("orders"), each) for each in TWELVE)
    warehouse.ask(questions)
    assert len([each for each in warehouse.explain(questions) if not each.only]) == warehouse.statements()


def test_a_plan_can_be_shown_of_a_server_that_is_not_configured_yet(opened: Callable[..., Any]) -> None:
    assert "count(*)" in opened("postgres").explain((Question(Table("t"), RowCount()),))[1].sql
