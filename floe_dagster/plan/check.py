"""Checks: one question about one promise, with what it takes to judge the answer.

Three things can become of a construct in a contract: a `Check` that is executed, a `Declined` that cannot be
(and says why), or a `Noted` that is there for people. Nothing else, so nothing is silently passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from floe_dagster.plan.metric import Answer, Cause, Metric, NotMeasured, Offending, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset


UNMEASURED = " could not be measured: "
"""stands between what could not be measured and why, in every message that says so"""


class Severity(StrEnum):
    """How much a broken promise matters, from least to most."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 3 for critical; `StrEnum` itself compares as text."""
        return _RANKS[self]


_RANKS = {each: place for place, each in enumerate(Severity)}


class Status(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    """the promise is broken, and its severity is error or critical"""
    WARNED = "warned"
    """the promise is broken at a severity below error, or kept but close to its limit"""
    ERROR = "error"
    """it could not be measured this time: unknown, neither kept nor broken"""
    NOT_EXECUTABLE = "not_executable"
    """it can never be measured here, and the message says why"""
    INFORMATIONAL = "informational"
    """it is there for people"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every entry of a plan has.

    Attributes:
        id: stable, unique within the contract, readable: `flights.dest.relationship`.
        kind: the check kind's name: freshness, schema, quality, availability, ...
        dataset: by logical name.
        element: the column or columns it is about, by logical name; None for the dataset as a whole.
        path: the construct in the contract, as `schema[0].properties[2].quality[0]`.
        line: of that construct, from 1.
        covers: every construct that is dealt with by this item, `path` among them; the coverage ledger
            counts these.
        title: what it is about in a few words, for lists: `dest refers to airports.faa`.
    """

    id: str
    kind: str
    dataset: str
    path: str
    title: str
    element: str | None = None
    line: int = 0
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Another way to what a check measures, which another engine goes.

    Attributes:
        metrics: what to ask.
        terms: what these answers are judged by.
        interpretation: that of the check, where it is answered so.
    """

    metrics: tuple[Metric, ...]
    terms: object
    interpretation: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Item):
    """A promise that can be measured.

    Attributes:
        table: what to ask it of.
        metrics: what to ask; `judge` gets the answers in this order.
        terms: the kind's own frozen dataclass; only that kind's `judge` reads it.
        expected: the promise for people: `0 rows`, `at most 4 h`.
        severity: how much it matters when broken.
        dimension: of data quality, where the contract says.
        description: the contract's words.
        schedule: a cron expression, where this promise has a cadence of its own.
        interpretation: choices made where the standard is ambiguous, as (name, choice).
        driver: regulatory, analytics or operational, where the contract says.
        offending: those of the metrics that count the rows which break the promise; a sample shows such rows.
        route: what is tried first; where it leads nowhere, `metrics` are asked.
    """

    table: Table
    metrics: tuple[Metric, ...]
    terms: object
    expected: str
    severity: Severity = Severity.ERROR
    dimension: str | None = None
    description: str | None = None
    schedule: str | None = None
    interpretation: tuple[tuple[str, str], ...] = ()
    driver: str | None = None
    offending: tuple[Offending, ...] = ()
    route: Route | None = None

    @property
    def routed(self) -> Check:
        """The check as it is tried first."""
        if self.route is None:
            return self
        return replace(
            self,
            metrics=self.route.metrics,
            terms=self.route.terms,
            interpretation=self.route.interpretation,
            route=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(Item):
    """A promise that cannot be measured here, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Item):
    """A statement for people; never executed."""

    note: str


PlanItem = Check | Declined | Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One way in which what is there differs from what was promised.

    Attributes:
        element: the column, by the name in the contract, or the live name where it was never promised.
        change: added, removed, type, nullability, key, ...
        breaking: whether it breaks the promise, or is only worth saying.
    """

    element: str
    change: str
    expected: str
    actual: str
    breaking: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check says of its answers.

    Attributes:
        broken: the promise is broken. False where it is kept and where nobody knows.
        unknown: it could not be measured, and why; None where it was.
        actual: what was measured; a number where the check counts.
        message: one sentence for people: subject, number, promise.
        used: how much of the promise is used up, 1.0 being all of it; None where that has no meaning.
        severity: overrides the check's own severity.
        differences: for structure, each difference.
    """

    broken: bool
    message: str
    actual: int | float | str | bool | None = None
    unknown: NotMeasured | None = None
    used: float | None = None
    severity: Severity | None = None
    differences: tuple[Difference, ...] = ()

    @classmethod
    def not_known(cls, subject: str, missing: NotMeasured) -> Verdict:
        """The verdict where there is no answer."""
        return cls(broken=False, unknown=missing, message=f"{subject}{UNMEASURED}{missing.reason}")


class CheckKind(Protocol):
    """A kind of check: says what to ask, then judges. Both are pure."""

    name: str
    cadence_seconds: int

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """What this kind has to say of the dataset.

        Args:
            contract: the whole contract.
            dataset: one of its datasets.
            choices: the interpretation profile, by name (`docs/interpretation.md`).
        """

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the answers, in the order of `check.metrics`, against the promise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What became of the constructs of a contract, counted; each construct is in exactly one of the three."""

    declared: int
    executed: int
    not_executable: int
    informational: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compiled contract: every item, in the order of the document."""

    contract: Contract
    items: tuple[PlanItem, ...]
    checks: tuple[Check, ...] = field(default=())

    def of(self, kinds: Iterable[str] | None = None) -> tuple[Check, ...]:
        """The executable checks, of these kinds only where any are named."""
        wanted = None if kinds is None else set(kinds)
        return tuple(each for each in self.checks if wanted is None or each.kind in wanted)


def first_gap(answers: Iterable[Answer]) -> NotMeasured | None:
    """The first answer that is missing, the permanent ones (`UNSUPPORTED`) before the passing ones."""
    gaps = [each for each in answers if isinstance(each, NotMeasured)]
    return next((each for each in gaps if each.cause is Cause.UNSUPPORTED), next(iter(gaps), None))
