"""What health makes of facts: what is red, what is yellow, and what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floe_dagster.health import Aspect, examine
from floe_dagster.health.facts import Nothing, PutAside, Silent
from floe_dagster.plan.check import Severity
from tests.health.facts import NOW, QUARTER, due, facts, given_up, key, recorded, waits

pytestmark = pytest.mark.requirement("F-10")

LATE = 2 * QUARTER + timedelta(minutes=1, seconds=1)


def found(aspect: Aspect, **more) -> tuple[Severity, str]:
    """How bad an aspect is, and what is said of it."""
    health = examine(facts(**more))
    return health.worst(aspect), health.said(aspect)


def test_where_all_is_well_nothing_is_wrong_and_each_aspect_says_what_is_well():
    health = examine(facts())

    assert {health.worst(each) for each in Aspect} == {Severity.INFO}
    assert health.exit_code == 0
    assert health.said(Aspect.STORE) == "the store floe.db answers, at version 0002"
    assert health.said(Aspect.MEASURED) == "1 check, none late"
    assert all(health.said(each) for each in Aspect)


@pytest.mark.requirement("C-07")
def test_a_store_that_is_away_is_red_and_what_it_would_tell_is_not_known():
    health = examine(facts(memory=Silent(reason="the store x: it does not answer")))

    assert health.worst(Aspect.STORE) is Severity.ERROR
    assert health.said(Aspect.STORE) == "the store x: it does not answer"
    for each in (Aspect.TICKS, Aspect.MEASURED, Aspect.DELIVERY):
        assert health.worst(each) is Severity.WARNING
        assert "nobody knows" in health.said(each)
    assert health.worst(Aspect.CHANNELS) is Severity.INFO
    assert health.exit_code == 3


def test_where_nothing_was_recorded_yet_nothing_is_wrong():
    health = examine(facts(memory=Nothing()))

    assert health.exit_code == 0
    assert health.said(Aspect.STORE) == "nothing is recorded yet"
    assert "has not ticked yet" in health.of(Aspect.TICKS)[0].what


@pytest.mark.requirement("C-07")
@pytest.mark.parametrize(("hours", "severity"), [(0.5, Severity.WARNING), (2, Severity.ERROR)])
def test_outcomes_that_wait_for_the_store_are_degraded_and_red_after_an_hour(hours, severity):
    aside = PutAside(folder=".floe/spool", outcomes=120, since=NOW - timedelta(hours=hours))

    worst, said = found(Aspect.STORE, put_aside=aside)

    assert worst is severity
    assert said.startswith("degraded: 120 outcomes wait for the store since 2026-03-02 1")


def test_a_spool_that_holds_what_cannot_be_read_or_cannot_be_looked_at_is_yellow():
    assert found(Aspect.STORE, put_aside=PutAside(folder="spool", damaged=2)) == (
        Severity.WARNING,
        "lines of 2 files in spool cannot be read",
    )
    worst, said = found(Aspect.STORE, put_aside=PutAside(folder="spool", reason="Permission denied"))
    assert (worst, "Permission denied" in said) == (Severity.WARNING, True)


@pytest.mark.parametrize(("age", "late"), [(LATE - timedelta(seconds=1), False), (LATE, True)])
def test_a_cadence_is_late_after_twice_its_interval_and_a_minute(age, late):
    worst, said = found(Aspect.TICKS, memory=recorded(ticked={"freshness": NOW - age}))

    assert (worst is Severity.ERROR) is late
    assert ("freshness ticked 31 min 1 s ago, and does every 15 min" in said) is late


def test_a_cadence_that_never_ticked_is_red_once_a_check_of_it_is_late():
    new = recorded(ticked={}, measured={})
    old = recorded(ticked={}, measured={}, since={key(): NOW - LATE})

    assert found(Aspect.TICKS, memory=new)[0] is Severity.INFO
    assert found(Aspect.TICKS, memory=old)[0] is Severity.ERROR


def test_a_cadence_with_nothing_to_measure_is_not_missed():
    assert found(Aspect.TICKS, cadences={}, memory=recorded(ticked={}))[0] is Severity.INFO


def test_checks_that_were_not_measured_are_named_by_contract():
    checks = tuple(due(f"orders.c{n}") for n in range(7))
    memory = recorded(measured={each.key: NOW - LATE for each in checks})

    worst, said = found(Aspect.MEASURED, due=checks, memory=memory)

    assert worst is Severity.ERROR
    assert said == (
        "shop.orders: 7 checks not measured since 2026-03-02 11:28 UTC, due every 15 min:"
        " orders.c0, orders.c1, orders.c2, orders.c3, orders.c4 and 2 more"
    )


def test_a_check_that_was_never_measured_is_late_by_when_its_contract_was_first_seen():
    known = recorded(measured={}, since={key(): NOW - LATE})

    assert "1 check never measured" in found(Aspect.MEASURED, memory=known)[1]
    assert found(Aspect.MEASURED, memory=recorded(measured={}))[0] is Severity.INFO


@pytest.mark.parametrize(("topic", "severity"), [("alert", Severity.ERROR), ("lineage", Severity.WARNING)])
def test_what_waits_for_too_long_is_said_with_the_newest_answer(topic, severity):
    worst, said = found(
        Aspect.DELIVERY, memory=recorded(waiting=(waits(topic, reason="hooks.example: HTTP 503"),))
    )

    assert worst is severity
    assert said.startswith("slack: 3 ")
    assert said.endswith("wait for up to 1 h; the newest answer: hooks.example: HTTP 503")


@pytest.mark.requirement("D-05")
@pytest.mark.parametrize(
    ("topic", "days", "severity"),
    [("alert", 0.5, Severity.ERROR), ("alert", 2, Severity.WARNING), ("lineage", 0.5, Severity.WARNING)],
)
def test_what_was_given_up_is_red_for_a_day_and_yellow_after_it(topic, days, severity):
    dead = given_up(topic, newest=NOW - timedelta(days=days))

    worst, said = found(Aspect.DELIVERY, memory=recorded(given_up=(dead,)))

    assert worst is severity
    assert "hooks.example: HTTP 404" in said


@pytest.mark.parametrize(
    ("lost", "severity"), [({"warning": 2}, Severity.WARNING), ({"critical": 1, "info": 4}, Severity.ERROR)]
)
def test_alerts_that_went_to_nobody_are_counted_by_severity(lost, severity):
    worst, said = found(Aspect.DELIVERY, memory=recorded(unrouted=lost))

    assert worst is severity
    assert f"{sum(lost.values())} alerts within 1 d went to nobody" in said


def test_a_channel_that_is_wrong_is_red_and_one_that_nothing_leads_to_is_told():
    health = examine(facts(channels={"log": "", "slack": "SLACK_URL is not set", "spare": ""}))

    red, *told = health.of(Aspect.CHANNELS)
    assert (red.about, red.severity, red.what) == ("slack", Severity.ERROR, "slack: SLACK_URL is not set")
    assert [each.what for each in told] == [
        "lineage leaves by lineage.file",
        "spare: no route leads to it",
    ]
    assert health.exit_code == 1


def test_a_way_of_lineage_that_is_wrong_is_yellow_and_none_at_all_is_fine():
    assert found(
        Aspect.CHANNELS, lineage={"lineage.file": "", "lineage.marquez": "it cannot be reached"}
    ) == (
        Severity.WARNING,
        "lineage.marquez: it cannot be reached",
    )
    (off,) = examine(facts(lineage={})).of(Aspect.CHANNELS)
    assert (off.what, off.severity) == ("lineage is off", Severity.INFO)


def test_contract_files_that_cannot_be_used_or_held_are_named():
    health = examine(
        facts(unusable={"a.yaml": "a.yaml:3: id: missing"}, quarantined={"b.yaml": "no asset key"})
    )

    assert [each.what for each in health.of(Aspect.CONTRACTS)] == [
        "a.yaml:3: id: missing",
        "b.yaml: no asset key",
    ]
    assert health.worst(Aspect.CONTRACTS) is Severity.ERROR


def test_the_manifest_is_told_where_nobody_would_hear_or_a_server_cannot_be_reached():
    assert found(Aspect.MANIFEST, routed=frozenset())[0] is Severity.WARNING
    assert found(Aspect.MANIFEST, routed=frozenset(), due=())[0] is Severity.INFO
    assert found(Aspect.MANIFEST, connections={"shop": "PGPASSWORD is not set"}) == (
        Severity.ERROR,
        "connections.shop: PGPASSWORD is not set",
    )
    (link,) = examine(facts(linked=False)).of(Aspect.MANIFEST)
    assert (link.about, link.severity) == ("dagster_url", Severity.INFO)


def test_what_is_wrong_counts_more_than_what_is_not_known():
    health = examine(facts(memory=Silent(reason="away"), channels={"log": "cannot be reached"}))

    assert health.exit_code == 1


def test_every_finding_that_is_no_info_says_what_to_do():
    everything = facts(
        memory=recorded(
            ticked={"freshness": NOW - LATE},
            measured={key(): NOW - LATE},
            waiting=(waits(), waits("lineage")),
            given_up=(given_up(), given_up("lineage")),
            unrouted={"error": 1},
        ),
        put_aside=PutAside(folder="spool", outcomes=1, since=NOW, damaged=1, reason="denied"),
        channels={"log": "wrong"},
        routed=frozenset(),
        unusable={"a": "b"},
        quarantined={"c": "d"},
        connections={"e": "f"},
    )
    findings = [
        each
        for found_in in (everything, facts(memory=Silent(reason="away")))
        for each in examine(found_in).findings
        if each.severity is not Severity.INFO
    ]

    assert {each.aspect for each in findings} == set(Aspect)
    assert [each for each in findings if not each.then] == []
    assert len({(each.aspect, each.about) for each in findings}) == len(findings)
