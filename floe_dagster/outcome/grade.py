"""Grading: from what a check says of its answers to a status and a severity, and so to an outcome."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Check, Severity, Status, Verdict
from floe_dagster.plan.metric import Cause

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.plan.check import Plan
    from floe_dagster.settings import Grading


def grade(check: Check, verdict: Verdict, grading: Grading) -> tuple[Status, Severity]:
    """What an outcome counts as.

    A promise that is kept but nearly used up is warned of: as info from `info_at` on, as warning from
    `warning_at` on, and never more severely than the check itself. A kept verdict that names a severity
    is warned of at that severity.
    """
    severity = verdict.severity or check.severity
    if verdict.broken:
        failed = severity.rank >= Severity.ERROR.rank
        return (Status.FAILED if failed else Status.WARNED), severity
    if verdict.unknown is not None:
        never = verdict.unknown.cause is Cause.UNSUPPORTED
        return (Status.NOT_EXECUTABLE if never else Status.ERROR), severity
    if verdict.severity is not None:
        return Status.WARNED, verdict.severity
    if close := _close(verdict.used, grading):
        return Status.WARNED, min(close, check.severity, key=lambda each: each.rank)
    return Status.PASSED, severity


def regraded(outcome: Outcome, grading: Grading, own: Severity | None = None) -> Outcome:
    """What was measured, as another grading has it.

    A broken promise, one that was not measured, and one that was warned of for another reason than being
    nearly used up are what they were.

    Args:
        outcome: as it was recorded.
        grading: how much of a promise may be used.
        own: the severity of the check itself, which no warning exceeds; None where it is not known.
    """
    if outcome.broken or outcome.used is None or outcome.status not in (Status.PASSED, Status.WARNED):
        return outcome
    if outcome.status is Status.PASSED:
        own = own or outcome.severity
    close = _close(outcome.used, grading)
    if close is None:
        status, severity = Status.PASSED, own or outcome.severity
    else:
        status = Status.WARNED
        severity = min(close, own or close, key=lambda each: each.rank)
    if (status, severity) == (outcome.status, outcome.severity):
        return outcome
    return replace(outcome, status=status, severity=severity)


def graded(
    plan: Plan,
    check: Check,
    verdict: Verdict,
    grading: Grading,
    *,
    server: str,
    tick: str,
    at: datetime,
    seconds: float = 0.0,
) -> Outcome:
    """The outcome of a check that was judged.

    Args:
        plan: of the contract.
        check: one of the plan.
        verdict: what its kind says.
        grading: how much of a promise may be used.
        server: where it was measured.
        tick: in which run.
        at: when it was judged, aware.
        seconds: how long measuring took.
    """
    status, severity = grade(check, verdict, grading)
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
        duration_seconds=seconds,
        used=verdict.used,
        cause=verdict.unknown.cause.value if verdict.unknown and not verdict.broken else None,
        dimension=check.dimension,
        interpretation=check.interpretation,
        differences=verdict.differences,
    )


def _close(used: float | None, grading: Grading) -> Severity | None:
    if used is None:
        return None
    if used >= grading.warning_at:
        return Severity.WARNING
    return Severity.INFO if used >= grading.info_at else None


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
