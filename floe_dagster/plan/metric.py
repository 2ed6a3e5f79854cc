"""Metrics: what is asked of a warehouse, never how.

A check kind compiles a contract to metrics; a warehouse answers all metrics of a server at once and picks the
cheapest way for its engine. Values are frozen and hashable, so that the same question is asked once.
Columns are physical names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from floe_dagster.plan.past import Past, PastAnswer

if TYPE_CHECKING:
    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.plan.offence import Offence


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset as its server knows it: the physical name, `schema.table` where qualified, or a file."""

    name: str


# Metrics: what can be asked of a table.


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows: int."""


@dataclass(frozen=True, slots=True)
class Offenders:
    """How many rows commit the offence: int."""

    offence: Offence


class Count(StrEnum):
    """What is counted of duplicates; a row with a NULL in the key is never one."""

    GROUPS = "groups"
    """keys that occur more than once"""
    EXCESS = "excess"
    """rows beyond the first of each key"""
    ROWS = "rows"
    """all rows whose key occurs more than once"""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How many duplicates of a key there are: int."""

    columns: tuple[ColumnRef, ...]
    count: Count = Count.EXCESS


@dataclass(frozen=True, slots=True)
class Orphans:
    """How many rows refer to a key that the other table does not hold: int. A NULL refers to nothing."""

    columns: tuple[str, ...]
    to: Table
    to_columns: tuple[str, ...]


Offending = Offenders | Duplicates | Orphans
"""Metrics that count rows, of which a sample can be taken."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The largest value of a column of dates or timestamps: aware datetime in UTC, or None without rows.

    A timestamp without a zone is read in `zone`; a date is its first instant.
    """

    column: ColumnRef
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Oldest:
    """The smallest value of a column of dates or timestamps, as for `Newest`."""

    column: ColumnRef
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Gaps:
    """When nothing arrived, by the distinct values of a column of dates or timestamps: Arrivals.

    None without rows. Stamps are read as for `Newest`.

    Attributes:
        apart_seconds: only stretches longer than this are told of.
        within_seconds: how far before the newest value arrivals are looked at; None for all there are. The
            last arrival before that counts too, since a stretch may reach back behind it.
    """

    column: str
    apart_seconds: float
    within_seconds: float | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class LastChange:
    """When the table was last written, from metadata (file stamp): aware datetime in UTC, or None."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns as the catalogue has them now: tuple[LiveColumn, ...]."""


@dataclass(frozen=True, slots=True)
class Query:
    """The one value that the contract author's own statement returns: number, bool, text or None.

    The text is as written, with `{object}`-style placeholders already filled in, and is not trusted.

    Attributes:
        template: the same, in which `{object}` and `{property}` are left to be filled with the names of the
            table and of `column` as the catalogue has them; empty where there were no placeholders.
    """

    sql: str
    template: str = field(default="", compare=False)
    column: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Whether the table meets an expectation of Great Expectations: Finding.

    Its type is in snake case, its kwargs are JSON with sorted keys; `columns` are those it reads. Where
    `counts` says of what, its number is wanted whether it is met or not, and has to be the one that the
    databases would give; what cannot be held to that is not measured.
    """

    type: str
    kwargs: str = "{}"
    columns: tuple[str, ...] = ()
    counts: Count | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether the table can be read at all; the answer is the time that took, in seconds: float."""


Metric = (
    RowCount
    | Offenders
    | Duplicates
    | Orphans
    | Newest
    | Oldest
    | Gaps
    | LastChange
    | Columns
    | Query
    | Expectation
    | Probe
    | Past
)


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """A column as the catalogue has it.

    Attributes:
        name: as the engine spells it.
        type: the engine's own name for the type, with its arguments: `VARCHAR(18)`, `DECIMAL(10,2)`.
        logical_type: the contract's word for it: string, integer, number, boolean, date, timestamp, time,
            array, object, map; None where no word fits.
        nullable: whether the catalogue lets it be NULL.
        primary_key: its place in the primary key from 1, or 0.
        fields: what is nested in it, as far as its type says: of an array the items as `[]`, of a map `[key]`
            and `[value]`; none where the type says nothing, as that of JSON.
        engine: whose type it is, as sqlglot calls its dialect; empty where nobody knows.
    """

    name: str
    type: str
    logical_type: str | None
    nullable: bool = True
    primary_key: int = 0
    fields: tuple[LiveColumn, ...] = ()
    engine: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When data arrived.

    Attributes:
        newest: the newest value, in UTC.
        gaps: stretches without an arrival, from one to the next, the newest first; at most `MOST_GAPS`.
    """

    newest: datetime
    gaps: tuple[tuple[datetime, datetime], ...] = ()


MOST_GAPS = 100
"""More stretches than these are not told of, since nobody reads them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an expectation found; never a value out of a row.

    `offending` are the rows that do not meet it, where counted; `observed` is a count or a share.
    """

    kept: bool
    offending: int | None = None
    observed: int | float | None = None


# Questions and answers.


@dataclass(frozen=True, slots=True)
class Question:
    """One metric of one table."""

    table: Table
    metric: Metric


Value = int | float | str | bool | datetime | tuple[LiveColumn, ...] | Finding | Arrivals | PastAnswer | None


class Cause(StrEnum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"
    """the server does not answer, or the file is not there"""
    MISCONFIGURED = "misconfigured"
    """the connection cannot even be tried: an unset variable, a wrong URL, a missing driver"""
    NO_DATASET = "no dataset"
    """the server answers, the table is not there"""
    NO_COLUMN = "no column"
    """the table is there, the column is not"""
    DENIED = "denied"
    """no permission"""
    LOCKED = "locked"
    """somebody else holds it, and did not let go within the timeout"""
    TIMEOUT = "timeout"
    """no answer within the timeout"""
    UNSUPPORTED = "unsupported"
    """this warehouse cannot be asked this; it never will answer"""
    BROKEN = "broken"
    """the engine refused the question"""
    NO_HISTORY = "no history"
    """it is told from what was recorded earlier, and that is not enough yet"""


@dataclass(frozen=True, slots=True)
class Measured:
    """An answer, and how long the statement took that gave it (shared by all that it answered)."""

    value: Value
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """No answer, and why, for people."""

    cause: Cause
    reason: str


Answer = Measured | NotMeasured


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that would be sent, and the questions that it answers; for `floe plan` and for tests.

    Attributes:
        only: when it is sent, where not always: "where ...".
    """

    sql: str
    questions: tuple[Question, ...]
    only: str = ""


class Warehouse(Protocol):
    """An open connection to where data is. Reads, and never writes."""

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other."""

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """The statements that `ask` would send where every table and column is as promised."""

    def statements(self) -> int:
        """How many statements have been sent since it was opened."""

    def close(self) -> None:
        """Let go of the connection; safe to call twice."""
