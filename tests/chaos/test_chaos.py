"""The short storm. The whole, 10,000 events and 200 kills, is `make chaos`."""

from __future__ import annotations

import pytest

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from tests.chaos.laws import broken
from tests.chaos.receiver import FAULTS
from tests.chaos.storm import rage
from tests.chaos.terms import Terms

EVENTS, KILLS, SEED = 300, 12, 20261121


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request, tmp_path):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path}/floe.db"


@pytest.mark.requirement("C-07")
@pytest.mark.requirement("D-03")
def test_no_kill_and_no_receiver_loses_or_doubles_an_alert_or_turns_their_order(store_url, tmp_path):
    storm = rage(Terms(url=store_url, folder=tmp_path, seed=SEED, events=EVENTS, kills=KILLS))
    assert list(broken(storm.found)) == []
    assert sum(storm.killed.values()) == KILLS
    assert all(storm.killed.values()), "only some of the roles were killed"
    it_was_a_storm(storm.found)


def it_was_a_storm(found):
    assert len(found.expected) >= EVENTS
    assert {Transition.OPENED, Transition.ESCALATED, Transition.RESOLVED} <= set(found.expected.values())
    assert set(FAULTS) <= {each.verdict for each in found.receipts}
    assert ParcelState.DEAD in {each.state for each in found.parcels}
    assert len(found.receipts) > len(found.parcels)
