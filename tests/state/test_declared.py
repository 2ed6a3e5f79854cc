"""Pauses, cursors, periods and versions of contracts are kept as they were declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.contract.document import read
from floe_dagster.contract.model import Contract
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.episode import Episode, Phase, State
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.plan.check import Severity
from floe_dagster.settings import load_settings
from floe_dagster.state.records import Aggregate, Cursor
from floe_dagster.watchlist import load_watchlist
from tests.project import Project
from tests.state.ticks import MINUTE, START, key, outcome, record

pytestmark = pytest.mark.requirement("C-04")

HOUR = timedelta(hours=1)
PAUSE = Pause(
    id="p1",
    what=PauseKind.MAINTENANCE,
    contract="shop.*",
    server="prod",
    kind="freshness",
    check="orders.*",
    start=START,
    end=START + HOUR,
    author="ada",
    reason="the warehouse moves",
    declared_at=START - HOUR,
)


def declare(store, *pauses: Pause) -> None:
    with store.writing() as writing:
        for each in pauses:
            writing.add_pause(each)


class TestPauses:
    def test_one_is_read_as_it_was_declared(self, store):
        declare(store, PAUSE)

        assert store.pauses() == (PAUSE,)
        with store.writing() as writing:
            assert writing.pauses(START, START + HOUR) == (PAUSE,)

    def test_they_are_found_by_the_time_that_they_touch(self, store):
        declare(store, PAUSE)

        assert store.pauses(start=START + HOUR) == store.pauses(end=START) == ()
        assert store.pauses(start=START + HOUR - MINUTE, end=START + 2 * HOUR) == (PAUSE,)

    def test_the_same_again_changes_nothing(self, store):
        declare(store, PAUSE, replace(PAUSE, reason="another"))

        assert store.pauses() == (PAUSE,)

    def test_one_that_is_called_off_says_when_and_only_once(self, store):
        declare(store, PAUSE)
        half = START + HOUR / 2

        with store.writing() as writing:
            assert writing.cancel_pause("p1", half)
            assert not writing.cancel_pause("p1", half + MINUTE)
            assert not writing.cancel_pause("p2", half)

        assert store.pauses() == (replace(PAUSE, cancelled_at=half),)

    def test_one_that_is_over_cannot_be_called_off(self, store):
        declare(store, PAUSE)

        with store.writing() as writing:
            assert not writing.cancel_pause("p1", START + HOUR)


class TestCursors:
    def test_one_moves(self, store):
        assert store.cursor("events") is None
        for value in ("1", "2"):
            with store.writing() as writing:
                writing.set_cursor("events", value, START)
                assert writing.cursor("events").value == value

        assert store.cursor("events") == Cursor(name="events", value="2", at=START)

    def test_those_of_one_work_are_found_by_how_their_names_begin(self, store):
        with store.writing() as writing:
            writing.set_cursors({"a/1": "x", "a/2": "y", "a_3": "z"}, START)

        assert list(store.cursors("a/")) == ["a/1", "a/2"]
        assert len(store.cursors()) == 3


def aggregate(day: int, **more) -> Aggregate:
    start = START + day * timedelta(days=1)
    return Aggregate(
        **{
            "grain": "day",
            "start": start,
            "end": start + timedelta(days=1),
            "zone": "Europe/Berlin",
            "contract": "orders",
            "server": "prod",
            "kind": "quality",
            "good": 0.1 + 0.2,
            "unknown": 86399.7,
            "failed": 3,
            "worst": "error",
        }
        | more
    )


class TestPeriods:
    def keep(self, store, *rows):
        with store.writing() as writing:
            writing.keep_periods(rows)

    def test_they_are_read_as_they_were_kept(self, store):
        self.keep(store, aggregate(0))

        assert store.periods("day") == (aggregate(0),)
        assert store.periods("week") == ()

    def test_the_same_again_replaces_what_was_there(self, store):
        self.keep(store, aggregate(0))
        self.keep(store, aggregate(0, good=1.0))

        assert store.periods("day") == (aggregate(0, good=1.0),)

    def test_they_are_found_by_time_contract_and_kind(self, store):
        rows = [
            aggregate(0),
            aggregate(1),
            aggregate(1, kind="schema"),
            aggregate(1, contract="payments"),
            aggregate(1, check="orders.a"),
        ]
        self.keep(store, *rows)

        assert store.periods("day", end=START + HOUR) == (rows[0],)
        assert len(store.periods("day", start=START + HOUR)) == 4
        assert store.periods("day", contract="payments") == (rows[3],)
        assert store.periods("day", kind="schema") == (rows[2],)
        assert store.periods("day", whole=False) == (rows[4],)
        assert len(store.periods("day", whole=True)) == 4


class TestVersionsOfContracts:
    def contract(self, digest: str, version: str) -> Contract:
        return Contract(
            id="orders",
            version=version,
            api_version="v3.1.0",
            status="active",
            source="orders.yaml",
            digest=digest,
        )

    def see(self, store, minute: int, digest: str, version: str = "1.0.0", text: str = ""):
        with store.writing() as writing:
            writing.register(
                [self.contract(digest, version)],
                START + minute * MINUTE,
                {digest: text or f"text of {digest}"},
            )

    def test_each_is_kept_with_its_text_for_as_long_as_it_was_seen(self, store):
        self.see(store, 0, "a")
        self.see(store, 15, "b", "1.1.0")
        self.see(store, 30, "b", "1.1.0", text="not looked at again")

        one, two = store.contract_versions("orders")
        assert (one.digest, one.text, one.first_seen, one.last_seen) == ("a", "text of a", START, START)
        assert (two.version, two.text, two.last_seen) == ("1.1.0", "text of b", START + 30 * MINUTE)

    def test_one_that_comes_back_is_the_same_one(self, store):
        for minute, digest in enumerate("aba"):
            self.see(store, minute, digest)

        assert [each.digest for each in store.contract_versions()] == ["a", "b"]

    def test_a_tick_keeps_the_text_of_the_file_so_that_it_can_be_read_again(self, tmp_path):
        project = Project(tmp_path)
        monitor = Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml")))
        monitor.tick("quality")

        [kept] = monitor.store.contract_versions()
        assert kept.text == (project.root / "contracts/orders.odcs.yaml").read_text()
        assert read(kept.text, "again").contract.digest == kept.digest


def test_what_a_state_and_an_episode_remember_of_flapping_comes_back(store):
    odd = Key(contract="orders", server="prod", check="odd")
    segment = Segment(key=odd, kind="quality", dataset="orders", health=Health.BAD, start=START, end=START)
    episode = Episode(
        id="e",
        key=odd,
        version="1",
        dataset="orders",
        element=None,
        kind="quality",
        title="",
        severity=Severity.ERROR,
        message="",
        broken_since=START,
        opened_at=START,
        flapping=True,
        retired=True,
    )
    state = State(
        key=odd,
        phase=Phase.OPEN,
        last_outcome="o",
        last_at=START,
        recent=(True, False, True),
        turns=(START, START + MINUTE),
        kept_since=START + MINUTE,
        episode=episode,
        segment=segment,
    )
    [step] = record(store, outcome())
    with store.writing() as writing:
        writing.save(steps=[replace(step, state=state, episode=episode, segments=(segment,))])

    assert store.states([odd, key()])[odd] == state
