"""Asking: one warehouse for every engine that speaks SQL; what differs is a dialect and a session.

It connects with the first question, reads the catalogue once, sends the plan, and turns whatever goes wrong
into an answer: a question that the engine refuses is found by halving its statement, and the others keep
their answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    LastChange,
    NotMeasured,
    Query,
    Question,
    Statement,
)
from floe_dagster.warehouses._assumed import assumed, tables_of
from floe_dagster.warehouses._expectations import Frame, of_shape
from floe_dagster.warehouses._guard import tables_in
from floe_dagster.warehouses._messages import shortened
from floe_dagster.warehouses._plan import plan
from floe_dagster.warehouses._planned import Planned, Reading, conditional, most_rows, pieces, read
from floe_dagster.warehouses._sample import Reader, statement, taken
from floe_dagster.warehouses._sample import tables_in as tables_in_samples

if TYPE_CHECKING:
    from floe_dagster.plan.sample import Sample, Wanted
    from floe_dagster.warehouses._ahead import Ahead
    from floe_dagster.warehouses._catalogue import Catalogue
    from floe_dagster.warehouses._dialect import Dialect

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

    def __init__(
        self, dialect: Dialect, connect: Connect, *, brief: bool = False, shares: bool = False
    ) -> None:
        """A warehouse, not yet connected.

        Args:
            dialect: how the engine spells things.
            connect: opens a session.
            brief: let go of the session after each `ask`, where holding it would keep writers out.
            shares: every session sees the same catalogue.
        """
        self.dialect = dialect
        self._connect = connect
        self._brief = brief
        self._shares = shares
        self._ahead: Ahead | None = None
        self._session: Session | None = None
        self._sent = 0

    def share(self, ahead: Ahead) -> None:
        """Read the catalogue through `ahead`, with all other warehouses on the same server."""
        if self._shares:
            self._ahead = ahead

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other."""
        if not questions:
            return {}
        asked = tuple(dict.fromkeys(questions))
        lent = self._ahead is not None and self._session is not None
        try:
            answers = self._tried(asked)
            # a server may have hung up on a connection while it waited for the next contract of the tick
            again = lent and self._session is None and _is_unreachable(answers)
            return self._tried(asked) if again else answers
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
        sent = (Statement(each.sql, each.questions) for each in agenda.planned)
        then = ((each.otherwise, each.only) for each in conditional(agenda.planned))
        return (first, *sent, *(Statement(each.sql, each.questions, only) for each, only in then))

    def samples(self, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
        """Some rows that break promises, as they may be shown; never raises."""
        try:
            return taken(wanted, self._sampling, secret)
        finally:
            self._rest()

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

    def _tried(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        try:
            return self._answers(questions)
        except Exception as error:  # noqa: BLE001  the promise of ask is that it never raises
            return dict.fromkeys(questions, _gap(error))

    def _answers(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        tables = tables_of(questions)
        if self._session is None:
            self._session = self._connect((*tables, *self._mentioned(questions)))
        session = self._session
        agenda = plan(questions, self._catalogue(session, tables), self.dialect)
        answers, planned = agenda.settled, agenda.planned
        while planned:
            readings = [self._send(session, each) for each in planned]
            for each in readings:
                answers |= each.answers
            planned = [then for each in readings for then in each.then]
        for shape in agenda.shapes:
            answers |= of_shape(shape)
        answers |= _changes(session, questions, answers)
        return {each: answers[each] for each in questions}

    def _sampling(self, wanted: Sequence[Wanted]) -> Reader:
        tables = tables_in_samples(wanted)
        session = self._session = self._session or self._connect(tables)
        catalogue = self._catalogue(session, tables)

        def read(one: Wanted) -> Sequence[Sequence[object]]:
            sql = statement(one, catalogue, self.dialect)
            self._sent += 1
            try:
                return session.rows(sql, one.most)
            except WarehouseError as error:
                if error.cause in _GONE:
                    self.close()
                raise

        return read

    def _catalogue(self, session: Session, tables: tuple[str, ...]) -> Catalogue:
        def read_anew(names: tuple[str, ...]) -> Catalogue:
            self._sent += 1
            return session.catalogue(names)

        try:
            return self._ahead.catalogue(tables, read_anew) if self._ahead else read_anew(tables)
        except WarehouseError:
            self.close()
            raise

    def _mentioned(self, questions: Iterable[Question]) -> tuple[str, ...]:
        queries = [each.metric.sql for each in questions if isinstance(each.metric, Query)]
        return tuple(name for sql in queries for name in tables_in(sql, self.dialect.name))

    def _send(self, session: Session, planned: Planned) -> Reading:
        if self._session is None:
            gap = NotMeasured(Cause.UNREACHABLE, "the connection was lost")
            return Reading(dict.fromkeys(planned.questions, gap))
        self._sent += 1
        start = time.perf_counter()
        try:
            rows = session.rows(planned.sql, most_rows(planned))
        except WarehouseError as error:
            return self._recover(session, planned, error)
        except (ValueError, OverflowError) as error:
            if not isinstance(planned, Frame):
                raise
            lost = WarehouseError(f"a column holds what Python cannot ({type(error).__name__})")
            return self._recover(session, planned, lost)
        return read(planned, rows, time.perf_counter() - start)

    def _recover(self, session: Session, planned: Planned, error: WarehouseError) -> Reading:
        if error.cause in _GONE:
            self.close()
        whole = Reading()
        for each in pieces(planned, Cause(error.cause)):
            part = self._send(session, each)
            whole.answers |= part.answers
            whole.then += part.then
        missing = () if whole.answers or whole.then else planned.questions
        return Reading(whole.answers | dict.fromkeys(missing, _gap(error)), whole.then)


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


def _is_unreachable(answers: Mapping[Question, Answer]) -> bool:
    gaps = (each for each in answers.values() if isinstance(each, NotMeasured))
    return any(each.cause is Cause.UNREACHABLE for each in gaps)


def _gap(error: Exception) -> NotMeasured:
    if isinstance(error, WarehouseError):
        return NotMeasured(Cause(error.cause), shortened(error.message))
    return NotMeasured(Cause.BROKEN, shortened(f"{type(error).__name__}: {error}"))
