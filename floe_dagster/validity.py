"""Validity: a contract file as a check of its own, so that one which breaks is told like data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Severity, Status

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.contract.document import Reading

KIND = "contract"
CHECK = "contract_valid"


def validity_key(source: str) -> Key:
    """What the outcome of a contract file is kept by: the file, since an invalid one may have no id."""
    return Key(contract=source, server="", check=CHECK)


def validity(reading: Reading, refusal: str | None, *, tick: str, now: datetime) -> Outcome:
    """Whether a contract file can be used, as an outcome.

    Args:
        reading: what came of reading it.
        refusal: why Dagster cannot hold what it names, where it cannot.
        tick: the id of the tick.
        now: aware, UTC.
    """
    errors = [each for each in reading.problems if each.severity == "error"]
    warnings = len(reading.problems) - len(errors)
    broken = bool(errors or refusal)
    return Outcome(
        tick=tick,
        key=validity_key(reading.source),
        version=reading.contract.version if reading.contract else "",
        dataset=reading.source,
        element=None,
        kind=KIND,
        title="the contract can be used",
        status=Status.FAILED if broken else Status.PASSED,
        severity=Severity.ERROR,
        broken=broken,
        expected="no errors",
        actual=len(errors) + (refusal is not None),
        message=_message(reading, refusal, len(errors), warnings),
        path="",
        source=reading.source,
        line=errors[0].line if errors else 0,
        at=now,
        duration_seconds=0.0,
    )


def _message(reading: Reading, refusal: str | None, errors: int, warnings: int) -> str:
    if errors:
        first = next(each for each in reading.problems if each.severity == "error")
        more = f" (and {errors - 1} more)" if errors > 1 else ""
        return f"{reading.source}:{first.line}: {first.path}: {first.message}{more}"
    if refusal:
        return f"{reading.source}: {refusal}"
    return f"{reading.source} is valid" + (f", with {warnings} warnings" if warnings else "")
