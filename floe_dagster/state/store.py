"""Store: the front door to what we remember.

A tick is recorded in one transaction, and ticks one after the other, whatever process they run in; what is
read in such a transaction is what it is based on. Parcels are claimed and acknowledged in short
transactions of their own, which wait for no tick on PostgreSQL.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from floe_dagster.state import outbox, schema
from floe_dagster.state.address import Address
from floe_dagster.state.prune import prune
from floe_dagster.state.reader import StoreReader
from floe_dagster.state.trouble import told_as_store_error
from floe_dagster.state.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.state.records import Claim, Horizon, Pruned


class Store(StoreReader):
    """Reads and writes a store; safe to use from several threads and processes at once."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._writing: Engine = address.engine(read_only=False)

    def close(self) -> None:
        """Let go of its connections; safe to call twice."""
        super().close()
        self._writing.dispose()

    def prepare(self) -> None:
        """Make the tables where there are none, and bring them up to date.

        Raises:
            StoreError: the store does not answer.
            StoreVersionError: it is newer than this code.
        """
        with told_as_store_error(self.place):
            schema.prepare(self._address, self._writing)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction that is whole or not at all: committed when the block ends, undone when it raises.

        Raises:
            StoreError: the store does not answer, or somebody else has been writing for too long.
        """
        with self._transaction(alone=True) as connection:
            yield Writing(connection)

    def claim(
        self,
        topic: Topic,
        *,
        now: datetime,
        lease_seconds: float,
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Claim, ...]:
        """Take parcels to carry, the longest waiting first; nobody else gets them until the lease is over."""
        with self._transaction() as connection:
            return outbox.claim(
                connection, topic, now=now, lease_seconds=lease_seconds, limit=limit, without=without
            )

    def delivered(self, claim: Claim, *, now: datetime, note: str = "") -> bool:
        """The parcel was accepted. False where the lease was lost, and somebody else's word counts."""
        with self._transaction() as connection:
            return outbox.delivered(connection, claim, now=now, note=note)

    def delivered_together(self, claims: Sequence[Claim], *, now: datetime, note: str = "") -> int:
        """These parcels were accepted; returns how many of them were still ours to say so of."""
        with self._transaction() as connection:
            done = outbox.delivered_together(connection, claims, now=now, note=note)
        rest = (each for each in claims if each.parcel.key not in done)
        return len(done) + sum(self.delivered(each, now=now, note=note) for each in rest)

    def failed(self, claim: Claim, *, now: datetime, error: str, retry_at: datetime | None) -> bool:
        """The parcel was not accepted: again at `retry_at`, or given up. False where the lease was lost."""
        with self._transaction(alone=retry_at is None) as connection:
            return outbox.failed(connection, claim, now=now, error=error, retry_at=retry_at)

    def give_back(self, claims: Sequence[Claim]) -> int:
        """Let others have what was not tried, as if nobody had claimed it; returns how many were ours."""
        with self._transaction() as connection:
            return outbox.give_back(connection, claims)

    def replay(self, key: str, *, now: datetime) -> bool:
        """Carry a dead parcel after all. False where there is none, or the channel has heard of later."""
        with self._transaction(alone=True) as connection:
            return outbox.replay(connection, key, now=now)

    def prune(self, horizon: Horizon) -> tuple[Pruned, ...]:
        """Delete what is older than the horizon, in short transactions, and say what went of each table."""
        return tuple(prune(self._transaction, horizon))

    @contextmanager
    def _transaction(self, *, alone: bool = False) -> Iterator[Connection]:
        with told_as_store_error(self.place), self._writing.begin() as connection:
            if alone:
                schema.lock(connection)
            yield connection


def open_store(url: str) -> Store:
    """The store at that URL, made where there is none and brought up to date where it is older.

    Args:
        url: `sqlite:///path/to/floe.db` or `postgresql://user:password@host/database`.

    Raises:
        StoreError: it is not the URL of a store, or the store does not answer.
        StoreVersionError: it is newer than this code.
    """
    store = Store(Address.read(url))
    store.prepare()
    return store


def open_reader(url: str) -> StoreReader:
    """A reader of the store at that URL, which makes nothing and changes nothing.

    Raises:
        StoreError: it is not the URL of a store, there is none, or it does not answer.
        StoreVersionError: it is newer or older than this code.
    """
    reader = StoreReader(Address.read(url))
    reader.check()
    return reader


def find_reader(url: str) -> StoreReader | None:
    """The same; None where the store would be a file that is not there."""
    path = Address.read(url).path
    return None if path is not None and not path.exists() else open_reader(url)
