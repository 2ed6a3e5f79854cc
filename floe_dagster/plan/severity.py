"""Severities as contracts write them: the standard lets any text be one."""

from __future__ import annotations

from floe_dagster.contract.lint_rules import SEVERITIES
from floe_dagster.plan.check import Severity

_BY_WORD = {word: Severity(name) for name, words in SEVERITIES.items() for word in words}


def severity_of(written: str | None, default: str) -> tuple[Severity, bool]:
    """The severity that a contract means, else the default; and whether we know the word."""
    if not written:
        return Severity(default), True
    found = _BY_WORD.get(written.strip().lower())
    return (found or Severity(default)), found is not None
