"""Forty rules over one dataset: how few statements they take, and that nothing but counts comes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.data import fill_duckdb, fill_postgres, fill_sqlite
from floe_dagster.checks import load_kinds
from floe_dagster.contract.find import load
from floe_dagster.engine import questions_of
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.metric import Measured, Newest
from tests.plan.contracts import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from floe_dagster.warehouses._asking import Session, SqlWarehouse

FEW = 4
READING = {
    # what statistics answer, the counts, four keys
    "duckdb": 6,
    "parquet": 6,
    # everything in the one pass in which it is parsed
    "csv": 1,
    # everything in one pass, and the keys
    "sqlite": 2,
    "postgres": 2,
}
every_engine = pytest.mark.parametrize(
    "kind", [pytest.param(each, marks=pytest.mark.postgres if each == "postgres" else ()) for each in READING]
)


class Overheard:
    """A session of which every statement about rows is written down, with what it returned."""

    def __init__(self, session: Session, heard: list[tuple[str, Any]]) -> None:
        self._session = session
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def rows(self, sql: str, most: int = 2) -> Any:
        found = self._session.rows(sql, most)
        self._heard.append((sql, found))
        return found


def overheard(warehouse: SqlWarehouse) -> list[tuple[str, Any]]:
    heard: list[tuple[str, Any]] = []
    connect = warehouse._connect
    warehouse._connect = lambda tables: Overheard(connect(tables), heard)
    return heard


@pytest.fixture
def orders(tmp_path: Path, opened: Callable[..., Any], request: pytest.FixtureRequest) -> Callable[..., Any]:
    def load_into(kind: str) -> Any:
        fill_duckdb(tmp_path, 300)
        match kind:
            case "duckdb":
                return opened("duckdb", database="orders.duckdb")
            case "sqlite":
                fill_sqlite(tmp_path)
                return opened("sqlite", database="orders.sqlite")
            case "postgres":
                url = request.getfixturevalue("postgres_url")
                fill_postgres(tmp_path, url)
                return opened("postgres", access={"url": url})
            case _:
                return opened("local", path="{model}." + kind, format=kind)

    return load_into


def rules() -> list[Any]:
    (reading,) = load([ROOT / "benchmarks" / "orders.odcs.yaml"])
    plan = compile_contract(reading.contract, load_kinds())
    return [each for each in plan.checks if each.kind in ("quality", "freshness")]


@every_engine
def test_forty_rules_of_a_dataset_take_few_statements_that_read_rows(
    kind: str, orders: Callable[..., Any]
) -> None:
    warehouse = orders(kind)
    heard = overheard(warehouse)
    checks = rules()
    questions = questions_of(checks)

    answers = warehouse.ask(questions)

    assert len(checks) == 40
    assert all(isinstance(each, Measured) for each in answers.values())
    assert len(heard) == READING[kind]
    assert warehouse.statements() == READING[kind] + 1
    if kind in ("postgres", "sqlite"):
        assert len(heard) <= FEW


@every_engine
def test_nothing_but_counts_and_the_newest_moment_come_back(kind: str, orders: Callable[..., Any]) -> None:
    warehouse = orders(kind)
    heard = overheard(warehouse)
    questions = questions_of(rules())

    warehouse.ask(questions)

    values = [value for _, rows in heard for row in rows for value in row]
    moments = [each for each in values if isinstance(each, str) or each > 10**9]
    assert len(moments) == len([each for each in questions if isinstance(each.metric, Newest)]) == 1
    assert all(len(rows) <= sql.count("union all") + 1 for sql, rows in heard)


@pytest.mark.postgres
def test_on_postgres_no_text_is_told_apart_by_the_default_collation(orders: Callable[..., Any]) -> None:
    warehouse = orders("postgres")
    heard = overheard(warehouse)

    warehouse.ask(questions_of(rules()))

    keys = [
        key for sql, _ in heard for found in re.findall("group by (.*)", sql) for key in found.split(", ")
    ]
    assert sorted(keys) == [
        '"line_no"',
        '"order_id" collate "C"',
        '"order_no" collate "C"',
        '"order_no" collate "C"',
        '"seq"',
    ]
    assert not any("distinct" in sql for sql, _ in heard)
