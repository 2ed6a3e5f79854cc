"""What is too old goes, a little at a time, and nothing that is still needed."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.settings import Settings
from floe_dagster.state import prune as pruning
from floe_dagster.state.coverage import EVERYTHING
from floe_dagster.state.prune import prune
from floe_dagster.state.records import Horizon
from floe_dagster.upkeep.keep import horizon, keep_up
from tests.state.ticks import START, key, outcome, record
from tests.upkeep.watching import watching

pytestmark = pytest.mark.requirement("C-04")

DAY = timedelta(days=1)
EVERYTHING_OLD = START + 1000 * DAY


def before(at) -> Horizon:
    return Horizon(**dict.fromkeys(Horizon.__dataclass_fields__, at))


def went(store, horizon: Horizon) -> dict[str, int]:
    return {each.table: each.rows for each in store.prune(horizon) if each.rows}


def history(store, days: int, *, number: int = 0, broken=lambda day: False):
    for day in range(days):
        record(store, outcome(number, day * 24 * 60, broken=broken(day)), tick=f"{number}-{day}")


def test_what_is_older_goes_and_what_is_younger_stays(store):
    history(store, 10)

    assert went(store, before(START + 4 * DAY)) == {
        "floe_outcomes": 4,
        "floe_segments": 4,
        "floe_ticks": 4,
    }
    assert [each.at for each in store.outcomes()] == [START + day * DAY for day in range(4, 10)]


def test_the_newest_outcome_and_segment_of_a_check_stay_whatever_their_age(store):
    history(store, 3)
    history(store, 1, number=1)

    went(store, before(EVERYTHING_OLD))

    assert [(each.key, each.at) for each in store.outcomes()] == [
        (key(1), START),
        (key(0), START + 2 * DAY),
    ]
    assert len(store.latest()) == 2
    assert store.states([key(0), key(1)])[key(0)].segment is not None
    assert len(store.segments()) == 2


def test_nothing_of_an_open_episode_goes(store):
    history(store, 4, broken=lambda day: day > 0)
    history(store, 4, number=1, broken=lambda day: day == 1)
    while claims := store.claim("alert", now=START + 5 * DAY, lease_seconds=60):
        store.delivered_together(claims, now=START + 5 * DAY)

    went(store, before(EVERYTHING_OLD))

    assert [each.at for each in store.outcomes() if each.key == key(0)] == [
        START + day * DAY for day in (1, 2, 3)
    ]
    assert [each.at for each in store.outcomes() if each.key == key(1)] == [START + 3 * DAY]
    assert {each.group for each in store.parcels()} == {each.id for each in store.episodes(open_only=True)}
    assert len(store.episodes()) == 2


def test_totals_and_episodes_and_periods_are_never_touched(store):
    history(store, 4, broken=lambda day: day == 1)
    totals, episodes = store.totals(), store.episodes()

    went(store, before(EVERYTHING_OLD))

    assert (store.totals(), store.episodes()) == (totals, episodes)


class TestParcels:
    def post(self, store, state: ParcelState, topic: str = "alert", days: int = 0) -> str:
        name = f"{topic}-{state}-{days}"
        with store.writing() as writing:
            writing.save(
                parcels=[
                    Parcel(
                        key=name,
                        topic=topic,
                        channel="log",
                        group=name,
                        sequence=1,
                        payload="{}",
                        created_at=START + days * DAY,
                        about="about",
                        state=state,
                    )
                ]
            )
        return name

    def left(self, store, **days: int) -> set[str]:
        store.prune(replace(before(START - DAY), **{name: START + each * DAY for name, each in days.items()}))
        return {each.key for each in store.parcels()}

    def test_each_kind_of_them_has_its_own_age(self, store):
        alert, dead, _ = (
            self.post(store, ParcelState.SENT),
            self.post(store, ParcelState.DEAD),
            self.post(store, ParcelState.SENT, "lineage"),
        )

        assert self.left(store, lineage=1) == {alert, dead}
        assert self.left(store, lineage=1, parcels=1) == {dead}
        assert self.left(store, lineage=1, parcels=1, dead_letters=1) == set()

    @pytest.mark.parametrize("state", [ParcelState.SUPPRESSED, ParcelState.SKIPPED])
    def test_what_was_held_back_goes_like_what_was_delivered(self, store, state):
        self.post(store, state)

        assert self.left(store, parcels=1) == set()

    @pytest.mark.parametrize("topic", ["alert", "lineage"])
    def test_what_is_still_to_be_carried_stays_for_ever(self, store, topic):
        waiting = self.post(store, ParcelState.PENDING, topic)
        store.claim(topic, now=START + DAY, lease_seconds=60)

        assert self.left(store, parcels=900, lineage=900, dead_letters=900) == {waiting}

    def test_their_age_counts_from_when_they_were_done_with(self, store):
        name = self.post(store, ParcelState.PENDING)
        [claim] = store.claim("alert", now=START + 5 * DAY, lease_seconds=60)
        store.delivered(claim, now=START + 5 * DAY)

        assert self.left(store, parcels=4) == {name}
        assert self.left(store, parcels=6) == set()

    def test_attempts_to_carry_them_go_by_their_own_age(self, store):
        self.post(store, ParcelState.PENDING)
        [claim] = store.claim("alert", now=START, lease_seconds=60)
        store.delivered(claim, now=START)

        assert went(store, replace(before(START - DAY), deliveries=START + DAY)) == {"floe_deliveries": 1}


class TestALittleAtATime:
    def test_a_slice_becomes_smaller_where_it_took_long_and_larger_where_it_did_not(self):
        assert pruning._next_size(1000, 1.0) == 250
        assert pruning._next_size(1000, 0.2) == 1000
        assert pruning._next_size(1000, 0.01) == 2000
        assert pruning._next_size(60, 60.0) == pruning.LEAST
        assert pruning._next_size(pruning.MOST, 0.0) == pruning.MOST

    def run(self, store, monkeypatch, first: int, *, before_each=lambda: None):
        monkeypatch.setattr(pruning, "FIRST", first)
        monkeypatch.setattr(pruning, "MOST", first)
        rested = []

        @contextmanager
        def transaction():
            before_each()
            with store._transaction() as connection:
                yield connection

        return list(prune(transaction, before(EVERYTHING_OLD), rest=rested.append)), rested

    def test_no_slice_is_larger_than_that_though_everything_is_of_one_instant(self, store, monkeypatch):
        for part in range(4):
            record(store, *(outcome(number, tick=f"{part}") for number in range(25)))
        record(store, *(outcome(number, 60) for number in range(25)))

        done, rested = self.run(store, monkeypatch, 30)

        assert done[0].rows == 100
        assert done[0].slices >= 4
        assert len(rested) == sum(each.slices for each in done)
        assert len(store.outcomes()) == 25

    def test_a_slice_that_takes_too_long_is_undone_and_begun_again_smaller(self, store, monkeypatch):
        record(store, *(outcome(number) for number in range(2000)))
        record(store, *(outcome(number, 15) for number in range(2000)))
        monkeypatch.setattr(pruning, "MOST_SECONDS", 0.001)
        monkeypatch.setattr(pruning, "_next_size", lambda size, held: max(pruning.LEAST, size // 2))

        done, _ = self.run(store, monkeypatch, 2000)

        assert done[0].rows == 2000
        assert done[0].slices > 2
        assert {each.at for each in store.outcomes()} == {START + timedelta(minutes=15)}

    def test_it_can_be_stopped_anywhere_and_begun_again(self, store, monkeypatch):
        history(store, 30)
        left = [4]

        def stop():
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.run(store, monkeypatch, 5, before_each=stop)
        assert 1 < len(store.outcomes()) < 30

        self.run(store, monkeypatch, 5)
        assert len(store.outcomes()) == 1

    def test_others_record_in_between(self, store, monkeypatch):
        history(store, 30)
        minutes = iter(range(60 * 24 * 40, 60 * 24 * 900, 60 * 24))

        self.run(store, monkeypatch, 5, before_each=lambda: record(store, outcome(5, next(minutes))))

        assert len([each for each in store.outcomes() if each.key == key(0)]) == 1

    def test_several_processes_do_it_at_once(self, store, store_url):
        history(store, 200)
        program = (
            "import sys; from tests.state.test_prune import EVERYTHING_OLD, before;"
            "from floe_dagster.state import prune; prune.FIRST = prune.MOST = 7;"
            "from floe_dagster.state.store import open_store; open_store(sys.argv[1]).prune(before(EVERYTHING_OLD))"
        )
        running = [
            subprocess.Popen(
                [sys.executable, "-c", program, store_url],
                cwd=Path(__file__).parents[2],
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]

        said = [each.communicate(timeout=300)[1] for each in running]
        assert [(each.returncode, text) for each, text in zip(running, said, strict=True)] == [(0, "")] * 3
        assert len(store.outcomes()) == len(store.segments()) == 1


def test_what_would_go_is_said_and_stays(store, store_url):
    history(store, 10)

    said = {each.table: each.rows for each in store.prunable(before(START + 4 * DAY)) if each.rows}

    assert said == {"floe_outcomes": 4, "floe_segments": 4, "floe_ticks": 4}
    assert len(store.outcomes()) == 10
    assert went(store, before(START + 4 * DAY)) == said


class TestKeepingUp:
    def test_what_is_not_on_record_as_a_day_does_not_go(self, store):
        history(store, 200)
        now = START + 500 * DAY
        settings = Settings(retention={"outcomes": "3 d", "segments": "3 d"})

        assert horizon(store, settings, now).outcomes < START
        store.prune(horizon(store, settings, now))
        assert len(store.outcomes()) == 200

    def test_pruning_loses_no_day(self, store):
        history(store, 20)
        keep_up(store, watching(0), START + 20 * DAY)
        before_it = (store.periods("day"), store.periods("week"))
        short = {"outcomes": "3 d", "segments": "3 d"}

        kept = keep_up(store, watching(0, retention=short), START + 20 * DAY)
        again = keep_up(store, watching(0, retention=short), START + 20 * DAY)

        assert {each.table: each.rows for each in kept.pruned}["floe_outcomes"] > 10
        assert not any(each.rows for each in again.pruned)
        assert (store.periods("day"), store.periods("week")) == before_it

    def test_days_that_came_late_are_computed_before_they_go(self, store):
        history(store, 120)
        kept = keep_up(store, watching(0), START + 119 * DAY)

        assert {each.table: each.rows for each in kept.pruned}["floe_outcomes"] == 29
        assert len(store.periods("day", whole=True)) == 119

    def test_alerts_are_kept_as_long_as_dedup_needs_them(self, store):
        settings = Settings(alerts={"dedup": "60 d"}, retention={"parcels": "30 d"})

        assert horizon(store, settings, START).parcels == START - 60 * DAY

    def test_the_horizon_is_what_the_manifest_says(self, store):
        with store.writing() as writing:
            writing.set_cursor(EVERYTHING, START.isoformat(), START)

        found = horizon(store, Settings(), START)

        assert START - found.outcomes == START - found.ticks == 90 * DAY
        assert (START - found.segments, START - found.lineage) == (400 * DAY, 7 * DAY)
