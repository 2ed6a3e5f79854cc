"""Iceberg, asked: what metadata answers is answered by it, and DuckDB is handed the columns for the rest.

A table is loaded once for a round of questions, so that all its answers are of one snapshot.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    LastChange,
    Newest,
    NotMeasured,
    Offenders,
    Oldest,
    Probe,
    Query,
    Question,
    RowCount,
    Statement,
)
from floe_dagster.plan.offence import Null
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._assumed import tables_of
from floe_dagster.warehouses._duckdb import DuckdbSql
from floe_dagster.warehouses._guard import tables_in
from floe_dagster.warehouses._iceberg_doubt import doubt
from floe_dagster.warehouses._messages import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from floe_dagster.plan.metric import LiveColumn
    from floe_dagster.plan.sample import Sample, Wanted
    from floe_dagster.warehouses._asking import Session
    from floe_dagster.warehouses._iceberg_tables import LakeTable
    from floe_dagster.warehouses._options import Options

    Tables = Mapping[str, LakeTable | NotMeasured]

_GONE = (Cause.UNREACHABLE, Cause.TIMEOUT, Cause.DENIED)
_FROM_METADATA = "-- the metadata of each table: its schema, its snapshots, and what its manifests count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """Where a catalogue is, and how it is opened.

    Attributes:
        kind: of catalogue: rest, sql, glue, hive.
        url: its address, the operator's; empty for glue.
        name: the catalogue's own name.
        namespace: where unqualified tables are.
        warehouse: which of its warehouses, as the operator or else the contract says.
        folder: where files of this machine may be read; nowhere where the operator names no folder.
        properties: of pyiceberg, the operator's.
        known: every option, for messages.
    """

    kind: str
    url: str = field(repr=False)
    name: str
    namespace: tuple[str, ...]
    warehouse: str
    folder: Path | None
    properties: Mapping[str, str] = field(repr=False)
    known: Options


class IcebergSql(DuckdbSql):
    """DuckDB's SQL; stamps of nanoseconds reach less far than limits do, and compare as microseconds."""

    def as_moment(self, column: LiveColumn) -> str:
        """A date or timestamp, to hold against `moment`."""
        name = super().as_moment(column)
        return f"cast({name} as timestamp)" if column.type == "TIMESTAMP_NS" else name


class IcebergWarehouse:
    """A warehouse over the tables of a catalogue."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._catalogue: Any = None
        self._sent = 0

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other."""
        if not questions:
            return {}
        asked = tuple(dict.fromkeys(questions))
        try:
            return self._answers(asked)
        except Exception as error:  # noqa: BLE001  the promise of ask is that it never raises
            self.close()
            return dict.fromkeys(asked, _gap(error))

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """What `ask` would do where every table is as promised, and its manifests count everything."""
        asked = tuple(dict.fromkeys(questions))
        told = tuple(each for each in asked if _is_of_metadata(each))
        rest = tuple(each for each in asked if each not in told)
        first, *scans = self._inner(lambda _: {}).explain(rest)
        return (Statement(_FROM_METADATA, (*told, *first.questions)), *scans)

    def statements(self) -> int:
        """How many statements have been sent, reading the metadata of all tables of a round being one."""
        return self._sent

    def close(self) -> None:
        """Let go of the catalogue; safe to call twice."""
        catalogue, self._catalogue = self._catalogue, None
        if catalogue is not None:
            with suppress(Exception):
                catalogue.close()

    def samples(self, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
        """Some rows that break promises, as they may be shown; loads the metadata anew, and never raises."""
        inner = self._inner(self._loaded)
        try:
            return inner.samples(wanted, secret)
        finally:
            self._sent += inner.statements()

    def _answers(self, asked: tuple[Question, ...]) -> dict[Question, Answer]:
        self._sent += 1
        tables = self._loaded(tables_of(asked), _mentioned(asked))
        answers = {each: _told(each, tables) for each in asked}
        rest = tuple(each for each in asked if answers[each] is None)
        inner = self._inner(lambda _: tables)
        scanned = inner.ask(rest)
        self._sent += max(0, inner.statements() - 1)
        if any(isinstance(each, NotMeasured) and each.cause in _GONE for each in tables.values()):
            self.close()
        return {each: answer or scanned[each] for each, answer in answers.items()}

    def _loaded(self, names: tuple[str, ...], mentioned: tuple[str, ...] = ()) -> Tables:
        """The tables that are asked for, and those of their queries that are there."""
        try:
            from floe_dagster.warehouses import _iceberg_catalogue as opening  # noqa: PLC0415  heavy
        except ImportError as error:
            raise WarehouseError(
                f'server "{self._lake.known.server}" is read by pyiceberg, which is not installed '
                f'(no module {error.name}); install "floe-dagster[iceberg]"',
                cause=Cause.MISCONFIGURED,
            ) from error
        if self._catalogue is None:
            self._catalogue = opening.opened(self._lake)
        return opening.tables(names, mentioned, self._catalogue, self._lake)

    def _inner(self, tables: Callable[[tuple[str, ...]], Tables]) -> SqlWarehouse:
        """What asks DuckDB; it opens one only where there is something to ask."""
        dialect = IcebergSql("main", statistics=False)

        def connect(names: tuple[str, ...]) -> Session:
            from floe_dagster.warehouses._iceberg_scan import IcebergSession  # noqa: PLC0415  heavy

            return IcebergSession(tables(names), dialect, self._lake.known.timeout_seconds)

        return SqlWarehouse(dialect, connect, brief=True)


def _is_of_metadata(question: Question) -> bool:
    match question.metric:
        case Columns() | LastChange() | Probe() | RowCount() | Newest() | Oldest() | Offenders(Null()):
            return True
        case _:
            return False


def _told(question: Question, tables: Tables) -> Answer | None:
    """What the metadata says; None where it does not."""
    table = tables[question.table.name]
    if isinstance(table, NotMeasured):
        return table
    from floe_dagster.warehouses._iceberg_known import answer  # noqa: PLC0415  heavy

    # a query may name every table of the round
    named = tables.values() if isinstance(question.metric, Query) else (table,)
    there = (each for each in named if not isinstance(each, NotMeasured))
    doubts = (why for each in there if (why := doubt(question.metric, each)) is not None)
    return answer(question.metric, table) or next(doubts, None)


def _mentioned(asked: Iterable[Question]) -> tuple[str, ...]:
    queries = (each.metric.sql for each in asked if isinstance(each.metric, Query))
    return tuple(dict.fromkeys(name for sql in queries for name in tables_in(sql, "duckdb", whole=True)))


def _gap(error: Exception) -> NotMeasured:
    if isinstance(error, WarehouseError):
        return NotMeasured(Cause(error.cause), shortened(error.message))
    return NotMeasured(Cause.BROKEN, f"the tables cannot be read ({type(error).__name__})")
