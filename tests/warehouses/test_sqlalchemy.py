"""Any dialect by URL: it is chosen where nothing else fits, writes nothing, and tells nobody the URL."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Cause,
    Columns,
    Duplicates,
    Offenders,
    Orphans,
    Probe,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import Compares, NotIn, Null
from floe_dagster.warehouses._core import CoreWarehouse, _cause

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.requirement("B-03")

SECRET = "hunter2-hunter2"
ROWS = Question(Table("orders"), RowCount())


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "data.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table orders (id integer primary key, name text, qty integer)")
    connection.executemany(
        "insert into orders values (?, ?, ?)", [(1, "o'neil", 1), (2, None, 2), (3, "%s", 2)]
    )
    connection.execute("create view broken as select * from gone")
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    ("kind", "options", "access"),
    [
        ("sqlalchemy", {}, {}),
        ("custom", {"format": "sqlalchemy"}, {}),
        ("mysql", {"host": "db.example.com", "port": 3306, "database": "shop"}, {}),
        ("postgres", {}, {"type": "sqlalchemy"}),
    ],
)
def test_it_is_chosen_by_name_by_format_and_where_nothing_else_fits(
    kind: str, options: dict[str, Any], access: dict[str, Any], opened: Callable[..., Any], orders: Path
) -> None:
    warehouse = opened(kind, access={"url": f"sqlite:///{orders.name}", **access}, **options)
    assert isinstance(warehouse, CoreWarehouse)
    assert warehouse.ask((ROWS,))[ROWS].value == 3


def test_a_type_without_a_warehouse_and_without_a_url_is_still_refused(opened: Callable[..., Any]) -> None:
    with pytest.raises(WarehouseError, match='type "mysql", for which there is no warehouse'):
        opened("mysql", host="db.example.com", url="sqlite:///data.sqlite")


def test_the_url_of_a_contract_is_not_read(opened: Callable[..., Any], orders: Path) -> None:
    with pytest.raises(WarehouseError, match=r"connections\.here\.url"):
        opened("sqlalchemy", url=f"sqlite:///{orders.name}")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"nowhere://ann:{SECRET}@db.example.com/shop", 'there is no dialect "nowhere"'),
        (f"mssql+pymssql://ann:{SECRET}@db.example.com/shop", "no module pymssql"),
        (f"ann:{SECRET}@db.example.com", "cannot be read"),
        (f"postgresql://ann:{SECRET}@db.example.com:port/shop", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_used_says_why_without_saying_it(
    url: str, said: str, opened: Callable[..., Any]
) -> None:
    with pytest.raises(WarehouseError) as refused:
        opened("sqlalchemy", access={"url": url})
    assert said in str(refused.value)
    assert refused.value.cause == Cause.MISCONFIGURED
    assert SECRET not in str(refused.value)
    assert "example.com" not in str(refused.value)


def test_a_server_that_is_not_there_is_unreachable_and_no_secret_is_told(opened: Callable[..., Any]) -> None:
    url = f"postgresql+psycopg2://ann:{SECRET}@127.0.0.1:1/shop?application_name={SECRET}"
    warehouse = opened("sqlalchemy", access={"url": url}, timeout=2)
    given = warehouse.ask((ROWS,))[ROWS]
    assert given.cause is Cause.UNREACHABLE
    assert SECRET not in given.reason + repr(warehouse) + repr(warehouse.explain((ROWS,)))


@pytest.mark.parametrize(
    ("said", "state", "connecting", "cause"),
    [
        ("Access denied for user 'ann'@'host'", "", True, Cause.DENIED),
        ("permission denied for table orders", "42501", False, Cause.DENIED),
        ("canceling statement due to statement timeout", "57014", False, Cause.TIMEOUT),
        ("database is locked", "", False, Cause.LOCKED),
        ("could not translate host name", "", True, Cause.UNREACHABLE),
        ("no such function", "", False, Cause.BROKEN),
    ],
)
def test_what_a_driver_says_has_a_cause(said: str, state: str, connecting: bool, cause: Cause) -> None:
    assert _cause(said, state, connecting=connecting) is cause


@pytest.mark.postgres
def test_nothing_can_be_written_to_a_server(opened: Callable[..., Any], postgres_url: str) -> None:
    warehouse = opened("sqlalchemy", access={"url": postgres_url})
    asked = Question(Table("nowhere"), RowCount())
    warehouse.ask((asked,))
    with pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        warehouse._connection.exec_driver_sql("create table written (a integer)")


def test_nothing_can_be_written_to_a_file_and_none_is_made(
    opened: Callable[..., Any], orders: Path, tmp_path: Path
) -> None:
    warehouse = opened("sqlalchemy", access={"url": f"sqlite:///{orders}"})
    warehouse.ask((ROWS,))
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        warehouse._connection.exec_driver_sql("delete from orders")
    gone = opened("sqlalchemy", access={"url": "sqlite:///nowhere.sqlite"})
    assert gone.ask((ROWS,))[ROWS].cause is Cause.UNREACHABLE
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_values_of_a_contract_are_parameters(opened: Callable[..., Any], orders: Path) -> None:
    warehouse = opened("sqlalchemy", access={"url": f"sqlite:///{orders}"})
    metrics = (NotIn("name", ("o'neil",)), NotIn("name", ("') or 1=1 --", "%s", "%(a)s", ":a")))
    first, second = (Question(Table("orders"), Offenders(each)) for each in metrics)
    answers = warehouse.ask((first, second))
    assert (answers[first].value, answers[second].value) == (1, 1)


def test_a_view_that_is_broken_disturbs_no_other(opened: Callable[..., Any], orders: Path) -> None:
    warehouse = opened("sqlalchemy", access={"url": f"sqlite:///{orders}"})
    broken = Question(Table("broken"), Probe())
    answers = warehouse.ask((broken, ROWS))
    assert answers[ROWS].value == 3
    assert answers[broken].cause is Cause.BROKEN


def test_what_is_opened_is_closed(opened: Callable[..., Any], orders: Path) -> None:
    warehouse = opened("sqlalchemy", access={"url": f"sqlite:///{orders}"})
    warehouse.ask((ROWS,))
    held = warehouse._connection
    warehouse.close()
    warehouse.close()
    assert held.closed
    assert warehouse._engine is None
    assert warehouse.ask((ROWS,))[ROWS].value == 3


def test_a_plan_is_shown_without_a_connection(opened: Callable[..., Any]) -> None:
    warehouse = opened(
        "sqlalchemy", access={"url": f"postgresql+psycopg2://ann:{SECRET}@db.example.com/shop"}
    )
    metrics = (
        Columns(),
        RowCount(),
        Offenders(Null("name")),
        Offenders(Compares("qty", "<", 0)),
        Duplicates(("id", "day")),
        Orphans(("customer",), Table("customers"), ("id",)),
        Probe(),
    )
    asked = tuple(Question(Table("shop.orders"), each) for each in metrics)
    plan = warehouse.explain(asked)
    assert {question for each in plan for question in each.questions} == set(asked)
    assert "FROM shop.orders" in plan[1].sql
    assert warehouse.statements() == 0
