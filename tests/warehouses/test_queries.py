"""Queries of contract authors: the names that stand for placeholders are those that the catalogue has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from floe_dagster.plan.metric import Measured, Offenders, Query, Question, Table
from floe_dagster.plan.offence import Null
from tests.warehouses.oracle import Data

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

every_engine = pytest.mark.parametrize(
    "kind", ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)


def answer(warehouse: Any, template: str, table: str, column: str | None = None) -> Any:
    question = Question(Table(table), Query(f"{template} as it was written", template, column))
    given = warehouse.ask((question,))[question]
    return given.value if isinstance(given, Measured) else given.reason


@every_engine
@pytest.mark.parametrize(
    "name", ["order", "Mixed Case", "camelCase", "a.b", 'q"uote', "{object}", "$1", "null"]
)
def test_whatever_the_table_and_the_column_are_called(
    kind: str, name: str, loaded: Callable[..., Any]
) -> None:
    warehouse = loaded(kind, {name: Data({name: "integer"}, [(1,), (7,), (None,)])})

    assert answer(warehouse, "select max({property}) from {object}", name, name) == 7
    assert answer(warehouse, "select count({object}.{property}) from {object}", name, name) == 2
    assert answer(warehouse, "select count(*) from {object} as x where x.{property} is null", name, name) == 1


@every_engine
def test_a_column_in_another_case_is_found_where_there_is_one(kind: str, loaded: Callable[..., Any]) -> None:
    warehouse = loaded(kind, {"orders": Data({"CustomerId": "integer"}, [(7,), (None,)])})
    question = Question(Table("orders"), Offenders(Null("CUSTOMERID")))

    assert warehouse.ask((question,))[question].value == 1
    assert answer(warehouse, "select max({property}) from {object}", "orders", "customerid") == 7


@pytest.mark.postgres
def test_columns_that_differ_in_case_alone_are_not_taken_for_one_another(loaded: Callable[..., Any]) -> None:
    warehouse = loaded(
        "postgres", {"orders": Data({"ID": "integer", "Id": "integer"}, [(None, 1), (None, 2)])}
    )
    questions = tuple(Question(Table("orders"), Offenders(Null(each))) for each in ("ID", "Id", "id", "iD"))

    given = [warehouse.ask(questions)[each] for each in questions]

    assert [each.value for each in given[:2]] == [2, 0]
    assert [each.cause.value for each in given[2:]] == ["no column", "no column"]


@pytest.mark.parametrize(
    ("kind", "schema"), [("duckdb", "main"), pytest.param("postgres", "public", marks=pytest.mark.postgres)]
)
def test_a_schema_before_the_table_is_not_said_twice(
    kind: str, schema: str, loaded: Callable[..., Any]
) -> None:
    warehouse = loaded(kind, {"order": Data({"id": "integer"}, [(7,)])})

    assert answer(warehouse, f"select count(*) from {schema}.{{object}}", "order") == 1


@every_engine
def test_a_column_that_is_not_there_is_told(kind: str, loaded: Callable[..., Any]) -> None:
    warehouse = loaded(kind, {"orders": Data({"id": "integer"}, [(7,)])})

    assert 'no column "ident" in orders' in answer(
        warehouse, "select max({property}) from {object}", "orders", "ident"
    )
