"""The engines of the oracle, opened once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.engines import Engine, duckdb_engine, postgres_engine, sqlite_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def duckdb_here() -> Iterator[Engine]:
    with duckdb_engine() as engine:
        yield engine


@pytest.fixture
def sqlite_here(tmp_path: Path) -> Iterator[Engine]:
    with sqlite_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def postgres_here(postgres_url: str) -> Iterator[Engine]:
    with postgres_engine(postgres_url) as engine:
        yield engine
