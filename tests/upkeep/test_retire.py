"""Open episodes of what nobody watches any more are closed, and whoever heard of them is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from floe_dagster.contract.document import read
from floe_dagster.monitor import Monitor
from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.episode import Phase
from floe_dagster.settings import load_settings
from floe_dagster.upkeep.retire import retire_what_is_gone
from floe_dagster.watchlist import load_watchlist
from tests.project import Project
from tests.state.ticks import START, key, outcome, record
from tests.upkeep.watching import contract, watching

pytestmark = pytest.mark.requirement("C-03")

LATER = START + timedelta(hours=3)


def retire(store, watchlist):
    with store.writing() as writing:
        return retire_what_is_gone(writing, watchlist, LATER)


def broken(store, *numbers):
    with store.writing() as writing:
        writing.register([contract()], START)
    steps = record(store, *(outcome(each, broken=True) for each in numbers))
    for claim in store.claim("alert", now=START, lease_seconds=60):
        store.delivered(claim, now=START)
    return [each.episode for each in steps]


def test_an_episode_of_a_contract_that_is_gone_is_closed_and_its_channels_are_told(store):
    [episode] = broken(store, 0)

    done = retire(store, watching())

    assert done.contracts == ("orders",)
    [over] = store.episodes()
    assert over == replace(episode, resolved_at=LATER, sequence=2, retired=True)
    told = store.parcels()[-1]
    assert (told.transition, told.state, told.channel) == ("resolved", "pending", "on_call")
    assert from_json(told.payload).message == (
        "no longer watched after 3 h, since its contract is gone; whether it is kept now is not known"
    )


def test_one_of_a_check_that_its_contract_has_no_more_is_closed_and_the_others_stay_open(store):
    gone, stays = broken(store, 0, 1)

    retire(store, watching(1))

    assert [each.id for each in store.episodes(open_only=True)] == [stays.id]
    assert "its contract has no such check any more" in store.parcels()[-1].payload
    assert [each.retired for each in store.episodes() if each.id == gone.id] == [True]


def test_a_contract_that_cannot_be_read_for_now_is_still_watched(store):
    broken(store, 0)
    unreadable = read("not: a contract", "orders.odcs.yaml")

    retire(store, replace(watching(), readings=(unreadable,)))

    assert len(store.episodes(open_only=True)) == 1
    assert [each.id for each in store.contracts(active=True)] == ["orders"]


def test_it_is_done_once(store):
    broken(store, 0)
    retire(store, watching())
    before = (store.episodes(), store.parcels())

    done = retire(store, watching())

    assert (done.contracts, done.episodes) == ((), ())
    assert (store.episodes(), store.parcels()) == before


def test_who_was_never_told_is_not_told_of_the_end_either(store):
    with store.writing() as writing:
        writing.register([contract()], START)
    record(store, outcome(broken=True), channels=())

    retire(store, watching())

    assert store.parcels() == ()
    assert store.episodes()[0].retired


def test_a_check_that_comes_back_begins_anew(store):
    broken(store, 0)
    retire(store, watching())

    assert store.states([key()])[key()].phase is Phase.UNKNOWN
    [step] = record(store, outcome(0, 15 * 20, broken=True))
    assert step.episode.broken_since == START + timedelta(hours=5)
    assert len(store.episodes(open_only=True)) == 1


def test_the_tick_that_looks_at_the_files_notices_it_and_says_so(tmp_path):
    project = Project(tmp_path)
    project.load(orphans=3)
    monitor = Monitor(watchlist=load_watchlist(load_settings(tmp_path / "floe.yaml")))
    monitor.tick("quality")
    monitor.tick("schema")
    assert len(monitor.store.episodes(open_only=True)) == 1
    for each in (tmp_path / "contracts").iterdir():
        each.unlink()

    later = Monitor(watchlist=load_watchlist(load_settings(tmp_path / "floe.yaml")))
    said = later.tick("schema").problems

    assert [each.partition(" is ")[0] for each in said] == [
        'contract "shop.orders"',
        said[1].partition(" is ")[0],
    ]
    assert "is closed, since nobody looks any more" in said[1]
    assert monitor.store.episodes(open_only=True) == ()
    assert "no longer watched" in json.dumps(project.alerts()[-1])


def test_nothing_is_closed_while_everything_is_watched(tmp_path):
    project = Project(tmp_path)
    project.load(orphans=3)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("alter table orders drop column amount")
    monitor = Monitor(watchlist=load_watchlist(load_settings(tmp_path / "floe.yaml")))
    for cadence in ("quality", "freshness", "availability", "schema"):
        monitor.tick(cadence)
    before = monitor.store.episodes(open_only=True)
    assert {each.kind for each in before} >= {"quality", "schema"}

    monitor.tick("schema")

    assert monitor.store.episodes(open_only=True) == before
