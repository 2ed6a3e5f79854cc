"""Rulings: what has to come of a promise, and the choices that are made where a contract makes none."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULTS = {
    "between": "inclusive",
    "duplicates": "excess",
    "missing_includes_null": "yes",
    "percent_of": "rows",
    "pattern": "search",
    "naive_timestamps": "UTC",
    "future_stamps": "unknown",
    "empty_dataset": "stale",
    "retention": "at_least",
    "unit_m": "by_property",
    "undeclared_columns": "warn",
    "nullability": "ignore",
    "severity": "error",
}


@dataclass(frozen=True)
class Ruling:
    """What has to come of a promise: a status, and the number that was measured where one was."""

    status: str
    actual: float | bool | None = None


NOT_MEASURED = Ruling("error")
NOT_EXECUTABLE = Ruling("not_executable")
FOR_PEOPLE = Ruling("informational")


def broken(severity: str, actual: float | bool | None) -> Ruling:
    """A breach, which fails where it is severe."""
    return Ruling("failed" if severity in ("error", "critical") else "warned", actual)
