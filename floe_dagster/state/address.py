"""Address: where the store is, and how to connect to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from floe_dagster.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PATIENCE_SECONDS = 30
"""how long a writer waits for another one"""

_WAYS = "name sqlite:///path/to/floe.db or postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is. The URL holds a password, and so does not show."""

    url: URL = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Address:
        """The address of that URL.

        Raises:
            StoreError: it is not the URL of a store.
        """
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            raise StoreError(f"the store is not the URL of a database; {_WAYS}") from None
        match url.get_backend_name():
            case "sqlite":
                return cls(_file(url))
            case "postgresql" | "postgres":
                # A bare postgresql:// means another driver from SQLAlchemy 2.1 on.
                return cls(url.set(drivername="postgresql+psycopg2"))
            case other:
                raise StoreError(f'the store is on SQLite or PostgreSQL, not on "{other}"; {_WAYS}')

    @property
    def path(self) -> Path | None:
        """The file, where it is one."""
        return Path(self.url.database or "") if self.sqlite else None

    @property
    def sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def place(self) -> str:
        """Where it is, for people, without credentials."""
        if self.sqlite:
            return f"the store {self.path}"
        port = f":{self.url.port}" if self.url.port else ""
        return f"the store postgresql://{self.url.host or ''}{port}/{self.url.database or ''}"

    def engine(self, *, read_only: bool) -> Engine:
        """Connections to it. No connection is made yet."""
        return (
            _sqlite(self.url, read_only=read_only)
            if self.sqlite
            else _postgres(self.url, read_only=read_only)
        )


def _file(url: URL) -> URL:
    if not url.database or url.database == ":memory:":
        raise StoreError("a store in memory forgets; name a file, as sqlite:///path/to/floe.db")
    if url.query:
        raise StoreError(
            "the URL of a store on SQLite takes no options; name a file, as sqlite:///path/to/floe.db"
        )
    return url.set(drivername="sqlite+pysqlite")


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    # Without a pool no connection crosses a thread or a fork; opening a file costs next to nothing.
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": float(PATIENCE_SECONDS)}
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def connected(connection: Any, record: object) -> None:
        del record
        connection.isolation_level = (
            None  # transactions begin below, since the driver's own would begin too late
        )
        connection.execute(f"PRAGMA query_only = {int(read_only)}")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _postgres(url: URL, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=8,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "floe"},
    )
    return engine.execution_options(postgresql_readonly=True) if read_only else engine
