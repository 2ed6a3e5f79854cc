"""The demo's contracts are written as their owner would, and nothing in them is passed over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from demo import nycflights
from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import Reading, read
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.coverage import coverage

if TYPE_CHECKING:
    from floe_dagster.contract.model import Contract
    from floe_dagster.plan.check import Plan

ROOT = Path(__file__).parent.parent.parent
FILES = sorted((ROOT / "contracts").glob("*.odcs.yaml"))


def reading(path: Path) -> Reading:
    return read(path.read_text(), str(path.relative_to(ROOT)))


def contract(path: Path) -> Contract:
    found = reading(path).contract
    assert found is not None
    return found


def plan(path: Path) -> Plan:
    return compile_contract(contract(path), load_kinds(ROOT / "checks"))


each_file = pytest.mark.parametrize("path", FILES, ids=lambda each: each.name)


@each_file
@pytest.mark.requirement("A-01")
def test_a_contract_has_no_problem(path: Path) -> None:
    assert reading(path).problems == ()
    assert contract(path).api_version == "v3.1.0"


@each_file
def test_a_contract_says_who_is_there_for_it(path: Path) -> None:
    told = contract(path)
    assert told.owner is not None
    assert told.owner.endswith("@example.com")
    assert {each.scope for each in told.support} == {"notifications", "issues"}
    assert told.consumers


@each_file
def test_nobody_real_is_named(path: Path) -> None:
    hosts = {word.rstrip("/").rpartition("@")[2] for word in path.read_text().split() if "@" in word}
    assert hosts == {"example.com"}


def test_every_loaded_column_is_promised() -> None:
    promised = {
        each.name: {column.name for column in each.columns}
        for path in FILES
        for each in contract(path).datasets
    }
    sources = (
        nycflights.AIRLINES,
        nycflights.AIRPORTS,
        nycflights.PLANES,
        nycflights.WEATHER,
        nycflights.FLIGHTS,
    )
    assert promised == {each.table: {*each.columns, "loaded_at"} for each in sources}


def test_types_are_promised_as_they_are_loaded() -> None:
    loaded = {
        (each.table, column): kind
        for each in (
            nycflights.AIRLINES,
            nycflights.AIRPORTS,
            nycflights.PLANES,
            nycflights.WEATHER,
            nycflights.FLIGHTS,
        )
        for column, kind in each.columns.items()
    }
    promised = {
        (dataset.name, column.name): column.physical_type
        for path in FILES
        for dataset in contract(path).datasets
        for column in dataset.columns
    }
    assert {key: promised[key] for key in loaded} == loaded


@pytest.mark.requirement("B-10")
@each_file
def test_everything_is_executed_but_what_is_for_people(path: Path) -> None:
    compiled = plan(path)
    counts = coverage(compiled)
    assert counts.not_executable == 0
    assert counts.executed + counts.informational == counts.declared
    kinds = {each.kind for each in compiled.checks}
    assert {"availability", "freshness", "quality", "schema"} <= kinds


def test_the_demo_has_more_than_forty_checks() -> None:
    assert sum(len(plan(path).checks) for path in FILES) > 40


def test_both_contracts_are_on_the_server_that_the_manifest_connects() -> None:
    manifest = yaml.safe_load((ROOT / "floe.yaml").read_text())
    assert {server.name for path in FILES for server in contract(path).servers} == set(
        manifest["connections"]
    )
