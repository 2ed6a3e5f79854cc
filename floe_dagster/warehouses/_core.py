"""Core: a warehouse over a URL of SQLAlchemy, asked in what all its dialects have in common.

Every statement is a SELECT made of SQLAlchemy's own parts, with values as parameters, in a transaction that
is rolled back; a contract author's text is never sent. Where the dialect has a transaction or a connection
that cannot write, it is used.
"""

from __future__ import annotations

import math
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, Columns, NotMeasured, Question, Statement
from floe_dagster.warehouses._assumed import assumed, tables_of
from floe_dagster.warehouses._core_catalogue import assumed_tables, tables_there
from floe_dagster.warehouses._core_plan import Bundle, Planned, plan, questions_of, read
from floe_dagster.warehouses._core_sample import LOGGED_AS, keep_rows_out_of_logs, statement
from floe_dagster.warehouses._deadline import deadline
from floe_dagster.warehouses._messages import shortened, without_values
from floe_dagster.warehouses._sample import GONE, Reader, tables_in, taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import URL, Connection, Engine

    from floe_dagster.plan.sample import Sample, Wanted
    from floe_dagster.warehouses._options import Options

_GRACE_SECONDS = 2.0
_SPLITTABLE = (Cause.BROKEN, Cause.UNSUPPORTED, Cause.DENIED)
_GONE = (Cause.UNREACHABLE, Cause.LOCKED)


@dataclass(frozen=True, slots=True)
class _Usual:
    """The habits of an engine of which nothing is known."""

    default_schema: str = ""
    array_type: str = "integer[]"
    json_type: str = ""
    nests: bool = False


def readable(text: str, known: Options) -> URL:
    """The URL, of which the dialect and its driver are there.

    Raises:
        WarehouseError: it is no URL, or what it names is not installed; the message holds nothing of it but
            the names of dialect and driver.
    """
    try:
        url = make_url(text)
        name = url.drivername
    except (exc.ArgumentError, ValueError):
        known.fail(
            '"url" cannot be read; write dialect+driver://user:password@host/database, percent-encoded'
        )
    try:
        dialect = url.get_dialect()
        dialect.import_dbapi()
    except exc.NoSuchModuleError:
        known.fail(f'there is no dialect "{name[:40]}" of SQLAlchemy; install it, or correct "url"')
    except ImportError as error:
        known.fail(f'the driver of "{name[:40]}" is not installed (no module {error.name}); install it')
    if getattr(dialect, "is_async", False):
        known.fail(f'"{name[:40]}" is an asynchronous driver; name a synchronous one')
    return url


