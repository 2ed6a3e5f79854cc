"""DuckDB, for the two kinds of server that it reads: its own files, and other files on this machine."""

from __future__ import annotations

import tempfile
import time
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import uuid4

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, LiveColumn
from floe_dagster.warehouses._catalogue import Catalogue, Row, catalogue
from floe_dagster.warehouses._deadline import deadline
from floe_dagster.warehouses._dialect import zoned
from floe_dagster.warehouses._digits import digits_after_point
from floe_dagster.warehouses._duckdb_types import fields_of, logical_type
from floe_dagster.warehouses._fields import Reached
from floe_dagster.warehouses._flavour import RE2, write
from floe_dagster.warehouses._messages import without_values
from floe_dagster.warehouses._nesting import DuckdbNesting
from floe_dagster.warehouses._pattern import parse, unsupported
from floe_dagster.warehouses._planners import by_columns, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from duckdb import DuckDBPyConnection

    from floe_dagster.warehouses._planners import Planner

LOCKED_DOWN: Mapping[str, str] = MappingProxyType(
    {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "temp_directory": str(Path(tempfile.gettempdir()) / f"floe-duckdb-{uuid4().hex}"),
    }
)
"""The same for every connection of this process: DuckDB refuses to open one file under two configurations."""


class DuckdbSql(DuckdbNesting):
    """DuckDB's SQL.

    Args:
        default_schema: where unqualified names are looked for.
        statistics: whether counts and bounds are answered without a scan.
        typed: whether columns have the types that they are kept with; those of text files are guessed.
        collates: whether a text column may compare otherwise than by its bytes, which no catalogue tells.
        planner: which statements read the rows of a table; by columns where there are statistics.
    """

    name = "duckdb"
    floating = "double"
    exact = "hugeint"
    single = ("float",)

    def __init__(
        self,
        default_schema: str = "main",
        *,
        statistics: bool = True,
        typed: bool = True,
        collates: bool = True,
        planner: Planner | None = None,
    ) -> None:
        super().__init__(default_schema, planner=planner or (by_columns if statistics else plain))
        self.statistics = statistics
        self.typed = typed
        self.collates = collates

    def fingerprint(self, columns: Sequence[LiveColumn]) -> str:
        """A hash, of types whose values are equal exactly when their bytes are: no floats, no intervals."""
        if any(not each.type and isinstance(each, Reached) for each in columns):
            return ""
        kinds = {each.type.partition("(")[0].upper() for each in columns}
        exact = kinds <= _BITWISE or (not self.collates and kinds <= {*_BITWISE, *_TEXT})
        return f"hash({', '.join(self.value(each) for each in columns)})" if exact else ""

    def has_true_bounds(self, column: LiveColumn) -> bool:
        """Not of floats: the bounds that a Parquet file keeps leave NaN out, which is above every number."""
        return column.type.upper() not in _FLOATS

    def is_beyond(self, value: float | Decimal, column: LiveColumn) -> bool:
        """As for all, and what does not fit 128 bits or, beside a decimal's fraction, 38 digits."""
        digits = 38 - _scale(column.type) if column.type.startswith("DECIMAL") else 38
        return super().is_beyond(value, column) or abs(value) >= min(2**127, 10**digits)

    def number_like(self, value: float | Decimal, column: LiveColumn) -> str:
        """As for all; beside decimals as the column's type, since two of different types may fit none."""
        if not column.type.startswith("DECIMAL") or digits_after_point(value) > _scale(column.type):
            return super().number_like(value, column)
        # from text: a literal of 39 digits, a 0 before the point among them, would be a number of eight bytes
        return f"cast({self.text(self.number(value))} as {column.type})"

    def zone_differs(self, column: LiveColumn, *, should: bool) -> str:
        """As for all; what was guessed from text does not say how it was written."""
        if not self.typed and column.logical_type not in ("string", None):
            raise unsupported(
                f'"{column.name}" was read from text as {column.type}, '
                "which does not keep whether a zone was written"
            )
        return super().zone_differs(column, should=should)

    def is_text(self, column: LiveColumn) -> bool:
        """Whether it is VARCHAR."""
        return column.type in ("VARCHAR", "text", "")

    def matches(self, sql: str, pattern: str) -> str:
        """RE2, anywhere in the text."""
        return f"regexp_matches({sql}, {self.text(_re2(pattern))})"

    def shown(self, sql: str, column: LiveColumn) -> str:
        """As text; a timestamp with a zone is shown in UTC, whatever the session's zone."""
        return self.shown_utc(sql) if zoned(column) else f"cast({sql} as varchar)"

    def shown_utc(self, sql: str) -> str:
        """In UTC, as DuckDB shows timestamps with a zone in the session's."""
        return f"cast(timezone('UTC', {sql}) as varchar) || '+00:00'"

    def catalogue(self, names: tuple[str, ...]) -> str:
        """Tables, columns and primary keys of the attached database."""
        asked = [name.lower() for name in names]
        tables = self.listed(sorted({*asked, *(name.rpartition(".")[2] for name in asked)}))
        return (
            "with kept as (\n"  # noqa: S608  every part is quoted
            "  select schema_name, table_name from duckdb_tables() where database_name = current_database()\n"
            "  union all\n"
            "  select schema_name, view_name from duckdb_views() where database_name = current_database() "
            "and not internal\n"
            "), keyed as (\n"
            "  select schema_name, table_name, constraint_column_names as names from duckdb_constraints()\n"
            "  where database_name = current_database() and constraint_type = 'PRIMARY KEY'\n"
            ")\n"
            "select t.schema_name, t.table_name, c.column_name, c.data_type, c.is_nullable,\n"
            "  coalesce(list_position(k.names, c.column_name), 0)\n"
            "from kept as t\n"
            "left join duckdb_columns() as c on c.database_name = current_database()\n"
            "  and c.schema_name = t.schema_name and c.table_name = t.table_name\n"
            f"  and lower(t.table_name) in ({tables})\n"
            "left join keyed as k on k.schema_name = t.schema_name and k.table_name = t.table_name\n"
            "order by t.schema_name, t.table_name, c.column_index"
        )


