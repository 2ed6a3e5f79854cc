"""The store that forgets decides as a real one does, whatever happens."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest

from floe_dagster.recorder import Recorder, no_link
from floe_dagster.rehearsal import MemoryStore
from floe_dagster.state.store import open_store
from tests.rehearsal.history import Played, a_watchlist, around, happenings, in_memory

pytestmark = pytest.mark.requirement("D-08")


@pytest.fixture
def on_disk(tmp_path, made_store):
    shutil.copy(made_store, tmp_path / "floe.db")
    with open_store(f"sqlite:///{tmp_path / 'floe.db'}") as store:
        yield Played(store, _record)


def _record(store, outcomes, now):
    recorder = Recorder(
        watchlist=a_watchlist(),
        link=no_link,
        tick=outcomes[0].tick,
        name="freshness",
        started_at=now,
        surroundings=around,
    )
    recorder.record(store, outcomes, now)


def parcels(played: Played) -> dict:
    every = (
        played.store.parcels()
        if isinstance(played.store, MemoryStore)
        else played.store.parcels(topic="alert")
    )
    return {
        each.key: (
            str(each.state),
            each.reason,
            each.not_before,
            each.created_at,
            each.channel,
            each.sequence,
            str(each.severity),
            str(each.transition),
        )
        for each in every
    }


def episodes(played: Played) -> dict:
    if isinstance(played.store, MemoryStore):
        return dict(played.store.episodes)
    return {each.id: each for each in played.store.episodes()}


def incidents(played: Played) -> dict:
    if isinstance(played.store, MemoryStore):
        return dict(played.store.incidents)
    with played.store.responses() as response:
        return {each.id: each for each in response.incidents(open_only=False)}


@pytest.mark.parametrize("seed", range(20))
def test_memory_says_what_a_real_store_says(seed, on_disk):
    memory = in_memory()
    for place, happen in enumerate(happenings(seed)):
        happen(memory)
        happen(on_disk)
        if place % 20 == 19:
            assert parcels(memory) == parcels(on_disk)
    assert parcels(memory) == parcels(on_disk)
    assert episodes(memory) == episodes(on_disk)
    assert incidents(memory) == incidents(on_disk)


def test_the_histories_are_rich_enough_to_show_anything():
    states, transitions, reasons = Counter(), Counter(), Counter()
    for seed in range(20):
        memory = in_memory()
        for happen in happenings(seed):
            happen(memory)
        for each in memory.store.parcels():
            states[str(each.state)] += 1
            transitions[str(each.transition)] += 1
            reasons[each.reason.split(" ")[0]] += 1
    assert {*states} == {"pending", "sent", "dead", "suppressed", "skipped"}
    assert {*transitions} == {"opened", "escalated", "flapping", "acknowledged", "reminded", "resolved"}
    assert {*reasons} >= {"muted", "follows", "told", "over", "overtaken", "acknowledged", "its", "503"}
