"""Contracts for the tests of the room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from floe_dagster.contract.document import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.contract.model import Contract
    from floe_dagster.contract.problem import Problem

HEAD = "apiVersion: {version}\nkind: DataContract\nid: orders\nversion: 1.0.0\nstatus: active\n"
SERVERS = "servers:\n- {server: here, type: duckdb, database: here.duckdb}\n"


@pytest.fixture
def accepted() -> Callable[..., Contract]:
    """A contract with this body, which must be without errors."""

    def accept(body: str, version: str = "v3.1.0") -> Contract:
        reading = read(HEAD.format(version=version) + SERVERS + body, "orders.odcs.yaml")
        assert reading.contract is not None, reading.problems
        return reading.contract

    return accept


@pytest.fixture
def problems() -> Callable[..., tuple[Problem, ...]]:
    """What is wrong with a contract of this body, which begins on line 8."""

    def find(body: str, version: str = "v3.1.0") -> tuple[Problem, ...]:
        return read(HEAD.format(version=version) + SERVERS + body, "orders.odcs.yaml").problems

    return find


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Documents that nobody on this project wrote."""
    beside = Path(__file__).parents[3] / "shared" / "corpora"
    folder = Path(os.environ.get("FLOE_CORPORA", beside))
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}; set FLOE_CORPORA")
    return folder
