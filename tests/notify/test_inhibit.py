from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.notify.inhibit import Source, Sources, inhibited
from floe_dagster.plan.check import Severity
from tests.notify.alerts import CONTRACT, alerts, fresh, hours

pytestmark = pytest.mark.requirement("D-06")

[STALE] = alerts(fresh(0, hours(6)))
BOTH = ("server", "upstream")
DOWN = Source(
    id="down",
    contract="another",
    server="prod",
    dataset="customers",
    kind="server",
    title="the server answers",
    severity=Severity.ERROR,
)
GONE = replace(
    DOWN, id="gone", contract=CONTRACT.id, dataset="orders", kind="availability", title="orders answers"
)
FEEDING = replace(
    DOWN, id="feeding", contract="clicks", server="lake", kind="freshness", title="clicks are fresh"
)


def waits_for(*sources: Source, alert=STALE, upstream=None, by=BOTH) -> str | None:
    found = inhibited(alert, Sources(sources), upstream or {}, by)
    return found.source.id if found else None


def test_a_server_that_is_down_holds_back_all_that_is_on_it():
    assert waits_for(DOWN) == "down"
    assert waits_for(replace(DOWN, server="staging")) is None
    assert waits_for(DOWN, alert=replace(STALE, kind="availability")) == "down"
    assert waits_for(DOWN, alert=replace(STALE, kind="server")) is None


def test_a_dataset_that_is_gone_holds_back_what_is_said_of_it_alone():
    assert waits_for(GONE) == "gone"
    assert waits_for(replace(GONE, dataset="lines")) is None
    assert waits_for(replace(GONE, contract="another")) is None


def test_what_is_late_upstream_holds_back_the_lateness_that_it_feeds_unless_that_is_worse():
    upstream = {CONTRACT.id: ("clicks",)}
    assert waits_for(FEEDING) is None
    assert waits_for(FEEDING, upstream=upstream) == "feeding"
    assert waits_for(FEEDING, upstream=upstream, alert=replace(STALE, kind="schema")) is None
    assert waits_for(FEEDING, upstream=upstream, alert=replace(STALE, kind="quality")) is None
    assert waits_for(replace(FEEDING, kind="quality"), upstream=upstream) is None
    assert waits_for(FEEDING, upstream=upstream, alert=replace(STALE, severity=Severity.CRITICAL)) is None


def test_each_rule_can_be_turned_off():
    assert waits_for(DOWN, by=("upstream",)) is None
    assert waits_for(FEEDING, upstream={CONTRACT.id: ("clicks",)}, by=("server",)) is None


def test_nothing_waits_for_itself():
    assert waits_for(replace(GONE, id=STALE.episode)) is None


def test_a_warning_of_a_server_holds_nothing_back():
    assert waits_for(replace(DOWN, severity=Severity.WARNING)) is None


def test_it_waits_for_a_day_at_most_and_says_for_what():
    found = inhibited(STALE, Sources([DOWN]), {}, BOTH)
    assert found is not None
    assert found.over_at == STALE.at + timedelta(hours=24)
    assert found.words == "follows from the server answers of prod, which is broken (down)"


def test_in_an_outage_each_is_held_against_its_own_few():
    every = Sources(replace(GONE, id=str(each), contract=f"contract-{each}") for each in range(2000))
    assert [each.id for each in every.near(replace(STALE, contract="contract-7"), ["contract-9"])] == [
        "7",
        "9",
    ]
    every.remove("7")
    assert [each.id for each in every.near(replace(STALE, contract="contract-7"), ())] == []
