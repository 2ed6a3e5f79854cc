"""Behind: what is on record that may be behind a breach, for any number of breaches in a few statements."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, select

from floe_dagster.notify.context import Open, Spell
from floe_dagster.state.bulk import among
from floe_dagster.state.lookup import stored
from floe_dagster.state.tables import contract_versions, contracts, episodes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from floe_dagster.outcome.outcome import Key

_MOST = 10_000
"""rows that one statement reads; what there is beyond them is not worth a sentence"""


class Version(NamedTuple):
    """A contract as it was seen lately."""

    digest: str
    version: str
    last_seen: datetime


class Registration(NamedTuple):
    """Since when a contract has been watched, and as what it was seen lately."""

    first_seen: datetime
    versions: tuple[Version, ...]


class Behind:
    """What is on record, within a transaction that writes. Made by `Writing.behind`; a statement a method."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def alone(self) -> AbstractContextManager[object]:
        """What fails within it is undone alone, and the transaction goes on."""
        return self._connection.begin_nested()

    def spells(self, keys: Iterable[Key], since: datetime) -> dict[str, list[tuple[str, Spell]]]:
        """The episodes that opened since then, with their ids, by the text of their key."""
        wanted = {stored(each.text): each.text for each in keys}
        query = (
            select(episodes.c.key, episodes.c.id, episodes.c.broken_since, episodes.c.resolved_at)
            .where(episodes.c.opened_at >= since, among(self._connection, episodes.c.key, wanted))
            .order_by(episodes.c.opened_at.desc())
            .limit(_MOST)
        )
        found = defaultdict[str, list[tuple[str, Spell]]](list)
        for row in self._connection.execute(query):
            found[wanted[row.key]].append((row.id, Spell(start=row.broken_since, end=row.resolved_at)))
        return found

    def open_of(self, wanted: Collection[str]) -> list[Open]:
        """The open episodes of these contracts, by id; as they are kept, long names cut."""
        query = (
            select(episodes)
            .where(
                episodes.c.resolved_at.is_(None),
                episodes.c.broken,
                among(self._connection, episodes.c.contract, wanted),
            )
            .order_by(episodes.c.opened_at)
            .limit(_MOST)
        )
        return [
            Open(
                id=row.id,
                contract=row.contract,
                server=row.server,
                kind=row.kind,
                title=row.title,
                since=row.broken_since,
            )
            for row in self._connection.execute(query)
        ]

    def troubled(self, servers: Collection[str]) -> dict[str, set[str]]:
        """The contracts with an open episode, by the name of the server."""
        query = (
            select(episodes.c.server, episodes.c.contract)
            .where(
                episodes.c.resolved_at.is_(None),
                episodes.c.broken,
                among(self._connection, episodes.c.server, servers),
            )
            .distinct()
            .limit(_MOST)
        )
        found = defaultdict[str, set[str]](set)
        for row in self._connection.execute(query):
            found[row.server].add(row.contract)
        return found

    def registrations(self, wanted: Collection[str], since: datetime) -> dict[str, Registration]:
        """Since when these contracts have been watched, and what they were like since then, by id."""
        lately = and_(contract_versions.c.contract == contracts.c.id, contract_versions.c.last_seen >= since)
        query = (
            select(
                contracts.c.id,
                contracts.c.first_seen,
                contract_versions.c.digest,
                contract_versions.c.version,
                contract_versions.c.last_seen,
            )
            .join_from(contracts, contract_versions, lately, isouter=True)
            .where(among(self._connection, contracts.c.id, wanted))
            .limit(_MOST)
        )
        found: dict[str, Registration] = {}
        for row in self._connection.execute(query):
            known = found.get(row.id, Registration(row.first_seen, ()))
            seen = (Version(row.digest, row.version, row.last_seen),) if row.digest is not None else ()
            found[row.id] = known._replace(versions=(*known.versions, *seen))
        return found