class DuckdbSession:
    """A connection to DuckDB, however it was opened."""

    def __init__(self, connection: DuckDBPyConnection, dialect: DuckdbSql, timeout_seconds: float) -> None:
        self._connection = connection
        self._dialect = dialect
        self._timeout = timeout_seconds

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these tables."""
        start = time.perf_counter()
        rows = [_row(each) for each in self._fetch(self._dialect.catalogue(names), 1_000_000)]
        return catalogue(
            names,
            rows,
            default_schema=self._dialect.default_schema,
            folding="any",
            seconds=time.perf_counter() - start,
        )

    def rows(self, sql: str, most: int = 2) -> Sequence[Sequence[object]]:
        """The first rows."""
        return self._fetch(sql, most)

    def changed(self, name: str) -> Answer | None:
        """Not known: the file's time is not the table's."""
        del name
        return None

    def rest(self) -> None:
        """Nothing is held between statements."""

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _fetch(self, sql: str, most: int) -> list[tuple[object, ...]]:
        import duckdb

        with deadline(self._timeout, self._connection.interrupt) as passed:
            try:
                return self._connection.execute(sql).fetchmany(most)
            except duckdb.Error as error:
                if passed.is_set():
                    raise WarehouseError(
                        f"no answer within {self._timeout:g} s; raise timeout in floe.yaml",
                        cause=Cause.TIMEOUT,
                    ) from error
                raise translated(error) from error


def translated(error: Exception) -> WarehouseError:
    """DuckDB's error as ours."""
    import duckdb

    message = str(error)
    match error:
        case duckdb.PermissionException():
            return WarehouseError(message, cause=Cause.DENIED)
        case duckdb.OutOfMemoryException():
            return WarehouseError(f"DuckDB ran out of memory: {message}")
        case duckdb.InvalidInputException() if any(mark in message for mark in _REGEX_MARKS):
            return WarehouseError(f"the pattern cannot be run: {message}", cause=Cause.UNSUPPORTED)
        case duckdb.ConversionException() | duckdb.InvalidInputException() | duckdb.OutOfRangeException():
            return WarehouseError(without_values(message))
        case _:
            return WarehouseError(message)


def _scale(type_: str) -> int:
    """The digits after the point of `DECIMAL(10,2)`."""
    return int(type_.rpartition(",")[2].rstrip(")") or 0) if "," in type_ else 0


_FLOATS = ("FLOAT", "DOUBLE", "DOUBLE PRECISION")
_TEXT = ("VARCHAR", "TEXT", "")
_BITWISE = frozenset(
    (
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL"),
        *("DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID"),
    )
)
_REGEX_MARKS = (
    "perl operator",
    "repetition",
    "character class",
    "escape sequence",
    "pattern too large",
    "missing ",
)


@lru_cache(maxsize=4096)
def _re2(pattern: str) -> str:
    return write(parse(pattern), RE2)


def _row(raw: Sequence[object]) -> Row:
    schema, table, column, kind, nullable, position = raw
    return Row(
        schema=str(schema),
        table=str(table),
        column=None if column is None else str(column),
        type=None if kind is None else str(kind),
        logical_type=None if kind is None else logical_type(str(kind)),
        nullable=bool(nullable),
        primary_key=int(str(position)),
        bytewise=kind == "VARCHAR",
        fields=() if kind is None else fields_of(str(kind)),
    )
