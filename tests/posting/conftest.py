from __future__ import annotations

import pytest

from floe_dagster.state.store import open_store
from tests.posting.platform import Platform


@pytest.fixture
def platform(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'floe.db'}") as store:
        yield Platform(store)


@pytest.fixture
def on_postgres(postgres_url):
    with open_store(postgres_url) as store:
        yield Platform(store)
