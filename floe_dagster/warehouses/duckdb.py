"""DuckDB: tables in a database file, read-only, held no longer than one `ask`: a reader keeps writers out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._duckdb import LOCKED_DOWN, DuckdbSession, DuckdbSql, translated
from floe_dagster.warehouses._options import Options, options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from floe_dagster.contract.model import Server

_PAUSE_SECONDS = 0.1


class DuckdbFile:
    """Server type `duckdb`: `database` is the path of the file, `schema` where its tables are (`main`)."""

    types = ("duckdb",)

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> SqlWarehouse:
        """A warehouse on the file; nothing is opened yet."""
        known = options(
            server,
            root=root,
            timeout_seconds=timeout_seconds,
            access=access,
            known=("database", "path", "schema"),
        )
        dialect = DuckdbSql(known.get("schema") or "main")

        def connect(tables: tuple[str, ...]) -> DuckdbSession:
            del tables
            return DuckdbSession(_connected(known, dialect), dialect, timeout_seconds)

        return SqlWarehouse(dialect, connect, brief=True, shares=True)


def _connected(known: Options, dialect: DuckdbSql) -> DuckDBPyConnection:
    path = known.path("path" if known.get("path") and not known.get("database") else "database")
    if not path.is_file():
        raise WarehouseError(
            f"there is no DuckDB file {known.shown(path)}; run what writes it, or correct the path",
            cause=Cause.UNREACHABLE,
        )
    connection = _waited_for(path, known)
    try:
        _settle(connection, dialect, known)
    except WarehouseError:
        connection.close()
        raise
    return connection


def _waited_for(path: Path, known: Options) -> DuckDBPyConnection:
    """The connection, once whoever writes to the file lets go of it."""
    import duckdb

    until = time.monotonic() + known.timeout_seconds
    while True:
        try:
            return duckdb.connect(
                path, read_only=True, config={**LOCKED_DOWN, "enable_external_access": "false"}
            )
        except duckdb.Error as error:
            if not _is_lock(error):
                raise _unopened(error, known.shown(path)) from error
            if time.monotonic() >= until:
                raise WarehouseError(
                    f"{known.shown(path)} was held by a writer for {known.timeout_seconds:g} s; "
                    "close what writes to it as soon as it is done, or raise timeout in floe.yaml",
                    cause=Cause.LOCKED,
                ) from error
            time.sleep(min(_PAUSE_SECONDS, max(0.0, until - time.monotonic())))


def _is_lock(error: Exception) -> bool:
    """Another process writes, or this one does: then DuckDB calls it another configuration."""
    return "Could not set lock" in str(error) or "different configuration" in str(error)


def _unopened(error: Exception, path: str) -> WarehouseError:
    message = str(error)
    if "not a valid DuckDB database" in message:
        return WarehouseError(f"{path} is not a DuckDB database; correct the path, or restore the file")
    if "Permission denied" in message or "Cannot open file" in message:
        return WarehouseError(f"no permission to read {path}", cause=Cause.DENIED)
    if "does not exist" in message:
        return WarehouseError(f"there is no DuckDB file {path}", cause=Cause.UNREACHABLE)
    return WarehouseError(f"{path} cannot be opened: {message}")


def _settle(connection: DuckDBPyConnection, dialect: DuckdbSql, known: Options) -> None:
    import duckdb

    try:
        connection.execute("set global TimeZone = 'UTC'")
        connection.execute("set global lock_configuration = true")
    except duckdb.InvalidInputException as error:
        # another of our connections in this process shares the database, and has done both
        if "locked" not in str(error):
            raise translated(error) from error
    try:
        connection.execute(f"use {dialect.identifier(dialect.default_schema)}")
    except duckdb.Error as error:
        raise WarehouseError(
            f'there is no schema "{dialect.default_schema}" in the database of server "{known.server}"',
            cause=Cause.NO_DATASET,
        ) from error


WAREHOUSE = DuckdbFile()
