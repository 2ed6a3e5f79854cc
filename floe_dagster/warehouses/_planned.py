"""Planned: the statements that a plan is made of, what each answers, and how it is taken apart.

A statement of several answers can be split, so that a question that the engine refuses disturbs no other. A
value in it may be a proof that nothing offends; only where that fails is the exact question asked, in a
statement that follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, assert_never

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Question, Value
from floe_dagster.warehouses._answers import count
from floe_dagster.warehouses._expectations import Frame, of_rows
from floe_dagster.warehouses._messages import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SPLITTABLE = (Cause.BROKEN, Cause.UNSUPPORTED, Cause.DENIED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that a statement selects, and how it is read.

    Attributes:
        where: the rows that it counts; empty where it is no such count.
        bounded: whether no such row is missed by passing over the blocks in which the bounds that are kept
            of a column show that there is none.
    """

    question: Question
    sql: str
    read: Callable[[object], Value]
    where: str = ""
    bounded: bool = False

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers."""
        return (self.question,)


@dataclass(frozen=True, slots=True)
class Proof:
    """A value that is 0 only where its questions' counts are; where it is not, they are asked exactly.

    Attributes:
        otherwise: what asks them.
        only: when that is sent, for people: "where ...".
    """

    sql: str
    otherwise: Select
    only: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers."""
        return self.otherwise.questions


@dataclass(frozen=True, slots=True)
class Select:
    """One row of values out of one source."""

    source: str
    cells: tuple[Cell | Proof, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers."""
        return tuple(question for each in self.cells for question in each.questions)

    @property
    def sql(self) -> str:
        """The statement."""
        return "select\n  " + ",\n  ".join(each.sql for each in self.cells) + f"\nfrom {self.source}"

    @property
    def halves(self) -> tuple[Planned, ...]:
        """The same in two statements; of a single proof, what is asked without it; else nothing."""
        middle = len(self.cells) // 2
        match self.cells:
            case (Proof() as proof,):
                return (proof.otherwise,)
            case _ if middle:
                return tuple(Select(self.source, each) for each in (self.cells[:middle], self.cells[middle:]))
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Stacked:
    """Several selects of counts as one statement, a row for each; an engine may read them side by side.

    Attributes:
        parts: whose values are all whole numbers.
        apart: whether each is sent alone, with all the time there is, once they took too long together.
    """

    parts: tuple[Select, ...]
    apart: bool = False

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers."""
        return tuple(question for each in self.parts for question in each.questions)

    @property
    def sql(self) -> str:
        """The statement: each row starts with the place of its part, and is filled up with zeros."""
        widest = max(len(each.cells) for each in self.parts)
        return "\nunion all\n".join(self._rows(widest))

    @property
    def halves(self) -> tuple[Planned, ...]:
        """The same in two statements."""
        middle = len(self.parts) // 2
        halves = (self.parts[:middle], self.parts[middle:])
        return tuple(stacked(each, apart=self.apart) for each in halves) if middle else self.parts[0].halves

    def _rows(self, widest: int) -> Iterator[str]:
        for place, each in enumerate(self.parts):
            values = [str(place), *(cell.sql for cell in each.cells), *["0"] * (widest - len(each.cells))]
            yield f"select {', '.join(values)} from {each.source}"  # noqa: S608  every part is quoted


def stacked(parts: Sequence[Select], *, apart: bool = False) -> Planned:
    """Selects of counts as one statement."""
    return parts[0] if len(parts) == 1 else Stacked(tuple(parts), apart)


@dataclass(frozen=True, slots=True)
class Alone:
    """A statement of its own, with one row of one value."""

    sql: str
    question: Question
    read: Callable[[object], Value]

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers."""
        return (self.question,)


@dataclass(frozen=True, slots=True)
class Glance:
    """A statement of which only the time matters that it took."""

    sql: str
    question: Question

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers."""
        return (self.question,)


Planned = Select | Stacked | Alone | Glance | Frame


@dataclass(slots=True)
class Reading:
    """What came of a statement: answers, and what its failed proofs ask next."""

    answers: dict[Question, Answer] = field(default_factory=dict)
    then: list[Planned] = field(default_factory=list)


def most_rows(planned: Planned) -> int:
    """How many rows are fetched: those that it should return, and one by which too many are noticed."""
    match planned:
        case Frame():
            return planned.most_rows + 1
        case Stacked():
            return len(planned.parts) + 1
        case _:
            return 2


def pieces(planned: Planned, cause: Cause) -> tuple[Planned, ...]:
    """What to send instead of a statement that failed so; nothing where it is not to be split."""
    match planned:
        case Stacked(parts, apart=True) if cause is Cause.TIMEOUT:
            return parts
        case Select() | Stacked() | Frame() if cause in _SPLITTABLE:
            return planned.halves
        case _:
            return ()


def conditional(planned: Sequence[Planned]) -> Iterator[Proof]:
    """Every proof that statements hold."""
    for each in planned:
        parts = each.parts if isinstance(each, Stacked) else (each,) if isinstance(each, Select) else ()
        yield from (cell for part in parts for cell in part.cells if isinstance(cell, Proof))


def read(planned: Planned, rows: Sequence[Sequence[object]], seconds: float) -> Reading:
    """The answers that a statement's rows hold.

    Raises:
        ValueError: there are not as many rows or values as it has to return.
    """
    match planned:
        case Select():
            (row,) = rows
            return _values(planned, row, seconds)
        case Stacked():
            return _stack(planned, rows, seconds)
        case Alone():
            return Reading({planned.question: value(lambda: planned.read(_only(rows)), seconds)})
        case Glance():
            return Reading({planned.question: Measured(seconds, seconds)})
        case Frame():
            return Reading(of_rows(planned, rows, seconds))
        case _:
            assert_never(planned)


def _stack(planned: Stacked, rows: Sequence[Sequence[object]], seconds: float) -> Reading:
    by_place = {count(place): values for place, *values in rows}
    if len(by_place) != len(rows) or len(rows) != len(planned.parts):
        raise ValueError(f"{len(rows)} rows for {len(planned.parts)} counts")
    whole = Reading()
    for place, part in enumerate(planned.parts):
        found = _values(part, by_place[place][: len(part.cells)], seconds)
        whole.answers |= found.answers
        whole.then += found.then
    return whole


def _values(select: Select, row: Sequence[object], seconds: float) -> Reading:
    found = Reading()
    for cell, raw in zip(select.cells, row, strict=True):
        match cell:
            case Cell():
                found.answers[cell.question] = value(partial(cell.read, raw), seconds)
            case Proof() if raw == 0:
                found.answers |= dict.fromkeys(cell.questions, Measured(0, seconds))
            case Proof():
                found.then.append(cell.otherwise)
    return found


def value(read_one: Callable[[], Value], seconds: float) -> Answer:
    """What was read as an answer, or why it cannot be one."""
    try:
        return Measured(read_one(), seconds)
    except WarehouseError as error:
        return NotMeasured(Cause(error.cause), shortened(error.message))


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
