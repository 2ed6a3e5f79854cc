"""Frames: pandas DataFrames in memory, asked in SQL by a DuckDB that reads them where they are.

Nothing is converted to what a contract promises first, so that a wrong type is seen. Columns of numpy and of
pandas' own types are read without a copy; columns of Python objects are looked through in full, since their
type is that of their values. What is missing to pandas (None, NaN, NA, NaT) is NULL.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    LastChange,
    LiveColumn,
    Measured,
    NotMeasured,
    Orphans,
    Probe,
)
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable, qualified
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql, translated
from floe_dagster.warehouses._messages import shortened, without_values
from floe_dagster.warehouses._series import MIXED, FrameColumn, Prepared, prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection
    from pandas import DataFrame

    from floe_dagster.plan.metric import Question, Statement
    from floe_dagster.plan.sample import Sample, Wanted

_NEVER: dict[type, str] = {
    Probe: "a DataFrame in memory says nothing of whether its server can be reached; ask once it is stored",
    LastChange: "a DataFrame in memory does not say when it was made; ask once it is stored",
}


class FramesSql(DuckdbSql):
    """DuckDB's SQL; pandas' nanoseconds reach less far than limits do, and compare as microseconds."""

    def as_moment(self, column: LiveColumn) -> str:
        """A date or timestamp, to hold against `moment`."""
        name = super().as_moment(column)
        return f"cast({name} as timestamp)" if column.type == "TIMESTAMP_NS" else name


class FramesWarehouse:
    """A warehouse over DataFrames.

    Args:
        frames: the DataFrame of each table, by its physical name; read while asking, and never changed.
        timeout_seconds: how long one statement may take.
    """

    def __init__(self, frames: Mapping[str, DataFrame], *, timeout_seconds: float = 60.0) -> None:
        self._frames = dict(frames)
        self._timeout = timeout_seconds
        self._inner = SqlWarehouse(FramesSql("main", statistics=False), self._connect, brief=True)

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other."""
        able = tuple(each for each in questions if type(each.metric) not in _NEVER)
        answers = {each: self._told(each, answer) for each, answer in self._inner.ask(able).items()}
        return {each: answers[each] if each in answers else self._never(each) for each in questions}

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """The statements that `ask` would send to DuckDB."""
        return self._inner.explain(tuple(each for each in questions if type(each.metric) not in _NEVER))

    def samples(self, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
        """Some rows that break promises, as they may be shown; it never raises."""
        return self._inner.samples(wanted, secret)

    def statements(self) -> int:
        """How many statements have been sent since it was opened."""
        return self._inner.statements()

    def close(self) -> None:
        """Let go of the frames; safe to call twice."""
        self._inner.close()

    def _connect(self, tables: tuple[str, ...]) -> _FramesSession:
        wanted = {each.casefold() for name in tables for each in (name, name.rpartition(".")[2])}
        mine = {
            name: frame
            for name, frame in self._frames.items()
            if {name.casefold(), name.rpartition(".")[2].casefold()} & wanted
        }
        return _FramesSession(mine, sorted(self._frames), self._timeout)

    def _never(self, question: Question) -> NotMeasured:
        if question.table.name not in self._frames:
            return NotMeasured(Cause.NO_DATASET, _not_given(question.table.name, self._frames))
        return NotMeasured(Cause.UNSUPPORTED, _NEVER[type(question.metric)])

    def _told(self, question: Question, answer: Answer) -> Answer:
        """The answer in the words of pandas; a parent that is not given cannot be held against, ever."""
        match question.metric, answer:
            case Orphans(), NotMeasured(Cause.NO_DATASET, reason) if question.table.name in self._frames:
                return NotMeasured(Cause.UNSUPPORTED, reason)
            case Columns(), Measured(tuple() as columns, seconds):
                return Measured(tuple(_in_pandas_words(each) for each in columns), seconds)
            case _:
                return answer


@dataclass(frozen=True, slots=True)
class _Column(LiveColumn):
    """A column as DuckDB reads it, which is planned by, with what pandas calls its type, which is told."""

    dtype: str = ""


class _FramesSession(DuckdbSession):
    """Views over frames, of which the connection can reach nothing else."""

    def __init__(self, frames: Mapping[str, DataFrame], given: Sequence[str], timeout_seconds: float) -> None:
        super().__init__(_connection(frames), FramesSql("main", statistics=False), timeout_seconds)
        self._given = given
        self._prepared: dict[str, Prepared] = {}
        self._gaps: dict[str, NotMeasured] = {}
        for place, (name, frame) in enumerate(frames.items()):
            self._look(name, f"floe_frame_{place}", frame)

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these frames; one that cannot be read says why."""
        live = super().catalogue(names)
        return replace(live, tables={name: self._table(name, live.table(name)) for name in names})

    def _table(self, name: str, live: LiveTable | NotMeasured) -> LiveTable | NotMeasured:
        if name in self._gaps:
            return self._gaps[name]
        if isinstance(live, NotMeasured):
            return replace(live, reason=_not_given(name, self._given))
        told = self._prepared.get(name) or self._prepared[live.name]
        columns = (_planned(*each) for each in zip(live.columns, told.columns, strict=True))
        return replace(live, columns=tuple(columns))

    def _look(self, name: str, register: str, frame: DataFrame) -> None:
        """Make the frame a table, or remember why it cannot be one."""
        import duckdb

        try:
            self._prepared[name] = ready = prepared(frame)
            self._connection.register(register, ready.frame)
            self._view(name, register, ready)
        except WarehouseError as error:
            self._gaps[name] = _unreadable(name, error)
        except duckdb.Error as error:
            self._gaps[name] = _unreadable(name, translated(error))

    def _view(self, name: str, register: str, ready: Prepared) -> None:
        import duckdb

        quoted = self._dialect.identifier
        columns = ", ".join(f"c{n} as {quoted(each.name)}" for n, each in enumerate(ready.columns))
        select = f"select {columns} from {register}"  # noqa: S608  every part is quoted
        self._connection.execute(f"create or replace view {quoted(name)} as {select}")
        if (split := qualified(name)) is not None:
            schema, table = split
            with suppress(duckdb.Error):  # a schema of the engine's own, in which nothing can be made
                self._connection.execute(f"create schema if not exists {quoted(schema)}")
                self._connection.execute(f"create view {quoted(schema)}.{quoted(table)} as {select}")


def _connection(frames: Mapping[str, DataFrame]) -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(LOCKED_DOWN))
    most = max((len(each) for each in frames.values()), default=0) + 1
    try:
        connection.execute("set enable_external_access = false")
        connection.execute("set TimeZone = 'UTC'")
        # every value of a column of objects is looked at for its type, not every so-manieth
        connection.execute(f"set pandas_analyze_sample = {most}")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise translated(error) from error
    return connection


def _planned(live: LiveColumn, told: FrameColumn) -> _Column:
    logical = MIXED if told.mixed else None if told.as_text or told.untyped else live.logical_type
    kind = told.dtype if told.as_text else "" if told.untyped else live.type
    return _Column(
        name=live.name,
        type=kind,
        logical_type=logical,
        nullable=told.nullable,
        fields=() if told.as_text or told.untyped else live.fields,
        dtype=told.dtype,
    )


def _in_pandas_words(column: LiveColumn) -> LiveColumn:
    """As pandas tells of it, to which an object of Python has no fields; only a type of Arrow has some."""
    kind = column.dtype if isinstance(column, _Column) else column.type
    return LiveColumn(
        name=column.name,
        type=kind,
        logical_type=column.logical_type,
        nullable=column.nullable,
        fields=column.fields if kind.endswith("[pyarrow]") else (),
    )


def _unreadable(name: str, error: WarehouseError) -> NotMeasured:
    said = shortened(without_values(error.message) if error.cause != Cause.BROKEN else error.message)
    return NotMeasured(Cause(error.cause), f"the DataFrame of {name} cannot be read: {said}")


def _not_given(name: str, given: Iterable[str]) -> str:
    there = ", ".join(sorted(given)[:5])
    return f'no DataFrame "{name}" is given' + (f"; there are: {there}" if there else "")
