"""Core plan: which statements of SQLAlchemy answer a set of questions.

As in the plan of every other warehouse, one scan of a table counts everything there is to count, and keys,
relationships and probes have statements of their own. What databases do not agree on is never sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    Count,
    Duplicates,
    LastChange,
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
from floe_dagster.warehouses._answers import count, moment
from floe_dagster.warehouses._catalogue import told_by
from floe_dagster.warehouses._core_offences import column_of, condition, never, times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.warehouses._core_catalogue import CoreTable, Tables


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that a statement selects, and how it is read."""

    question: Question
    element: sa.ColumnElement[Any]
    read: Callable[[object], Value]


@dataclass(frozen=True, slots=True)
class Bundle:
    """One row of values out of one source."""

    source: sa.FromClause
    cells: tuple[Cell, ...]

    @property
    def statement(self) -> sa.Select[Any]:
        """The statement."""
        elements = (each.element.label(f"a{n}") for n, each in enumerate(self.cells))
        return sa.select(*elements).select_from(self.source)

    @property
    def halves(self) -> tuple[Bundle, ...]:
        """The same in two statements; nothing where there is only one value."""
        middle = len(self.cells) // 2
        parts = (self.cells[:middle], self.cells[middle:])
        return tuple(Bundle(self.source, each) for each in parts) if middle else ()


@dataclass(frozen=True, slots=True)
class Lone:
    """A statement of its own; its one value is a count, or only the time matters that it takes."""

    statement: sa.Select[Any]
    question: Question


Planned = Bundle | Lone


@dataclass(slots=True)
class Agenda:
    """What is known already, and what has to be sent."""

    settled: dict[Question, Answer] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)


def plan(questions: Sequence[Question], tables: Tables, dialect: str, seconds: float) -> Agenda:
    """Settle what the catalogue answers, and plan the rest.

    Args:
        questions: each once.
        tables: by the names that the questions use.
        dialect: as SQLAlchemy calls it.
        seconds: how long reading the catalogue took.
    """
    agenda = Agenda()
    for name in dict.fromkeys(each.table.name for each in questions):
        mine = [each for each in questions if each.table.name == name]
        table = tables[name]
        if isinstance(table, NotMeasured):
            agenda.settled |= dict.fromkeys(mine, table)
        else:
            _plan_table(_Planner(table, tables, dialect, seconds), mine, agenda)
    return agenda


def questions_of(planned: Planned) -> tuple[Question, ...]:
    """What a statement answers."""
    return (
        tuple(each.question for each in planned.cells) if isinstance(planned, Bundle) else (planned.question,)
    )


def read(planned: Planned, rows: Sequence[Sequence[Any]], seconds: float) -> dict[Question, Answer]:
    """The answers that a statement's rows hold."""
    if isinstance(planned, Lone):
        probed = isinstance(planned.question.metric, Probe)
        return {planned.question: Measured(seconds if probed else count(rows[0][0]), seconds)}
    (row,) = rows
    return {
        each.question: _value(partial(each.read, raw), seconds)
        for each, raw in zip(planned.cells, row, strict=True)
    }


def _value(read_one: Callable[[], Value], seconds: float) -> Answer:
    try:
        return Measured(read_one(), seconds)
    except WarehouseError as error:
        return NotMeasured(Cause(error.cause), error.message)


def _plan_table(planner: _Planner, questions: Sequence[Question], agenda: Agenda) -> None:
    scanned: list[Cell] = []
    keys: dict[tuple[ColumnRef, ...], list[Cell]] = {}
    alone: list[Planned] = []
    for question in questions:
        try:
            match planner.planned(question):
                case Cell() as cell if isinstance(question.metric, Duplicates):
                    keys.setdefault(question.metric.columns, []).append(cell)
                case Cell() as cell:
                    scanned.append(cell)
                case Lone() as own:
                    alone.append(own)
                case Measured() as answer:
                    agenda.settled[question] = answer
        except WarehouseError as error:
            agenda.settled[question] = NotMeasured(Cause(error.cause), error.message)
    agenda.planned += [Bundle(planner.table.source, tuple(scanned))] if scanned else []
    agenda.planned += [Bundle(planner.grouped(columns), tuple(cells)) for columns, cells in keys.items()]
    agenda.planned += alone


