"""A store of each earlier version, with rows in it, comes up to date and keeps all of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg2
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url

from floe_dagster.errors import StoreVersionError
from floe_dagster.outcome.episode import Phase
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state.schema import revisions
from floe_dagster.state.store import open_reader, open_store
from floe_dagster.state.tables import VERSION_TABLE, metadata
from tests.state.ticks import START, key, outcome, record

pytestmark = pytest.mark.requirement("C-04")

STORES = Path(__file__).parent / "stores"
EARLIER = revisions()[:-1]


@pytest.fixture(params=EARLIER)
def older(request, store_url) -> str:
    """The URL of a store of an earlier version, as that version left it."""
    url = make_url(store_url)
    if url.get_backend_name() == "sqlite":
        Path(url.database).parent.mkdir()
        connection = sqlite3.connect(url.database)
        connection.executescript((STORES / f"v{request.param}.sqlite.sql").read_text())
    else:
        connection = psycopg2.connect(store_url)
        connection.cursor().execute((STORES / f"v{request.param}.postgres.sql").read_text())
    connection.commit()
    connection.close()
    return store_url


def test_there_is_a_store_of_every_earlier_version():
    wanted = {f"v{each}.{database}.sql" for each in EARLIER for database in ("sqlite", "postgres")}
    assert {each.name for each in STORES.iterdir()} == wanted


def test_it_comes_up_to_date_with_the_tables_that_the_code_uses(older):
    with open_store(older) as store, store._writing.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
        assert store.info().version == revisions()[-1]


def test_every_row_is_still_there(older):
    with open_store(older) as store:
        assert {name: rows for name, rows in store.info().rows.items() if rows} == {
            "floe_check_states": 3,
            "floe_contracts": 2,
            "floe_deliveries": 2,
            "floe_episodes": 3,
            "floe_newest": 3,
            "floe_outcomes": 12,
            "floe_parcels": 8,
            "floe_segments": 9,
            "floe_ticks": 4,
            "floe_totals": 4,
        }
        assert [each.at for each in store.outcomes(limit=1)] == [START.replace(minute=55)]


def test_what_is_new_of_it_says_nothing(older):
    with open_store(older) as store:
        state = store.states([key(0)])[key(0)]
        assert (state.phase, state.recent, state.turns, state.kept_since) == (Phase.OPEN, (), (), None)
        assert not any(each.flapping or each.retired for each in store.episodes())


def test_it_goes_on_from_where_it_was(older):
    with open_store(older) as store:
        [step] = record(store, outcome(0, 60))

        assert step.episode.broken_since == START.replace(minute=55)
        assert len(store.episodes(open_only=True)) == 1
        [claimed] = store.claim("alert", now=START.replace(hour=5), lease_seconds=60, limit=1)
        assert store.delivered(claimed, now=START.replace(hour=5))
        assert len(store.deliveries()) == 3
        assert len(store.parcels(state=ParcelState.DEAD)) == 1


def test_until_then_a_reader_says_what_to_run(older):
    with pytest.raises(StoreVersionError, match="run: floe state migrate"):
        open_reader(older)
