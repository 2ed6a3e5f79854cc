"""Who carries which parcel, and what came of it, on both databases."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.state.lookup import heard_of
from tests.state.ticks import MINUTE, START, outcome, record

pytestmark = pytest.mark.requirement("D-03")

NOW = START + timedelta(hours=1)


def parcel(group: str = "episode", sequence: int = 1, transition: str = "opened", **more) -> Parcel:
    return Parcel(
        **{
            "key": f"alert/{group}/{sequence}/on_call",
            "topic": "alert",
            "channel": "on_call",
            "group": group,
            "sequence": sequence,
            "payload": '{"n": 1}',
            "created_at": START,
            "about": "orders\nprod\ncheck",
            "severity": "error",
            "transition": transition,
        }
        | more
    )


def post(store, *parcels: Parcel, withdrawn=None) -> None:
    with store.writing() as writing:
        writing.save(parcels=parcels, withdrawn=withdrawn)


def claim(store, now=NOW, limit=100, topic="alert"):
    return store.claim(topic, now=now, lease_seconds=60, limit=limit)


def states(store) -> dict[str, str]:
    return {each.key: each.state.value for each in store.parcels()}


def test_a_parcel_is_claimed_as_it_was_posted(store):
    post(store, parcel())

    [got] = claim(store)
    assert got.parcel == parcel()
    assert (got.attempts, got.waiting_since, got.lease_until) == (1, START, NOW + MINUTE)


def test_the_same_parcel_again_is_ignored(store):
    post(store, parcel())
    [got] = claim(store)
    store.delivered(got, now=NOW)
    post(store, parcel(), parcel())

    assert states(store) == {parcel().key: "sent"}


def test_a_delivered_parcel_is_sent_and_the_attempt_is_noted(store):
    post(store, parcel())
    [got] = claim(store)

    assert store.delivered(got, now=NOW, note="HTTP 202")
    assert states(store) == {parcel().key: "sent"}
    [attempt] = store.deliveries()
    assert (attempt.parcel, attempt.channel, attempt.attempt, attempt.at) == (parcel().key, "on_call", 1, NOW)
    assert (attempt.accepted, attempt.note) == (True, "HTTP 202")
    assert claim(store) == ()


def test_nobody_else_gets_a_parcel_while_it_is_claimed(store):
    post(store, parcel())
    claim(store)

    assert claim(store, NOW + timedelta(seconds=59)) == ()


def test_a_lease_that_is_over_is_taken_over_and_the_first_ones_word_no_longer_counts(store):
    post(store, parcel())
    [first] = claim(store)
    [second] = claim(store, NOW + timedelta(seconds=60))

    assert second.attempts == 2
    assert not store.delivered(first, now=NOW)
    assert not store.failed(first, now=NOW, error="late", retry_at=None)
    assert states(store) == {parcel().key: "pending"}
    assert store.deliveries() == ()
    assert store.delivered(second, now=NOW)


def test_a_parcel_is_acknowledged_once(store):
    post(store, parcel())
    [got] = claim(store)

    assert store.delivered(got, now=NOW)
    assert not store.delivered(got, now=NOW)
    assert len(store.deliveries()) == 1


def test_many_are_acknowledged_together_and_only_by_who_still_holds_them(store):
    post(store, *(parcel(group=f"episode {n}") for n in range(5)))
    claims = claim(store)
    later = NOW + timedelta(minutes=5)
    [taken_over, *_] = store.claim("alert", now=later, lease_seconds=60, limit=1)

    assert store.delivered_together(claims, now=later, note="ok") == 4

    assert Counter(states(store).values()) == {"sent": 4, "pending": 1}
    assert states(store)[taken_over.parcel.key] == "pending"
    assert len(store.deliveries()) == 4


def test_what_is_given_back_is_there_at_once_as_if_nobody_had_claimed_it(store):
    post(store, *(parcel(group=f"episode {n}") for n in range(3)))
    claims = claim(store)

    assert store.give_back(claims) == 3
    assert {each.attempts for each in claim(store)} == {1}
    assert store.deliveries() == ()


def test_only_who_still_holds_a_parcel_can_give_it_back(store):
    post(store, parcel("taken over"), parcel("sent"), parcel("ours"))
    claims = claim(store)
    [sent] = [each for each in claims if each.parcel.group == "sent"]
    store.delivered(sent, now=NOW)
    [other] = store.claim("alert", now=NOW + MINUTE, lease_seconds=60, limit=1)

    assert store.give_back(claims) == 1
    assert states(store)[sent.parcel.key] == "sent"
    [ours] = claim(store, NOW + MINUTE)
    assert ours.parcel.key != other.parcel.key
    assert store.delivered(other, now=NOW + MINUTE)


def test_who_acknowledges_many_and_a_tick_that_decides_from_them_never_wait_for_each_other(store):
    """On PostgreSQL a deadlock, which refused one of the two, where both locked them in orders of their own."""
    post(store, *(parcel(f"episode {n}", about=f"{n}") for n in range(2)))
    claims = claim(store)
    with ThreadPoolExecutor(1) as pool:
        with store.writing() as tick:
            assert heard_of(tick._connection, [("1", "episode 1")], NOW)
            acknowledged = pool.submit(store.delivered_together, claims[::-1], now=NOW)
            time.sleep(0.5)  # it has whatever it can have by then
            assert heard_of(tick._connection, [("0", "episode 0")], NOW)
        assert acknowledged.result(20) == 2
    assert set(states(store).values()) == {"sent"}


def test_only_what_was_tried_and_not_accepted_since_it_waits_is_a_failure(store):
    post(store, parcel())
    moments = [NOW + number * MINUTE for number in range(5)]
    for moment in moments[:3]:  # who had it was killed
        [got] = claim(store, moment)
        assert got.failures == 0
    store.failed(got, now=moments[2], error="HTTP 503", retry_at=moments[3])
    [got] = claim(store, moments[3])
    assert (got.attempts, got.failures) == (4, 1)

    store.failed(got, now=moments[3], error="HTTP 410", retry_at=None)
    assert store.replay(parcel().key, now=moments[4])
    [got] = claim(store, moments[4])
    assert got.failures == 0


def test_a_failed_parcel_comes_back_when_it_is_time(store):
    post(store, parcel())
    [got] = claim(store)
    assert store.failed(got, now=NOW, error="HTTP 503", retry_at=NOW + 5 * MINUTE)

    assert claim(store, NOW + 4 * MINUTE) == ()
    [again] = claim(store, NOW + 5 * MINUTE)
    assert again.attempts == 2
    assert [(each.accepted, each.note) for each in store.deliveries()] == [(False, "HTTP 503")]


def test_what_is_given_up_is_dead_and_says_why(store):
    post(store, parcel())
    [got] = claim(store)
    store.failed(got, now=NOW, error="HTTP 410", retry_at=None)

    [dead] = store.parcels(state=ParcelState.DEAD)
    assert dead.reason == "HTTP 410"
    assert claim(store) == ()


class TestOrder:
    def test_within_a_group_one_goes_after_the_other(self, store):
        post(store, parcel(sequence=2, transition="resolved"), parcel(sequence=1))

        [first] = claim(store)
        assert first.parcel.sequence == 1
        assert claim(store) == ()
        store.delivered(first, now=NOW)
        assert [each.parcel.sequence for each in claim(store)] == [2]

    def test_what_failed_keeps_what_comes_after_it_waiting(self, store):
        post(store, parcel(sequence=1), parcel(sequence=2, transition="resolved"))
        [first] = claim(store)
        store.failed(first, now=NOW, error="HTTP 503", retry_at=NOW + 5 * MINUTE)

        assert claim(store, NOW + MINUTE) == ()

    def test_other_groups_and_other_channels_do_not_wait(self, store):
        post(
            store,
            parcel("a", 1),
            parcel("a", 2),
            parcel("b", 1),
            parcel("a", 2, key="alert/a/2/log", channel="log"),
        )

        assert {each.parcel.key for each in claim(store)} == {
            "alert/a/1/on_call",
            "alert/b/1/on_call",
            "alert/a/2/log",
        }

    def test_the_longest_waiting_go_first(self, store):
        post(store, *(parcel(f"episode-{n}", created_at=START + n * MINUTE) for n in (3, 1, 2)))

        assert [each.parcel.group for each in claim(store, limit=2)] == ["episode-1", "episode-2"]

    def test_topics_are_apart(self, store):
        post(store, parcel(), parcel("run", key="lineage/run/START", topic="lineage", transition=""))

        assert [each.parcel.topic for each in claim(store, topic="lineage")] == ["lineage"]

    def test_channels_that_are_left_alone_keep_theirs(self, store):
        post(store, parcel("a", channel="mail"), parcel("b", channel="dead"), parcel("c", channel="dead"))
        [got] = store.claim("alert", now=NOW, lease_seconds=60, limit=1, without=["dead"])
        assert got.parcel.channel == "mail"
        assert store.claim("alert", now=NOW, lease_seconds=60, without=["dead"]) == ()
        assert len(store.claim("alert", now=NOW, lease_seconds=60)) == 2


class TestWhenTheOpeningDies:
    def die(self, store):
        [got] = claim(store)
        store.failed(got, now=NOW, error="HTTP 410", retry_at=None)

    def test_its_recovery_is_skipped(self, store):
        post(store, parcel(sequence=1), parcel(sequence=2, transition="resolved"))
        self.die(store)

        assert list(states(store).values()) == ["dead", "skipped"]
        assert claim(store) == ()

    def test_an_escalation_is_still_told_and_then_the_recovery_too(self, store):
        post(
            store,
            parcel(sequence=1),
            parcel(sequence=2, transition="escalated"),
            parcel(sequence=3, transition="resolved"),
        )
        self.die(store)

        for _ in range(2):
            [got] = claim(store)
            store.delivered(got, now=NOW)
        assert list(states(store).values()) == ["dead", "sent", "sent"]

    def test_the_recovery_is_skipped_once_the_escalation_is_dead_too(self, store):
        post(
            store,
            parcel(sequence=1),
            parcel(sequence=2, transition="escalated"),
            parcel(sequence=3, transition="resolved"),
        )
        self.die(store)
        self.die(store)

        assert list(states(store).values()) == ["dead", "dead", "skipped"]

    def test_another_channel_still_hears_it(self, store):
        post(store, parcel(sequence=1), parcel(sequence=2, transition="resolved", key="x", channel="log"))
        claims = {each.parcel.channel: each for each in claim(store)}
        store.failed(claims["on_call"], now=NOW, error="HTTP 410", retry_at=None)

        assert states(store)["x"] == "pending"


class TestReplay:
    def kill(self, store, *parcels):
        post(store, *parcels)
        [got] = claim(store)
        store.failed(got, now=NOW, error="HTTP 410", retry_at=None)

    def test_a_dead_parcel_is_carried_after_all(self, store):
        self.kill(store, parcel())
        later = NOW + timedelta(days=2)

        assert store.replay(parcel().key, now=later)
        [got] = claim(store, later)
        assert (got.attempts, got.waiting_since) == (1, later)

    def test_the_recovery_that_was_skipped_goes_with_it(self, store):
        self.kill(store, parcel(sequence=1), parcel(sequence=2, transition="resolved"))
        store.replay(parcel().key, now=NOW)

        assert list(states(store).values()) == ["pending", "pending"]

    def test_only_a_dead_one_can_be_replayed(self, store):
        post(store, parcel())

        assert not store.replay(parcel().key, now=NOW)
        assert not store.replay("alert/nothing", now=NOW)

    def test_one_that_would_open_again_what_is_over_cannot(self, store):
        self.kill(store, parcel(sequence=1), parcel(sequence=2, transition="escalated"))
        [got] = claim(store)
        store.delivered(got, now=NOW)

        assert not store.replay(parcel().key, now=NOW)


class TestHeldParcels:
    HELD = parcel(not_before=NOW, reason="told already")

    def test_one_is_carried_when_its_time_has_come(self, store):
        post(store, self.HELD)

        assert claim(store, NOW - MINUTE) == ()
        [got] = claim(store, NOW)
        assert got.waiting_since == NOW

    def test_one_that_is_withdrawn_is_kept_for_the_record(self, store):
        post(store, self.HELD)
        post(store, withdrawn={self.HELD.key: "over before it was told"})

        [found] = store.parcels()
        assert (found.state, found.reason) == (ParcelState.SUPPRESSED, "over before it was told")
        assert claim(store) == ()

    def test_one_that_somebody_carries_already_is_not_withdrawn(self, store):
        post(store, self.HELD)
        [got] = claim(store)
        post(store, withdrawn={self.HELD.key: "over before it was told"})

        assert store.delivered(got, now=NOW)
        assert states(store) == {self.HELD.key: "sent"}


def test_parcels_are_filtered_by_topic_state_time_and_group(store):
    post(store, *(parcel(f"e-{n}", created_at=START + n * MINUTE) for n in range(3)))
    post(store, parcel("run", key="lineage", topic="lineage", state=ParcelState.SUPPRESSED))

    assert [
        each.group for each in store.parcels(topic="alert", start=START + MINUTE, end=START + 2 * MINUTE)
    ] == ["e-1"]
    assert [each.key for each in store.parcels(state=ParcelState.SUPPRESSED)] == ["lineage"]
    assert [each.group for each in store.parcels(groups=["e-0", "e-2", *map(str, range(2000))])] == [
        "e-0",
        "e-2",
    ]
    assert [each.group for each in store.parcels(topic="alert", limit=2)] == ["e-1", "e-2"]


def test_four_dispatchers_at_once_carry_every_parcel_once_and_in_order(store):
    post(store, *(parcel(f"e-{n}", sequence) for n in range(25) for sequence in (1, 2)))
    carried = []

    def dispatch(_):
        while claims := claim(store, limit=5):
            for each in claims:
                carried.append(each.parcel)
                assert store.delivered(each, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(dispatch, range(4)))
    dispatch(None)

    assert Counter(each.key for each in carried).most_common(1)[0][1] == 1
    assert len(carried) == 50
    for n in range(25):
        assert [each.sequence for each in carried if each.group == f"e-{n}"] == [1, 2]


def test_what_channels_heard_is_found_by_what_it_was_about(store):
    [step] = record(store, outcome(broken=True), channels=("on_call", "log"))
    about = step.episode.key.text

    with store.writing() as writing:
        found = heard_of(writing._connection, [(about, "another episode"), ("else", "x")], START - MINUTE)
        late = heard_of(writing._connection, [(about, "another episode")], START + MINUTE)
        own = heard_of(writing._connection, [(about, step.episode.id)], START + MINUTE)

    assert {each.channel for each in found[about]} == {"on_call", "log"}
    assert late == {}
    assert {each.group for each in own[about]} == {step.episode.id}
