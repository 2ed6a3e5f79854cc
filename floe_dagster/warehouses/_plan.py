"""Plan: which statements answer a set of questions, for one catalogue and one dialect.

What is missing is answered without asking. Everything that one scan of a table can count is one statement;
where the engine answers counts and bounds from statistics, those are a statement of their own, since any
other aggregate beside them would force a scan. Duplicates, orphans and contract authors' queries each have
their own, the three ways to count the duplicates of one key being one. A statement of several answers can
be split, so that a question that the engine refuses disturbs no other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.expectation import KNOWN, Says
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    Count,
    Duplicates,
    Expectation,
    LastChange,
    LiveColumn,
    Measured,
    Newest,
    NotMeasured,
    Offenders,
    Oldest,
    Orphans,
    Probe,
    Query,
    Question,
    RowCount,
    Value,
)
from floe_dagster.plan.offence import Null
from floe_dagster.warehouses._answers import count, moment, scalar
from floe_dagster.warehouses._dialect import zoned
from floe_dagster.warehouses._expectations import Frame, Shape, check_patterns, together
from floe_dagster.warehouses._guard import guarded
from floe_dagster.warehouses._offences import condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from floe_dagster.warehouses._catalogue import Catalogue, LiveTable
    from floe_dagster.warehouses._dialect import Dialect

_TIMES = ("date", "timestamp")
_COUNTS = {
    Count.GROUPS: "count(*)",
    Count.EXCESS: "coalesce(sum(n - 1), 0)",
    Count.ROWS: "coalesce(sum(n), 0)",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that a statement selects, and how it is read."""

    question: Question
    sql: str
    read: Callable[[object], Value]


@dataclass(frozen=True, slots=True)
class Select:
    """One row of values out of one source."""

    source: str
    cells: tuple[Cell, ...]

    @property
    def sql(self) -> str:
        """The statement."""
        return "select\n  " + ",\n  ".join(each.sql for each in self.cells) + f"\nfrom {self.source}"

    @property
    def halves(self) -> tuple[Select, ...]:
        """The same in two statements; nothing where there is only one value."""
        middle = len(self.cells) // 2
        parts = (self.cells[:middle], self.cells[middle:])
        return tuple(Select(self.source, each) for each in parts) if middle else ()


@dataclass(frozen=True, slots=True)
class Alone:
    """A statement of its own, with one row of one value."""

    sql: str
    question: Question
    read: Callable[[object], Value]


@dataclass(frozen=True, slots=True)
class Glance:
    """A statement of which only the time matters that it took."""

    sql: str
    question: Question


Planned = Select | Alone | Glance | Frame


@dataclass(slots=True)
class Agenda:
    """What is known already, what has to be sent, and what the catalogue answers by way of expectations."""

    settled: dict[Question, Answer] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


def plan(questions: Sequence[Question], catalogue: Catalogue, dialect: Dialect) -> Agenda:
    """Settle what the catalogue answers, and plan the rest, table by table in the order of the questions."""
    agenda = Agenda()
    for name in dict.fromkeys(each.table.name for each in questions):
        mine = [each for each in questions if each.table.name == name]
        table = catalogue.table(name)
        if isinstance(table, NotMeasured):
            agenda.settled |= dict.fromkeys(mine, table)
        else:
            _plan_table(_Planner(table, catalogue, dialect), mine, agenda)
    return agenda


def _plan_table(planner: _Planner, questions: Sequence[Question], agenda: Agenda) -> None:
    cheap: list[Cell] = []
    scanned: list[Cell] = []
    keys: dict[tuple[str, ...], list[Cell]] = {}
    alone: list[Planned] = []
    frames: list[Frame] = []
    shaped: list[Question] = []
    for question in questions:
        match planner.attempted(question):
            case Cell() as cell if isinstance(question.metric, Duplicates):
                keys.setdefault(question.metric.columns, []).append(cell)
            case Cell() as cell:
                (cheap if planner.is_cheap(question) else scanned).append(cell)
            case Alone() | Glance() as own:
                alone.append(own)
            case Frame() as frame:
                frames.append(frame)
            case Shape():
                shaped.append(question)
            case Measured() | NotMeasured() as answer:
                agenda.settled[question] = answer
    sources = [
        (planner.source, cheap),
        (planner.source, scanned),
        *((planner.grouped(columns), cells) for columns, cells in keys.items()),
    ]
    agenda.planned += [
        part for source, cells in sources for part in _in_parts(source, cells, planner.most_cells)
    ]
    agenda.planned += (*alone, *together(frames))
    if shaped:
        agenda.shapes.append(Shape(tuple(shaped), tuple(each.name for each in planner.table.columns)))


def _in_parts(source: str, cells: Sequence[Cell], most: int) -> Iterable[Select]:
    return (Select(source, tuple(cells[at : at + most])) for at in range(0, len(cells), most))


