"""Schema: making the tables, and bringing them up to what this code knows. Alembic, without its command line.

A store moves forward by itself, under a lock, in one transaction. One that is newer than the code is refused.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from floe_dagster.errors import StoreAbsentError, StoreVersionError
from floe_dagster.state.address import PATIENCE_SECONDS
from floe_dagster.state.tables import VERSION_TABLE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from floe_dagster.state.address import Address

_FOLDER = Path(__file__).parent / "migrations"

_one_at_a_time = threading.Lock()  # Alembic keeps the running migration in a global

LOCK = 0x666C6F65
"""the advisory lock of everybody who writes to a store on PostgreSQL"""


def revisions() -> tuple[str, ...]:
    """The revisions that this code knows, the oldest first: the files of `migrations/versions`."""
    return tuple(
        sorted(each.name.partition("_")[0].removeprefix("v") for each in (_FOLDER / "versions").glob("v*.py"))
    )


def prepare(address: Address, engine: Engine) -> None:
    """Make the store where there is none, and bring it up to date.

    Raises:
        StoreVersionError: it is newer than this code.
    """
    if address.path is not None:
        address.path.parent.mkdir(parents=True, exist_ok=True)
        _keep_readers_and_writers_apart(engine)
    with engine.connect() as connection:
        if _up_to_date(connection, address.place):
            return
    with _one_at_a_time, engine.begin() as connection:
        lock(connection)
        if not _up_to_date(connection, address.place):
            _upgrade(connection)


def check(address: Address, engine: Engine) -> None:
    """Look whether a store can be read by this code.

    Raises:
        StoreAbsentError: there is none.
        StoreVersionError: it is newer or older than this code.
    """
    if address.path is not None and not address.path.exists():
        raise _nothing(address.place)
    with engine.connect() as connection:
        found = version(connection)
        if not found:
            raise _nothing(address.place)
        if not _up_to_date(connection, address.place):
            raise StoreVersionError(
                f"{address.place} has version {found}, and this floe-dagster reads {revisions()[-1]}; "
                "run: floe state migrate"
            )


def lock(connection: Connection) -> None:
    """Wait until nobody else writes. On SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def version(connection: Connection) -> str:
    """The revision of the store's tables, or an empty text where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or ""  # noqa: S608  a constant


def _up_to_date(connection: Connection, place: str) -> bool:
    found, known = version(connection), revisions()
    if found and found not in known:
        raise StoreVersionError(
            f"{place} has version {found}, and this floe-dagster knows {known[-1]} at most; "
            "run: pip install --upgrade floe-dagster, or name another store"
        )
    return found == known[-1]


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  only a store that is not up to date needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _keep_readers_and_writers_apart(engine: Engine) -> None:
    """Write-ahead logging, set once; SQLite does not wait by itself while another process sets it too."""
    try:
        raw = engine.raw_connection()
    except sqlite3.Error as error:
        raise OperationalError("connect", None, error) from error
    try:
        cursor = raw.cursor()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
    except sqlite3.Error as error:
        raise OperationalError("PRAGMA journal_mode = WAL", None, error) from error
    finally:
        raw.close()


def _nothing(place: str) -> StoreAbsentError:
    return StoreAbsentError(f"there is nothing yet in {place}; run a check, or: floe state migrate")
