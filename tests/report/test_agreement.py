"""The report and the checks say the same of the past, on each database."""

from __future__ import annotations

import random
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.history import History
from floe_dagster.outcome.episode import advance
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Status
from floe_dagster.plan.metric import Question
from floe_dagster.plan.past import Met, Responses
from floe_dagster.report.build import build_report
from floe_dagster.report.read import read_promised, read_rows
from floe_dagster.state.records import Tick
from tests.report.conftest import outcome
from tests.report.promised import DEADLINE, HOUR, RULE, shop
from tests.state.conftest import store, store_url  # noqa: F401  the same stores

pytestmark = [pytest.mark.requirement("B-05"), pytest.mark.requirement("G-02")]

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
BACK = timedelta(days=30)
CADENCE = 3600.0


def lived(store, promises):  # noqa: F811
    """Thirty-two days in which it was looked every hour but for gaps, loaded late now and then, and broken."""
    draw = random.Random(7)
    checks = {each.id: each for each in promises.checks}
    policy = Policy(cadence_seconds=CADENCE)
    states, made, steps = {}, [], []
    newest = NOW - BACK - timedelta(days=3)
    for hour in range(32 * 24):
        at = NOW - timedelta(days=32) + hour * HOUR
        if at.hour == draw.choice((4, 5, 5, 5, 7)):
            newest = at
        broken, looked = draw.random() < 0.1, at.day % 7 and draw.random() < 0.8
        for name in (DEADLINE, RULE) if looked else (RULE,):
            when = {"at": at, "tick": at.isoformat()}
            one = outcome(checks[name], promises.contract, actual=newest.isoformat(), **when)
            if name == RULE and broken:
                one = outcome(checks[name], promises.contract, status=Status.FAILED, **when)
            step = advance(states.get(one.key), one, policy)
            states[one.key] = step.state
            made.append(one)
            steps.append(step)
    work = NOW - timedelta(days=9)
    pause = Pause(
        id="p",
        what=PauseKind.MAINTENANCE,
        start=work.replace(hour=5),
        end=work.replace(hour=9),
        author="ada",
        reason="upgrade",
        declared_at=work - BACK,
    )
    with store.writing() as writing:
        writing.add_pause(pause)
        writing.save(
            outcomes=made, steps=steps, tick=Tick(id="t", kind="freshness", started_at=NOW, ended_at=NOW)
        )


def test_what_became_of_deadlines_and_how_long_breaches_took_is_the_same(store):  # noqa: F811
    promises = shop()
    lived(store, promises)
    start = NOW - BACK
    history = History(promises, "local", lambda: nullcontext(store), lambda _: CADENCE)
    (check,) = (each for each in promises.checks if each.id == DEADLINE)
    asked = (Question(check.table, check.metrics[1]), Question(check.table, Responses(BACK.total_seconds())))
    deadlines, episodes = (each.value for each in history.recall(asked, {}, NOW).values())

    rows = read_rows(store, start=start, end=NOW, now=NOW)
    rows = read_promised(store, rows, [promises], start=start, end=NOW)
    hold = {"*": timedelta(seconds=2 * CADENCE)}
    (line,) = build_report(rows, start=start, end=NOW, now=NOW, plans=[promises], hold=hold).contracts

    (due,) = line.deadlines
    assert due.passed == deadlines.passed
    assert {each.met for each in due.passed} == set(Met)
    repair, detect = (
        next(each for each in line.responses if each.what == what) for what in ("repair", "detect")
    )
    assert [each.total_seconds() for each in repair.lengths] == sorted(
        each.repair for each in episodes.episodes
    )
    assert [each.total_seconds() for each in detect.lengths] == sorted(
        each.detect for each in episodes.episodes
    )
    assert len(repair.lengths) > 20