@dataclass(frozen=True, slots=True)
class _Planner:
    """Turns the questions of one table that is there into statements."""

    table: CoreTable
    tables: Mapping[str, CoreTable | NotMeasured]
    dialect: str
    seconds: float

    def planned(self, question: Question) -> Cell | Lone | Measured:
        """How to answer a question.

        Raises:
            WarehouseError: it cannot be asked; the cause says whether it ever can.
        """
        match metric := question.metric:
            case RowCount():
                return Cell(question, sa.func.count(), count)
            case Offenders(offence):
                wrong = condition(offence, self.table, self.dialect)
                return Cell(question, sa.func.count(sa.case((wrong, 1))), count)
            case Newest() | Oldest():
                return self._extreme(question, metric)
            case Duplicates(columns, how):
                self.grouped(columns)
                return Cell(question, _counted(how), count)
            case Orphans():
                return Lone(self._orphans(metric), question)
            case Probe():
                return Lone(
                    sa.select(sa.literal_column("1")).select_from(self.table.source).limit(1), question
                )
            case Columns():
                return Measured(told_by(self.table.live.columns, self.dialect), self.seconds)
            case LastChange():
                raise WarehouseError(
                    "this server does not say when a table was last written", cause=Cause.UNSUPPORTED
                )
            case Query():
                raise never(
                    "run the queries of a contract, which are only let through in dialects that are known"
                )
            case _:
                raise never(f"be asked for {type(metric).__name__}")

    def grouped(self, columns: tuple[ColumnRef, ...]) -> sa.Subquery:
        """The sizes of the groups of a key that occurs more than once."""
        key = [column_of(self.table, each)[1] for each in columns]
        n = sa.func.count().label("n")
        groups = sa.select(n).select_from(self.table.source).where(*(each.is_not(None) for each in key))
        return groups.group_by(*key).having(sa.func.count() > 1).subquery("duplicated")

    def _extreme(self, question: Question, metric: Newest | Oldest) -> Cell:
        live, column = column_of(self.table, metric.column)
        times_of(live, self.dialect)
        if live.logical_type == "time":
            raise WarehouseError(f'"{live.name}" is {live.type}, which is neither a date nor a timestamp')
        try:
            ZoneInfo(metric.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            said = f'there is no time zone "{metric.zone}"; write it as "Europe/Berlin"'
            raise WarehouseError(said) from None
        function = sa.func.max if isinstance(metric, Newest) else sa.func.min
        return Cell(question, function(column), partial(moment, zone=metric.zone))

    def _orphans(self, metric: Orphans) -> sa.Select[Any]:
        parent = self.tables[metric.to.name]
        if isinstance(parent, NotMeasured):
            raise WarehouseError(parent.reason, cause=parent.cause)
        if len(metric.columns) != len(metric.to_columns) or not metric.columns:
            raise WarehouseError(f"{len(metric.columns)} columns cannot refer to {len(metric.to_columns)}")
        child, other = self.table.source.alias("c"), parent.source.alias("p")
        keys = [child.c[column_of(self.table, each)[0].name] for each in metric.columns]
        to_keys = [other.c[column_of(parent, each)[0].name] for each in metric.to_columns]
        pairs = (to == key for key, to in zip(keys, to_keys, strict=True))
        found = sa.select(sa.literal_column("1")).select_from(other).where(*pairs).correlate(child).exists()
        given = (each.is_not(None) for each in keys)
        return sa.select(sa.func.count()).select_from(child).where(*given, ~found)


def _counted(how: Count) -> sa.ColumnElement[Any]:
    n = sa.column("n", sa.BigInteger())
    match how:
        case Count.GROUPS:
            return sa.func.count()
        case Count.EXCESS:
            return sa.func.coalesce(sa.func.sum(n - 1), 0)
        case Count.ROWS:
            return sa.func.coalesce(sa.func.sum(n), 0)
