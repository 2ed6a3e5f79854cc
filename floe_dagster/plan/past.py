"""Past: what is asked of what we remember, where the data of now does not say it.

To a check kind these are metrics like others. No warehouse is asked them: what was recorded answers, for the
contract and the server that are measured. What a metric is about is named by what other checks ask, and not
by their ids, which are not known while a contract is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, time

    from floe_dagster.plan.metric import Answer, Metric, Question, Table


@dataclass(frozen=True, slots=True)
class Past:
    """What every such metric is."""


@dataclass(frozen=True, slots=True)
class KeptTime(Past):
    """How long promises of the dataset were kept lately: Record.

    Of the checks that ask nothing but `asked` of it, or of those of a kind; all of them together are kept
    only while each of them is.

    Attributes:
        asked: what they ask.
        kind: of which kind they are.
        seconds: how far back.
    """

    seconds: float
    asked: Metric | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Earlier(Past):
    """What the checks that ask for this saw lately: Looks.

    Their outcomes have to tell it as what was measured: a number, or a point in time in ISO 8601.
    """

    asked: Metric
    seconds: float


@dataclass(frozen=True, slots=True)
class Due(Past):
    """What became of deadlines lately, by what was seen of the newest data: Deadlines.

    Attributes:
        asked: what says what the newest is; the answer of now counts as a look.
        by: the time of day, in the zone.
        weekdays: the days on which it counts, 0 being Monday.
        schedule: a cron expression; it counts on days on which that has a time.
        holidays: local dates on which it does not count.
        days_before: how many days before that of the deadline what counts as new begins.
        seconds: how far back.
    """

    asked: Metric
    by: time
    zone: str
    seconds: float
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    schedule: str | None = None
    holidays: Holidays | None = None
    days_before: int = 0


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days on which nothing is due: those of a country or one of its parts, `DE` or `DE-BY`, and dates."""

    country: str = ""
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Responses(Past):
    """How it went with the episodes that were open lately: tuple[Response, ...].

    Attributes:
        seconds: how far back.
        datasets: of these, by logical name; of the whole contract where there is none.
    """

    seconds: float
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached(Past):
    """Whether the server gave any answer to the probes of these tables that were just made: Reach."""

    tables: tuple[Table, ...]


class PastAnswer:
    """What every answer of more than one value is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(PastAnswer):
    """How a stretch of time up to now went, in seconds.

    Attributes:
        every_seconds: how often it is looked.
        looks: how many times it was looked, and something was known.
        failures: how many of those found it broken.
        in_a_row: how many of the newest did.
        last_failure: when the newest of them was.
        reason: what was said of it.
    """

    good: float = 0.0
    bad: float = 0.0
    unknown: float = 0.0
    excused: float = 0.0
    every_seconds: float = 0.0
    looks: int = 0
    failures: int = 0
    in_a_row: int = 0
    last_failure: datetime | None = None
    reason: str = ""

    @property
    def counts(self) -> float:
        """The seconds that count: all but the excused."""
        return self.good + self.bad + self.unknown

    @property
    def share(self) -> float | None:
        """The share of the known time in which it was kept; None where nothing is known."""
        known = self.good + self.bad
        return self.good / known if known else None

    @property
    def coverage(self) -> float:
        """The share of the time that is known."""
        return (self.good + self.bad) / self.counts if self.counts else 0.0

    @property
    def low(self) -> float:
        """What the share is at least, all that is unknown taken for broken."""
        return self.good / self.counts if self.counts else 0.0

    @property
    def high(self) -> float:
        """What the share is at most, all that is unknown taken for kept."""
        return (self.good + self.unknown) / self.counts if self.counts else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(PastAnswer):
    """What came of the probes of a server's tables.

    Attributes:
        server: its name.
        tried: how many tables were probed.
        answered: how many of these probes only a server can have answered.
    """

    server: str = ""
    tried: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Looks(PastAnswer):
    """What was seen when, in the order of time; None where there was nothing to see.

    Attributes:
        every_seconds: how often it is looked.
    """

    seen: tuple[tuple[datetime, int | float | datetime | None], ...] = ()
    every_seconds: float = 0.0


class Met(StrEnum):
    """What became of a deadline."""

    HIT = "hit"
    MISS = "miss"
    UNKNOWN = "unknown"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline, and what became of it.

    Attributes:
        day: the local date.
        since: what arrives from here on is new.
        at: the deadline.
    """

    day: str
    since: datetime
    at: datetime
    met: Met


@dataclass(frozen=True, slots=True)
class Deadlines(PastAnswer):
    """The deadlines that have passed, in the order of time."""

    passed: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How long three things took for one episode, in seconds; what still lasts, as long as it has so far.

    Attributes:
        title: what was broken.
        opened_at: when it opened.
        detect_low: what detecting took at least.
        detect: what it took at most; None where nobody knows.
        notify: None where nobody was to be notified.
        repair: None where nobody looked any more.
    """

    title: str
    opened_at: datetime
    detect_low: float
    detect: float | None
    notify: float | None
    repair: float | None


@dataclass(frozen=True, slots=True)
class ResponseTimes(PastAnswer):
    """The episodes of a stretch of time, in the order in which they opened."""

    episodes: tuple[Response, ...] = ()


class Memory(Protocol):
    """What was recorded of one contract on one server. Reads, and never writes."""

    def recall(
        self, questions: tuple[Question, ...], answers: Mapping[Question, Answer], now: datetime
    ) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other.

        Args:
            questions: about the past, all of them.
            answers: what has just been measured.
            now: aware, UTC.
        """
