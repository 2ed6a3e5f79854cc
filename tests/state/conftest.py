from __future__ import annotations

from shutil import copyfile

import pytest

from floe_dagster.state.store import open_store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request, tmp_path) -> str:
    """The URL of a store on each database in turn: an empty one for who asks for it, else one not there yet."""
    made = "store" in request.fixturenames
    if request.param == "postgres":
        return request.getfixturevalue("made_postgres_url" if made else "postgres_url")
    path = tmp_path / "made by the store" / "floe.db"
    if made:
        path.parent.mkdir()
        copyfile(request.getfixturevalue("made_store"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened
