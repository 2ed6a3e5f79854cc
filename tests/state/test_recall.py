"""What is recalled, against a second look at every minute."""

from __future__ import annotations

import random
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.errors import StoreError
from floe_dagster.history import History
from floe_dagster.outcome.episode import advance
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.plan.check import Status
from floe_dagster.plan.metric import Cause, Measured, Probe, Question, RowCount
from floe_dagster.plan.past import Earlier, KeptTime, Met, Responses
from floe_dagster.state.recall import Of
from floe_dagster.state.records import Tick
from tests.plan.contracts import column, dataset, item, plan
from tests.state.ticks import MINUTE, POLICY, START, outcome, record

pytestmark = pytest.mark.requirement("B-04")

PLAN = plan(
    dataset("orders", column("id")),
    sla=[
        {"property": "availability", "value": 99},
        {"property": "throughput", "value": 10, "unit": "rows/h"},
        {"property": "timeToRepair", "value": 1, "unit": "h"},
    ],
)
TABLE = item(PLAN, "orders.availability").table
KEPT = Question(TABLE, KeptTime(86400.0, asked=Probe()))
EVERY = 10
"""minutes between two probes"""


def probe(minute, *, broken=False, unknown=False):
    return outcome(
        minute=minute,
        key=Key(contract="shop", server="db", check="orders.availability"),
        kind="availability",
        broken=broken,
        status=Status.ERROR if unknown else Status.FAILED if broken else Status.PASSED,
        message=f"orders cannot be read at minute {minute}" if broken else "",
    )


def history(store):
    return History(PLAN, "db", lambda: nullcontext(store), lambda _: EVERY * 60)


def recalled(store, question, now):
    return history(store).recall((question,), {}, now)[question].value


def minute_by_minute(probes, pauses, end):
    """Good, bad, unknown and excused seconds of the day before minute `end`, one minute at a time."""
    found = {"good": 0, "bad": 0, "unknown": 0, "excused": 0}
    for minute in range(end - 1440, end):
        before = [each for each in probes if each[0] <= minute]
        held = before and minute - before[-1][0] < 30  # the policy of the ticks holds two times 15 min
        newest = probes and before and before[-1] is probes[-1]
        if newest:
            held = minute - before[-1][0] < 2 * EVERY
        if any(first <= minute < last for first, last in pauses) and probes:
            found["excused"] += 60
        else:
            found[before[-1][1] if held else "unknown"] += 60
    return found


def record_all(store, outcomes):
    """One after the other, in one transaction."""
    state, steps = None, []
    for each in outcomes:
        steps.append(advance(state, each, POLICY))
        state = steps[-1].state
    now = outcomes[-1].at
    with store.writing() as writing:
        tick = Tick(id="all", kind="availability", started_at=now, ended_at=now)
        writing.save(outcomes=outcomes, steps=steps, parcels=(), tick=tick)


@pytest.mark.parametrize("seed", range(20))
def test_a_record_is_what_a_look_at_every_minute_gives(store, seed):
    chance = random.Random(seed)
    minute, probes = -1440, []
    while minute < 0:
        probes.append((minute, chance.choice(["good", "good", "good", "bad", "unknown"])))
        minute += chance.choice([5, EVERY, EVERY, EVERY, 25, 90])
    record_all(
        store, [probe(at, broken=health == "bad", unknown=health == "unknown") for at, health in probes]
    )
    pauses = [(first, first + chance.choice([5, 60])) for first in chance.sample(range(-1400, -100), 2)]
    with store.writing() as writing:
        for number, (first, last) in enumerate(pauses):
            writing.add_pause(
                Pause(
                    id=f"p{number}",
                    what=PauseKind.MAINTENANCE,
                    start=START + first * MINUTE,
                    end=START + last * MINUTE,
                    author="ada",
                    reason="move",
                    declared_at=START - 2000 * MINUTE,
                )
            )

    end = chance.choice([0, 5, 60])
    found = recalled(store, KEPT, START + end * MINUTE)

    expected = minute_by_minute(probes, pauses, end)
    assert {name: round(getattr(found, name)) for name in expected} == expected
    inside = [health for at, health in probes if at >= end - 1440]
    assert (found.looks, found.failures) == (
        sum(each != "unknown" for each in inside),
        inside.count("bad"),
    )
    known = [each for _, each in probes if each != "unknown"]
    assert found.in_a_row == next((n for n, each in enumerate(known[::-1]) if each != "bad"), len(known))


def test_the_last_failure_and_what_it_said_are_told(store):
    for at in range(0, 60, EVERY):
        record(store, probe(at, broken=at in (20, 30)))

    found = recalled(store, KEPT, START + 60 * MINUTE)

    assert (found.failures, found.in_a_row, found.every_seconds) == (2, 0, 600)
    assert found.last_failure == START + 30 * MINUTE
    assert found.reason == "orders cannot be read at minute 30"


def test_what_another_contract_or_server_went_through_is_nothing_of_ours(store):
    for key in (
        Key(contract="other", server="db", check="orders.availability"),
        Key(contract="shop", server="elsewhere", check="orders.availability"),
    ):
        record(store, outcome(key=key, kind="availability", broken=True))

    found = recalled(store, KEPT, START + MINUTE)

    assert (found.bad, found.looks, found.share) == (0, 0, None)


def test_what_was_counted_earlier_is_seen_whether_it_was_enough_to_judge_or_not(store):
    key = Key(contract="shop", server="db", check="orders.throughput")
    for minute, rows, status in [(0, 100, Status.ERROR), (30, 120, Status.PASSED), (40, None, Status.ERROR)]:
        record(store, outcome(minute=minute, key=key, actual=rows, status=status, kind="throughput"))
    asked = item(PLAN, "orders.throughput").metrics[1]

    looks = recalled(store, Question(TABLE, asked), START + 60 * MINUTE)

    assert looks.seen == ((START, 100), (START + 30 * MINUTE, 120))


def test_looks_that_are_too_old_are_not_told(store):
    key = Key(contract="shop", server="db", check="orders.throughput")
    record(store, outcome(minute=0, key=key, actual=100, kind="throughput"))
    asked = item(PLAN, "orders.throughput").metrics[1]

    assert recalled(store, Question(TABLE, asked), START + timedelta(days=3)).seen == ()


def test_the_times_of_episodes_come_from_outcomes_and_deliveries(store):
    for at in (0, 10, 20):
        record(store, probe(at, broken=at == 20))
    (claim,) = store.claim("alert", now=START + 22 * MINUTE, lease_seconds=60)
    store.delivered(claim, now=START + 23 * MINUTE)
    question = Question(TABLE, Responses(86400.0))

    (running,) = recalled(store, question, START + 60 * MINUTE).episodes
    record(store, probe(80))
    (over,) = recalled(store, question, START + 90 * MINUTE).episodes

    assert (running.detect_low, running.detect, running.notify) == (0, 600, 180)
    assert (running.repair, over.repair) == (40 * 60, 60 * 60)
    assert recalled(store, question, START + timedelta(days=2)).episodes == ()


def test_notifying_takes_until_somebody_is_told_and_nothing_where_nobody_was_to_be(store):
    record(store, probe(0, broken=True))
    record(
        store, outcome(minute=0, key=Key(contract="shop", server="db", check="x"), broken=True), channels=()
    )
    question = Question(TABLE, Responses(86400.0))

    found = {each.notify for each in recalled(store, question, START + 60 * MINUTE).episodes}

    assert found == {3600, None}


def test_each_kind_of_question_takes_the_same_statements_however_many_ask(store):
    many = [Question(TABLE, Earlier(RowCount(), 60.0 * n)) for n in range(1, 20)]

    found = history(store).recall((KEPT, *many), {}, START)

    assert set(found) == {KEPT, *many}


def test_where_the_store_does_not_answer_only_what_is_asked_of_it_is_not_measured():
    def away():
        raise StoreError("the store is down")

    found = History(PLAN, "db", away, lambda _: 600.0).recall((KEPT,), {}, START)[KEPT]

    assert (found.cause, found.reason) == (Cause.UNREACHABLE, "the store is down")


def test_where_nothing_is_remembered_nothing_is_made_up():
    found = History(PLAN, "db", lambda: nullcontext(None), lambda _: 600.0).recall((KEPT,), {}, START)[KEPT]

    assert not isinstance(found, Measured)
    assert found.cause is Cause.UNSUPPORTED


def test_the_newest_of_two_failures_at_one_time_is_told_once(store):
    record(store, probe(0, broken=True))
    of = Of(contract="shop", server="db", checks=("orders.availability",))

    assert len(store.tallies(of, start=START)) == 1


def due(**more):
    promised = {"property": "timeOfAvailability", "value": "07:00 Europe/Berlin", "element": "orders.at"}
    custom = {
        "floe.holidays": ["2026-11-24"],
        "floe.interpretation": {"time_of_availability": more.pop("day", "same_day")},
    }
    found = plan(dataset("orders", column("at", "timestamp")), sla=[promised | more], custom=custom)
    return found, item(found, "orders.at.time_of_availability")


def deadlines(store, found, check, now, newest=None):
    questions = [Question(check.table, each) for each in check.metrics]
    answers = {questions[0]: Measured(newest)}
    memory = History(found, "db", lambda: nullcontext(store), lambda _: 900.0)
    return memory.recall((questions[1],), answers, now)[questions[1]].value.passed


@pytest.mark.requirement("B-05")
def test_deadlines_are_those_of_the_schedule_the_holidays_and_the_zone(store):
    found, check = due(scheduler="cron", schedule="0 7 * * 1-5")

    passed = deadlines(store, found, check, datetime(2026, 11, 26, 6, tzinfo=UTC))

    recent = [each for each in passed if each.day >= "2026-11-19"]
    assert [each.day for each in recent] == [
        "2026-11-19",
        "2026-11-20",
        "2026-11-23",
        "2026-11-25",
        "2026-11-26",
    ]
    assert recent[-1].at == datetime(2026, 11, 26, 6, tzinfo=UTC)
    assert recent[-1].since == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert {each.met for each in recent[:-1]} == {Met.UNKNOWN}


@pytest.mark.requirement("B-05")
def test_what_was_recorded_and_what_is_seen_now_say_what_became_of_deadlines(store):
    found, check = due()
    key = Key(contract="shop", server="db", check=check.id)
    friday = datetime(2026, 11, 20, 5, 50, tzinfo=UTC)
    for day, newest in enumerate(["2026-11-20T04:00:00+00:00", "2026-11-20T04:00:00+00:00", None, None]):
        at = friday + timedelta(days=day)
        minute = (at - START) / MINUTE
        status = Status.ERROR if day == 3 else Status.PASSED
        record(store, outcome(minute=minute, key=key, kind=check.kind, actual=newest, status=status))
    with store.writing() as writing:
        writing.add_pause(
            Pause(
                id="p",
                what=PauseKind.MAINTENANCE,
                start=friday + timedelta(days=2),
                end=friday + timedelta(days=2, hours=1),
                author="ada",
                reason="move",
                declared_at=friday,
            )
        )

    now = friday + timedelta(days=5)
    passed = deadlines(store, found, check, now, newest=now)

    assert {each.day: each.met for each in passed if each.day >= "2026-11-20"} == {
        "2026-11-20": Met.HIT,
        "2026-11-21": Met.MISS,
        "2026-11-22": Met.EXCUSED,
        "2026-11-23": Met.UNKNOWN,
    }


@pytest.mark.requirement("B-05")
def test_the_day_before_is_enough_where_that_is_chosen(store):
    found, check = due(day="day_before")

    (*_, last) = deadlines(store, found, check, datetime(2026, 11, 26, 6, tzinfo=UTC))

    assert last.since == datetime(2026, 11, 24, 23, tzinfo=UTC)
