"""Parts: what stands in a report beside the lines of its contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from floe_dagster.outcome.times import summary
from floe_dagster.plan.past import Met

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from floe_dagster.outcome.times import Summary
    from floe_dagster.plan.check import Severity
    from floe_dagster.plan.past import Deadline
    from floe_dagster.report.trend import Trend

ChangeKind = Literal["added", "changed", "removed"]
Word = Literal["known", "forgotten", "simulated"]
"""whether it is known who was told of a breach: that may be deleted, or it was made up and nobody was"""

GapKind = Literal["error", "not_executable", "unmeasured", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """The worst that was measured of a check.

    Attributes:
        used: how much of the promise was used up, 1 being all of it.
    """

    actual: int | float | str | bool | None
    used: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The quality score: the weighted share of the known time in which quality checks were kept.

    Attributes:
        dimension: empty for all of them.
        ratio: None where nothing was known.
        checks: how many are in it.
        points: of the parts of the window in order; None where nothing was known of one.
        trend: against the periods before; None where too little was measured.
    """

    dimension: str
    ratio: float | None
    checks: int
    points: tuple[float | None, ...] = ()
    trend: Trend | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A contract that came, changed or went in the window.

    Attributes:
        what: added, changed, removed.
        before, after: the versions; None where there is none. What was added and has one before was
            promised earlier, and is so again.
        words: what is different, in words.
    """

    contract: str
    title: str
    what: ChangeKind
    at: datetime
    before: str | None
    after: str | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A pause that touches the window.

    Attributes:
        covers: what it is about, as globs, in words.
        excused: whether its time does not count; a maintenance that was declared after it had begun does.
    """

    what: str
    start: datetime
    end: datetime
    covers: str
    author: str
    reason: str
    excused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """One promise of the form "by 07:00", and what became of its deadlines in the window.

    Attributes:
        passed: the deadlines that have passed since it was first measured, in order.
    """

    check: str
    dataset: str
    element: str | None
    title: str
    expected: str
    passed: tuple[Deadline, ...]

    def days(self, met: Met) -> tuple[str, ...]:
        """The local dates of the deadlines of which that became."""
        return tuple(each.day for each in self.passed if each.met is met)

    @property
    def due(self) -> int:
        """How many deadlines count: all but the excused."""
        return sum(each.met is not Met.EXCUSED for each in self.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """One promise of how fast breaches are detected, told of or repaired, and how it went.

    Attributes:
        what: detect, notify or repair.
        promised: how long it may take.
        rank: of a hundred breaches, how many have to keep it: 100, 95 or 50.
        breaches: how many were open at some time of the window.
        lengths: how long it took for each, where that is known; what still lasts, as long as it has so far.
        untold: of how many no alert was delivered.
        unseen: how many were closed since nobody looked any more; those have no time to repair.
    """

    check: str
    dataset: str
    title: str
    what: str
    promised: timedelta
    rank: int
    breaches: int
    lengths: tuple[timedelta, ...]
    untold: int = 0
    unseen: int = 0

    @property
    def summary(self) -> Summary | None:
        """The lengths in a few figures; None where there is none."""
        return summary(self.lengths)

    @property
    def over(self) -> int:
        """How many took longer than promised."""
        return sum(each > self.promised for each in self.lengths)

    @property
    def kept(self) -> bool | None:
        """Whether the promise was kept; None where no breach is there to hold it against."""
        found = self.summary
        if found is None:
            return None
        return {50: found.median, 95: found.p95}.get(self.rank, found.longest) <= self.promised


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """Time of which what is on record was not measured.

    Attributes:
        kind: what is on record instead, in words.
    """

    kind: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Violations:
    """How many episodes of one kind and severity were open at some time of the window."""

    kind: str
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that was not measured, and why.

    Attributes:
        what: error, not_executable, unmeasured, or unreadable for a contract file that cannot be read.
        cause: a value of `plan.metric.Cause` where there is one.
    """

    what: GapKind
    contract: str
    contract_title: str
    server: str
    dataset: str
    check: str
    kind: str
    title: str
    reason: str
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLine:
    """How the alerts raised in the window fared on one channel."""

    channel: str
    sent: int = 0
    pending: int = 0
    dead: int = 0
    suppressed: int = 0
    skipped: int = 0
