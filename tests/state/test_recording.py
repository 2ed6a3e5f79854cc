"""What is recorded is read again as it was, on both databases."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import event

from floe_dagster.contract.model import Contract
from floe_dagster.outcome.episode import Phase
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.segment import Health
from floe_dagster.plan.check import Difference, Severity, Status
from floe_dagster.state import schema
from floe_dagster.state.records import Counted, Tick
from floe_dagster.state.store import open_reader
from tests.state.ticks import MINUTE, START, key, outcome, record

pytestmark = pytest.mark.requirement("C-04")


def contract(name: str, digest: str = "a") -> Contract:
    return Contract(
        id=name, version="1.0.0", api_version="v3.1.0", status="active", source=f"{name}.yaml", digest=digest
    )


class TestOutcomes:
    @pytest.mark.parametrize("actual", [7602, 0, -1, 0.1 + 0.2, 1e300, "text", True, False, None, 10**30])
    def test_what_was_measured_comes_back_as_it_was(self, store, actual):
        measured = outcome(actual=actual)
        record(store, measured)

        [found] = store.outcomes()
        assert found == measured
        assert type(found.actual) is type(actual)

    def test_everything_else_about_it_comes_back_too(self, store):
        measured = outcome(
            status=Status.WARNED,
            severity=Severity.INFO,
            used=0.925,
            cause="timeout",
            dimension="completeness",
            element=None,
            interpretation=(("freshness.clock", "utc"), ("x", "y")),
            differences=(
                Difference(element="a", change="type", expected="int", actual="text", breaking=False),
            ),
        )
        record(store, measured)

        assert store.outcomes() == (measured,)

    @pytest.mark.parametrize("number", [math.inf, -math.inf, 5e-324, 0.1])
    def test_no_number_is_too_odd(self, store, number):
        record(store, outcome(used=number, actual=number))

        [found] = store.outcomes()
        assert (found.used, found.actual) == (number, number)

    def test_a_time_is_exact_to_the_microsecond_whatever_its_zone_was(self, store):
        elsewhere = START.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
        record(store, outcome(at=elsewhere))

        [found] = store.outcomes()
        assert found.at == elsewhere
        assert found.at.utcoffset() == timedelta()

    def test_a_time_without_a_zone_is_refused(self, store):
        with pytest.raises(ValueError, match="no time zone"):
            record(store, outcome(at=START.replace(tzinfo=None)))

    @pytest.mark.parametrize(
        "hostile", ["a\0b", "\ud800 lone", "'; drop table floe_outcomes; --", "%s %(x)s :y", "🦆" * 9]
    )
    def test_no_text_is_refused(self, store, hostile):
        record(
            store,
            outcome(
                message=hostile,
                title=hostile,
                actual=hostile,
                key=Key(contract=hostile, server="", check=hostile),
            ),
        )

        [found] = store.outcomes()
        assert found.message in (hostile, hostile.replace("\0", "?").replace("\ud800", "?"))
        assert found.actual == hostile

    @pytest.mark.parametrize("hostile", ["a\0b", "x" * 100_000, "ü" * 5_000], ids=["nul", "long", "wide"])
    def test_a_name_that_no_index_holds_keeps_its_episode_all_the_same(self, store, hostile):
        odd = Key(contract=hostile, server=hostile, check=hostile)
        record(store, outcome(key=odd, broken=True))
        record(store, outcome(key=odd, minute=15, broken=True))

        assert len(store.episodes()) == 1
        assert list(store.states([odd])) == [odd]

    def test_the_same_outcome_again_is_ignored(self, store):
        record(store, outcome(), outcome())
        record(store, outcome())

        assert len(store.outcomes()) == 1
        assert [each.total for each in store.totals()] == [1]

    def test_they_are_filtered_by_contract_check_and_time(self, store):
        for minute in (0, 15, 30):
            record(store, outcome(1, minute), outcome(2, minute), outcome(3, minute, key=key(3, "payments")))

        assert len(store.outcomes(contract="payments")) == 3
        assert len(store.outcomes(check=key(1).check)) == 3
        assert {each.at for each in store.outcomes(start=START + 15 * MINUTE, end=START + 30 * MINUTE)} == {
            START + 15 * MINUTE
        }

    def test_a_limit_keeps_the_newest_and_the_order_of_time(self, store):
        for minute in range(0, 75, 15):
            record(store, outcome(0, minute))

        assert [each.tick for each in store.outcomes(limit=2)] == ["tick-45", "tick-60"]

    def test_the_latest_of_each_key_is_known_even_of_what_is_never_measured(self, store):
        record(
            store,
            outcome(1, 0),
            outcome(2, 0, status=Status.NOT_EXECUTABLE),
            outcome(3, 0, key=key(3, "payments")),
        )
        record(store, outcome(1, 15))

        assert [(each.key, each.tick) for each in store.latest("orders")] == [
            (key(1), "tick-15"),
            (key(2), "tick-0"),
        ]
        assert len(store.latest()) == 3

    def test_an_outcome_that_comes_late_is_kept_but_is_not_the_latest(self, store):
        record(store, outcome(0, 30))
        record(store, outcome(0, 15, broken=True))

        assert [each.tick for each in store.outcomes()] == ["tick-15", "tick-30"]
        assert [each.tick for each in store.latest()] == ["tick-30"]
        assert store.episodes() == ()


class TestStatesEpisodesAndSegments:
    def test_a_state_comes_back_with_its_episode_and_its_segment(self, store):
        [step] = record(store, outcome(broken=True))

        assert store.states([key(0), key(9)]) == {key(0): step.state}
        assert store.episodes() == (step.episode,)
        assert store.segments() == step.segments

    @pytest.mark.requirement("C-03")
    def test_an_episode_goes_on_over_ticks_and_processes(self, store, store_url):
        record(store, outcome(0, 0, broken=True))
        record(store, outcome(0, 15, broken=True))
        [step] = record(store, outcome(0, 30))

        with open_reader(store_url) as reader:
            [episode] = reader.episodes()
        assert episode == step.episode
        assert episode.broken_since == START
        assert episode.resolved_at == START + 30 * MINUTE

    def test_segments_are_extended_and_not_repeated(self, store):
        for minute, broken in ((0, False), (15, False), (30, True), (45, True), (60, False), (300, False)):
            record(store, outcome(0, minute, broken=broken))

        stretches = [
            (each.health, (each.start - START) / MINUTE, (each.end - START) / MINUTE)
            for each in store.segments()
        ]
        assert stretches == [
            (Health.GOOD, 0, 30),
            (Health.BAD, 30, 60),
            (Health.GOOD, 60, 90),
            (Health.GOOD, 300, 300),
        ]

    def test_segments_of_a_window_are_those_that_touch_it(self, store):
        for minute, broken in ((0, False), (15, True), (30, False), (45, True)):
            record(store, outcome(0, minute, broken=broken), outcome(1, minute, key=key(1, "payments")))

        window = {"start": START + 16 * MINUTE, "end": START + 31 * MINUTE}
        assert [each.start for each in store.segments(**window, contract="orders")] == [
            START + 15 * MINUTE,
            START + 30 * MINUTE,
        ]

    def test_episodes_of_a_window_are_those_that_were_open_in_it(self, store):
        for minute, broken in ((0, True), (15, False), (60, True), (75, False), (120, True)):
            record(store, outcome(0, minute, broken=broken))

        assert [
            each.broken_since for each in store.episodes(start=START + 70 * MINUTE, end=START + 100 * MINUTE)
        ] == [START + 60 * MINUTE]
        assert [each.broken_since for each in store.episodes(open_only=True)] == [START + 120 * MINUTE]
        assert len(store.episodes(contract="payments")) == 0

    def test_breaches_are_remembered_over_ticks(self, store):
        for number in range(4):
            record(store, outcome(0, 60 * number, broken=True))
            record(store, outcome(0, 60 * number + 15))

        assert [each.severity for each in store.episodes()] == ["error", "error", "error", "critical"]

    def test_thousands_of_keys_are_read_at_once(self, store):
        record(store, *(outcome(number, broken=number % 2 == 0) for number in range(2500)))

        states = store.states(key(number) for number in range(3000))
        assert len(states) == 2500
        assert all((state.phase is Phase.OPEN) == (state.episode is not None) for state in states.values())


class TestTotalsAndTicks:
    @pytest.mark.requirement("F-01")
    def test_totals_count_outcomes_by_status_and_episodes_by_severity(self, store):
        record(store, outcome(0, 0, broken=True), outcome(1, 0))
        record(store, outcome(0, 15, broken=True), outcome(1, 15))

        assert {(each.counted, each.label): each.total for each in store.totals()} == {
            (Counted.OUTCOMES, "failed"): 2,
            (Counted.OUTCOMES, "passed"): 2,
            (Counted.EPISODES, "error"): 1,
        }

    def test_a_tick_says_what_it_did(self, store):
        record(store, outcome(0, 0, broken=True), outcome(1, 0), outcome(2, 0, status=Status.ERROR))

        [tick] = store.ticks()
        assert (tick.id, tick.kind) == ("tick-0", "quality")
        assert (tick.outcomes, tick.broken, tick.unknown, tick.transitions, tick.parcels) == (3, 1, 1, 1, 1)

    def test_a_tick_in_parts_is_one_tick_and_a_repeated_part_counts_nothing(self, store):
        record(store, outcome(0, 0), tick="one")
        record(store, outcome(1, 5), tick="one")
        record(store, outcome(1, 5), tick="one")

        [tick] = store.ticks()
        assert tick.outcomes == 2
        assert (tick.started_at, tick.ended_at) == (START, START + 5 * MINUTE)


@pytest.mark.requirement("A-04")
class TestContracts:
    def test_a_contract_is_seen_first_once_and_last_every_time(self, store):
        for minute, digest in ((0, "a"), (15, "b")):
            at = START + minute * MINUTE
            with store.writing() as writing:
                writing.save(
                    contracts=[contract("orders", digest)],
                    tick=Tick(id=digest, kind="", started_at=at, ended_at=at),
                )

        [found] = store.contracts()
        assert (found.first_seen, found.last_seen, found.digest) == (START, START + 15 * MINUTE, "b")

    def test_one_that_is_gone_is_no_longer_active_and_is_named_once(self, store):
        with store.writing() as writing:
            writing.register([contract("orders"), contract("payments")], START)
            assert writing.keep_active({"orders"}) == ("payments",)
            assert writing.keep_active({"orders"}) == ()

        assert [each.id for each in store.contracts(active=False)] == ["payments"]
        assert [each.id for each in store.contracts(active=True)] == ["orders"]

    def test_one_that_comes_back_is_active_again(self, store):
        with store.writing() as writing:
            writing.register([contract("orders")], START)
            writing.keep_active(())
            writing.register([contract("orders")], START)

        assert [each.active for each in store.contracts()] == [True]


class TestOneTransaction:
    def test_what_raises_leaves_nothing_behind(self, store):
        def fail():
            raise RuntimeError("in the middle")

        with pytest.raises(RuntimeError, match="in the middle"):
            record(store, outcome(broken=True), before_committing=fail)

        assert set(store.info().rows.values()) == {0}

    def test_what_is_not_committed_is_seen_by_nobody(self, store):
        record(store, outcome(0, 0))

        def look():
            assert len(store.outcomes()) == 1

        record(store, outcome(0, 15), before_committing=look)
        assert len(store.outcomes()) == 2

    def test_the_number_of_statements_does_not_grow_with_the_number_of_outcomes(self, store):
        sent = []
        event.listen(store._writing, "before_cursor_execute", lambda *_: sent.append(1))

        def statements(count: int, minute: int) -> int:
            sent.clear()
            record(store, *(outcome(number, minute, broken=minute == 0) for number in range(count)))
            return len(sent)

        assert statements(4000, 0) == statements(10, 15 * 1000) <= 14
        assert statements(900, 15 * 2000) <= 14


def test_a_reader_cannot_write(store, store_url):
    record(store, outcome())

    with open_reader(store_url) as reader:
        assert not hasattr(reader, "writing")
        with reader._connected() as connection, pytest.raises(Exception, match=r"readonly|read-only"):
            connection.exec_driver_sql("DELETE FROM floe_outcomes")
    assert len(store.outcomes()) == 1


def test_info_says_what_is_there(store):
    record(store, outcome(0, 15), outcome(1, 0))

    info = store.info()
    assert info.rows["floe_outcomes"] == 2
    assert info.oldest_outcome == START
    assert info.size_bytes > 0
    assert info.version == schema.revisions()[-1]


def test_an_outcome_of_a_replayed_tick_changes_no_state(store):
    first = record(store, outcome(broken=True))
    again = record(store, outcome(broken=True))

    assert [each.changed for each in again] == [False]
    assert store.states([key(0)]) == {key(0): first[0].state}


def test_a_measured_value_may_change_between_ticks_of_one_id_and_the_first_word_counts(store):
    record(store, outcome())
    record(store, replace(outcome(), actual=99))

    assert [each.actual for each in store.outcomes()] == [0]
