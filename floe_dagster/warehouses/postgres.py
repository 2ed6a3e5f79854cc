"""PostgreSQL: one read-only transaction per round of questions, with a time limit that the server keeps.

All answers of one `ask` see the same snapshot, as long as no statement fails. The limit is kept twice: by the
server (`statement_timeout`), and by closing the socket should the server no longer answer at all.
"""

from __future__ import annotations

import math
import os
import socket
import time
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, LiveColumn
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable, Row, catalogue
from floe_dagster.warehouses._deadline import deadline
from floe_dagster.warehouses._fields import Reached
from floe_dagster.warehouses._flavour import ARE, write
from floe_dagster.warehouses._messages import without_values
from floe_dagster.warehouses._nesting import PostgresNesting
from floe_dagster.warehouses._options import Options, options
from floe_dagster.warehouses._pattern import parse
from floe_dagster.warehouses._planners import by_rows
from floe_dagster.warehouses._postgres_types import Types, TypeUse, live, statement, types_of, use_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812  it is a class

    from floe_dagster.contract.model import Server

_GRACE_SECONDS = 2.0
_OPTIONS = ("host", "port", "database", "schema", "user", "password", "url", "sslmode", "sslrootcert")


class PostgresSql(PostgresNesting):
    """PostgreSQL's SQL."""

    name = "postgres"
    single = ("real",)

    def table(self, table: LiveTable) -> str:
        """Where to select from."""
        schema = self.identifier(table.schema) + "." if table.schema else ""
        return schema + self.identifier(table.name)

    def is_text(self, column: LiveColumn) -> bool:
        """Whether patterns and comparisons take it as it is."""
        return not column.type or column.type.startswith(("text", "character", "citext"))

    def as_text(self, column: LiveColumn) -> str:
        """As text."""
        name = self.value(column)
        return name if self.is_text(column) else f"cast({name} as text)"

    def ordered_text(self, column: LiveColumn) -> str:
        """By code points, whatever the collation of the column."""
        return f'{self.as_text(column)} collate "C"'

    def length(self, sql: str) -> str:
        """In characters."""
        return f"char_length({sql})"

    def remainder(self, sql: str, divisor: str) -> str:
        """A percent sign would mean something to the driver where there are parameters."""
        return f"mod({sql}, {divisor})"

    def shown(self, sql: str, column: LiveColumn) -> str:
        """In ISO 8601, since the session's DateStyle is ISO and its zone UTC."""
        del column
        return f"cast({sql} as text)"

    def shown_utc(self, sql: str) -> str:
        """The same."""
        return f"cast({sql} as text)"

    def matches(self, sql: str, pattern: str) -> str:
        """An advanced regular expression, anywhere in the text; the collation makes it faster and ASCII."""
        return f'({sql} collate "C" ~ {self.text(_are(pattern))})'

    def group_key(self, table: LiveTable, column: LiveColumn) -> str:
        """By bytes where that is the same, which is four times as fast as by the usual collations."""
        name = self.value(column)
        own = not isinstance(column, Reached)
        return f'{name} collate "C"' if own and column.name in table.bytewise else name

    def catalogue(self, names: tuple[str, ...]) -> str:
        """Tables of the schemas in question, with columns and primary key where they were asked for."""
        asked = [each for name in names for each in (name, name.lower())]
        tables = self.listed(sorted({*asked, *(name.rpartition(".")[2] for name in asked)}))
        schemas = self.listed(sorted({name.split(".")[-2] for name in asked if "." in name}))
        return (
            "select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), t.typtype,\n"
            "  not a.attnotnull, coalesce(array_position(i.indkey::smallint[], a.attnum) + 1, 0),\n"
            "  t.typname in ('text', 'varchar', 'bpchar') and coalesce(l.collisdeterministic, false),\n"
            "  current_schema(), a.atttypid, e.oid, e.typtype\n"
            "from pg_class as c\n"
            "join pg_namespace as n on n.oid = c.relnamespace\n"
            "left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped\n"
            f"  and c.relname in ({tables})\n"
            "left join pg_type as t on t.oid = a.atttypid\n"
            "left join pg_type as e on e.oid = t.typelem and t.typcategory = 'A'\n"
            "left join pg_collation as l on l.oid = a.attcollation\n"
            "left join pg_index as i on i.indrelid = c.oid and i.indisprimary\n"
            "where c.relkind in ('r', 'p', 'v', 'm', 'f')\n"
            f"  and (n.nspname = current_schema() or n.nspname in ({schemas}))\n"
            "order by n.nspname, c.relname, a.attnum"
        )


