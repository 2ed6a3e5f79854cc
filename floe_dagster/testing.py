"""Testing: fakes of the outside world, for your tests and ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Measured,
    Metric,
    NotMeasured,
    Question,
    Statement,
    Table,
    Value,
)
from floe_dagster.plan.sample import sample_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from floe_dagster.plan.sample import Sample, Wanted


@dataclass
class FakeWarehouse:
    """A warehouse that answers from a dictionary, and remembers what it was asked.

    Attributes:
        answers: by dataset (physical name) and metric: a value, or a whole answer.
        seconds: how long every statement takes.
        rows: by dataset (physical name), what a sample reads: a value by column, for each row.
        asked: the questions of each `ask`, in order.
        sampled: the samples that were wanted, in order.
        closed: whether it has been let go of.
    """

    answers: Mapping[str, Mapping[Metric, Value | Answer]] = field(default_factory=dict)
    seconds: float = 0.0
    rows: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict, repr=False)
    asked: list[tuple[Question, ...]] = field(default_factory=list)
    sampled: list[Wanted] = field(default_factory=list)
    closed: bool = False

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """What the dictionary says; a dataset or metric that is not in it is not measured."""
        self.asked.append(questions)
        return {each: self._answer(each) for each in questions}

    def samples(self, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
        """The first rows of the dataset, whatever is counted."""
        self.sampled += wanted
        return tuple(sample_of(each, self._read(each), secret) for each in wanted)

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """One statement for each dataset."""
        tables = dict.fromkeys(each.table for each in questions)
        return tuple(_statement(table, questions) for table in tables)

    def statements(self) -> int:
        """How often it was asked."""
        return len(self.asked)

    def close(self) -> None:
        """Remember that it was let go of."""
        self.closed = True

    def _read(self, wanted: Wanted) -> Iterator[list[object]]:
        for row in self.rows.get(wanted.table.name, ())[: wanted.most]:
            yield [row[each.physical_name] for each in wanted.read]

    def _answer(self, question: Question) -> Answer:
        known = self.answers.get(question.table.name)
        if known is None:
            return NotMeasured(Cause.NO_DATASET, f"there is no {question.table.name}")
        if question.metric not in known:
            return NotMeasured(Cause.UNSUPPORTED, f"nobody told the fake what to answer to {question.metric}")
        match known[question.metric]:
            case (Measured() | NotMeasured()) as answer:
                return answer
            case value:
                return Measured(value, self.seconds)


def _statement(table: Table, questions: tuple[Question, ...]) -> Statement:
    own = tuple(each for each in questions if each.table == table)
    return Statement(sql=f"ask {table.name} for {len(own)} metrics", questions=own)


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time on it."""
        return self.now

    def advance(self, length: timedelta) -> datetime:
        """Move it forward, and say the new time."""
        self.now += length
        return self.now
