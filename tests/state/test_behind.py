"""What is on record that may be behind a breach, for any number of breaches in a bounded number of statements."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from floe_dagster.background import Around, with_background
from floe_dagster.contract.model import Contract
from floe_dagster.notify.compose import alert_for
from floe_dagster.outcome.episode import Transition, advance
from floe_dagster.surroundings import Made, Surroundings, nothing_made
from tests.state.ticks import POLICY, START, key, outcome, record

pytestmark = pytest.mark.requirement("C-06")


def contract(name: str, version: str = "1.0.0", digest: str = "a" * 64) -> Contract:
    return Contract(
        id=name, version=version, api_version="v3.1.0", status="active", source=f"{name}.yaml", digest=digest
    )


ORDERS, RAW = contract("orders"), contract("raw")
NOWHERE = Around(
    contracts={each.id: each for each in (ORDERS, RAW)}, surroundings=Surroundings(), made=nothing_made
)


def breach(minute: float, *, number: int = 0, **more):
    """The alert of a check that is seen broken for the first time at that minute."""
    seen = outcome(number, minute, broken=True, **more)
    return alert_for(advance(None, seen, POLICY), seen, ORDERS, environment="prod")


def register(store, minute: float, *contracts: Contract) -> None:
    with store.writing() as writing:
        writing.register(contracts, START + timedelta(minutes=minute))


def explained(store, *alerts, around: Around = NOWHERE):
    with store.writing() as writing:
        return with_background(writing.behind, alerts, around)


def said(store, *alerts, around: Around = NOWHERE) -> tuple[str, ...]:
    return explained(store, *alerts, around=around)[0].background


def spell(store, start: float, end: float, number: int = 0, **more) -> None:
    """A check that is broken from one minute to another."""
    record(store, outcome(number, start, broken=True, **more))
    record(store, outcome(number, end, **more))


DAY = 24 * 60


def test_the_first_breach_of_a_check_is_called_so(store):
    register(store, 0, ORDERS)

    assert said(store, breach(60)) == (
        "broken for the first time since it is watched, which is since 03:10 UTC",
    )
    assert said(store, breach(40 * DAY)) == ("broken for the first time in 30 days",)


def test_earlier_breaches_of_the_same_check_are_counted_and_no_others(store):
    register(store, 0, ORDERS)
    spell(store, 0, 60)
    spell(store, 2 * DAY, 2 * DAY + 35)
    spell(store, 3 * DAY, 3 * DAY + 1, number=7)

    assert said(store, breach(4 * DAY)) == (
        "broken 2 times before in 30 days, for 35 min the last time, until 2026-11-22 03:45 UTC",
    )
    assert said(store, breach(31 * DAY)) == (
        "broken once before in 30 days, for 35 min the last time, until 2026-11-22 03:45 UTC",
    )


def test_an_escalation_is_no_earlier_breach_of_itself(store):
    register(store, 0, ORDERS)
    record(store, outcome(0, 10, broken=True))
    again = replace(breach(10), transition=Transition.ESCALATED, sequence=2)

    assert said(store, again) == ("broken for the first time since it is watched, which is since 03:10 UTC",)


def test_what_else_of_the_contract_is_broken_is_named_with_what_explains_most_first(store):
    register(store, 0, ORDERS)
    record(store, outcome(1, 0, broken=True, kind="schema", title="columns of orders"))
    record(store, *(outcome(number, 15, broken=True) for number in range(2, 6)))
    spell(store, 20, 25, number=6)

    assert said(store, breach(60))[:2] == (
        "also broken since 03:10 UTC: columns of orders (schema)",
        "4 more checks of this contract are broken, the first since 03:25 UTC",
    )


def test_what_is_told_at_the_same_time_counts_too_and_what_is_over_does_not(store):
    record(store, outcome(3, 0, broken=True))
    [gone] = store.episodes(open_only=True)
    over = replace(breach(30, number=3), episode=gone.id, transition=Transition.RESOLVED)
    schema = breach(30, number=1, kind="schema", title="columns of orders")

    first, other, recovery = explained(store, breach(30), schema, over)

    assert "also broken since 03:40 UTC: columns of orders (schema)" in first.background
    assert other.background == ("also broken since 03:40 UTC: column_0 is never null (quality)",)
    assert recovery.background == ()


def test_a_contract_that_feeds_this_one_and_is_broken_is_named(store):
    raw = key(0, "raw")
    record(store, outcome(0, 0, broken=True, key=raw, kind="freshness", title="raw is fresh"))
    around = replace(NOWHERE, surroundings=Surroundings(upstream={"orders": ("raw", "gone")}))

    assert said(store, breach(30), around=around)[0] == (
        "raw, which feeds it, is broken since 03:10 UTC: raw is fresh (freshness)"
    )
    assert "1 other contract on prod has something broken, too" in said(store, breach(30))


def test_a_contract_that_has_changed_within_a_day_is_said_to_have(store):
    register(store, 0, contract("orders", "0.9.0", "b" * 64))
    register(store, 60, ORDERS)

    assert "the contract has changed since 03:10 UTC, from version 0.9.0 to 1.0.0" in said(store, breach(90))
    register(store, 2 * DAY, ORDERS)
    assert not any("changed" in each for each in said(store, breach(2 * DAY)))


def test_what_is_made_of_a_dataset_and_how_it_was_made_come_from_the_graph(store):
    asked = []

    def made(places):
        asked.extend(places)
        return {place: Made(at=START) for place in places}

    graph = Surroundings(downstream={("orders", "orders"): ("revenue", "board")})
    around = replace(NOWHERE, surroundings=graph, made=made)
    [alert] = explained(store, breach(30), around=around)

    assert alert.downstream == ("revenue", "board")
    assert alert.background == ("orders was last made at 03:10 UTC, 30 min before",)
    assert asked == [("orders", "orders")]


def test_a_recovery_asks_nobody_anything(store):
    sent = statements_of(store)
    over = replace(breach(30), transition=Transition.RESOLVED)

    with store.writing() as writing:
        sent.clear()
        assert with_background(writing.behind, [over], NOWHERE) == [over]
        assert sent == []


def statements_of(store) -> list[str]:
    sent: list[str] = []
    event.listen(store._writing, "before_cursor_execute", lambda *given: sent.append(given[2]))
    return sent


def test_the_number_of_statements_does_not_grow_with_the_number_of_alerts(store):
    sent = statements_of(store)
    register(store, 0, ORDERS)
    record(store, *(outcome(number, 0, broken=True) for number in range(50)))

    def count(number: int) -> int:
        alerts = [breach(60, number=each) for each in range(100, 100 + number)]
        with store.writing() as writing:
            sent.clear()
            with_background(writing.behind, alerts, NOWHERE)
            return len(sent)

    assert count(1) == count(300) == 6  # four that ask, between a savepoint and its release


def test_a_look_that_fails_leaves_the_alert_and_the_transaction_as_they_are(store, caplog):
    def made(places):
        raise RuntimeError("Dagster is away")

    register(store, 0, ORDERS)
    with store.writing() as writing:
        broken = writing.behind
        broken.open_of = lambda _: writing._connection.execute(text("SELECT 1 FROM no_such_table"))
        with caplog.at_level(logging.WARNING):
            [alert] = with_background(broken, [breach(30)], NOWHERE)
        assert with_background(writing.behind, [breach(30)], replace(NOWHERE, made=made)) == [breach(30)]
        writing.set_cursor("after", "it", START)

    assert alert == breach(30)
    assert "no_such_table" in caplog.text
    assert "Dagster is away" in caplog.text
    assert store.cursor("after") is not None
