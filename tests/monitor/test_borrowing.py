"""The contracts of a tick that ask one server: one catalogue for all, and each connection asked by one at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from floe_dagster.access import Absent, Borrowing
from floe_dagster.engine import questions_of
from floe_dagster.monitor import Monitor
from floe_dagster.plan.metric import Measured
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist
from tests.project import CONTRACT, Project


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    for name in ("second", "third"):
        made.contract(name, CONTRACT.replace("id: shop.orders", f"id: shop.{name}"))
    return made


def jobs_of(project):
    settings = load_settings(project.root / "floe.yaml")
    watches = load_watchlist(settings).watches
    return [(each, each.plan.checks) for each in watches], settings


def asked(borrowing, watch, checks):
    with borrowing.lent(watch) as warehouse:
        before = warehouse.statements()
        answers = warehouse.ask(questions_of(checks))
        return warehouse, warehouse.statements() - before, answers


def test_contracts_on_one_server_read_its_catalogue_once(project):
    jobs, settings = jobs_of(project)
    borrowing = Borrowing(jobs, settings)

    (first, most, answers), *others = [asked(borrowing, *each) for each in jobs]

    assert {sent for _, sent, _ in others} == {most - 1}
    assert {warehouse for warehouse, _, _ in others} == {first}
    assert all(isinstance(each, Measured) for each in answers.values())
    assert {str(found) for _, _, each in others for found in map(type, each.values())} == {str(Measured)}


def test_what_is_lent_is_asked_by_nobody_else_until_it_is_back(project):
    jobs, settings = jobs_of(project)
    borrowing = Borrowing(jobs, settings)
    (one, checks), (other, _), _ = jobs

    with borrowing.lent(one) as first, borrowing.lent(other) as second:
        assert first is not second
        sent = [each.ask(questions_of(checks)) and each.statements() for each in (first, second)]

    assert sent[0] - sent[1] == 1


def test_threads_that_ask_at_the_same_time_read_the_catalogue_once(project):
    jobs, settings = jobs_of(project)
    borrowing = Borrowing(jobs, settings)
    together = threading.Barrier(len(jobs))

    def ask(watch, checks):
        with borrowing.lent(watch) as warehouse:
            together.wait(timeout=10)
            warehouse.ask(questions_of(checks))
            return warehouse.statements()

    with ThreadPoolExecutor(len(jobs)) as pool:
        sent = sorted(each.result() for each in [pool.submit(ask, *each) for each in jobs])

    assert sent[0] == sent[1] == sent[2] - 1


def test_another_server_name_or_option_is_another_server(project):
    project.contract(
        "third", CONTRACT.replace("id: shop.orders", "id: t").replace("schema: main}", "schema: Main}")
    )
    project.contract(
        "second", CONTRACT.replace("id: shop.orders", "id: s").replace("server: shop", "server: other")
    )
    jobs, settings = jobs_of(project)
    borrowing = Borrowing(jobs, settings)

    found = [asked(borrowing, *each)[0] for each in jobs]

    assert len(set(map(id, found))) == 3


def test_a_server_that_cannot_be_opened_says_why_to_each_contract(project):
    for name in ("orders", "second", "third"):
        path = project.root / "contracts" / f"{name}.odcs.yaml"
        path.write_text(path.read_text().replace("type: duckdb", "type: duckdbb"))
    jobs, settings = jobs_of(project)
    borrowing = Borrowing(jobs, settings)

    for watch, _ in jobs:
        with borrowing.lent(watch) as warehouse:
            assert isinstance(warehouse, Absent)


def test_everything_is_closed_with_the_last_contract(project):
    for each in ("orders", "second", "third"):
        path = project.root / "contracts" / f"{each}.odcs.yaml"
        path.write_text(
            path.read_text().replace(
                "type: duckdb, database: shop.duckdb, schema: main",
                "type: custom, format: sqlite, database: floe.db",
            )
        )
    (project.root / "floe.db").write_bytes(b"")
    jobs, settings = jobs_of(project)
    borrowing = Borrowing(jobs, settings)

    open_still = []
    for each in jobs:
        warehouse, _, _ = asked(borrowing, *each)
        open_still.append(warehouse._session is not None)

    assert open_still == [True, True, False]


@pytest.mark.postgres
def test_a_tick_reads_the_catalogue_of_a_server_once_for_all_its_datasets(
    tmp_path, postgres_server, postgres_url
):
    project = Project(tmp_path)
    name = postgres_url.partition("@/")[2].partition("?")[0]
    for each in ("orders", "second", "third"):
        text = CONTRACT.replace("id: shop.orders", f"id: shop.{each}").replace(
            "type: duckdb, database: shop.duckdb, schema: main",
            "type: postgres, host: h, port: 5432, database: d, schema: public",
        )
        project.contract(each, text.replace("physicalType: INTEGER, ", ""))
    project.manifest("timeout: 2 s", f"timeout: 20 s\nconnections: {{shop: {{url: '{postgres_url}'}}}}")
    connection = psycopg2.connect(postgres_url)
    connection.cursor().execute(
        "create table customers (id integer primary key); insert into customers values (1);"
        "create table orders (id integer not null, customer integer, amount double precision, at timestamp);"
        f"alter database {name} set log_statement = 'all'"
    )
    connection.commit()
    connection.close()
    log = Path(postgres_server.handle.log)
    before = len(log.read_text())

    outcomes = (
        Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml"))).tick("schema").outcomes
    )

    read = log.read_text()[before:]
    assert (
        len({each.key.contract for each in outcomes if each.kind == "schema" and each.status == "passed"})
        == 3
    )
    assert read.count("from pg_class as c") == 1