class CoreWarehouse:
    """A warehouse at a URL."""

    def __init__(self, url: URL, known: Options) -> None:
        self._url = url
        self._known = known
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._sent = 0

    def ask(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        """Answer every question; one that cannot be answered is `NotMeasured` and disturbs no other."""
        if not questions:
            return {}
        try:
            return self._answers(tuple(dict.fromkeys(questions)))
        except Exception as error:  # noqa: BLE001  the promise of ask is that it never raises
            self.close()
            return dict.fromkeys(questions, _gap(self._translated(error)))
        finally:
            self._rest()

    def explain(self, questions: tuple[Question, ...]) -> tuple[Statement, ...]:
        """The statements that `ask` would send where every table and column is as promised."""
        asked = tuple(dict.fromkeys(questions))
        dialect = self._url.get_dialect()()
        tables = assumed_tables(assumed(asked, _Usual()).tables, asked)
        agenda = plan(asked, tables, dialect.name, 0.0)
        structure = tuple(each for each in asked if isinstance(each.metric, Columns))
        first = Statement("-- the catalogue, as SQLAlchemy's inspector reads it", structure)
        shown = (Statement(_shown(each, dialect), questions_of(each)) for each in agenda.planned)
        return (first, *shown)

    def samples(self, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
        """Some rows that break promises, as they may be shown; inspects tables anew, and never raises."""
        try:
            return taken(wanted, self._sampling, secret)
        finally:
            self._rest()

    def statements(self) -> int:
        """How many statements have been sent since it was opened, those of SQLAlchemy's inspector too."""
        return self._sent

    def close(self) -> None:
        """Let go of the connection and of what it belongs to; safe to call twice."""
        connection, self._connection = self._connection, None
        engine, self._engine = self._engine, None
        with suppress(Exception):
            if connection is not None:
                connection.close()
        with suppress(Exception):
            if engine is not None:
                engine.dispose()

    def _rest(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.rollback()

    def _answers(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        start = time.perf_counter()
        connection = self._connected()
        with deadline(self._limit, self._cancel):
            tables = tables_there(connection, tables_of(questions), self._known.get("schema"))
        agenda = plan(questions, tables, connection.dialect.name, time.perf_counter() - start)
        answers = agenda.settled
        for each in agenda.planned:
            answers |= self._send(each)
        return {each: answers[each] for each in questions}

    def _sampling(self, wanted: Sequence[Wanted]) -> Reader:
        connection = self._connected()
        with deadline(self._limit, self._cancel):
            tables = tables_there(connection, tables_in(wanted), self._known.get("schema"))

        def read_one(one: Wanted) -> Sequence[Sequence[Any]]:
            selected = statement(one, tables, connection.dialect.name)
            try:
                return self._rows(connection, selected, one.most)
            except WarehouseError as error:
                if error.cause in GONE:
                    self.close()
                raise

        return read_one

    @property
    def _limit(self) -> float:
        return self._known.timeout_seconds + _GRACE_SECONDS

    def _send(self, planned: Planned) -> dict[Question, Answer]:
        if self._connection is None:
            lost = NotMeasured(Cause.UNREACHABLE, "the connection was lost")
            return dict.fromkeys(questions_of(planned), lost)
        start = time.perf_counter()
        try:
            rows = self._rows(self._connection, planned.statement)
        except WarehouseError as error:
            return self._recover(planned, error)
        return read(planned, rows, time.perf_counter() - start)

    def _rows(
        self, connection: Connection, selected: sa.Select[Any], most: int = 2
    ) -> Sequence[Sequence[Any]]:
        with deadline(self._limit, self._cancel) as passed:
            try:
                return connection.execute(selected).fetchmany(most)
            except Exception as error:  # drivers raise what they like while they read values
                with suppress(Exception):
                    connection.rollback()
                if passed.is_set():
                    said = f"no answer within {self._known.timeout_seconds:g} s; raise timeout in floe.yaml"
                    raise WarehouseError(said, cause=Cause.TIMEOUT) from error
                raise self._translated(error) from error

    def _recover(self, planned: Planned, error: WarehouseError) -> dict[Question, Answer]:
        if error.cause in _GONE:
            self.close()
        halves = planned.halves if isinstance(planned, Bundle) and error.cause in _SPLITTABLE else ()
        if not halves:
            return dict.fromkeys(questions_of(planned), _gap(error))
        return {question: answer for half in halves for question, answer in self._send(half).items()}

    def _connected(self) -> Connection:
        if self._connection is None:
            url, arguments = _read_only(self._url, self._known)
            keep_rows_out_of_logs()
            try:
                self._engine = sa.create_engine(
                    url,
                    poolclass=NullPool,
                    hide_parameters=True,
                    logging_name=LOGGED_AS,
                    connect_args=arguments,
                )
                self._connection = _settled(self._engine.connect(), self._known)
                event.listen(self._connection, "before_cursor_execute", self._count)
            except Exception as error:
                raise self._translated(error, connecting=True) from error
        return self._connection

    def _count(self, *_: object) -> None:
        self._sent += 1

    def _cancel(self) -> None:
        """Stops the statement, where the driver can."""
        with suppress(Exception):
            driver: Any = self._connection and self._connection.connection.driver_connection
            stop = getattr(driver, "cancel", None) or getattr(driver, "interrupt", None)
            if stop is not None:
                stop()

    def _translated(self, error: Exception, *, connecting: bool = False) -> WarehouseError:
        """Any error as ours, without secrets, statements and values."""
        if isinstance(error, WarehouseError):
            return error
        original = getattr(error, "orig", None) or error
        lines = str(original).strip().splitlines()
        said = self._without_secrets(lines[0] if lines else type(original).__name__)
        lost = bool(getattr(error, "connection_invalidated", False))
        state = str(getattr(original, "pgcode", None) or getattr(original, "sqlstate", None) or "")
        cause = _cause(said, state, connecting=connecting or lost)
        if isinstance(error, exc.DataError | ValueError | TypeError):
            said = without_values(said)
        return WarehouseError(f"{said}{_ADVICE.get(cause, '')}", cause=cause)

    def _without_secrets(self, said: str) -> str:
        password = str(self._url.password or "")
        whole = self._url.render_as_string(hide_password=False)
        of_query = [
            each
            for value in self._url.query.values()
            for each in ([value] if isinstance(value, str) else value)
        ]
        for secret in sorted({whole, password, quote(password), *of_query}, key=len, reverse=True):
            if len(secret) > 2:
                said = said.replace(secret, "***")
        return _ASSIGNED.sub(r"\1=***", re.sub(r"\w[\w+.-]*://\S+", "***", said))


_ASSIGNED = re.compile(r"(?i)\b(pwd|password|passwd|token|secret)\s*=\s*[^\s;&,]+")
_ADVICE = {
    Cause.DENIED: "; check user, password and grants of the connection in floe.yaml",
    Cause.TIMEOUT: "; raise timeout in floe.yaml",
}
_STATES = (
    ("28", Cause.DENIED),
    ("42501", Cause.DENIED),
    ("57014", Cause.TIMEOUT),
    ("55P03", Cause.LOCKED),
    ("08", Cause.UNREACHABLE),
    ("57P", Cause.UNREACHABLE),
)
_WORDS = (
    (
        re.compile(r"(?i)access denied|permission denied|authentication|login failed|not authorized|denied"),
        Cause.DENIED,
    ),
    (re.compile(r"(?i)\blocked\b|lock wait"), Cause.LOCKED),
    (re.compile(r"(?i)time[d ]?-?out|interrupted|cancel"), Cause.TIMEOUT),
)


def _cause(said: str, state: str, *, connecting: bool) -> Cause:
    by_state = (cause for prefix, cause in _STATES if state.startswith(prefix))
    by_words = (cause for words, cause in _WORDS if words.search(said))
    otherwise = Cause.UNREACHABLE if connecting else Cause.BROKEN
    return next(by_state, None) or next(by_words, None) or otherwise


def _gap(error: WarehouseError) -> NotMeasured:
    return NotMeasured(Cause(error.cause), shortened(error.message))


def _shown(planned: Planned, dialect: sa.Dialect) -> str:
    try:
        return str(planned.statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    except (exc.CompileError, NotImplementedError):  # SQLAlchemy raises either, where a literal has no form
        return str(planned.statement.compile(dialect=dialect))


def _read_only(url: URL, known: Options) -> tuple[URL, dict[str, Any]]:
    """The URL and the driver's arguments, with which nothing is written where the driver lets us say so."""
    wait = max(2, math.ceil(known.timeout_seconds))
    match url.get_backend_name(), url.get_driver_name():
        case "sqlite", "pysqlite":
            path = known.root / (url.database or "")
            if not path.is_file():
                said = f"there is no SQLite file {known.shown(path)}; run what writes it, or correct the path"
                raise WarehouseError(said, cause=Cause.UNREACHABLE)
            ours = url.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
            return ours, {"timeout": known.timeout_seconds, "check_same_thread": False}
        case "postgresql", "psycopg2" | "psycopg":
            return url, {"connect_timeout": wait}
        case _:
            return url, {}


def _settled(connection: Connection, known: Options) -> Connection:
    """The connection, which cannot write where its dialect has a word for that."""
    if connection.dialect.name != "postgresql":
        return connection
    ours = connection.execution_options(postgresql_readonly=True)
    ours.exec_driver_sql(f"set statement_timeout = {max(1, math.ceil(known.timeout_seconds * 1000))}")
    ours.exec_driver_sql("set timezone = 'UTC'")
    ours.commit()
    return ours
