"""Findings: what is wrong with the platform itself, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Aspect(StrEnum):
    """One side of the platform's health: a check of the asset `floe/health`."""

    STORE = "store"
    """what is remembered can be reached, and nothing waits for it"""
    TICKS = "ticks"
    """every cadence ticks"""
    MEASURED = "measured"
    """every check is measured"""
    DELIVERY = "delivery"
    """alerts and lineage events arrive, and somebody is there for each alert"""
    CHANNELS = "channels"
    """every channel can be used, and answers"""
    CONTRACTS = "contracts"
    """every contract file can be used"""
    MANIFEST = "manifest"
    """`floe.yaml` says what is needed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    Attributes:
        severity: an info is nothing wrong.
        about: what it is about: a channel, a cadence, a contract. With aspect and severity, what tells it
            from others for as long as it lasts.
        what: what was found, for people.
        then: what to do, for people; empty where that is said already.
        looked: False where it could not be looked at, so that nobody knows.
    """

    aspect: Aspect
    severity: Severity
    about: str
    what: str
    then: str = ""
    looked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the platform itself is.

    Attributes:
        at: when it was looked.
        findings: by aspect, the worst first.
        well: what is said of each aspect in which nothing is wrong.
    """

    at: datetime
    findings: tuple[Finding, ...]
    well: Mapping[Aspect, str] = field(default_factory=dict)

    def of(self, aspect: Aspect) -> tuple[Finding, ...]:
        """What was found of one aspect."""
        return tuple(each for each in self.findings if each.aspect is aspect)

    def worst(self, aspect: Aspect) -> Severity:
        """How bad an aspect is; an info is fine."""
        severities = (each.severity for each in self.of(aspect))
        return max(severities, key=lambda each: each.rank, default=Severity.INFO)

    def said(self, aspect: Aspect) -> str:
        """One line on an aspect: the first thing that is wrong, or what is well."""
        wrong = [each for each in self.of(aspect) if each.severity is not Severity.INFO]
        if not wrong:
            return self.well.get(aspect, "nothing is wrong")
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return f"{wrong[0].what}{more}"

    @property
    def exit_code(self) -> int:
        """1 where something is wrong with severity error, else 3 where something is not known, else 0."""
        if any(each.looked and each.severity.rank >= Severity.ERROR.rank for each in self.findings):
            return 1
        return 0 if all(each.looked for each in self.findings) else 3


def unknown(aspect: Aspect) -> Finding:
    """Of an aspect that only the store could tell of, which does not answer."""
    return Finding(
        aspect=aspect,
        severity=Severity.WARNING,
        about="store",
        what="nobody knows, since the store could not be looked at",
        then="see what is said of the store",
        looked=False,
    )
