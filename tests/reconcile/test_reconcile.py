"""Reconciling: what was left elsewhere is recorded once, and late outcomes come to the same as early ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.segment import hold_forward
from floe_dagster.reconcile import FromSpool, Left, Reconciler
from floe_dagster.settings import Settings
from floe_dagster.settings.model import Alerting, ChannelSettings, Route
from floe_dagster.spool import Spool
from floe_dagster.state.records import Counted
from floe_dagster.watchlist import Watchlist
from tests.outcome.outcomes import START, broken, kept, unknown

pytestmark = pytest.mark.requirement("C-07")
HOLD = timedelta(minutes=30)
NUMBERS = count()
LATER = START + timedelta(days=2)


def reconciler(**more) -> Reconciler:
    alerts = Alerting(
        channels={"log": ChannelSettings(type="file", options={"path": "alerts.jsonl"})},
        routes=(Route(severity="info", channels=("log",)),),
    )
    found = Watchlist(settings=Settings(alerts=alerts, **more), readings=(), watches=(), kinds={})
    return Reconciler(watchlist=found, link=lambda _: None, tick="r", name="reconcile", started_at=START)


def take(store, *outcomes):
    return reconciler().take(store, outcomes, LATER)


def segments(store, key=None):
    return [each for each in store.segments() if key is None or each.key == key]


def folded(outcomes):
    chain = []
    for each in sorted(outcomes, key=lambda each: each.at):
        chain[-1:] = hold_forward(chain[-1] if chain else None, each, HOLD)
    return chain


histories = st.lists(
    st.tuples(st.integers(0, 600), st.sampled_from([kept, broken, unknown])),
    min_size=1,
    max_size=14,
    unique_by=lambda each: each[0],
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, data=st.data())
def test_outcomes_in_any_order_and_any_parts_give_the_same_timeline_as_in_order(store, history, data):
    """The law of this module."""
    key = Key(contract=f"c{next(NUMBERS)}", server="prod", check="x")
    outcomes = [replace(make(minute), key=key) for minute, make in history]
    shuffled = data.draw(st.permutations(outcomes))
    parts = data.draw(st.lists(st.integers(1, 5), min_size=len(shuffled), max_size=len(shuffled)))

    rest = list(shuffled)
    for size in parts:
        part, rest = rest[:size], rest[size:]
        if part:
            take(store, *part)

    assert segments(store, key) == folded(outcomes)
    (state,) = store.states([key]).values()
    assert state.segment == folded(outcomes)[-1]
    assert state.last_at == max(each.at for each in outcomes)


def test_what_is_recorded_already_changes_nothing(store):
    outcomes = [kept(0), broken(15), kept(30)]
    assert take(store, *outcomes, outcomes[0]).recorded == 3
    before = (store.segments(), store.episodes(), store.totals(), store.parcels(), store.outcomes())

    again = take(store, *outcomes)

    assert (again.recorded, again.late, again.told) == (0, 0, ())
    assert (store.segments(), store.episodes(), store.totals(), store.parcels(), store.outcomes()) == before


def test_a_breach_that_is_still_so_is_told_once_and_keeps_its_identity(store):
    first = take(store, kept(0), broken(15), broken(30))

    (episode,) = store.episodes()
    assert [str(each.transition) for each in first.told] == ["opened"]
    assert [each.state for each in store.parcels(topic="alert")] == [ParcelState.PENDING]
    assert episode.broken_since == broken(15).at

    take(store, broken(20))
    take(store, kept(45))
    (over,) = store.episodes()
    assert (over.id, over.resolved_at) == (episode.id, kept(45).at)
    assert len(store.parcels(topic="alert")) == 2


def test_a_breach_that_is_over_wakes_nobody_and_is_there_to_be_seen(store):
    caught = take(store, kept(0), broken(15), kept(30))

    (episode,) = store.episodes()
    assert caught.told == ()
    assert episode.resolved_at == kept(30).at
    assert {(str(each.transition), each.state, each.reason) for each in store.parcels(topic="alert")} == {
        ("opened", ParcelState.SUPPRESSED, "found later, when it was over"),
        ("resolved", ParcelState.SUPPRESSED, "found later, when it was over"),
    }


def test_the_recovery_of_what_was_told_before_is_told(store):
    take(store, kept(0), broken(15))

    assert [str(each.transition) for each in take(store, broken(30), kept(45)).told] == ["resolved"]


def test_a_late_breach_that_was_missed_as_a_whole_is_opened_and_resolved_in_the_past(store):
    take(store, kept(0), kept(90))

    caught = take(store, broken(15), broken(30), kept(45))

    (episode,) = store.episodes()
    assert (caught.late, caught.told) == (3, ())
    assert (episode.broken_since, episode.resolved_at) == (broken(15).at, kept(45).at)
    assert {each.state for each in store.parcels(topic="alert")} == {ParcelState.SUPPRESSED}
    assert [each.total for each in store.totals() if each.counted is Counted.EPISODES] == [1]
    (state,) = store.states([kept(0).key]).values()
    assert (state.breaches, state.episode) == ((broken(15).at,), None)


def test_breaches_found_late_count_towards_critical(store):
    take(store, kept(0), kept(200))
    take(store, *(each for minute in (10, 30, 50) for each in (broken(minute), kept(minute + 5))))

    (told,) = take(store, broken(210)).told

    assert told.severity == "critical"


def test_a_late_recovery_within_an_open_episode_changes_its_timeline_and_not_the_episode(store):
    take(store, kept(0), broken(15), broken(45))
    (before,) = store.episodes()

    take(store, kept(30))

    assert store.episodes() == (before,)
    assert [str(each.health) for each in store.segments()] == ["good", "bad", "good", "bad"]


def test_an_outcome_from_before_anything_that_is_kept_is_recorded_and_that_is_said(store):
    take(store, *(kept(each) for each in range(0, 120, 15)))
    with store._writing.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM floe_outcomes WHERE id != '{kept(105).id}'")
    before = store.segments()

    caught = take(store, broken(20))

    assert "older than what is kept" in caught.problems[0]
    assert store.segments() == before
    assert {each.id for each in store.outcomes()} == {kept(105).id, broken(20).id}


def test_names_too_long_for_an_index_are_found_again(store):
    key = Key(contract="c" * 3000, server="prod", check="x" * 5000)
    outcomes = [replace(make(minute), key=key) for minute, make in ((0, kept), (30, broken), (15, kept))]

    for each in outcomes:
        take(store, each)

    assert [str(each.health) for each in store.segments()] == ["good", "bad"]


class Places:
    """Somewhere that keeps a cursor."""

    name = "somewhere"

    def __init__(self, *parts):
        self.parts = parts
        self.asked = []

    def left(self, after):
        self.asked.append(after)
        yield from self.parts


def test_a_cursor_moves_with_what_is_recorded_and_not_without(store):
    place = Places(Left(outcomes=(kept(0),), cursor="7"), Left(outcomes=(), cursor="9"))

    assert reconciler().catch_up(store, [place], lambda: LATER).recorded == 1
    reconciler().catch_up(store, [place], lambda: LATER)

    assert place.asked == ["", "9"]


def test_a_place_that_cannot_be_read_is_said_and_the_others_are_read(store):
    class Broken:
        name = "broken"

        def left(self, after):
            raise RuntimeError("no")

    caught = reconciler().catch_up(store, [Broken(), Places(Left(outcomes=(kept(0),)))], lambda: LATER)

    assert caught.recorded == 1
    assert "broken" in caught.problems[0]


def test_a_budget_leaves_the_rest_for_the_next_time(store):
    place = Places(Left(outcomes=(kept(0),), cursor="1"), Left(outcomes=(kept(15),), cursor="2"))

    caught = reconciler().catch_up(store, [place], lambda: LATER, budget_seconds=0.0)

    assert (caught.recorded, store.cursor("somewhere").value) == (1, "1")


def test_a_spool_is_emptied_once_its_outcomes_are_recorded(store, tmp_path):
    spool = Spool(tmp_path / "spool")
    spool.put([kept(0), broken(15)], START)
    spool.put([kept(30)], LATER)

    caught = reconciler().catch_up(store, [FromSpool(spool)], lambda: LATER)

    assert caught.recorded == 3
    assert spool.paths() == []
