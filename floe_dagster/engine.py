"""The engine: runs checks over a warehouse.

All metrics of all checks go to the warehouse at once, each question once, so that it can pick the cheapest
plan. Nothing that data or a warehouse does is an exception here: it is an outcome.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from floe_dagster.outcome.grade import grade
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Check, Declined, Noted, Plan, PlanItem, Severity, Status, Verdict
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.plan.check import CheckKind
    from floe_dagster.plan.metric import Warehouse
    from floe_dagster.settings import Grading

_log = logging.getLogger(__name__)


def run(
    plan: Plan,
    checks: Sequence[Check],
    warehouse: Warehouse,
    *,
    server: str,
    tick: str,
    clock: Callable[[], datetime],
    kinds: Mapping[str, CheckKind],
    grading: Grading,
) -> tuple[Outcome, ...]:
    """Measure checks of a plan, and judge them, in their order.

    Never raises for what a warehouse, its data or a check kind does; that is an outcome of status `error`.

    Args:
        plan: the compiled contract.
        checks: those of its checks to run.
        warehouse: what to ask.
        server: the server's name, for the outcomes' keys.
        tick: the id of this run.
        clock: the time, aware, UTC; read once, after the warehouse has answered.
        kinds: the check kinds that the plan was compiled with, by name.
        grading: when a promise is close to broken.
    """
    answers = _answers(warehouse, questions_of(checks))
    now = clock()
    return tuple(
        _outcome(
            plan, each, _judged(each, answers, kinds, now), answers, grading, server=server, tick=tick, at=now
        )
        for each in checks
    )


def questions_of(checks: Iterable[Check]) -> tuple[Question, ...]:
    """What the checks ask, each question once."""
    return tuple(dict.fromkeys(Question(each.table, metric) for each in checks for metric in each.metrics))


def unexecuted(plan: Plan, *, server: str, tick: str, now: datetime) -> tuple[Outcome, ...]:
    """An outcome for everything in a plan that is no check: what cannot be run, and what is for people."""
    return tuple(
        _blank(plan, each, server=server, tick=tick, at=now)
        for each in plan.items
        if not isinstance(each, Check)
    )


def _answers(warehouse: Warehouse, questions: tuple[Question, ...]) -> dict[Question, Answer]:
    if not questions:
        return {}
    try:
        found = warehouse.ask(questions)
    except Exception as error:  # noqa: BLE001 - a warehouse may be anybody's
        _log.exception("a warehouse raised instead of answering")
        return dict.fromkeys(questions, NotMeasured(Cause.BROKEN, _said(error)))
    silent = NotMeasured(Cause.BROKEN, "the warehouse did not answer this question")
    return {each: found.get(each, silent) for each in questions}


def _judged(
    check: Check, answers: Mapping[Question, Answer], kinds: Mapping[str, CheckKind], now: datetime
) -> Verdict:
    given = tuple(answers[Question(check.table, each)] for each in check.metrics)
    try:
        return kinds[check.kind].judge(check, given, now)
    except Exception as error:  # noqa: BLE001 - a check kind may be anybody's
        _log.exception("the check kind %s could not judge %s", check.kind, check.id)
        reason = f'the check kind "{check.kind}" failed: {_said(error)}'
        return Verdict.not_known(check.title, NotMeasured(Cause.BROKEN, reason))


def _outcome(
    plan: Plan,
    check: Check,
    verdict: Verdict,
    answers: Mapping[Question, Answer],
    grading: Grading,
    *,
    server: str,
    tick: str,
    at: datetime,
) -> Outcome:
    status, severity = grade(check, verdict, grading)
    taken = (answers[Question(check.table, each)] for each in check.metrics)
    return Outcome(
        tick=tick,
        key=Key(contract=plan.contract.id, server=server, check=check.id),
        version=plan.contract.version,
        dataset=check.dataset,
        element=check.element,
        kind=check.kind,
        title=check.title,
        status=status,
        severity=severity,
        broken=verdict.broken,
        expected=check.expected,
        actual=_plain(verdict.actual),
        message=verdict.message,
        path=check.path,
        source=plan.contract.source,
        line=check.line,
        at=at,
        duration_seconds=max((each.seconds for each in taken if isinstance(each, Measured)), default=0.0),
        used=verdict.used,
        cause=verdict.unknown.cause.value if verdict.unknown and not verdict.broken else None,
        dimension=check.dimension,
        interpretation=check.interpretation,
        differences=verdict.differences,
    )


def _blank(plan: Plan, item: PlanItem, *, server: str, tick: str, at: datetime) -> Outcome:
    match item:
        case Declined(reason=text):
            status = Status.NOT_EXECUTABLE
        case Noted(note=text):
            status = Status.INFORMATIONAL
        case Check(title=text):
            status = Status.NOT_EXECUTABLE
    return Outcome(
        tick=tick,
        key=Key(contract=plan.contract.id, server=server, check=item.id),
        version=plan.contract.version,
        dataset=item.dataset,
        element=item.element,
        kind=item.kind,
        title=item.title,
        status=status,
        severity=Severity.INFO,
        broken=False,
        expected="",
        actual=None,
        message=text,
        path=item.path,
        source=plan.contract.source,
        line=item.line,
        at=at,
        duration_seconds=0.0,
    )


def _plain(value: object) -> int | float | str | bool | None:
    """A value that every store and every reader of JSON takes; other libraries' numbers are none."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else str(value)
        case other:
            return str(other)


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
