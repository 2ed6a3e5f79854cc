"""Thirty days of fifty contracts, under faults, with the real recorder, router and outbox rules.

The seeds of the suite are fixed; `FLOE_SEEDS=1000` plays as many more as one likes.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from fnmatch import fnmatchcase

import pytest

from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from tests.simulation.world import ALERTS, PEOPLE, World, told

pytestmark = pytest.mark.requirement("D-03", "D-05", "D-06")

SEEDS = range(int(os.environ.get("FLOE_SEEDS", "50")))
DELIVERED_OR_SEEN = {ParcelState.SENT, ParcelState.DEAD}
WITHHELD = {ParcelState.SUPPRESSED, ParcelState.SKIPPED}


@pytest.fixture(params=SEEDS, scope="module")
def world(request) -> World:
    return World(request.param).run()


def test_nothing_waits_for_ever(world):
    assert world.platform.store.parcels(ParcelState.PENDING) == ()


def test_every_episode_reaches_a_channel_or_is_a_visible_dead_letter(world):
    """One that was over while nobody was to be told is on record as held back, and says why."""
    by_episode: dict[str, set[ParcelState]] = {}
    for each in world.platform.store.parcels():
        by_episode.setdefault(each.group, set()).add(each.state)
        assert each.reason or each.state is ParcelState.SENT
    for name, episode in world.platform.store.episodes.items():
        states = by_episode[name]
        assert states & DELIVERED_OR_SEEN or (episode.resolved_at and states <= WITHHELD)


def test_every_breach_that_was_measured_opened_an_episode(world):
    assert {each.key for each in world.platform.store.episodes.values()} == world.breaches


def test_at_most_one_episode_of_a_check_is_open(world):
    still_open = Counter(each.key for each in world.platform.store.open.values())
    assert set(still_open.values()) <= {1}


def test_who_heard_of_an_opening_hears_once_that_it_is_over(world):
    episodes = world.platform.store.episodes
    dead = {(each.group, each.channel) for each in world.platform.store.parcels(ParcelState.DEAD)}
    for (name, channel), heard in told(world).items():
        transitions = [each for _, each in heard]
        is_over = episodes[name].resolved_at is not None and (name, channel) not in dead
        assert transitions.count(Transition.RESOLVED) == (1 if is_over else 0) or (name, channel) in dead
        assert transitions.count(Transition.OPENED) <= 1
        if Transition.RESOLVED in transitions:
            assert transitions[-1] is Transition.RESOLVED
            assert len(transitions) > 1


def test_people_are_reminded_no_more_often_than_agreed(world):
    for (_, channel), heard in told(world).items():
        reminders = [at for at, each in heard if each is Transition.REMINDED]
        if channel not in PEOPLE:
            assert not reminders
        # two deadlines of an incident at each of two priorities, and one a day
        days = (heard[-1][0] - heard[0][0]) / timedelta(days=1)
        assert len(reminders) <= 4 + days + 1


def test_what_follows_from_a_server_that_is_down_waits_until_it_is_up_again(world):
    down = [each for each in world.platform.store.episodes.values() if each.kind == "server"]
    for at, parcel in world.sent:
        contract, server, check = parcel.about.split("\n")
        was_paused = any(
            each.start <= parcel.created_at < each.end and fnmatchcase(contract, each.contract)
            for each in world.platform.store.pauses
        )
        if parcel.transition != Transition.OPENED or check == "up" or was_paused:
            continue
        for each in down:
            is_over = each.resolved_at or world.end + timedelta(days=9)
            follows = each.key.server == server and each.opened_at <= parcel.created_at < is_over
            assert not follows or at >= min(is_over, parcel.created_at + timedelta(days=1))


def test_a_sustained_breach_is_told_at_most_a_fifth_as_often_as_it_is_measured(world):
    """Every fifteen minutes for as long as it is open would be said by who says every failure."""
    naive = sum(
        ((each.resolved_at or world.end) - each.broken_since) / timedelta(minutes=15)
        for each in world.platform.store.episodes.values()
    )
    channels = Counter(channel for _, channel in told(world))
    heard = Counter(parcel.channel for _, parcel in world.sent)
    assert heard["log"] <= 0.2 * naive
    assert set(channels) <= set(ALERTS["channels"])


def test_the_same_is_never_told_under_another_id(world):
    ids = {from_json(parcel.payload).id for _, parcel in world.sent}
    told_of = {
        (parcel.group, parcel.sequence, from_json(parcel.payload).occasion) for _, parcel in world.sent
    }
    assert len(ids) == len(told_of)


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_without_faults_everything_is_told_at_once_and_once(seed):
    world = World(seed, faults=False).run()
    states = Counter(each.state for each in world.platform.store.parcels())
    assert states[ParcelState.DEAD] == states[ParcelState.SKIPPED] == 0
    keys = Counter(parcel.key for _, parcel in world.sent)
    assert set(keys.values()) == {1}
    for at, parcel in world.sent:
        assert at - (parcel.not_before or parcel.created_at) <= timedelta(minutes=1)


def test_where_nothing_breaks_nothing_is_said():
    world = World(0, faults=False)
    world._happenings = lambda: ()  # type: ignore[method-assign,return-value]
    world.run()
    assert world.sent == []
    assert world.platform.store.parcels() == ()


def test_the_worlds_are_rich_enough_to_show_anything():
    worlds = [World(seed).run() for seed in (1, 2, 3)]
    parcels = [each for world in worlds for each in world.platform.store.parcels()]
    assert {each.state for each in parcels} >= {*ParcelState} - {ParcelState.PENDING, ParcelState.UNROUTED}
    assert {each.transition for each in parcels} >= {*Transition} - {Transition.FLAPPING}
    for world in worlds:
        assert len(world.sent) > 400
        assert world.lost_ticks["retried"] > 10
        assert len(world.platform.store.incidents) > 5
