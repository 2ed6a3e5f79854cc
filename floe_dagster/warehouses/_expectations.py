"""Expectations: what Great Expectations is handed, the same from every warehouse.

It is given a DataFrame of the columns that the expectations of a table name, read by our own session: with
its guard, its time limit, its snapshot and its secrets, none of which leave it. Great Expectations' own
connections would need the password, do not work on DuckDB, have no regular expressions on SQLite, and answer
differently from one engine to the next. The price is memory, so there is a limit to what is read. What is
asked about columns alone is answered from the catalogue, and a number of rows by counting them.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from floe_dagster.plan.metric import Answer, Cause, Expectation, Measured, NotMeasured, Question
from floe_dagster.warehouses._exact import check_types, held, spelled
from floe_dagster.warehouses._pattern import (
    Back,
    Choice,
    Group,
    Look,
    Node,
    Repeat,
    parse,
    unsupported,
)
from floe_dagster.warehouses._pattern import Sequence as InOrder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pandas import DataFrame, Series

    from floe_dagster.errors import WarehouseError
    from floe_dagster.plan.metric import LiveColumn
    from floe_dagster.warehouses._gx import Arguments

MOST_VALUES = 5_000_000
"""How many values are read for the expectations of one table."""

_MOST_TURNS = 10
_MOST_OPEN = 3
_OPEN = 20
_TIMES = ("date", "timestamp")
_AS_THEY_ARE = {type(None), bool, int, float, str, datetime, date}
_LIMITS = ("min_value", "max_value", "value_set")


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows that the expectations of a table read.

    Attributes:
        source: where to select from.
        questions: the expectations.
        columns: how each column that they name is selected.
        live: the same columns, as the catalogue has them.
    """

    source: str
    questions: tuple[Question, ...]
    columns: Mapping[str, str]
    live: Mapping[str, LiveColumn]

    @property
    def sql(self) -> str:
        """The statement: one row more than may be judged, or their number where no column is read."""
        if not self.columns:
            return f"select count(*) from {self.source}"  # noqa: S608  every part is quoted
        selected = ",\n  ".join(self.columns.values())
        return f"select\n  {selected}\nfrom {self.source}\nlimit {self.most_rows + 1}"

    @property
    def most_rows(self) -> int:
        """How many rows may be judged."""
        return MOST_VALUES // max(1, len(self.columns))

    @property
    def halves(self) -> tuple[Frame, ...]:
        """The same in two statements; nothing where there is only one question."""
        middle = len(self.questions) // 2
        parts = (self.questions[:middle], self.questions[middle:])
        return tuple(self._of(each) for each in parts) if middle else ()

    def _of(self, questions: tuple[Question, ...]) -> Frame:
        named = {name for each in questions for name in expectation(each).columns}
        columns = {name: sql for name, sql in self.columns.items() if name in named}
        return replace(self, questions=questions, columns=columns)


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns that a table has, for the expectations about nothing else; no statement is sent."""

    questions: tuple[Question, ...]
    names: tuple[str, ...]


def expectation(question: Question) -> Expectation:
    """The expectation that a question asks about."""
    if not isinstance(question.metric, Expectation):
        raise TypeError(f"{question.metric} is no expectation")
    return question.metric


def together(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames of one table as one, so that its rows are read once."""
    if not frames:
        return ()
    questions = tuple(question for each in frames for question in each.questions)
    columns = {name: sql for each in frames for name, sql in each.columns.items()}
    live = {name: column for each in frames for name, column in each.live.items()}
    return (Frame(frames[0].source, questions, columns, live),)


def of_rows(frame: Frame, rows: Sequence[Sequence[Any]], seconds: float) -> dict[Question, Answer]:
    """Hold what was read against the expectations; never raises."""
    if frame.columns and len(rows) > frame.most_rows:
        reason = (
            f"there are more than {frame.most_rows} rows, and Great Expectations reads them into memory;"
            " write it as a library or sql rule, which does not"
        )
        return dict.fromkeys(frame.questions, NotMeasured(Cause.UNSUPPORTED, reason))
    exact = tuple(each for each in frame.questions if expectation(each).counts)
    loose = tuple(each for each in frame.questions if not expectation(each).counts)
    return {
        **_answers(loose, partial(_loosely, frame, rows), seconds),
        **_answers(exact, partial(_exactly, frame, rows), seconds),
    }


def of_shape(shape: Shape) -> dict[Question, Answer]:
    """Hold the columns of a table against the expectations; never raises."""
    return _answers(shape.questions, partial(_empty, shape), 0.0)


def _answers(
    questions: Sequence[Question], data: Callable[[], tuple[DataFrame, Arguments]], seconds: float
) -> dict[Question, Answer]:
    if not questions:
        return {}
    start = time.perf_counter()
    try:
        from floe_dagster.warehouses._gx import evaluate  # noqa: PLC0415  only where a rule needs it

        found = evaluate([expectation(each) for each in questions], *data())
    except ImportError as error:
        reason = f"Great Expectations cannot be imported ({error}); install great-expectations"
        return dict.fromkeys(questions, NotMeasured(Cause.MISCONFIGURED, reason))
    except Exception as error:  # noqa: BLE001  the message of anybody's error may hold a value out of a row
        reason = f"Great Expectations failed with {type(error).__name__}"
        return dict.fromkeys(questions, NotMeasured(Cause.BROKEN, reason))
    taken = seconds + time.perf_counter() - start
    answers = {each: found[expectation(each)] for each in questions}
    return {
        each: replace(answer, seconds=taken) if isinstance(answer, Measured) else answer
        for each, answer in answers.items()
    }


