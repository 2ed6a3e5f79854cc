"""What is told of episodes, and what is not, on the real store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.outcome.incident import Priority
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.check import Severity
from tests.posting.platform import EVERYTHING, at, measured

HOUR, DAY = 60, 24 * 60


class TestRoutes:
    pytestmark = pytest.mark.requirement("D-02")

    def test_what_no_route_takes_is_on_record_as_unrouted(self, platform):
        platform.alerts = {"routes": [{"channels": ["team"], "severity": "critical"}]}
        platform.record(measured(0))
        platform.record(measured(15, broken=False))

        (unrouted,) = platform.parcels()
        assert (unrouted.state, unrouted.channel) == (ParcelState.UNROUTED, "")
        assert "no route takes it" in unrouted.reason
        assert platform.told == []


class TestInhibition:
    pytestmark = pytest.mark.requirement("D-06")

    def test_a_server_that_is_down_is_told_once_and_its_datasets_wait(self, platform):
        platform.record(measured(0, "up", kind="server"))
        platform.record(measured(5, contract="orders"), measured(5, contract="clicks"))
        assert platform.told == ["0 team opened orders up"]
        assert all("follows from" in each for each in platform.held())

        platform.record(measured(20, "up", kind="server", broken=False))
        platform.record(measured(30, contract="orders", broken=False), measured(30, contract="clicks"))
        platform.carry(at(60))

        assert platform.told[1:] == ["20 team resolved orders up", "60 team opened clicks fresh"]

    def test_what_is_found_in_the_same_tick_waits_too(self, platform):
        platform.record(measured(0), measured(0, "up", kind="server"))
        assert platform.told == ["0 team opened orders up"]

    def test_what_is_upstream_holds_back_what_it_feeds(self, platform):
        platform.upstream = {"revenue": ("orders",)}
        platform.record(measured(0))
        platform.record(measured(5, contract="revenue"))
        assert platform.told == ["0 team opened orders fresh"]

        platform.record(measured(10, contract="revenue", broken=False))
        platform.record(measured(15, broken=False))
        platform.carry(at(DAY))
        assert platform.told[1:] == ["15 team resolved orders fresh"]

    def test_contracts_that_feed_each_other_do_not_silence_each_other(self, platform):
        platform.upstream = {"revenue": ("orders",), "orders": ("revenue",)}
        platform.record(measured(0), measured(0, contract="revenue"))
        assert len(platform.told) == 1

    def test_nothing_waits_for_longer_than_a_day(self, platform):
        platform.record(measured(0, "up", kind="server"))
        platform.record(measured(5))
        platform.carry(at(5 + DAY))
        assert platform.told[1:] == [f"{5 + DAY} team opened orders fresh"]


class TestPace:
    pytestmark = pytest.mark.requirement("D-03")

    def test_a_contract_that_causes_too_many_messages_is_told_of_later(self, platform):
        platform.alerts = {**EVERYTHING, "rate": {"messages": 2, "per": "1 h"}}
        for minute in range(4):
            platform.record(measured(minute, f"check {minute}"))
        platform.carry(at(59))
        assert len(platform.told) == 2

        platform.carry(at(60))
        assert [each.split()[0] for each in platform.told] == ["0", "1", "60", "60"]

    def test_what_comes_together_counts_once_and_what_is_critical_always_passes(self, platform):
        platform.alerts = {**EVERYTHING, "rate": {"messages": 1, "per": "1 h"}}
        platform.record(*(measured(0, f"check {each}") for each in range(5)))
        platform.record(measured(5, "grave", severity=Severity.CRITICAL))
        platform.record(measured(6, "less grave"))
        platform.record(measured(7, contract="another"))
        assert len(platform.told) == 7
        assert platform.told[5:] == ["5 team opened orders grave", "7 team opened another fresh"]

    def test_what_is_held_back_for_something_else_is_not_counted(self, platform):
        platform.alerts = {**EVERYTHING, "rate": {"messages": 2, "per": "1 h"}}
        platform.record(measured(0, "up", kind="server"))
        for minute in range(1, 6):
            platform.record(measured(minute, f"check {minute}"))
        assert len(platform.held()) == 5
        platform.record(measured(10, "null", kind="quality", server="another"))
        assert platform.told[1:] == ["10 team opened orders null"]


class TestReminders:
    pytestmark = pytest.mark.requirement("D-03")

    def test_people_are_told_again_of_what_stays_open(self, platform):
        platform.record(measured(0))
        for minute in range(0, 3 * DAY, 6 * HOUR):
            platform.remind(minute)
        assert platform.told[1:] == [f"{day * DAY} team reminded orders fresh" for day in (1, 2)]

    def test_machines_are_not(self, platform):
        platform.people = ()
        platform.record(measured(0))
        platform.remind(2 * DAY)
        assert len(platform.told) == 1

    def test_nor_is_anybody_once_somebody_has_acknowledged_it_unless_it_gets_worse(self, platform):
        platform.record(measured(0))
        platform.acknowledge(10, Reason.WORKING, note="loading again")
        platform.remind(2 * DAY)
        assert platform.told[1:] == ["10 team acknowledged orders fresh"]

        platform.record(measured(2 * DAY + 1, severity=Severity.CRITICAL))
        platform.remind(4 * DAY)
        assert [each.split()[2] for each in platform.told[2:]] == ["escalated", "reminded"]

    def test_nor_where_reminders_are_off_or_it_is_over(self, platform):
        platform.record(measured(0))
        platform.alerts = {**EVERYTHING, "remind": "0 s"}
        platform.remind(2 * DAY)
        platform.alerts = EVERYTHING
        platform.record(measured(3 * DAY, broken=False))
        platform.remind(5 * DAY)
        assert [each.split()[2] for each in platform.told] == ["opened", "resolved"]

    def test_a_reminder_that_was_not_carried_yet_is_withdrawn_when_it_is_over(self, platform):
        platform.record(measured(0))
        with platform.store.writing() as writing:
            writing.save(parcels=platform.posting.remind(writing, ("team",), at(2 * DAY)))
        platform.record(measured(2 * DAY + 1, broken=False))
        assert [each.split()[2] for each in platform.told] == ["opened", "resolved"]

    def test_two_at_once_say_it_once(self, platform):
        platform.record(measured(0))
        for _ in range(2):
            with platform.store.writing() as writing:
                writing.save(parcels=platform.posting.remind(writing, ("team",), at(2 * DAY)))
        platform.carry(at(2 * DAY))
        assert len(platform.told) == 2


class TestIncidents:
    pytestmark = pytest.mark.requirement("D-05")

    def open_incidents(self, platform):
        with platform.store.responses() as response:
            return response.incidents()

    def test_what_is_critical_is_an_incident_until_it_is_over(self, platform):
        platform.record(measured(0), measured(0, "null", kind="quality", severity=Severity.CRITICAL))
        (incident,) = self.open_incidents(platform)
        assert (incident.contract, incident.priority, len(incident.open)) == ("orders", Priority.P0, 1)

        platform.record(measured(5, severity=Severity.CRITICAL))
        (same,) = self.open_incidents(platform)
        assert (same.id, len(same.open)) == (incident.id, 2)

        platform.record(measured(9, broken=False), measured(9, "null", kind="quality", broken=False))
        assert self.open_incidents(platform) == ()
        with platform.store.responses() as response:
            (over,) = response.incidents(open_only=False)
        assert over.resolved_at == at(9)

    def test_that_nobody_answers_in_time_is_told_once_for_each_deadline(self, platform):
        platform.alerts = {**EVERYTHING, "incidents": {"overdue": ["boss"]}}
        platform.record(measured(0, severity=Severity.CRITICAL))
        for minute in range(1, 30):
            platform.remind(minute)
        assert sorted(platform.told[1:]) == [
            "15 boss reminded orders fresh",
            "15 team reminded orders fresh",
            "5 boss reminded orders fresh",
            "5 team reminded orders fresh",
        ]

    def test_who_acknowledges_answers_to_the_incident(self, platform):
        platform.record(measured(0, severity=Severity.CRITICAL))
        platform.acknowledge(2, Reason.REAL, author="grace")
        (incident,) = self.open_incidents(platform)
        assert (incident.acknowledged_at, incident.acknowledged_by) == (at(2), "grace")

        platform.remind(6)
        assert platform.told[1:] == ["2 team acknowledged orders fresh"]
        with platform.store.responses() as response:
            (said,) = response.acknowledgements().values()
        assert (said.reason, said.words) == (Reason.REAL, "acknowledged as real by grace")


@pytest.mark.requirement("D-03")
def test_what_is_said_is_not_said_again_whatever_is_replayed(platform):
    for _ in range(3):
        platform.record(measured(0, severity=Severity.CRITICAL))
    assert len(platform.told) == 1


@pytest.mark.postgres
def test_all_of_that_is_the_same_on_postgres(on_postgres):
    platform = on_postgres
    platform.alerts = {
        **EVERYTHING,
        "rate": {"messages": 3, "per": "1 h"},
        "incidents": {"overdue": ["boss"]},
    }
    platform.upstream = {"revenue": ("orders",)}
    platform.record(measured(0, severity=Severity.CRITICAL))
    platform.record(measured(1, contract="revenue"))
    for minute in (4, 5, 6, 7):
        platform.remind(minute)
        platform.record(measured(minute, f"check {minute}"))
    platform.acknowledge(8, Reason.FALSE_POSITIVE)
    platform.remind(16)
    platform.record(
        *(measured(20, each, broken=False) for each in ("fresh", "check 4", "check 5", "check 6"))
    )

    assert platform.told[0] == "0 team opened orders fresh"
    assert sorted(platform.told[1:5]) == [
        "4 team opened orders check 4",
        "5 boss reminded orders fresh",
        "5 team opened orders check 5",
        "5 team reminded orders fresh",
    ]
    assert sorted(platform.told[5:]) == [
        "16 boss reminded orders fresh",
        "16 team reminded orders fresh",
        "20 boss resolved orders fresh",
        "20 team resolved orders check 4",
        "20 team resolved orders check 5",
        "20 team resolved orders fresh",
        "8 boss acknowledged orders fresh",
        "8 team acknowledged orders check 4",
        "8 team acknowledged orders check 5",
        "8 team acknowledged orders fresh",
    ]
    assert len([each for each in platform.held() if "told much" in each]) == 1
    assert len([each for each in platform.held() if "follows from" in each]) == 1


@pytest.mark.requirement("D-05")
def test_an_alert_of_an_incident_says_how_urgent_it_is_and_by_when_to_answer(platform):
    platform.record(measured(0), measured(0, "null", severity=Severity.CRITICAL))
    told = {each.about.split("\n")[2]: from_json(each.payload).incident for each in platform.parcels()}
    assert told == {"fresh": "", "null": "P0, to be acknowledged by 2026-11-20 03:15 UTC"}


def test_a_thousand_recoveries_take_as_many_statements_as_two(platform):
    def statements(count: int, minute: int) -> int:
        platform.record(*(measured(minute, f"check {each}") for each in range(count)))
        sent = []
        event.listen(platform.store._writing, "before_cursor_execute", lambda *said: sent.append(said[2]))
        with platform.store.writing() as writing:
            now = at(minute + 5)
            over = [replace(each, resolved_at=now) for each in writing.open_episodes()]
            sent.clear()
            platform.posting.follow(writing, over, now)
        return len(sent)

    assert statements(1000, 10) == statements(2, 0)


@pytest.mark.requirement("D-05")
@pytest.mark.parametrize("store", ["platform", pytest.param("on_postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("name", ["o" * 3000, "or\x00ders", "\ud800rders"], ids=["long", "nul", "half"])
def test_a_contract_whose_name_no_database_keeps_whole_has_one_incident(request, store, name):
    platform = request.getfixturevalue(store)
    for minute in range(3):
        platform.record(measured(minute, f"check {minute}", contract=name, severity=Severity.CRITICAL))
    with platform.store.responses() as response:
        (incident,) = response.incidents()
    assert len(incident.open) == 3

    platform.record(*(measured(9, f"check {each}", contract=name, broken=False) for each in range(3)))
    with platform.store.responses() as response:
        assert response.incidents() == ()
