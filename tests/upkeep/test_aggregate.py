"""Finished days and weeks are computed from what was recorded, once and for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.plan.check import Status
from floe_dagster.state.coverage import EVERYTHING, Coverage, cursor_of
from floe_dagster.state.store import open_store
from floe_dagster.state.writing import Writing
from floe_dagster.upkeep.aggregate import aggregate
from tests.outcome.outcomes import broken, kept
from tests.reconcile.test_reconcile import reconciler
from tests.state.ticks import START, key, outcome, record
from tests.upkeep.watching import watching

pytestmark = pytest.mark.requirement("C-04")

DAY = timedelta(days=1)
HOUR = 60
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
"""START is a Friday, a little after three in the morning."""


def at(days: float) -> datetime:
    return MIDNIGHT + days * DAY


def measured(store, days: float, *, every: int = 6 * HOUR, number: int = 0, broken=lambda minute: False):
    for minute in range(0, int(days * 24 * HOUR), every):
        record(store, outcome(number, minute, broken=broken(minute)), tick=f"{number}/{minute}")


def single(store, grain="day", **more):
    return store.periods(grain, whole=False, **more)


def test_a_day_has_the_seconds_and_the_counts_of_what_was_recorded(store):
    measured(store, 3, broken=lambda minute: minute == 24 * HOUR)

    aggregate(store, watching(0), at(3.5))

    second = single(store)[1]
    assert (second.start, second.end, second.zone) == (at(1), at(2), "UTC")
    assert (second.contract, second.server, second.kind, second.check) == (
        "orders",
        "prod",
        "quality",
        key().check,
    )
    assert (second.good, second.bad, second.unknown, second.excused) == (18 * 3600, 6 * 3600, 0, 0)
    assert (second.passed, second.failed, second.warned, second.error) == (3, 1, 0, 0)
    assert (second.opened, second.worst) == (1, "error")


def test_the_first_day_begins_with_the_first_measurement(store):
    measured(store, 2)

    aggregate(store, watching(0), at(1.5))

    [first] = single(store)
    assert first.good == (at(1) - START).total_seconds()
    assert first.unknown == 0


def test_a_day_that_is_not_over_is_not_on_record(store):
    measured(store, 1)

    aggregate(store, watching(0), at(0.99))

    assert store.periods("day") == ()


def test_time_in_which_nothing_was_measured_is_unknown_and_not_left_out(store):
    measured(store, 1)
    aggregate(store, watching(0), at(5))

    silent = single(store)[3]
    assert (silent.good, silent.bad, silent.unknown) == (0, 0, 86400)


def test_a_check_that_is_watched_no_longer_has_no_days_after_that(store):
    measured(store, 1)
    measured(store, 5, number=1)

    aggregate(store, watching(1), at(6))

    [one, two] = [each for each in single(store) if each.check == key(0).check]
    assert one.unknown == two.unknown == 0
    assert two.good == (START + 30 * HOUR * timedelta(minutes=1) - at(1)).total_seconds()


def test_a_kind_as_a_whole_is_good_only_while_all_of_its_checks_are(store):
    measured(store, 2, number=0, broken=lambda minute: minute == 24 * HOUR)
    measured(store, 2, number=1, broken=lambda minute: minute == 30 * HOUR)

    aggregate(store, watching(0, 1), at(2.5))

    whole = store.periods("day", whole=True)[1]
    assert whole.check == ""
    assert (whole.good, whole.bad) == (12 * 3600, 12 * 3600)
    assert (whole.passed, whole.failed, whole.opened) == (6, 2, 2)


def test_a_week_is_on_record_when_its_sunday_is_over(store):
    measured(store, 12)

    aggregate(store, watching(0), at(9.9))
    assert [each.start for each in single(store, "week")] == [at(-4)]
    aggregate(store, watching(0), at(10.1))
    assert [each.start for each in single(store, "week")] == [at(-4), at(3)]
    assert single(store, "week")[1].good == 7 * 86400


def test_doing_it_twice_changes_nothing(store):
    measured(store, 9, broken=lambda minute: minute % (42 * HOUR) == 0)
    aggregate(store, watching(0), at(9.5))
    once = (store.periods("day"), store.periods("week"))

    aggregate(store, watching(0), at(9.5))

    assert (store.periods("day"), store.periods("week")) == once


@pytest.mark.parametrize("watched", [(0,), (1,)], ids=["watched", "watched no longer"])
def test_it_catches_up_after_a_stop_of_weeks_with_the_same_result(store, tmp_path, watched):
    with open_store(f"sqlite:///{tmp_path}/daily.db") as daily:
        for one in (store, daily):
            for minute in range(0, 25 * 24 * HOUR, 6 * HOUR):
                if not 5 * 24 * HOUR < minute < 14 * 24 * HOUR:  # nothing is measured for more than a week
                    record(one, outcome(0, minute, broken=minute % (30 * HOUR) == 0), tick=f"{minute}")
        for day in range(1, 25):
            aggregate(daily, watching(*watched), at(day + 0.2))
        aggregate(store, watching(*watched), at(24.2))

        for grain in ("day", "week"):
            assert store.periods(grain) == daily.periods(grain) != ()
        assert (len(single(store)) == 24) == (watched == (0,))


def test_a_contract_has_the_days_of_its_own_zone_and_those_are_23_or_25_hours_long_twice_a_year(store):
    for minute in range(0, 4 * 24 * HOUR, 6 * HOUR):
        moment = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=minute)
        record(store, outcome(0, at=moment, tick=f"t{minute}"))

    aggregate(store, watching(0, zone="Europe/Berlin"), datetime(2026, 10, 27, 12, tzinfo=UTC))

    sunday = single(store)[1]
    assert sunday.zone == "Europe/Berlin"
    assert (sunday.start, sunday.end) == (
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    assert sunday.good == 25 * 3600


def test_without_one_of_its_own_the_zone_is_that_of_the_manifest(store):
    measured(store, 2)

    aggregate(store, watching(0, reports={"zone": "Asia/Tokyo"}), at(2))

    assert {each.zone for each in store.periods("day")} == {"Asia/Tokyo"}


def test_a_zone_that_nobody_knows_is_as_none(store):
    measured(store, 2)

    aggregate(store, watching(0, zone="Middle/Earth"), at(2))

    assert {each.zone for each in store.periods("day")} == {"UTC"}


def test_no_second_is_counted_twice_where_a_contract_changes_its_zone(store):
    measured(store, 6)
    aggregate(store, watching(0), at(2.5))
    aggregate(store, watching(0, zone="Asia/Tokyo"), at(6))
    aggregate(store, watching(0, zone="Asia/Tokyo"), at(6.1))

    days = single(store)
    assert {each.zone for each in days} == {"UTC", "Asia/Tokyo"}
    assert sum(each.good for each in days) == (days[-1].end - START).total_seconds()


def test_a_contract_that_is_gone_keeps_the_zone_that_it_had(store):
    measured(store, 3)
    aggregate(store, watching(0, zone="Asia/Tokyo"), at(1.7))
    aggregate(store, watching(), at(8))

    assert {each.zone for each in store.periods("day")} == {"Asia/Tokyo"}
    assert sum(each.good for each in single(store)) == 3 * 86400 + 6 * 3600  # held for twice the cadence


def test_maintenance_that_was_declared_before_it_began_is_excused(store):
    measured(store, 3)
    with store.writing() as writing:
        for name, declared in (("in time", at(1)), ("too late", at(2.5))):
            writing.add_pause(
                Pause(
                    id=name,
                    what=PauseKind.MAINTENANCE,
                    start=declared if name == "in time" else at(2),
                    end=at(1.25) if name == "in time" else at(2.25),
                    author="ada",
                    reason="vacuum",
                    declared_at=declared,
                )
            )

    aggregate(store, watching(0), at(3.5))

    assert [(each.good, each.excused) for each in single(store)][1:] == [
        (18 * 3600, 6 * 3600),
        (86400, 0),
    ]


def test_outcomes_that_could_not_be_measured_are_unknown_time(store):
    for minute in range(0, 48 * HOUR, 6 * HOUR):
        record(
            store,
            outcome(
                0, minute, tick=f"{minute}", status=Status.ERROR if minute == 24 * HOUR else Status.PASSED
            ),
        )

    aggregate(store, watching(0), at(2.1))

    assert (single(store)[1].unknown, single(store)[1].error) == (6 * 3600, 1)


def test_what_is_heard_of_late_changes_the_days_that_it_was_of(store):
    measured(store, 6)
    aggregate(store, watching(0), at(6.1))
    with store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE floe_segments SET health = 'bad'")

    aggregate(store, watching(0), at(6.2))
    assert [each.bad > 0 for each in single(store)] == [False] * 4 + [True] * 2

    with store.writing() as writing:
        writing.reopen_periods("orders", at(1.5))
    aggregate(store, watching(0), at(6.3))
    assert [each.bad > 0 for each in single(store)] == [False] + [True] * 5
    assert Coverage.read(store.cursor(cursor_of("orders")).value).again is None


def test_until_when_everything_is_on_record_is_known(store):
    measured(store, 3)
    assert store.cursor(EVERYTHING) is None

    made = aggregate(store, watching(0), at(3.2))

    assert made.through == at(3)
    assert store.cursor(EVERYTHING).value == at(3).isoformat()


def test_a_clock_that_jumps_back_takes_nothing_off_the_record(store):
    measured(store, 4)
    aggregate(store, watching(0), at(4.1))
    before = store.periods("day")

    aggregate(store, watching(0), at(2.1))

    assert store.periods("day") == before
    assert store.cursor(EVERYTHING).value == at(4).isoformat()


def test_a_process_that_dies_in_the_middle_is_picked_up_where_it_was(store, monkeypatch):
    measured(store, 20)
    keep, written = Writing.keep_periods, []

    def dying(self, finished):
        keep(self, finished)
        written.append(1)
        if len(written) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Writing, "keep_periods", dying)
    with pytest.raises(KeyboardInterrupt):
        aggregate(store, watching(0), at(20.5))
    assert len(single(store)) == 7
    aggregate(store, watching(0), at(20.5))

    assert [each.start for each in single(store)] == [at(day) for day in range(20)]
    assert sum(each.good for each in single(store)) == (at(20) - START).total_seconds()


def test_what_is_reconciled_late_changes_the_days_that_it_was_of(store):
    def take(*outcomes):
        reconciler().take(store, outcomes, at(8))

    take(kept(0), kept(15), kept(6 * 24 * HOUR))
    found = watching(0)
    aggregate(store, found, at(8))
    assert [each.bad for each in single(store)] == [0] * len(single(store))

    take(broken(20))
    aggregate(store, found, at(8))

    assert sum(each.bad for each in single(store)) > 0
    assert [each.failed for each in single(store)][:2] == [1, 0]
