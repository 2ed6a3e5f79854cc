"""Local: CSV, Parquet and JSON files on this machine, read where they are by a DuckDB in memory.

A file's types are taken as it has them, and never cast to the contract's first, so that a wrong type is
seen. For CSV and JSON that takes a look at every row, once for as long as the files do not change. The
connection can reach the files of the datasets that are asked for, and nothing else on the machine.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql, translated
from floe_dagster.warehouses._files import Found, Stamp, find, format_of
from floe_dagster.warehouses._messages import shortened
from floe_dagster.warehouses._options import Options, options
from floe_dagster.warehouses._planners import by_columns, in_one_pass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

    from floe_dagster.contract.model import Server
    from floe_dagster.warehouses._catalogue import Catalogue

_ENCODINGS = {"": "", "utf-8": "", "ascii": "", "iso8859-1": "latin-1", "utf-16": "utf-16"}
_MOST_REMEMBERED = 1000


class LocalFiles:
    """Server type `local`: `path`, with `{model}` or a glob, `format`, and of CSV `delimiter`, `encoding`."""

    types = ("local",)

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> SqlWarehouse:
        """A warehouse on the files; nothing is read yet."""
        known = options(
            server,
            root=Path(os.path.abspath(root)),  # noqa: PTH100  links are not followed
            timeout_seconds=timeout_seconds,
            access=access,
            known=("path", "format", "delimiter", "encoding"),
        )
        parquet = format_of(known) == "parquet"
        planner = by_columns if parquet else in_one_pass
        dialect = DuckdbSql("main", statistics=parquet, typed=parquet, collates=False, planner=planner)
        return SqlWarehouse(dialect, lambda tables: _opened(known, dialect, tables), brief=True)


@dataclass(frozen=True, slots=True)
class _Reader:
    """How DuckDB reads one format.

    Attributes:
        function: the table function.
        given: its arguments, as SQL.
        types: the argument that names the types; empty where the files themselves do.
    """

    function: str
    given: str = ""
    types: str = ""

    def source(self, files: str, types: str | None) -> str:
        """The files as a table: of these types, or else of those that a look at every row finds."""
        looked = f", {self.types} = {types}" if types else ", sample_size = -1"
        return f"{self.function}({files}, union_by_name = true{self.given}{looked if self.types else ''})"


class _LocalSession(DuckdbSession):
    """Views over files."""

    def __init__(
        self, connection: DuckDBPyConnection, dialect: DuckdbSql, timeout_seconds: float, reader: _Reader
    ) -> None:
        super().__init__(connection, dialect, timeout_seconds)
        self._reader = reader
        self._found: dict[str, Found] = {}

    def look(self, name: str, found: Found) -> None:
        """Make the files a table, or remember why they cannot be one."""
        self._found[name] = found
        if found.gap is None:
            try:
                self._view(name, found)
            except (WarehouseError, OSError) as error:
                self._found[name] = replace(found, gap=_unreadable(found, error))

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these datasets; one whose file cannot be read says why."""
        live = super().catalogue(names)
        return replace(live, tables={name: self._found[name].gap or live.table(name) for name in names})

    def changed(self, name: str) -> Answer:
        """When the newest of its files was written."""
        try:
            newest = max(stamp for _, _, stamp in self._found[name].stamp)
        except OSError:
            return NotMeasured(Cause.UNREACHABLE, f"a file of {name} went away while it was read")
        return Measured(datetime.fromtimestamp(newest / 1e9, UTC))

    def _view(self, name: str, found: Found) -> None:
        files = "[" + ", ".join(self._dialect.text(str(each)) for each in found.files) + "]"
        view = f"create or replace view {self._dialect.identifier(name)} as select * from "  # noqa: S608  every part is quoted
        key = (self._reader, found.stamp)
        if self._reader.types and key not in _types_seen():
            self._fetch(view + self._reader.source(files, None), 0)
            self._remember(key, name, found)
        self._fetch(view + self._reader.source(files, _types_seen().get(key)), 0)

    def _remember(self, key: tuple[_Reader, Stamp], name: str, found: Found) -> None:
        """Keep the types that a look at every row found, so that no statement has to look again."""
        seen = _types_seen()
        if len(seen) >= _MOST_REMEMBERED:
            seen.clear()
        columns = self._fetch(f"describe {self._dialect.identifier(name)}", 100_000)
        in_paths = {part.partition("=")[0] for path in found.files for part in path.parts if "=" in part}
        own = [(str(column), str(kind)) for column, kind, *_ in columns if column not in in_paths]
        quoted = (f"{self._dialect.text(column)}: {self._dialect.text(kind)}" for column, kind in own)
        seen[key] = "{" + ", ".join(quoted) + "}" if own else ""


@cache
def _types_seen() -> dict[tuple[_Reader, Stamp], str]:
    """The types of files that were looked through, for as long as this process lives."""
    return {}


def _opened(known: Options, dialect: DuckdbSql, tables: Iterable[str]) -> _LocalSession:
    import duckdb

    reader = _reader(known, dialect)
    found = {name: find(name, known) for name in dict.fromkeys(tables)}
    paths = ", ".join(dialect.text(str(path)) for each in found.values() for path in each.files)
    connection = duckdb.connect(":memory:", config=dict(LOCKED_DOWN))
    try:
        connection.execute(f"set allowed_paths = [{paths}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise translated(error) from error
    session = _LocalSession(connection, dialect, known.timeout_seconds, reader)
    for name, each in found.items():
        session.look(name, each)
    return session


def _unreadable(found: Found, error: Exception) -> NotMeasured:
    message = str(error)
    cause = Cause(error.cause) if isinstance(error, WarehouseError) else Cause.UNREACHABLE
    names = ", ".join(each.name for each in found.files[:3])
    denied = Cause.DENIED if "Permission denied" in message else cause
    return NotMeasured(denied, shortened(f"{names} cannot be read: {message}"))


def _reader(known: Options, dialect: DuckdbSql) -> _Reader:
    match format_of(known):
        case "csv":
            extra = {"delim": known.get("delimiter"), "encoding": _encoding(known)}
            given = "".join(f", {name} = {dialect.text(value)}" for name, value in extra.items() if value)
            return _Reader("read_csv", given, "types")
        case "parquet":
            return _Reader("read_parquet")
        case "json":
            return _Reader("read_json", "", "columns")
        case "jsonl":
            return _Reader("read_json", ", format = 'newline_delimited'", "columns")
        case other:
            known.fail(f'format "{other[:20]}" is not read here; write one of csv, parquet, json, jsonl')
    return None


def _encoding(known: Options) -> str:
    """The encoding as DuckDB calls it, out of the many names that there are for each."""
    named = known.get("encoding")
    try:
        name = codecs.lookup(named).name if named else ""
    except LookupError:
        name = "?"
    if name not in _ENCODINGS:
        known.fail(f'encoding "{named[:20]}" is not read here; write UTF-8, UTF-16 or ISO-8859-1')
    return _ENCODINGS[name]


WAREHOUSE = LocalFiles()
