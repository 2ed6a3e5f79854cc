"""What OpenLineage calls a dataset."""

from __future__ import annotations

import pytest

from floe_dagster.contract.model import Dataset, Server
from floe_dagster.lineage.naming import name_of

pytestmark = pytest.mark.requirement("E-01")


def named(kind, physical, /, access=None, **options):
    dataset = Dataset(path="schema[0]", name="logical", physical_name=physical)
    server = Server(path="servers[0]", name="main_server", type=kind, options=options)
    return name_of(dataset, server, access or {})


@pytest.mark.parametrize(
    ("kind", "physical", "options", "namespace", "name"),
    [
        (
            "postgres",
            "orders",
            {"host": "db", "database": "shop"},
            "postgres://db:5432",
            "shop.public.orders",
        ),
        (
            "postgresql",
            "orders",
            {"host": "db", "port": 5433, "database": "shop", "schema": "sales"},
            "postgres://db:5433",
            "shop.sales.orders",
        ),
        (
            "postgres",
            "hr.people",
            {"host": "db", "database": "shop", "schema": "sales"},
            "postgres://db:5432",
            "shop.hr.people",
        ),
        ("mysql", "orders", {"host": "db", "database": "shop"}, "mysql://db:3306", "shop.orders"),
        ("trino", "t", {"host": "h", "port": 8443, "catalog": "c", "schema": "s"}, "trino://h:8443", "c.s.t"),
        ("bigquery", "t", {"project": "p", "dataset": "d"}, "bigquery", "p.d.t"),
        (
            "snowflake",
            "T",
            {"account": "org-acc-eu", "database": "D", "schema": "S"},
            "snowflake://org-acc-eu",
            "D.S.T",
        ),
        ("duckdb", "t", {"database": "data/a.duckdb"}, "file", "data/a.duckdb/t"),
        ("duckdb", "t", {"database": "./data//a.duckdb", "schema": "main"}, "file", "data/a.duckdb/main.t"),
        ("duckdb", "raw.t", {"database": "a.duckdb", "schema": "main"}, "file", "a.duckdb/raw.t"),
        ("sqlite", "t", {"path": "a.db"}, "file", "a.db/t"),
        ("local", "orders", {"path": "./data/", "format": "csv"}, "file", "data/orders"),
        ("local", "orders", {"path": "data/orders_2026.csv"}, "file", "data/orders_2026.csv"),
        ("local", "orders", {"path": "data/{model}.csv"}, "file", "data/orders.csv"),
        ("local", "orders", {"path": "data/*/part-*"}, "file", "data/*/part-*"),
        ("custom", "t", {"format": "sqlite", "database": "a.db"}, "file", "a.db/t"),
        ("custom", "t", {"url": "sqlite:///data/a.db"}, "file", "data/a.db/t"),
    ],
)
def test_names_follow_the_official_rules(kind, physical, options, namespace, name):
    assert named(kind, physical, **options) == (namespace, name)


@pytest.mark.parametrize(
    ("kind", "physical", "options", "namespace", "name"),
    [
        ("databricks", "t", {"host": "h", "catalog": "c", "schema": "s"}, "databricks://h", "c.s.t"),
        ("oracle", "t", {}, "oracle://main_server", "t"),
        ("postgres", "t", {"database": "shop"}, "postgres://main_server", "shop.t"),
        ("postgres", "a.b.c.d", {"host": "db", "database": "shop"}, "postgres://db", "a.b.c.d"),
        ("snowflake", "t", {"account": "legacy", "database": "d"}, "snowflake://legacy", "d.t"),
        ("duckdb", "t", {}, "duckdb://main_server", "t"),
        ("local", "t", {}, "local://main_server", "t"),
        ("custom", "t", {}, "custom://main_server", "t"),
    ],
)
def test_where_there_is_no_rule_or_a_part_is_missing_a_name_is_made_all_the_same(
    kind, physical, options, namespace, name
):
    assert named(kind, physical, **options) == (namespace, name)


def test_what_the_manifest_overrides_counts_and_its_credentials_do_not():
    access = {"host": "replica", "password": "CANARY", "user": "CANARY"}
    found = named("postgres", "orders", access, host="db", database="shop")
    assert found == ("postgres://replica:5432", "shop.public.orders")


def test_a_contract_without_a_server_has_a_namespace_all_the_same():
    dataset = Dataset(path="schema[0]", name="logical", physical_name="physical")
    assert name_of(dataset, None, {}) == ("floe", "physical")
