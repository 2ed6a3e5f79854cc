"""Parts: what stands in a report beside the lines of its contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.report.trend import Trend

ChangeKind = Literal["added", "changed", "removed"]


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
        before, after: the versions; None where there is none.
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
