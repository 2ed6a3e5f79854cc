"""Local: CSV, Parquet and JSON files on this machine, read where they are by a DuckDB in memory.

A file's types are taken as it has them, and never cast to the contract's first, so that a wrong type is
seen. The connection can reach the files of the datasets that are asked for, and nothing else on the
machine.
"""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql, translated
from floe_dagster.warehouses._messages import shortened
from floe_dagster.warehouses._options import Options, options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from floe_dagster.contract.model import Server
    from floe_dagster.warehouses._catalogue import Catalogue

_READERS = {
    "csv": "read_csv({files}, union_by_name = true, sample_size = -1{extra})",
    "parquet": "read_parquet({files}, union_by_name = true)",
    "json": "read_json({files}, union_by_name = true, sample_size = -1)",
    "jsonl": "read_json({files}, union_by_name = true, sample_size = -1, format = 'newline_delimited')",
}
_SUFFIXES = {"ndjson": "jsonl", "tsv": "csv", "pq": "parquet"}


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
        dialect = DuckdbSql("main", statistics=_format(known) == "parquet")
        return SqlWarehouse(dialect, lambda tables: _opened(known, dialect, tables), brief=True)


@dataclass(frozen=True, slots=True)
class _Found:
    """The files of one dataset, or why there are none."""

    files: tuple[Path, ...] = ()
    gap: NotMeasured | None = None


class _LocalSession(DuckdbSession):
    """Views over files."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        dialect: DuckdbSql,
        timeout_seconds: float,
        found: Mapping[str, _Found],
    ) -> None:
        super().__init__(connection, dialect, timeout_seconds)
        self._found = found

    def catalogue(self, names: tuple[str, ...]) -> Catalogue:
        """What there is of these datasets; one whose file cannot be read says why."""
        live = super().catalogue(names)
        gaps = {name: self._found[name].gap for name in names if name in self._found}
        return replace(
            live, tables={**live.tables, **{name: gap for name, gap in gaps.items() if gap is not None}}
        )

    def changed(self, name: str) -> Answer:  # type: ignore[override]
        """When the newest of its files was written."""
        times = [each.stat().st_mtime for each in self._found[name].files]
        return Measured(datetime.fromtimestamp(max(times), UTC) if times else None)


def _opened(known: Options, dialect: DuckdbSql, tables: tuple[str, ...]) -> _LocalSession:
    import duckdb

    reader = _reader(known, dialect)
    found = {name: _files(name, known) for name in dict.fromkeys(tables)}
    connection = duckdb.connect(":memory:", config=dict(LOCKED_DOWN))
    paths = ", ".join(dialect.text(str(path)) for each in found.values() for path in each.files)
    try:
        connection.execute(f"set allowed_paths = [{paths}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise translated(error) from error
    session = _LocalSession(connection, dialect, known.timeout_seconds, found)
    for name, each in found.items():
        if each.files:
            found[name] = _with_view(session, name, each, reader, dialect)
    return session


def _with_view(session: DuckdbSession, name: str, found: _Found, reader: str, dialect: DuckdbSql) -> _Found:
    files = "[" + ", ".join(dialect.text(str(each)) for each in found.files) + "]"
    source = reader.replace("{files}", files)
    try:
        session.rows(f"create view {dialect.identifier(name)} as select * from {source}")  # noqa: S608  every part is quoted
    except WarehouseError as error:
        cause = Cause.DENIED if "Permission denied" in error.message else Cause(error.cause)
        where = ", ".join(each.name for each in found.files[:3])
        return replace(found, gap=NotMeasured(cause, shortened(f"{where} cannot be read: {error.message}")))
    return found


def _format(known: Options) -> str:
    named = known.get("format").lower() or Path(known.get("path")).suffix.lstrip(".").lower()
    return _SUFFIXES.get(named, named)


def _reader(known: Options, dialect: DuckdbSql) -> str:
    """The table function that reads the files, with `{files}` still to be filled in."""
    kind = _format(known)
    if kind not in _READERS:
        known.fail(f'format "{kind}" is not read here; write one of {", ".join(_READERS)}')
    names = (("delimiter", "delim"), ("encoding", "encoding"))
    extra = "".join(
        f", {theirs} = {dialect.text(known.get(ours))}" for ours, theirs in names if known.get(ours)
    )
    return _READERS[kind].replace("{extra}", extra.lower() if "encoding" in extra else extra)


def _files(name: str, known: Options) -> _Found:
    path = known.path("path")
    if any(each in name for each in ("/", "\\", "\x00")) or name in ("", ".", ".."):
        return _Found(
            gap=NotMeasured(
                Cause.MISCONFIGURED, f'"{name}" cannot be the name of a file; change physicalName'
            )
        )
    patterns = _patterns(str(path), name, known)
    files = sorted({Path(each) for pattern in patterns for each in glob.glob(pattern, recursive=True)})  # noqa: PTH207  may be absolute
    files = [each for each in files if each.is_file()]
    if files:
        return _Found(files=tuple(files))
    missing = known.shown(Path(patterns[0]))
    folder = _fixed_folder(patterns[0])
    if not folder.is_dir():
        return _Found(
            gap=NotMeasured(Cause.UNREACHABLE, f"there is no folder {known.shown(folder)}; correct the path")
        )
    return _Found(
        gap=NotMeasured(
            Cause.NO_DATASET, f"there is no file {missing}; write it, or correct path or physicalName"
        )
    )


def _patterns(path: str, name: str, known: Options) -> list[str]:
    """Where to look for the files of a dataset, in a folder also by its name."""
    escaped = glob.escape(name)
    if "{model}" in path:
        return [path.replace("{model}", escaped)]
    if Path(path).is_dir():
        suffix = _format(known)
        folder = glob.escape(path)
        return [f"{folder}/{escaped}.{suffix}", f"{folder}/{escaped}", f"{folder}/{escaped}/**/*.{suffix}"]
    return [path]


def _fixed_folder(pattern: str) -> Path:
    """The part of a pattern that names one folder."""
    folder = Path(pattern).parent
    while glob.has_magic(str(folder)):
        folder = folder.parent
    return folder


WAREHOUSE = LocalFiles()
