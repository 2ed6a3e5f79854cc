"""Plan: which statements answer a set of questions, for one catalogue and one dialect.

What is missing is answered without asking. What is left is turned into SQL question by question, and the
dialect's planner makes statements of it. Orphans and contract authors' queries each have their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.expectation import KNOWN, Says
from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    Duplicates,
    Expectation,
    Gaps,
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
)
from floe_dagster.plan.offence import AnyOf, Compares, Null
from floe_dagster.plan.past import Past
from floe_dagster.warehouses._answers import count, moment, scalar
from floe_dagster.warehouses._catalogue import told_by
from floe_dagster.warehouses._dialect import zoned
from floe_dagster.warehouses._expectations import Frame, Shape, check, together
from floe_dagster.warehouses._fields import single
from floe_dagster.warehouses._guard import guarded
from floe_dagster.warehouses._lag import arrivals, gaps
from floe_dagster.warehouses._offences import condition
from floe_dagster.warehouses._planned import Alone, Cell, Glance, Planned
from floe_dagster.warehouses._planners import Asked, Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.plan.offence import Offence
    from floe_dagster.warehouses._catalogue import Catalogue, LiveTable
    from floe_dagster.warehouses._dialect import Dialect

_TIMES = ("date", "timestamp")
_PLACEHOLDER = re.compile(r"\.?\{object\}|\{property\}")


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
    keys: dict[tuple[ColumnRef, ...], list[Question]] = {}
    alone: list[Planned] = []
    frames: list[Frame] = []
    shaped: list[Question] = []
    for question in questions:
        match planner.attempted(question):
            case Cell() as cell:
                (cheap if planner.is_cheap(question) else scanned).append(cell)
            case Key(columns=columns):
                keys.setdefault(columns, []).append(question)
            case Alone() | Glance() as own:
                alone.append(own)
            case Frame() as frame:
                frames.append(frame)
            case Shape():
                shaped.append(question)
            case Measured() | NotMeasured() as answer:
                agenda.settled[question] = answer
    asked = Asked(
        source=planner.source,
        cheap=tuple(cheap),
        scanned=tuple(scanned),
        keys=tuple(planner.key(columns, tuple(each)) for columns, each in keys.items()),
        most_cells=planner.dialect.most_cells,
    )
    agenda.planned += (*planner.dialect.planner(asked), *alone, *together(frames))
    if shaped:
        agenda.shapes.append(Shape(tuple(shaped), tuple(each.name for each in planner.table.columns)))


@dataclass(frozen=True, slots=True)
class _Planner:
    """Turns the questions of one table that is there into SQL."""

    table: LiveTable
    catalogue: Catalogue
    dialect: Dialect

    @property
    def source(self) -> str:
        return self.dialect.table(self.table)

    def attempted(self, question: Question) -> Cell | Key | Alone | Glance | Frame | Shape | Answer:
        """How to answer a question; whatever goes wrong is an answer, so that no rule disturbs another."""
        try:
            return self.planned(question)
        except WarehouseError as error:
            return NotMeasured(Cause(error.cause), error.message)
        except Exception as error:  # noqa: BLE001  a contract is a stranger's, and may hold what nobody thought of
            return NotMeasured(Cause.BROKEN, f"{type(error).__name__}: {error}")

    def planned(self, question: Question) -> Cell | Key | Alone | Glance | Frame | Shape | Answer:  # noqa: C901, PLR0912  a case for each metric
        """How to answer a question.

        Raises:
            WarehouseError: it cannot be asked; the cause says whether it ever can.
        """
        metric = question.metric
        match metric:
            case RowCount():
                return Cell(question, "count(*)", count)
            case Offenders(Null(str(column))):
                return Cell(question, f"count(*) - count({self.name(column)})", count)
            case Offenders(offence):
                where = condition(offence, self.column, self.dialect)
                counted = f"count(*) filter (where {where})"
                return Cell(question, counted, count, where, self._is_bounded(offence))
            case Newest() | Oldest():
                return self._extreme(question, metric)
            case Gaps():
                sql = gaps(metric, self.source, self.column(metric.column), self.dialect)
                return Alone(sql, question, arrivals)
            case Duplicates():
                return self.key(metric.columns, (question,))
            case Orphans():
                return Alone(self._orphans(metric), question, count)
            case Query():
                return Alone(guarded(self._filled(metric), self.dialect.name), question, scalar)
            case Expectation():
                return self._expectation(question, metric)
            case Probe():
                return Glance(f"select 1 from {self.source} limit 1", question)  # noqa: S608  every part is quoted
            case Columns():
                return Measured(told_by(self.table.columns, self.dialect.name), self.catalogue.seconds)
            case LastChange():
                return NotMeasured(
                    Cause.UNSUPPORTED, "this server does not say when a table was last written"
                )
            case Past():
                return NotMeasured(Cause.UNSUPPORTED, "a warehouse knows nothing of what was recorded of it")

    def is_cheap(self, question: Question) -> bool:
        """Whether statistics answer it."""
        match question.metric:
            case RowCount() | Offenders(Null(str())):
                return self.dialect.statistics
            case Newest(str(name)) | Oldest(str(name)):
                return self.dialect.statistics and self.column(name).logical_type in _TIMES
            case _:
                return False

    def column(self, name: ColumnRef) -> LiveColumn:
        """A column of this table, or a field of which a row holds at most one value.

        Raises:
            WarehouseError: there is none.
        """
        if isinstance(name, Field):
            return single(name, self._column_of(self.table, name.column), self.dialect)
        return self._column_of(self.table, name)

    def name(self, column: ColumnRef) -> str:
        """A column's name, in quotes."""
        return self.dialect.value(self.column(column))

    def keyed(self, name: ColumnRef) -> LiveColumn:
        """The same as `column`, of which is only to be told whether two values are equal."""
        if isinstance(name, Field):
            return single(name, self._column_of(self.table, name.column), self.dialect, key=True)
        return self.column(name)

    def key(self, columns: tuple[ColumnRef, ...], questions: tuple[Question, ...]) -> Key:
        """A key of which duplicates are counted."""
        keyed = [self.keyed(each) for each in columns]
        return Key(
            source=self.source,
            columns=columns,
            given=" and ".join(f"{self.dialect.value(each)} is not null" for each in keyed),
            group_by=tuple(self.dialect.group_key(self.table, each) for each in keyed),
            fingerprint=self.dialect.fingerprint(keyed),
            wide=len(keyed) > 1 or any(each.logical_type == "string" for each in keyed),
            questions=questions,
        )

    def _is_bounded(self, offence: Offence) -> bool:
        """Whether an engine that passes over blocks by the bounds of a column misses no row, nor an error.

        Of several conditions it looks at those first that it likes, and may never come to one that fails.
        """
        if isinstance(offence, AnyOf):
            return all(self._cannot_fail(each) and self._is_bounded(each) for each in offence.offences)
        return isinstance(offence.column, str) and self.dialect.has_true_bounds(self.column(offence.column))

    def _filled(self, metric: Query) -> str:
        """The author's statement, with the names of this table and of the rule's column as they are there."""
        names = {".{object}": "." + self.dialect.identifier(self.table.name), "{object}": self.source}
        if metric.column is not None:
            names["{property}"] = self.name(metric.column)
        return _PLACEHOLDER.sub(lambda found: names[found[0]], metric.template or metric.sql)

    def _cannot_fail(self, offence: Offence) -> bool:
        """Whether there is no value that the engine refuses to judge."""
        match offence:
            case Null(str()):
                return True
            case Compares(str(name)):
                return self.column(name).logical_type in ("integer", "number", *_TIMES)
            case _:
                return False

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
        found = {name: self.column(name) for name in metric.columns}
        check(metric, found)
        # a driver may need a package of its own to hand out a zone, and none to hand out text
        columns = {
            name: self.dialect.shown_utc(self.name(name)) if zoned(each) else self.name(name)
            for name, each in found.items()
        }
        return Frame(self.source, (question,), columns, found)

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
