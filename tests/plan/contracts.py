"""Contracts for tests: written as documents, and read by the real reader."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import read
from floe_dagster.plan.compile import compile_contract

ROOT = Path(__file__).parents[2]

SERVER = {"server": "db", "type": "duckdb", "database": "shop.duckdb", "schema": "main"}


@cache
def kinds():
    return load_kinds()


@cache
def all_kinds():
    return load_kinds(ROOT / "checks")


def contract(*datasets, sla=(), custom=None, api_version="v3.1.0", servers=(SERVER,), **more):
    document = {
        "apiVersion": api_version,
        "kind": "DataContract",
        "id": "shop",
        "name": "Shop",
        "version": "1.0.0",
        "status": "active",
        "schema": list(datasets),
        **more,
    }
    if servers:
        document["servers"] = list(servers)
    if sla:
        document["slaProperties"] = list(sla)
    if custom:
        document["customProperties"] = [{"property": name, "value": value} for name, value in custom.items()]
    reading = read(json.dumps(document, indent=1), "shop.odcs.yaml")
    assert reading.contract is not None, reading.problems
    return reading.contract


def dataset(name, *columns, quality=(), **more):
    found = {"name": name, "properties": list(columns), **more}
    return found | ({"quality": list(quality)} if quality else {})


def column(name, logical_type=None, **more):
    found = {"name": name, **more}
    return found | ({"logicalType": logical_type} if logical_type else {})


def plan(*datasets, with_kinds=None, **more):
    return compile_contract(contract(*datasets, **more), with_kinds or kinds())


def item(found, id_):
    return next(each for each in found.items if each.id == id_)


def ids(found):
    return [each.id for each in found.items]
