"""Which servers are one."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_dagster.contract.model import Server
from floe_dagster.settings import Settings, engine_of

ROOT = Path("/work/shop")


def same(one, other, settings=None):
    held = settings or Settings(root=ROOT)
    places = [
        engine_of(Server(path="", name=name, type=kind, options=options), held).place
        for name, (kind, options) in zip(("one", "other"), (one, other), strict=True)
    ]
    return places[0] == places[1]


PG = {"host": "db", "port": 5432, "database": "shop"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("duckdb", {"database": "a.duckdb"}),
            ("duckdb", {"database": "/work/shop/a.duckdb", "schema": "x"}),
        ),
        (("duckdb", {"path": "a.duckdb"}), ("duckdb", {"database": "./a.duckdb"})),
        (("sqlite", {"database": "a.db"}), ("sqlite", {"path": "a.db"})),
        (("postgres", PG), ("postgresql", {"host": "DB", "database": "shop", "schema": "x", "user": "u"})),
        (("local", {"path": "in/", "format": "csv"}), ("local", {"path": "./in", "format": "csv"})),
        (("oracle", {"host": "a"}), ("oracle", {"host": "a"})),
    ],
)
def test_one_engine_sees_both(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("duckdb", {"database": "a.duckdb"}), ("duckdb", {"database": "b.duckdb"})),
        (("duckdb", {"database": "a.db"}), ("sqlite", {"database": "a.db"})),
        (("duckdb", {"database": "a.duckdb"}), ("duckdb", {"database": "x/../a.duckdb"})),
        (("postgres", PG), ("postgres", PG | {"port": 5433})),
        (("postgres", PG), ("postgres", PG | {"host": "other"})),
        (("postgres", PG), ("postgres", PG | {"database": "other"})),
        (("postgres", PG), ("postgres", PG | {"url": "postgresql://elsewhere/shop"})),
        (("local", {"path": "in", "format": "csv"}), ("local", {"path": "in", "format": "parquet"})),
        (("local", {"path": "in", "format": "csv"}), ("local", {"path": "out", "format": "csv"})),
        (("oracle", {"host": "a"}), ("oracle", {"host": "a", "service": "b"})),
    ],
)
def test_what_is_not_plainly_one_is_two(one, other):
    assert not same(one, other)


def test_what_the_manifest_overrides_counts():
    moved = Settings(root=ROOT, connections={"other": {"database": "b.duckdb"}})
    one = ("duckdb", {"database": "a.duckdb"})

    assert not same(one, one, moved)
    assert same(("duckdb", {"database": "b.duckdb"}), one, moved)


def test_a_connection_that_cannot_be_used_is_one_with_no_other():
    broken = Settings(root=ROOT, broken={"connections.other": "the variable DB is not set"})
    one = ("duckdb", {"database": "a.duckdb"})

    assert not same(one, one, broken)


def test_an_engine_shows_no_secret():
    found = engine_of(
        Server(path="", name="one", type="x"), Settings(connections={"one": {"password": "hunter2"}})
    )

    assert "hunter2" not in repr(found)
