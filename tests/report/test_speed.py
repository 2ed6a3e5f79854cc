"""Speed: a report of 100,000 outcomes, and how many questions it asks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from floe_dagster.outcome.episode import State, advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity, Status
from floe_dagster.report.build import build_report
from floe_dagster.report.calendar import Grain, period_of
from floe_dagster.report.read import read_rows
from floe_dagster.report.render import to_csv, to_html, to_json, to_markdown
from floe_dagster.state.store import open_reader, open_store

END = datetime(2026, 11, 21, tzinfo=UTC)
HOLD = {"*": timedelta(hours=1)}


def outcome(contract: int, check: int, at: datetime) -> Outcome:
    broken = (contract + check + at.hour // 5) % 17 == 0
    return Outcome(
        tick=at.isoformat(),
        key=Key(contract=f"contract-{contract}", server="prod", check=f"orders.rule{check}"),
        version="1",
        dataset="orders",
        element=None,
        kind=("quality", "freshness")[check % 2],
        title="a rule",
        status=Status.FAILED if broken else Status.PASSED,
        severity=Severity.ERROR,
        broken=broken,
        expected="0 rows",
        actual=12 if broken else 0,
        message="12 rows; 0 promised" if broken else "0 rows",
        path="schema[0]",
        source=f"contracts/{contract}.odcs.yaml",
        line=1,
        at=at,
        duration_seconds=0.1,
        used=0.5,
    )


def filled(path, contracts: int, checks: int, ticks: int) -> str:
    """A store in which so many checks were measured so often in a day."""
    url = f"sqlite:///{path}"
    states: dict[Key, State | None] = {}
    policy = Policy(cadence_seconds=1800)
    with open_store(url) as store:
        for tick in range(ticks):
            at = END - timedelta(days=1) + timedelta(days=1) * tick / ticks
            made = [outcome(one, check, at) for one in range(contracts) for check in range(checks)]
            steps = [advance(states.get(each.key), each, policy) for each in made]
            states |= {each.key: step.state for each, step in zip(made, steps, strict=True)}
            with store.writing() as writing:
                writing.save(outcomes=made, steps=steps)
    return url


def counted(url: str):
    """How many statements a report asks, and the seconds to read, build and write it."""
    period = period_of(Grain.DAY, END - timedelta(hours=1))
    asked: list[str] = []
    with open_reader(url) as reader:
        event.listen(reader._reading, "before_cursor_execute", lambda *given: asked.append(given[2]))
        began = time.process_time()
        rows = read_rows(
            reader,
            start=period.start,
            end=period.end,
            now=END + timedelta(days=1),
            since=period.start - timedelta(days=4),
        )
        report = build_report(
            rows, start=period.start, end=period.end, now=END + timedelta(days=1), hold=HOLD, period=period
        )
        for write in (to_html, to_json, to_markdown, to_csv):
            write(report)
        took = time.process_time() - began
    return len(asked), took, report


@pytest.mark.requirement("G-04")
def test_a_report_of_100_000_outcomes_takes_a_few_seconds(tmp_path):
    _, took, report = counted(filled(tmp_path / "floe.db", contracts=200, checks=10, ticks=50))
    assert len(report.contracts) == 200
    assert took < 5


def test_the_number_of_questions_does_not_grow_with_the_number_of_contracts(tmp_path):
    few, _, _ = counted(filled(tmp_path / "few.db", contracts=2, checks=4, ticks=4))
    many, _, _ = counted(filled(tmp_path / "many.db", contracts=60, checks=4, ticks=4))
    assert many <= few + 1  # parcels are asked for by 500 episodes at once
    assert few <= 24
