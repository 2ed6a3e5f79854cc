"""SQLite: tables in a database file, opened read-only; patterns and times are read by functions of ours.

SQLite has no regular expressions and no timestamps, only what is text. So patterns run on our own matcher,
and ISO 8601 text becomes microseconds since 1970 before it is compared, exactly and with its offset.
"""

from __future__ import annotations

import math
import sqlite3
import time
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, LiveColumn, NotMeasured
from floe_dagster.warehouses._answers import instant, microseconds
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable, Row, catalogue
from floe_dagster.warehouses._json import SqliteJson
from floe_dagster.warehouses._options import Options, options
from floe_dagster.warehouses._planners import by_rows
from floe_dagster.warehouses._sqlite_functions import (
    instant_of,
    matcher,
    matches,
    time_of_day,
    wall_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from datetime import time as clock
    from pathlib import Path

    from floe_dagster.contract.model import Server

_STEPS_BETWEEN_LOOKS = 20_000
_SUFFIXES = (".sqlite", ".sqlite3", ".db", ".db3")
_ENDINGS = (
    ("BOOL", "boolean"),
    ("TIMESTAMP", "timestamp"),
    ("DATETIME", "timestamp"),
    ("DATE", "date"),
    ("TIME", "time"),
    ("JSON", "object"),
    ("INT", "integer"),
    ("CHAR", "string"),
    ("CLOB", "string"),
    ("TEXT", "string"),
    ("UUID", "string"),
    ("REAL", "number"),
    ("FLOA", "number"),
    ("DOUB", "number"),
    ("NUMERIC", "number"),
    ("DECIMAL", "number"),
)


def logical_type(name: str) -> str | None:
    """The contract's word for a declared type, which in SQLite may be any words at all."""
    return next((word for part, word in _ENDINGS if part in name.upper()), None)


class SqliteSql(SqliteJson):
    """SQLite's SQL, with the functions that a session registers."""

    name = "sqlite"
    floating = "real"
    exact = "integer"
    exact_decimals = False

    def table(self, table: LiveTable) -> str:
        """Where to select from; there is one schema."""
        return self.identifier(table.name)

    def boolean(self, value: bool) -> str:  # noqa: FBT001  the value itself
        """Booleans are integers."""
        return "1" if value else "0"

    def number(self, value: float | Decimal) -> str:
        """A number as SQLite keeps it: fractions have eight bytes."""
        # not by a remainder, which decimals of more than 28 digits refuse to give
        fraction = isinstance(value, Decimal) and value != value.to_integral_value()
        return repr(float(value)) if fraction else super().number(value)

    def farthest(self, column: LiveColumn) -> int | None:
        """Not known: a column holds what it is given, whatever its type."""
        del column
        return None

    def moment(self, at: datetime, column: LiveColumn) -> str:
        """Microseconds since 1970."""
        del column
        return str(microseconds(at))

    def day(self, at: date) -> str:
        """The first instant of the day."""
        return str(microseconds(instant(at.isoformat(), "UTC")))

    def clock(self, at: clock) -> str:
        """Microseconds since midnight."""
        return str(time_of_day(at.isoformat()))

    def as_clock(self, column: LiveColumn) -> str:
        """Microseconds since midnight."""
        return f"floe_clock({self.value(column)})"

    def zone_differs(self, column: LiveColumn, *, should: bool) -> str:
        """By the text, as which stamps are kept whatever the column is declared as."""
        text = LiveColumn(name=column.name, type=column.type, logical_type="string")
        return super().zone_differs(text, should=should)

    def as_moment(self, column: LiveColumn) -> str:
        """Microseconds since 1970."""
        return f"floe_instant({self.value(column)}, 'UTC')"

    def as_wall(self, column: LiveColumn, zone: str) -> str:
        """Microseconds since 1970, by the clock of the zone."""
        return f"floe_wall({self.value(column)}, {self.text(zone)})"

    def keeps_zone(self, column: LiveColumn) -> bool:
        """Never: all stamps are text, each with an offset or without."""
        del column
        return False

    def text_moment(self, column: LiveColumn, zone: str) -> str:
        """Microseconds since 1970."""
        return f"floe_instant({self.value(column)}, {self.text(zone)})"

    def text_moment_literal(self, at: datetime) -> str:
        """Microseconds since 1970."""
        return str(microseconds(at))

    def as_text(self, column: LiveColumn) -> str:
        """As it is, where it is declared as text or not at all."""
        name = self.value(column)
        return name if self.is_text(column) else f"cast({name} as text)"

    def excerpt(self, column: LiveColumn, most: int) -> str:
        """The first characters as text; bytes, of which a column of any type may hold some, as digits."""
        name = self.value(column)
        digits = f"'x' || hex(substr({name}, 1, {int(most)}))"
        text = f"substr(cast({name} as text), 1, {int(most)})"
        return f"case when typeof({name}) = 'blob' then {digits} else {text} end"

    def is_text(self, column: LiveColumn) -> bool:
        """Whether the column's values are kept as text."""
        return not column.type or any(each in column.type.upper() for each in ("CHAR", "CLOB", "TEXT"))

    def greatest_or_least(self, function: str, column: LiveColumn, zone: str) -> str:
        """Microseconds since 1970."""
        return f"{function}({self.text_moment(column, zone)})"

    def matches(self, sql: str, pattern: str) -> str:
        """Our matcher, anywhere in the text; a pattern that it cannot run is refused here."""
        matcher(pattern)
        return f"floe_matches({self.text(pattern)}, {sql})"

    def orphans(
        self, child: str, keys: list[str], parent: str, to_keys: list[str], selected: str = "count(*)"
    ) -> str:
        """By a list that SQLite builds once; a correlated subquery would scan the parent for every row."""
        given = " and ".join(f"{key} is not null" for key in keys)
        whole = " and ".join(f"{key} is not null" for key in to_keys)
        key = ", ".join(keys) if len(keys) == 1 else f"({', '.join(keys)})"
        there = f"select {', '.join(to_keys)} from {parent} where {whole}"  # noqa: S608  every part is quoted
        return f"select {selected} from {child}\nwhere {given}\n  and {key} not in ({there})"  # noqa: S608  every part is quoted

    def catalogue(self, names: tuple[str, ...]) -> str:
        """Tables, views, their columns and primary keys."""
        tables = self.listed(sorted({*names, *(name.rpartition(".")[2] for name in names)}))
        asked = f"case when t.name collate nocase in ({tables}) then t.name end"
        return (
            "select 'main', t.name, c.name, c.type, not c.\"notnull\" and c.pk = 0, c.pk\n"
            "from sqlite_master as t\n"
            # NULL has no columns; asking for those of a broken view would be an error
            f"left join pragma_table_xinfo({asked}) as c on c.hidden <> 1\n"
            "where t.type in ('table', 'view') and t.name not like 'sqlite\\_%' escape '\\'\n"
            "order by t.name, c.cid"
        )


class SqliteFile:
    """Server type `sqlite`, or `custom` with `format: sqlite`, a `sqlite:///` URL or a path that ends so."""

    types = ("sqlite", "custom")

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> SqlWarehouse:
        """A warehouse on the file; nothing is opened yet.

        Raises:
            WarehouseError: the server is of type custom, and no SQLite database.
        """
        known = options(
            server,
            root=root,
            timeout_seconds=timeout_seconds,
            access=access,
            known=("database", "path", "url", "location", "engine", "format"),
        )
        if server.type == "custom":
            _check_custom(known)
        dialect = SqliteSql("main", planner=by_rows)

        def connect(tables: tuple[str, ...]) -> SqliteSession:
            del tables
            return SqliteSession(_path(known), known, dialect)

        return SqlWarehouse(dialect, connect, shares=True)


def _check_custom(known: Options) -> None:
    named = {known.get("engine").lower(), known.get("format").lower()}
    if "sqlite" in named or _url(known).startswith("sqlite:") or _file(known).endswith(_SUFFIXES):
        return
    known.fail(
        'a server of type "custom" is only read where it is SQLite; set format: sqlite and database: <path>'
    )


def _url(known: Options) -> str:
    return known.get("url") or known.get("location")


def _file(known: Options) -> str:
    return known.get("database") or known.get("path")


def _path(known: Options) -> Path:
    url = _url(known)
    if not url:
        return known.path("database" if known.get("database") or not known.get("path") else "path")
    if not url.startswith("sqlite:///") or url == "sqlite:///":
        known.fail("the URL of an SQLite database is sqlite:///relative/path or sqlite:////absolute/path")
    return known.root / unquote(url.removeprefix("sqlite:///").partition("?")[0])


class SqliteSession:
    """A read-only connection, which knows our functions."""

    def __init__(self, path: Path, known: Options, dialect: SqliteSql) -> None:
        self._timeout = known.timeout_seconds
        self._dialect = dialect
        self._shown = known.shown(path)
        self._until = math.inf
        self._refused = ""
        if not path.is_file():
            raise WarehouseError(
                f"there is no SQLite file {self._shown}; run what writes it, or correct the path",
                cause=Cause.UNREACHABLE,
            )
        try:
            self._connection = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro", uri=True, timeout=self._timeout, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._translated(error) from error
        self._connection.isolation_level = None
        self._connection.set_progress_handler(lambda: time.monotonic() > self._until, _STEPS_BETWEEN_LOOKS)
        with suppress(sqlite3.Error):  # a function that is a table is made when it is first used: not later
            self._connection.execute("select 1 from json_each('[]')")
        for name, arguments, function in (
            ("floe_matches", 2, matches),
            ("floe_instant", 2, instant_of),
            ("floe_wall", 2, wall_of),
            ("floe_clock", 1, time_of_day),
        ):
            self._connection.create_function(
                name, arguments, partial(self._called, function), deterministic=True
            )
        self._connection.set_authorizer(_authorize)

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these tables; one by one where a broken view among them is an error."""
        self._connection.set_authorizer(None)
        try:
            return self._catalogue(names)
        except WarehouseError as error:
            if error.cause != Cause.BROKEN:
                raise
            found = [self._catalogue_of(name) for name in names]
            tables = {name: table for each in found for name, table in each.tables.items()}
            return Catalogue(tables=tables, seconds=sum(each.seconds for each in found))
        finally:
            self._connection.set_authorizer(_authorize)

    def _catalogue_of(self, name: str) -> Catalogue:
        try:
            return self._catalogue((name,))
        except WarehouseError as error:
            return Catalogue(tables={name: NotMeasured(Cause(error.cause), error.message)})

    def _catalogue(self, names: tuple[str, ...]) -> Catalogue:
        start = time.perf_counter()
        rows = [_row(each) for each in self._fetch(self._dialect.catalogue(names), 1_000_000)]
        return catalogue(
            names, rows, default_schema="main", folding="any", seconds=time.perf_counter() - start
        )

    def rows(self, sql: str, most: int = 2) -> Sequence[Sequence[object]]:
        """The first rows."""
        return self._fetch(sql, most)

    def changed(self, name: str) -> None:
        """Not known: the file's time is not the table's."""

    def rest(self) -> None:
        """Nothing is held between statements."""

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _fetch(self, sql: str, most: int) -> list[tuple[object, ...]]:
        self._until = time.monotonic() + self._timeout
        self._refused = ""
        cursor = self._connection.cursor()
        try:
            return cursor.execute(sql).fetchmany(most)
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise self._translated(error) from error
        finally:
            cursor.close()

    def _called(self, function: Callable[..., int | None], *arguments: object) -> int | None:
        """Calls a function of ours, and keeps why it failed: SQLite only says that it did."""
        try:
            return function(*arguments)
        except WarehouseError as error:
            self._refused = error.message
            raise

    def _translated(self, error: Exception) -> WarehouseError:
        message = str(error)
        if self._refused:
            return WarehouseError(self._refused)
        for mark, cause, said in _MEANINGS:
            if mark in message:
                return WarehouseError(said.format(path=self._shown, seconds=self._timeout), cause=cause)
        return WarehouseError(message)


_MEANINGS = (
    (
        "locked",
        Cause.LOCKED,
        "{path} was held by a writer for {seconds:g} s; end its transaction, or raise timeout in floe.yaml",
    ),
    ("interrupted", Cause.TIMEOUT, "no answer within {seconds:g} s; raise timeout in floe.yaml"),
    ("unable to open", Cause.UNREACHABLE, "{path} cannot be opened; check the path and its permissions"),
    (
        "not a database",
        Cause.BROKEN,
        "{path} is not an SQLite database; correct the path, or restore the file",
    ),
    ("malformed", Cause.BROKEN, "{path} is damaged; restore the file"),
    ("not authorized", Cause.UNSUPPORTED, "the query does something other than reading rows"),
)

_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def _authorize(action: int, *details: object) -> int:
    del details
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _row(raw: Sequence[object]) -> Row:
    schema, table, column, kind, nullable, position = raw
    return Row(
        schema=str(schema),
        table=str(table),
        column=None if column is None else str(column),
        type=None if kind is None else str(kind),
        logical_type=None if kind is None else logical_type(str(kind)),
        nullable=bool(nullable),
        primary_key=int(str(position or 0)),
        bytewise=True,
    )


WAREHOUSE = SqliteFile()
