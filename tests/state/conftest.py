from __future__ import annotations

import pytest

from floe_dagster.state.store import open_store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request, tmp_path) -> str:
    """The URL of a store that is not there yet, on each database in turn."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'made by the store' / 'floe.db'}"


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened
