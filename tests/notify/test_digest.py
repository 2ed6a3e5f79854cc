"""Grouping: every alert is told once, few messages are sent, and the worst comes first."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.notify.digest import MOST, Grouping, groups, tally
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import OPENED

pytestmark = pytest.mark.requirement("D-03")


def alert(number, contract=0, severity=Severity.ERROR, transition=Transition.OPENED, **more):
    return replace(
        OPENED,
        id=f"alert-{number}",
        episode=f"episode-{number}",
        contract=f"urn:{contract}",
        contract_title=f"contract {contract}",
        severity=severity,
        transition=transition,
        **more,
    )


def itself(alert):
    return alert


def told(alerts, **grouping):
    return [[each.id for each in group] for group in groups(alerts, itself, Grouping(**grouping))]


every_alert = st.builds(
    alert,
    st.integers(0, 500),
    st.integers(0, 12),
    st.sampled_from(Severity),
    st.sampled_from(Transition),
    broken=st.booleans(),
    at=st.integers(0, 3).map(lambda hours: OPENED.at + timedelta(hours=hours)),
)
alerts = st.lists(every_alert, max_size=60, unique_by=lambda each: each.id)
groupings = st.builds(
    Grouping,
    by=st.sampled_from(["contract", "all", "none"]),
    above=st.integers(1, 8),
    most=st.integers(1, 20),
)


@given(alerts, groupings)
def test_every_alert_is_in_exactly_one_group_and_no_group_is_empty_or_too_large(alerts, grouping):
    found = groups(alerts, itself, grouping)
    assert Counter(each.id for group in found for each in group) == Counter(each.id for each in alerts)
    assert all(1 <= len(group) <= grouping.most for group in found)


@given(alerts, groupings, st.randoms())
def test_the_same_alerts_make_the_same_groups_in_whatever_order_they_come(alerts, grouping, random):
    shuffled = random.sample(alerts, len(alerts))
    assert groups(shuffled, itself, grouping) == groups(alerts, itself, grouping)


@given(alerts, groupings)
def test_in_a_group_the_worst_comes_first_and_recoveries_come_last(alerts, grouping):
    for group in groups(alerts, itself, grouping):
        ranks = [(each.transition is Transition.RESOLVED, -each.severity.rank) for each in group]
        assert ranks == sorted(ranks)


@given(alerts, st.integers(1, 8))
def test_up_to_the_limit_there_is_a_message_for_each_contract_and_above_it_one_for_all(alerts, above):
    contracts = {each.contract for each in alerts}
    found = groups(alerts, itself, Grouping(above=above))
    if len(contracts) > above:
        assert len(found) == 1
    else:
        assert [len({each.contract for each in group}) for group in found] == [1] * len(contracts)


def test_fifty_contracts_on_a_dead_warehouse_are_one_message_and_five_are_five():
    assert len(told([alert(each, each) for each in range(50)])) == 1
    assert len(told([alert(each, each) for each in range(5)])) == 5
    assert len(told([alert(each, each) for each in range(6)])) == 1


def test_the_alerts_of_one_contract_are_one_message_whatever_their_number():
    assert told([alert(2), alert(1), alert(3, severity=Severity.CRITICAL)]) == [
        ["alert-3", "alert-1", "alert-2"]
    ]


def test_all_is_one_message_and_none_is_one_for_each():
    some = [alert(each, each) for each in range(3)]
    assert told(some, by="all") == [["alert-0", "alert-1", "alert-2"]]
    assert told(some, by="none") == [["alert-0"], ["alert-1"], ["alert-2"]]


def test_what_is_broken_comes_before_what_is_only_close_to_its_limit():
    assert told([alert(1, broken=False), alert(2)]) == [["alert-2", "alert-1"]]


def test_no_message_grows_without_end():
    assert [len(each) for each in told([alert(each, each) for each in range(MOST + 1)])] == [MOST, 1]


def test_nothing_is_no_message():
    assert [told([], by=each) for each in ("contract", "all", "none")] == [[], [], []]


@given(alerts)
def test_the_counts_add_up(alerts):
    counts = tally(alerts)
    assert sum(sum(each.values()) for each in counts.values()) == len(alerts)
    assert all(count for each in counts.values() for count in each.values())


def test_the_counts_name_the_severest_first():
    some = [alert(1, severity=Severity.WARNING), alert(2, severity=Severity.CRITICAL), alert(3)]
    found = tally([*some, alert(4, transition=Transition.RESOLVED)])
    assert list(found) == [Transition.OPENED, Transition.RESOLVED]
    assert list(found[Transition.OPENED]) == [Severity.CRITICAL, Severity.ERROR, Severity.WARNING]