class Postgres:
    """Server types `postgres` and `postgresql`; user and password come from the operator."""

    types = ("postgres", "postgresql")

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> SqlWarehouse:
        """A warehouse on the server; nothing is connected yet."""
        known = options(server, root=root, timeout_seconds=timeout_seconds, access=access, known=_OPTIONS)
        dialect = PostgresSql(known.get("schema"), planner=by_rows)

        def connect(tables: tuple[str, ...]) -> PostgresSession:
            del tables
            return PostgresSession(known, dialect)

        return SqlWarehouse(dialect, connect, shares=True)


class PostgresSession:
    """A connection whose transactions cannot write."""

    def __init__(self, known: Options, dialect: PostgresSql) -> None:
        self._known = known
        self._dialect = dialect
        self._connection = _connected(known)

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these tables; the transaction starts here."""
        start = time.perf_counter()
        rows = self._fetch(self._dialect.catalogue(names), 1_000_000)
        default = str(rows[0][8]) if rows else self._known.get("schema") or "public"
        types = self._types(_use(each) for each in rows if each[2] is not None)
        return catalogue(
            names,
            [_row(each, types) for each in rows],
            default_schema=default,
            folding="lower",
            seconds=time.perf_counter() - start,
        )

    def _types(self, uses: Iterable[TypeUse]) -> Types:
        oids = sorted({each.item if each.item_kind else each.oid for each in uses if each.is_made})
        return types_of(self._fetch(statement(oids), 1_000_000)) if oids else {}

    def rows(self, sql: str, most: int = 2) -> Sequence[Sequence[object]]:
        """The first rows."""
        return self._fetch(sql, most)

    def changed(self, name: str) -> None:
        """Not known: PostgreSQL keeps no such time."""

    def rest(self) -> None:
        """End the transaction, which would keep others from altering the tables."""
        self._end()

    def close(self) -> None:
        """End the transaction and let go."""
        with suppress(Exception):
            self._connection.close()

    def _fetch(self, sql: str, most: int) -> list[tuple[Any, ...]]:
        import psycopg2

        limit = self._known.timeout_seconds
        with deadline(limit + _GRACE_SECONDS, self._cut) as cut:
            try:
                with self._connection.cursor() as cursor:
                    if self._idle():
                        cursor.execute(self._opening())
                    cursor.execute(sql)
                    return list(cursor.fetchmany(most))
            except psycopg2.Error as error:
                lost = bool(self._connection.closed)
                self._end()
                if cut.is_set():
                    raise WarehouseError(
                        f"the server did not answer within {limit:g} s", cause=Cause.TIMEOUT
                    ) from error
                raise _translated(error, self._known, lost=lost) from error

    def _opening(self) -> str:
        """What a transaction starts with; a pooler may hand every transaction to another server process."""
        schema = self._known.get("schema")
        path = f"set local search_path = {self._dialect.identifier(schema)};" if schema else ""
        return (
            f"set local statement_timeout = {max(1, math.ceil(self._known.timeout_seconds * 1000))};"
            "set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'postgres';"
            f"set local standard_conforming_strings = on; {path}"
        )

    def _idle(self) -> bool:
        from psycopg2.extensions import TRANSACTION_STATUS_IDLE

        return bool(self._connection.info.transaction_status == TRANSACTION_STATUS_IDLE)

    def _end(self) -> None:
        """Ends the transaction, so that the next statement starts a new one."""
        import psycopg2

        with suppress(psycopg2.Error):
            self._connection.rollback()

    def _cut(self) -> None:
        """Closes the socket under the driver, which waits for a server that says nothing."""
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def _connected(known: Options) -> Connection:
    import psycopg2
    from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

    try:
        connection = psycopg2.connect(
            **_arguments(known),
            connect_timeout=max(2, math.ceil(known.timeout_seconds)),
            application_name="floe",
            client_encoding="UTF8",
        )
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
    except psycopg2.Error as error:
        raise _translated(error, known) from error
    return connection


def _arguments(known: Options) -> dict[str, str]:
    """What the driver is called with; the URL's parts are overridden by nothing but themselves."""
    if known.get("url"):
        return _from_url(known)
    given = {
        "host": known.need("host"),
        "port": known.get("port") or "5432",
        "dbname": known.need("database"),
        "user": known.get("user"),
        "password": known.get("password"),
        "sslmode": known.get("sslmode"),
        "sslrootcert": known.get("sslrootcert"),
    }
    if not given["port"].isdigit():
        known.fail(f'"port" is "{given["port"][:20]}", and has to be a number')
    return {name: value for name, value in given.items() if value}


