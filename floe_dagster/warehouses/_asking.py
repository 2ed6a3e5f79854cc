"""Asking: one warehouse for every engine that speaks SQL; what differs is a dialect and a session.

It connects with the first question, reads the catalogue once, sends the plan, and turns whatever goes wrong
into an answer: a question that the engine refuses is found by halving its statement, and the others keep
their answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    LastChange,
    Measured,
    NotMeasured,
    Query,
    Question,
    Statement,
    Value,
)
from floe_dagster.warehouses._assumed import assumed, tables_of
from floe_dagster.warehouses._expectations import Frame, of_rows, of_shape
from floe_dagster.warehouses._guard import tables_in
from floe_dagster.warehouses._messages import shortened
from floe_dagster.warehouses._plan import Alone, Glance, Planned, Select, plan

if TYPE_CHECKING:
    from floe_dagster.warehouses._catalogue import Catalogue
    from floe_dagster.warehouses._dialect import Dialect

_SPLITTABLE = (Cause.BROKEN, Cause.UNSUPPORTED, Cause.DENIED)
_GONE = (Cause.UNREACHABLE, Cause.LOCKED, Cause.MISCONFIGURED)


class Session(Protocol):
    """An open connection. Every method raises `WarehouseError` and nothing else for what the engine does."""

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these tables, in one statement."""

    def rows(self, sql: str, most: int = 2) -> Sequence[Sequence[object]]:
        """The first rows that a statement returns."""

    def changed(self, name: str) -> Answer | None:
        """When a table was last written; None where this kind of server never knows."""

    def rest(self) -> None:
        """End what a round of questions holds on the server, and keep the connection."""

    def close(self) -> None:
        """Let go; safe to call twice."""


Connect = Callable[[tuple[str, ...]], Session]
"""Opens a session that can read these tables."""


class SqlWarehouse:
    """A warehouse that is asked in SQL.

    Attributes:
        dialect: how the engine spells things.
    """

    def __init__(self, dialect: Dialect, connect: Connect, *, brief: bool = False) -> None:
        """A warehouse, not yet connected.

        Args:
            dialect: how the engine spells things.
            connect: opens a session.
            brief: let go of the session after each `ask`, where holding it would keep writers out.
        """
        self.dialect = dialect
        self._connect = connect
        self._brief = brief
        self._session: Session | None = None
        self._sent = 0

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other."""
        if not questions:
            return {}
        try:
            return self._answers(tuple(dict.fromkeys(questions)))
        except Exception as error:  # noqa: BLE001  the promise of ask is that it never raises
            return dict.fromkeys(questions, _gap(error))
        finally:
            self._rest()

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """The statements that `ask` would send where every table and column is as promised."""
        asked = tuple(dict.fromkeys(questions))
        agenda = plan(asked, assumed(asked, self.dialect), self.dialect)
        structure = (
            *(each for each in asked if isinstance(each.metric, Columns)),
            *(question for each in agenda.shapes for question in each.questions),
        )
        first = Statement(self.dialect.catalogue(tables_of(asked)), structure)
        return (first, *(Statement(each.sql, _questions(each)) for each in agenda.planned))

    def statements(self) -> int:
        """How many statements have been sent since it was opened; setting up a session does not count."""
        return self._sent

    def close(self) -> None:
        """Let go of the connection; safe to call twice."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(WarehouseError):
                session.close()

    def _rest(self) -> None:
        if self._brief:
            self.close()
        elif self._session is not None:
            self._session.rest()

    def _answers(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        tables = tables_of(questions)
        if self._session is None:
            self._session = self._connect((*tables, *self._mentioned(questions)))
        session = self._session
        self._sent += 1
        try:
            catalogue = session.catalogue(tables)
        except WarehouseError:
            self.close()
            raise
        agenda = plan(questions, catalogue, self.dialect)
        answers = agenda.settled
        for each in agenda.planned:
            answers |= self._send(session, each)
        for shape in agenda.shapes:
            answers |= of_shape(shape)
        answers |= _changes(session, questions, answers)
        return {each: answers[each] for each in questions}

    def _mentioned(self, questions: Iterable[Question]) -> tuple[str, ...]:
        queries = [each.metric.sql for each in questions if isinstance(each.metric, Query)]
        return tuple(name for sql in queries for name in tables_in(sql, self.dialect.name))

    def _send(self, session: Session, planned: Planned) -> dict[Question, Answer]:
        if self._session is None:
            return dict.fromkeys(
                _questions(planned), NotMeasured(Cause.UNREACHABLE, "the connection was lost")
            )
        self._sent += 1
        start = time.perf_counter()
        try:
            most = planned.most_rows + 1 if isinstance(planned, Frame) else 2
            rows = session.rows(planned.sql, most)
        except WarehouseError as error:
            return self._recover(session, planned, error)
        except (ValueError, OverflowError) as error:
            if not isinstance(planned, Frame):
                raise
            lost = WarehouseError(f"a column holds what Python cannot ({type(error).__name__})")
            return self._recover(session, planned, lost)
        return _read(planned, rows, time.perf_counter() - start)

    def _recover(self, session: Session, planned: Planned, error: WarehouseError) -> dict[Question, Answer]:
        if error.cause in _GONE:
            self.close()
        halves = planned.halves if isinstance(planned, Select | Frame) and error.cause in _SPLITTABLE else ()
        if not halves:
            return dict.fromkeys(_questions(planned), _gap(error))
        return {question: answer for half in halves for question, answer in self._send(session, half).items()}


def _questions(planned: Planned) -> tuple[Question, ...]:
    match planned:
        case Select():
            return tuple(each.question for each in planned.cells)
        case Frame():
            return planned.questions
        case _:
            return (planned.question,)


def _read(planned: Planned, rows: Sequence[Sequence[object]], seconds: float) -> dict[Question, Answer]:
    match planned:
        case Frame():
            return of_rows(planned, rows, seconds)
        case Glance():
            return {planned.question: Measured(seconds, seconds)}
        case Alone():
            return {planned.question: _value(lambda: planned.read(_only(rows)), seconds)}
        case Select():
            (row,) = rows
            return {
                cell.question: _value(partial(cell.read, raw), seconds)
                for cell, raw in zip(planned.cells, row, strict=True)
            }


def _value(read: Callable[[], Value], seconds: float) -> Answer:
    try:
        return Measured(read(), seconds)
    except WarehouseError as error:
        return _gap(error)


def _only(rows: Sequence[Sequence[object]]) -> object:
    """The one value of a query."""
    if len(rows) != 1 or len(rows[0]) != 1:
        shape = (
            "no rows"
            if not rows
            else f"{'more than one row' if len(rows) > 1 else 'one row'} of {len(rows[0])} columns"
        )
        raise WarehouseError(f"the query returned {shape}; it has to return one row of one column")
    return rows[0][0]


def _changes(
    session: Session, questions: Iterable[Question], known: dict[Question, Answer]
) -> dict[Question, Answer]:
    """What only the session knows of when tables changed, for tables that are there."""
    found: dict[Question, Answer] = {}
    for each in questions:
        gap = known.get(each)
        if (
            isinstance(each.metric, LastChange)
            and isinstance(gap, NotMeasured)
            and gap.cause is Cause.UNSUPPORTED
        ):
            answer = session.changed(each.table.name)
            if answer is not None:
                found[each] = answer
    return found


def _gap(error: Exception) -> NotMeasured:
    if isinstance(error, WarehouseError):
        return NotMeasured(Cause(error.cause), shortened(error.message))
    return NotMeasured(Cause.BROKEN, shortened(f"{type(error).__name__}: {error}"))
