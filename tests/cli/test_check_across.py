"""`floe check` over contracts that refer to one another, on DuckDB and SQLite."""

from __future__ import annotations

import json
import sqlite3
import sys

import duckdb
import pytest

from floe_dagster.cli import main

pytestmark = pytest.mark.requirement("B-03")

HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: {id}\nversion: 1.0.0\nstatus: active\nservers:\n  - {server}\n"
SHOP = """\
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer}
      - name: customer
        logicalType: string
        relationships:
          - {to: customers.id}
          - {to: 'crm/crm.odcs.yaml#/schema/customers/properties/id'}
      - {name: region, logicalType: string}
    relationships:
      - from: [orders.customer, orders.region]
        to: [customers.id, customers.region]
"""
CRM = """\
schema:
  - name: customers
    physicalName: crm_customers
    properties:
      - {name: id, physicalName: customer_id, logicalType: string}
      - {name: region, logicalType: string}
"""
ROWS = [
    "create table orders (id integer, customer varchar, region varchar)",
    "insert into orders values (1, 'a', 'n'), (2, 'b', 'n'), (3, 'z', 'n'), (4, 'y', 's'), (5, null, 'n')",
    "create table crm_customers (customer_id varchar, region varchar)",
    "insert into crm_customers values ('a', 'n'), ('b', 's')",
]
SERVERS = {
    "duckdb": "{server: db, type: duckdb, database: shop.duckdb}",
    "sqlite": "{server: db, type: custom, customProperties: [{property: type, value: sqlite}, {property: database, value: shop.db}]}",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crm").mkdir()
    with duckdb.connect("shop.duckdb") as database:
        for each in ROWS:
            database.execute(each)
    database = sqlite3.connect("shop.db")
    for each in ROWS:
        database.execute(each)
    database.commit()
    database.close()
    return tmp_path


def write(here, shop_server, crm_server):
    (here / "shop.odcs.yaml").write_text(HEAD.format(id="shop", server=shop_server) + SHOP)
    (here / "crm" / "crm.odcs.yaml").write_text(HEAD.format(id="crm", server=crm_server) + CRM)


@pytest.fixture
def links(monkeypatch, capsys):
    """Check these files, and give what came of each relationship."""

    def call(*files):
        monkeypatch.setattr(sys, "argv", ["floe", "check", *files, "--format", "json"])
        with pytest.raises(SystemExit):
            main()
        found = json.loads(capsys.readouterr().out)["contracts"]
        (shop,) = (each for each in found if each["contract"] == "shop")
        return [each for each in shop["outcomes"] if "relationships" in each["path"]]

    return call


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_orphans_in_another_contract_are_counted(here, links, kind):
    write(here, SERVERS[kind], SERVERS[kind])

    found = links("shop.odcs.yaml", "crm/crm.odcs.yaml")

    assert [(each["status"], each["actual"]) for each in found] == [
        ("failed", 2),
        ("failed", 2),
        ("failed", 3),
    ]


def test_orphans_in_another_schema_of_one_database_are_counted(here, links):
    with duckdb.connect("shop.duckdb") as database:
        database.execute("create schema crm")
        database.execute("create table crm.crm_customers as select 'z' as customer_id, 'n' as region")
    write(here, SERVERS["duckdb"], "{server: other, type: duckdb, database: shop.duckdb, schema: crm}")

    found = links("shop.odcs.yaml", "crm/crm.odcs.yaml")

    assert [each["actual"] for each in found] == [3, 3, 3]


def test_one_contract_alone_says_that_the_other_is_not_watched(here, links):
    write(here, SERVERS["duckdb"], SERVERS["duckdb"])

    found = links("shop.odcs.yaml")

    assert {each["status"] for each in found} == {"not_executable"}
    assert [each["message"].partition(": ")[2] for each in found] == [
        "no such dataset in this contract, nor in another that is watched",
        "no contract that is watched is this file; watch it too",
        "no such dataset in this contract, nor in another that is watched",
    ]


def test_contracts_on_two_servers_say_so(here, links):
    write(here, SERVERS["duckdb"], SERVERS["sqlite"])

    found = links("shop.odcs.yaml", "crm/crm.odcs.yaml")

    assert {each["status"] for each in found} == {"not_executable"}
    assert all("which is on another server; one engine has to see both" in each["message"] for each in found)


def test_the_contracts_and_connections_of_the_manifest_count(here, links):
    write(here, SERVERS["duckdb"], "{server: other, type: duckdb, database: elsewhere.duckdb}")
    manifest = "contracts: [shop.odcs.yaml, crm]\nstore: 'sqlite:///floe.db'\n"
    (here / "floe.yaml").write_text(manifest)
    apart = links()
    (here / "floe.yaml").write_text(manifest + "connections: {other: {database: shop.duckdb}}\n")
    together = links()

    assert [each["status"] for each in apart] == ["not_executable"] * 3
    assert [each["actual"] for each in together] == [2, 2, 3]
