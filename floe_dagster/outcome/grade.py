"""Grading: from what a check says of its answers to a status and a severity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.check import Check, Severity, Status, Verdict
from floe_dagster.plan.metric import Cause

if TYPE_CHECKING:
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


def _close(used: float | None, grading: Grading) -> Severity | None:
    if used is None:
        return None
    if used >= grading.warning_at:
        return Severity.WARNING
    return Severity.INFO if used >= grading.info_at else None
