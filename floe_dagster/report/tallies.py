"""Tallies: what is counted over several contracts."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Coverage
from floe_dagster.report.parts import Violations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.report.model import Breach


def summed(ledgers: Iterable[Coverage]) -> Coverage:
    """The ledgers of several contracts together."""
    every = tuple(ledgers)
    return Coverage(**{each.name: sum(getattr(one, each.name) for one in every) for each in fields(Coverage)})


def violations_of(breaches: Iterable[Breach]) -> tuple[Violations, ...]:
    """How many breaches there were of each kind and severity, the gravest first."""
    counts = Counter((each.kind, each.severity) for each in breaches)
    ordered = sorted(counts.items(), key=lambda each: (each[0][0], -each[0][1].rank))
    return tuple(Violations(kind=kind, severity=severity, count=count) for (kind, severity), count in ordered)