def _from_url(known: Options) -> dict[str, str]:
    url = known.get("url")
    scheme = url.partition("://")[0].partition("+")[0]
    if scheme not in ("postgres", "postgresql"):
        known.fail('"url" has to look like postgresql://user:password@host:5432/database')
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        known.fail('"url" cannot be read; a password with special characters has to be percent-encoded')
    return {"dsn": "postgresql://" + url.partition("://")[2]}


def _secrets(known: Options) -> tuple[str, ...]:
    url = known.get("url")
    with suppress(ValueError):
        password = urlsplit(url).password or ""
        return tuple(filter(None, (known.get("password"), url, password, unquote(password))))
    return tuple(filter(None, (known.get("password"), url)))


_BY_STATE = (
    (
        "28",
        Cause.DENIED,
        "the server refused the login; set user and password under connections.{name} in floe.yaml",
    ),
    ("3D000", Cause.UNREACHABLE, "there is no such database on the server ({said}); correct database"),
    ("3F000", Cause.NO_DATASET, "there is no such schema ({said})"),
    ("42501", Cause.DENIED, "{said}; grant SELECT on it to the user that checks"),
    ("57014", Cause.TIMEOUT, "no answer within {seconds:g} s; raise timeout in floe.yaml"),
    ("55P03", Cause.LOCKED, "{said}"),
    ("53300", Cause.UNREACHABLE, "the server has no connection to spare ({said})"),
    ("57P", Cause.UNREACHABLE, "the server went away ({said})"),
    ("08", Cause.UNREACHABLE, "the connection broke ({said})"),
    ("2201B", Cause.UNSUPPORTED, "the pattern cannot be run: {said}"),
    (
        "dsn",
        Cause.MISCONFIGURED,
        "connections.{name}.url cannot be read; write it as postgresql://user:password@host/database",
    ),
    ("25006", Cause.UNSUPPORTED, "the query tries to write ({said})"),
)

_BY_WORDS = (
    ("password authentication failed", "28"),
    ("no password supplied", "28"),
    ("no pg_hba.conf entry", "28"),
    ("role ", "28"),
    ("database ", "3D000"),
    ("too many ", "53300"),
    ("invalid ", "22023"),
)


def _translated(error: Exception, known: Options, *, lost: bool = False) -> WarehouseError:
    """The driver's error as ours, without secrets."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    for secret in _secrets(known):
        said = said.replace(secret, "***")
    state = getattr(error, "pgcode", None) or ("08" if lost else _state_of(said, error))
    for prefix, cause, message in _BY_STATE:
        if state.startswith(prefix):
            text = message.format(said=said, name=known.server, seconds=known.timeout_seconds)
            return WarehouseError(text, cause=cause)
    return WarehouseError(without_values(said) if state.startswith("22") else said)


def _state_of(said: str, error: Exception) -> str:
    """An SQLSTATE for an error without one: the driver gives none for what fails while connecting."""
    import psycopg2

    if "timeout expired" in said or "closed the connection" in said:
        return "08"
    if "invalid dsn" in said or "connection option" in said:
        return "dsn"
    if "FATAL:" in said or "no password supplied" in said:
        return next((state for words, state in _BY_WORDS if words in said.rpartition("FATAL:")[2]), "08")
    return "08" if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) else ""


def _use(raw: Sequence[Any]) -> TypeUse:
    return use_of(raw[9], raw[3], raw[4], raw[10], raw[11])


def _row(raw: Sequence[Any], types: Types) -> Row:
    schema, table, column, _, _, nullable, position, bytewise, *_ = raw
    found = None if column is None else live(column, _use(raw), types)
    return Row(
        schema=schema,
        table=table,
        column=column,
        type=found.type if found else None,
        logical_type=found.logical_type if found else None,
        nullable=bool(nullable),
        primary_key=position,
        bytewise=bool(bytewise),
        fields=found.fields if found else (),
    )


@lru_cache(maxsize=4096)
def _are(pattern: str) -> str:
    return write(parse(pattern), ARE)


WAREHOUSE = Postgres()
