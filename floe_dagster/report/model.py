"""The report: how a period went, as frozen values that every format is made from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.times import summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from floe_dagster.outcome.times import Summary, Times
    from floe_dagster.plan.check import Coverage, Severity, Status
    from floe_dagster.report.budget import Budget
    from floe_dagster.report.calendar import Period
    from floe_dagster.report.parts import (
        Change,
        ChannelLine,
        DueLine,
        Gap,
        MadeUp,
        Quiet,
        ResponseLine,
        Score,
        Violations,
        Word,
        Worst,
    )
    from floe_dagster.report.sla import Compliance, Stretch
    from floe_dagster.report.trend import Trend

SCHEMA = "floe.sla_report"
SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Checks by what came of them last; every check is in exactly one.

    Attributes:
        unmeasured: promised and executable, but without an outcome on record.
        forgotten: measured then, but the outcomes of that time are deleted; sums of days are left.
    """

    passed: int = 0
    failed: int = 0
    warned: int = 0
    error: int = 0
    not_executable: int = 0
    informational: int = 0
    unmeasured: int = 0
    forgotten: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    def items(self) -> Iterator[tuple[str, int]]:
        """Every status with its number, zeros included."""
        return ((each.name, getattr(self, each.name)) for each in fields(self))

    @property
    def measured(self) -> int:
        """The checks whose promise was last seen kept or broken."""
        return self.passed + self.failed + self.warned

    @property
    def checks(self) -> int:
        """The checks that can be executed."""
        return self.measured + self.error + self.unmeasured + self.forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far the news of a breach got on one channel."""

    channel: str
    state: ParcelState


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An episode that was open at some time of the window.

    Attributes:
        subject: the dataset, with the element where there is one.
        expected: the promise, from the latest outcome; empty where there is none.
        actual: what was last measured.
        since: when the promise was first seen broken.
        resolved_at: when it was seen kept again; None where it is open at the end of the window.
        broken: whether the promise is broken; else it is only close to its limit.
        flapping: it was kept and broken in turn too often for each turn to be told.
        retired: nobody looked any more, so that it was closed without being seen kept.
        consumers: who reads it, and so is hit.
        told: by channel; empty where nobody was to be told.
        word: whether it is known who was told.
        times: how long it took to detect, to tell and to repair.
    """

    episode: str
    contract: str
    contract_title: str
    server: str
    dataset: str
    check: str
    kind: str
    subject: str
    title: str
    severity: Severity
    message: str
    expected: str
    actual: int | float | str | bool | None
    since: datetime
    opened_at: datetime
    resolved_at: datetime | None
    owner: str | None
    broken: bool = True
    flapping: bool = False
    retired: bool = False
    consumers: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    word: Word = "known"
    times: Times | None = None

    @property
    def open(self) -> bool:
        """It is not over at the end of the window."""
        return self.resolved_at is None

    @property
    def delivered(self) -> bool:
        """Whether a channel accepted word of it."""
        return any(each.state is ParcelState.SENT for each in self.told)

    @property
    def untold(self) -> bool:
        """Whether it is known that no channel did, though it was measured."""
        return self.word == "known" and not self.delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check: what came of it last, and how its promise went over the window.

    Attributes:
        weight: what it counts for in the quality score.
        worst: the outcome of the window that used the most of its promise, for those that can be used up in
            part.
    """

    id: str
    dataset: str
    element: str | None
    kind: str
    title: str
    status: Status
    severity: Severity
    expected: str
    actual: int | float | str | bool | None
    message: str
    cause: str | None
    path: str
    at: datetime
    compliance: Compliance
    dimension: str | None = None
    weight: int = 0
    worst: Worst | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLine:
    """The promises of one kind of one contract, taken together: kept while all of them are.

    Attributes:
        observed_since: where its window begins; None where nothing was ever measured.
        stretches: its timeline over that window.
        target: the promised share of time, where the contract promises one of this kind.
        breaches: episodes that were open at some time of the window.
        promised: whether the target is the contract's own, and not that of the platform.
        budget: how much more it may be broken; None without a target.
        trend: against the periods before; None where too little was measured.
        coarse: how many days are known by their sums only, since their segments are kept no more.
    """

    kind: str
    observed_since: datetime | None
    compliance: Compliance
    stretches: tuple[Stretch, ...]
    target: float | None
    tally: Tally
    breaches: int
    promised: bool = True
    budget: Budget | None = None
    trend: Trend | None = None
    coarse: int = 0

    @property
    def met(self) -> bool | None:
        """Whether the target was met on what was measured; None without a target or a measurement."""
        ratio = self.compliance.ratio
        return None if self.target is None or ratio is None else ratio >= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetLine:
    """The checks of one dataset."""

    dataset: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLine:
    """One contract on one server.

    Attributes:
        server: empty where nothing of the contract was ever recorded.
        known: whether the contract is among those that are served now; one that is not was only remembered.
        observed_since: where its window begins; None where nothing was ever measured.
        ledger: what became of its constructs; None where the contract is not known.
        breaches: every one that was open at some time of the window, the gravest and then the oldest first.
        close: what is close to its limit at the end of the window.
        retired: checks on record that the contract no longer asks for; they are in no tally.
        scores: of its quality checks, all together first, and then by dimension; empty where it has none.
        forgotten: the checks that are known by sums of days only.
        deadlines: what became of its promises of a time of day.
        responses: what became of its promises of how fast breaches are detected, told of and repaired.
    """

    contract: str
    title: str
    version: str
    server: str
    owner: str | None
    domain: str | None
    consumers: tuple[str, ...]
    source: str
    known: bool
    observed_since: datetime | None
    compliance: Compliance
    tally: Tally
    kinds: tuple[KindLine, ...]
    datasets: tuple[DatasetLine, ...]
    checks: tuple[CheckLine, ...]
    breaches: tuple[Breach, ...]
    close: tuple[Breach, ...]
    ledger: Coverage | None
    retired: int = 0
    scores: tuple[Score, ...] = ()
    forgotten: frozenset[str] = frozenset()
    deadlines: tuple[DueLine, ...] = ()
    responses: tuple[ResponseLine, ...] = ()

    @property
    def open(self) -> tuple[Breach, ...]:
        """What is broken at the end of the window."""
        return tuple(each for each in self.breaches if each.open)

    @property
    def calm(self) -> bool:
        """Nothing was broken in the window, and everything that can be measured was."""
        return not self.breaches and self.tally.passed == self.tally.checks > 0 and not self.compliance.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaReport:
    """How a window went.

    Attributes:
        start, end: the window that was asked for.
        observed_since: where observation begins within it: the window's start, or when the first of the
            contracts was first seen, whichever is later; None where nothing was ever measured.
        as_of: where it ends: the window's end or now, whichever is earlier.
        generated_at: when the report was made; as given, no clock is read.
        selection: which contracts were asked for, as globs; empty for all.
        compliance: the seconds of every kind of every contract, summed.
        ledger: what became of the constructs of all known contracts, summed.
        period: the day, week or month that the window is; None where it is none.
        zone: in whose time it is told.
        parts: where the parts of the window begin that trends are drawn of, and where the last ends.
        pauses: those that touch the window.
        changes: contracts that came, changed or went.
        notes: what has to be known of how the report was made, for people.
        domains: which domains were asked for, as globs; empty for all.
        kinds: which kinds were asked for; empty for all.
        alerts_kept: whether all alerts of the window are still on record.
        made_up: time of the window, or of what it is held against, of which nothing was measured.
    """

    environment: str
    start: datetime
    end: datetime
    observed_since: datetime | None
    as_of: datetime
    generated_at: datetime
    selection: tuple[str, ...]
    compliance: Compliance
    tally: Tally
    ledger: Coverage
    contracts: tuple[ContractLine, ...]
    violations: tuple[Violations, ...]
    channels: tuple[ChannelLine, ...]
    gaps: tuple[Gap, ...]
    period: Period | None = None
    zone: str = "UTC"
    parts: tuple[datetime, ...] = ()
    pauses: tuple[Quiet, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    made_up: tuple[MadeUp, ...] = ()
    alerts_kept: bool = True

    @property
    def over(self) -> bool:
        """The window is over, so that nothing in it will change."""
        return self.as_of >= self.end

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Every breach of the window, the gravest and then the oldest first."""
        return gravest_first(each for line in self.contracts for each in line.breaches)

    @property
    def close(self) -> tuple[Breach, ...]:
        """What is close to its limit at the end of the window, in the same order."""
        return gravest_first(each for line in self.contracts for each in line.close)

    @property
    def open(self) -> tuple[Breach, ...]:
        """What is broken at the end of the window, in the same order."""
        return tuple(each for each in self.breaches if each.open)

    @property
    def recovered(self) -> tuple[Breach, ...]:
        """What was broken in the window and was seen kept again, the latest recovery first."""
        return tuple(each for each in self._over() if not each.retired)

    @property
    def unseen(self) -> tuple[Breach, ...]:
        """What was broken in the window and closed since nobody looked any more, the latest first."""
        return tuple(each for each in self._over() if each.retired)

    def _over(self) -> tuple[Breach, ...]:
        over = sorted(self.breaches, key=lambda each: each.resolved_at or each.since, reverse=True)
        return tuple(each for each in over if not each.open)

    @property
    def times(self) -> tuple[tuple[str, Summary], ...]:
        """Of the breaches that opened in the window, how long it took to detect, to notify and to repair."""
        every = [each.times for each in self.breaches if each.times and each.opened_at >= self.start]
        lengths: dict[str, list[timedelta | None]] = {
            "detect": [each.detect_low for each in every],
            "notify": [each.notify for each in every],
            "repair": [each.repair for each in every],
        }
        found = ((name, summary(some)) for name, some in lengths.items())
        return tuple((name, one) for name, one in found if one is not None)

    @property
    def empty(self) -> bool:
        """There is nothing to report on: no contract, and nothing on record."""
        return not self.contracts and not self.gaps


def gravest_first(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    """Breaches by severity, and then by age."""
    return tuple(sorted(breaches, key=lambda each: (-each.severity.rank, each.since, each.episode)))


def tallied(tallies: Iterable[Tally]) -> Tally:
    """Several tallies together."""
    return sum(tallies, Tally())