def _loosely(frame: Frame, rows: Sequence[Sequence[Any]]) -> tuple[DataFrame, Arguments]:
    """Rows as pandas would hold them, for rules that were written for Great Expectations."""
    import pandas as pd

    columns, many = _by_column(frame, rows)
    times = [name for name, each in frame.live.items() if each.logical_type in _TIMES]
    data = pd.DataFrame(
        {name: _series(values, is_time=name in times) for name, values in columns.items()}, index=range(many)
    )
    stamps = frozenset(str(name) for name, kind in data.dtypes.items() if kind.kind == "M")
    return data, partial(_arguments, stamps=stamps)


def _exactly(frame: Frame, rows: Sequence[Sequence[Any]]) -> tuple[DataFrame, Arguments]:
    """Rows as the databases would count them."""
    found = held(frame.live, *_by_column(frame, rows))
    return found.frame, found.arguments


def _by_column(frame: Frame, rows: Sequence[Sequence[Any]]) -> tuple[dict[str, tuple[Any, ...]], int]:
    """What was read, by column, and how many rows it is."""
    if not frame.columns:
        return {}, int(rows[0][0])
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(frame.columns)
    return dict(zip(frame.columns, columns, strict=True)), len(rows)


def _empty(shape: Shape) -> tuple[DataFrame, Arguments]:
    import pandas as pd

    return pd.DataFrame({name: [] for name in shape.names}), partial(_arguments, stamps=frozenset())


def _arguments(wanted: Expectation, stamps: frozenset[str]) -> dict[str, Any]:
    """The kwargs; limits of dates and timestamps would be held against them as text."""
    kwargs: dict[str, Any] = json.loads(wanted.kwargs)
    if stamps.issuperset(wanted.columns) and wanted.columns:
        kwargs |= {name: _moments_of(kwargs[name]) for name in _LIMITS if name in kwargs}
    return kwargs


def _moments_of(written: object) -> object:
    if isinstance(written, list):
        return [_moments_of(each) for each in written]
    return moment(written) if isinstance(written, str) else written


def _series(values: Sequence[Any], *, is_time: bool) -> Series[Any]:
    """Values as pandas compares them; numbers stay whole beside NULL, decimals become floats."""
    import pandas as pd

    kinds: set[type] = set(map(type, values))
    plain: Sequence[Any] = values if kinds <= _AS_THEY_ARE else [_plain(each) for each in values]
    if is_time and (moments := _moments(plain)) is not None:
        return pd.Series(moments, dtype="datetime64[us]")
    kinds = set(map(type, plain)) - {type(None)}
    if kinds == {int} and all(-(2**63) <= each < 2**63 for each in plain if each is not None):
        return pd.Series(plain, dtype="Int64" if None in plain else "int64")
    if kinds and kinds <= {int, float}:
        return pd.Series(plain, dtype="float64")
    return pd.Series(plain, dtype="object")


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | float() | str() | datetime() | date():
            return value
        case Decimal():
            return float(value)
        case _:
            return str(value)


def _moments(values: Sequence[Any]) -> list[datetime | None] | None:
    """Points in time without a zone, in UTC; None where something is none."""
    try:
        return [None if each is None else moment(each) for each in values]
    except (TypeError, ValueError, OverflowError):
        return None


def moment(value: object) -> datetime:
    """A point in time without a zone, in UTC.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  in UTC, as all of them
    read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return read if read.tzinfo is None else read.astimezone(UTC).replace(tzinfo=None)


def check(wanted: Expectation, columns: Mapping[str, LiveColumn]) -> None:
    """Refuse what is not to be run on these columns.

    Raises:
        WarehouseError: it could take for ever, or not count what it has to.
    """
    check_patterns(wanted)
    if wanted.counts:
        check_types(wanted, columns)


def check_patterns(wanted: Expectation) -> None:
    """Refuse patterns that could take for ever.

    Great Expectations runs them with Python's `re`, which backtracks and cannot be interrupted.

    Raises:
        WarehouseError: a pattern that nests repetitions, or has too many of them.
    """
    kwargs = json.loads(wanted.kwargs)
    several = kwargs.get("regex_list")
    for each in (kwargs.get("regex"), *(several if isinstance(several, list) else ())):
        if isinstance(each, str):
            _check_pattern(each, spelled(each) if wanted.counts else each)


def _check_pattern(pattern: str, written: str) -> None:
    try:
        re.compile(written)
    except (re.error, OverflowError, RecursionError) as error:
        raise unsupported(f"Python cannot read the pattern {pattern[:80]}: {error}") from error
    turns = list(_turns(parse(pattern), repeated=False))
    if len(turns) > _MOST_TURNS or sum(turns) > _MOST_OPEN:
        raise _too_free(f"repeats more than {_MOST_OPEN} times without end")


def _turns(node: Node, *, repeated: bool) -> Iterator[bool]:  # noqa: C901  one case a node
    """Every place at which a matcher may try again, and whether it may do so without end."""
    match node:
        case Repeat(inner, least, most) if least != most:
            if repeated:
                raise _too_free("repeats what repeats")
            yield most is None or most > _OPEN
            yield from _turns(inner, repeated=most != 1)
        case Repeat(inner, _, most):
            yield from _turns(inner, repeated=repeated or (most or 0) > 1)
        case Choice(options):
            if repeated:
                raise _too_free("repeats a choice")
            yield False
            for each in options:
                yield from _turns(each, repeated=False)
        case InOrder(parts):
            for each in parts:
                yield from _turns(each, repeated=repeated)
        case Group(inner) | Look(inner):
            yield from _turns(inner, repeated=repeated)
        case Back():
            raise _too_free("refers back to a group")
        case _:
            return


def _too_free(what: str) -> WarehouseError:
    return unsupported(
        f"the pattern {what}, and could take for ever in Python; write it as invalidValues with the argument"
        " pattern, which is matched in linear time"
    )
