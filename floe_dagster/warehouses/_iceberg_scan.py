"""Iceberg scans: the columns that a statement reads, handed to DuckDB batch by batch, at one snapshot.

To DuckDB a table is a dataset of Arrow, which it asks for columns and, where it likes, for a filter. What is
read follows pyiceberg: deletes are applied, renamed columns found, added ones filled. Some files are read at
a time, so that a table of any size fits, as long as the columns asked for of its largest file do.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import dataset
from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, NotMeasured
from floe_dagster.warehouses._catalogue import Catalogue, qualified
from floe_dagster.warehouses._deadline import within
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql, translated
from floe_dagster.warehouses._iceberg_errors import of_file
from floe_dagster.warehouses._messages import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection
    from pyiceberg.table import FileScanTask

    from floe_dagster.warehouses._iceberg_tables import LakeTable

_AT_ONCE_BYTES = 64 * 2**20
_FIELD = re.compile(r"c\d+")


class IcebergSession(DuckdbSession):
    """Views over tables of a catalogue, of which the connection can reach nothing else.

    Args:
        tables: as they were loaded for this round of questions, by the names they are asked by.
        dialect: how DuckDB spells things.
        timeout_seconds: how long one statement may take.
    """

    def __init__(
        self, tables: Mapping[str, LakeTable | NotMeasured], dialect: DuckdbSql, timeout_seconds: float
    ) -> None:
        super().__init__(_connection(), dialect, timeout_seconds)
        self._tables = dict(tables)
        self._lost: list[WarehouseError] = []
        for place, (name, table) in enumerate(tables.items()):
            if not isinstance(table, NotMeasured):
                self._look(name, f"floe_table_{place}", table)

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these tables; one that cannot be read says why."""
        live = super().catalogue(names)
        return replace(live, tables={name: self._of(name, live) for name in names})

    def _of(self, name: str, live: Catalogue) -> Any:
        table, found = self._tables[name], live.table(name)
        if isinstance(table, NotMeasured) or isinstance(found, NotMeasured):
            return table if isinstance(table, NotMeasured) else found
        columns = (
            replace(each, nullable=own.nullable, primary_key=own.primary_key)
            for each, own in zip(found.columns, table.columns, strict=True)
        )
        return replace(found, columns=tuple(columns))

    def _fetch(self, sql: str, most: int) -> list[tuple[object, ...]]:
        self._lost.clear()
        try:
            return super()._fetch(sql, most)
        except WarehouseError as error:
            if error.cause != Cause.TIMEOUT and self._lost:
                raise self._lost[0] from error
            raise

    def _look(self, name: str, register: str, table: LakeTable) -> None:
        """Make the table one of DuckDB's, or remember why it cannot be one."""
        import duckdb

        try:
            _refuse_twins(table)
            self._connection.register(register, Scanned(table, self._lost))
            self._view(name, register, table)
        except WarehouseError as error:
            self._tables[name] = _unreadable(name, error)
        except duckdb.Error as error:
            self._tables[name] = _unreadable(name, translated(error))

    def _view(self, name: str, register: str, table: LakeTable) -> None:
        import duckdb

        quoted = self._dialect.identifier
        columns = ", ".join(f"c{n} as {quoted(each.name)}" for n, each in enumerate(table.columns))
        select = f"select {columns} from {register}"  # noqa: S608  every part is quoted
        self._connection.execute(f"create or replace view {quoted(name)} as {select}")
        if (split := qualified(name)) is not None:
            schema, plain = split
            with suppress(duckdb.Error):  # a schema of the engine's own, in which nothing can be made
                self._connection.execute(f"create schema if not exists {quoted(schema)}")
                self._connection.execute(f"create view {quoted(schema)}.{quoted(plain)} as {select}")


class Scanned(dataset.Dataset):  # type: ignore[misc]
    """A table as a dataset of Arrow, its columns named c0, c1, ...

    Args:
        table: the table.
        lost: where to leave what went wrong, of which DuckDB only passes on the text.
    """

    def __init__(self, table: LakeTable, lost: list[WarehouseError]) -> None:
        self._table = table
        self._lost = lost
        self._gone: WarehouseError | None = None
        arrow = schema_to_pyarrow(table.table.schema(), include_field_ids=False)
        self._schema = pa.schema([each.with_name(f"c{n}") for n, each in enumerate(arrow)])

    @property
    def schema(self) -> Any:
        """What DuckDB can ask for."""
        return self._schema

    def scanner(self, columns: Sequence[str] | None = None, filter: Any = None, **_: Any) -> Any:  # noqa: A002  as Arrow calls it
        """A fresh scan of some columns, filtered.

        Args:
            columns: those that DuckDB reads; the filter may name others.
            filter: an expression of Arrow.
        """
        wanted = list(self._schema.names if columns is None else columns) or self._schema.names[:1]
        named = {*wanted, *_FIELD.findall(str(filter))}
        schema = pa.schema([each for each in self._schema if each.name in named])
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(schema))
        return dataset.Scanner.from_batches(reader, columns=wanted, filter=filter)

    def _batches(self, schema: Any) -> Iterator[Any]:
        try:
            yield from self._read(schema)
        except Exception as error:
            told = of_file(error, f"a file of {self._table.name}")
            if isinstance(error, OSError):
                self._gone = told
            self._lost.append(told)
            raise told from error

    def _read(self, schema: Any) -> Iterator[Any]:
        if self._gone is not None:
            raise self._gone
        table = self._table.table
        names = [table.schema().fields[int(each[1:])].name for each in schema.names]
        chosen = table.scan(selected_fields=tuple(names))
        scan = ArrowScan(table.metadata, table.io, chosen.projection(), chosen.row_filter)
        for group in _grouped(self._table.tasks):
            for batch in within(self._table.limit, partial(_all_of, scan, group)):
                found = [batch.column(name).cast(own.type) for name, own in zip(names, schema, strict=True)]
                yield pa.RecordBatch.from_arrays(found, schema=schema)


def _all_of(scan: ArrowScan, group: Sequence[FileScanTask]) -> list[Any]:
    return list(scan.to_record_batches(group))


def _grouped(tasks: Iterable[FileScanTask]) -> Iterator[list[FileScanTask]]:
    """The files in their order, as many together as are read at a time."""
    group: list[FileScanTask] = []
    size = 0
    for each in tasks:
        if group and size + each.file.file_size_in_bytes > _AT_ONCE_BYTES:
            yield group
            group, size = [], 0
        group.append(each)
        size += each.file.file_size_in_bytes
    if group:
        yield group


def _connection() -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(LOCKED_DOWN))
    try:
        connection.execute("set enable_external_access = false")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise translated(error) from error
    return connection


def _refuse_twins(table: LakeTable) -> None:
    twins = [
        name for name, times in Counter(each.name.casefold() for each in table.columns).items() if times > 1
    ]
    if twins:
        raise WarehouseError(
            f'more than one column is named "{twins[0]}", in one case or another; rename one'
        )


def _unreadable(name: str, error: WarehouseError) -> NotMeasured:
    return NotMeasured(Cause(error.cause), shortened(f"{name} cannot be read: {error.message}"))