@dataclass(frozen=True, slots=True)
class _Planner:
    """Turns the questions of one table that is there into SQL."""

    table: LiveTable
    catalogue: Catalogue
    dialect: Dialect

    @property
    def source(self) -> str:
        return self.dialect.table(self.table)

    @property
    def most_cells(self) -> int:
        return self.dialect.most_cells

    def attempted(self, question: Question) -> Cell | Alone | Glance | Frame | Shape | Answer:
        """How to answer a question; whatever goes wrong is an answer, so that no rule disturbs another."""
        try:
            return self.planned(question)
        except WarehouseError as error:
            return NotMeasured(Cause(error.cause), error.message)
        except Exception as error:  # noqa: BLE001  a contract is a stranger's, and may hold what nobody thought of
            return NotMeasured(Cause.BROKEN, f"{type(error).__name__}: {error}")

    def planned(self, question: Question) -> Cell | Alone | Glance | Frame | Shape | Answer:  # noqa: C901  one case a metric
        """How to answer a question.

        Raises:
            WarehouseError: it cannot be asked; the cause says whether it ever can.
        """
        metric = question.metric
        match metric:
            case RowCount():
                return Cell(question, "count(*)", count)
            case Offenders(Null(column)):
                return Cell(question, f"count(*) - count({self.name(column)})", count)
            case Offenders(offence):
                where = condition(offence, self.column, self.dialect)
                return Cell(question, f"count(*) filter (where {where})", count)
            case Newest() | Oldest():
                return self._extreme(question, metric)
            case Duplicates():
                self.grouped(metric.columns)
                return Cell(question, _COUNTS[metric.count], count)
            case Orphans():
                return Alone(self._orphans(metric), question, count)
            case Query(sql):
                return Alone(guarded(sql, self.dialect.name), question, scalar)
            case Expectation():
                return self._expectation(question, metric)
            case Probe():
                return Glance(f"select 1 from {self.source} limit 1", question)  # noqa: S608  every part is quoted
            case Columns():
                return Measured(self.table.columns, self.catalogue.seconds)
            case LastChange():
                return NotMeasured(
                    Cause.UNSUPPORTED, "this server does not say when a table was last written"
                )

    def is_cheap(self, question: Question) -> bool:
        """Whether statistics answer it."""
        match question.metric:
            case RowCount() | Offenders(Null()):
                return self.dialect.statistics
            case Newest(name) | Oldest(name):
                return self.dialect.statistics and self.column(name).logical_type in _TIMES
            case _:
                return False

    def column(self, name: str) -> LiveColumn:
        """A column of this table.

        Raises:
            WarehouseError: there is none.
        """
        return self._column_of(self.table, name)

    def name(self, column: str) -> str:
        """A column's name, in quotes."""
        return self.dialect.identifier(self.column(column).name)

    def grouped(self, columns: tuple[str, ...]) -> str:
        """The sizes of the groups of a key that occurs more than once."""
        given = " and ".join(f"{self.name(each)} is not null" for each in columns)
        key = ", ".join(self.dialect.group_key(self.table, self.column(each)) for each in columns)
        groups = f"select count(*) as n from {self.source}\n  where {given}"  # noqa: S608  every part is quoted
        return f"(\n  {groups}\n  group by {key}\n  having count(*) > 1\n) as duplicated"

    def _extreme(self, question: Question, metric: Newest | Oldest) -> Cell:
        column = self.column(metric.column)
        if column.logical_type not in (*_TIMES, "string") and column.type:
            raise WarehouseError(f'"{column.name}" is {column.type}, which is neither a date nor a timestamp')
        _check_zone(metric.zone)
        function = "max" if isinstance(metric, Newest) else "min"
        sql = self.dialect.greatest_or_least(function, column, metric.zone)
        return Cell(question, sql, partial(moment, zone=metric.zone))

    def _expectation(self, question: Question, metric: Expectation) -> Frame | Shape:
        if metric.type not in KNOWN:
            raise WarehouseError(f"{metric.type} is not run here", cause=Cause.UNSUPPORTED)
        if KNOWN[metric.type].says is Says.SHAPE:
            return Shape((question,), ())
        check_patterns(metric)
        found = {name: self.column(name) for name in metric.columns}
        # a driver may need a package of its own to hand out a zone, and none to hand out text
        columns = {
            name: self.dialect.shown_utc(self.name(name)) if zoned(each) else self.name(name)
            for name, each in found.items()
        }
        times = frozenset(name for name, each in found.items() if each.logical_type in _TIMES)
        return Frame(self.source, (question,), columns, times)

    def _orphans(self, metric: Orphans) -> str:
        parent = self.catalogue.table(metric.to.name)
        if isinstance(parent, NotMeasured):
            raise WarehouseError(parent.reason, cause=parent.cause)
        if len(metric.columns) != len(metric.to_columns) or not metric.columns:
            raise WarehouseError(f"{len(metric.columns)} columns cannot refer to {len(metric.to_columns)}")
        keys = [self.name(each) for each in metric.columns]
        to_keys = [self.dialect.identifier(self._column_of(parent, each).name) for each in metric.to_columns]
        return self.dialect.orphans(self.source, keys, self.dialect.table(parent), to_keys)

    def _column_of(self, table: LiveTable, name: str) -> LiveColumn:
        found = self.catalogue.column(table, name)
        if isinstance(found, NotMeasured):
            raise WarehouseError(found.reason, cause=found.cause)
        return found


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WarehouseError(f'there is no time zone "{zone}"; write it as "Europe/Berlin"') from None
