"""Accounts: what is computed from all that was recorded of a time, read many checks at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from floe_dagster.outcome.outcome import Key
from floe_dagster.state.bulk import among
from floe_dagster.state.lookup import stored
from floe_dagster.state.tables import check_states, outcomes, segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection


class Glance(NamedTuple):
    """An outcome without its words: what is told of it, and to whom, does not depend on those.

    Attributes:
        check: its id.
        status, severity: values of `Status` and `Severity`.
        used: how much of the promise is used up, 1.0 being all of it.
    """

    tick: str
    contract: str
    server: str
    check: str
    dataset: str
    kind: str
    title: str
    status: str
    severity: str
    broken: bool
    used: float | None
    at: datetime


class Accounts:
    """Reads what was recorded as a whole. Made by `StoreReader.accounts`."""

    def __init__(self, connected: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connected = connected

    def newest_segments(self) -> dict[Key, datetime]:
        """When the newest segment of each key began, of those that have one."""
        of = check_states.c
        query = select(of.contract, of.server, of.check_id, of.segment_start)
        with self._connected() as connection:
            return {
                Key(contract=contract, server=server, check=check): start
                for contract, server, check, start in connection.execute(query)
                if start is not None
            }

    def oldest_segments(self) -> dict[str, datetime]:
        """When the oldest segment of each contract began."""
        of = segments.c.contract
        query = select(of, func.min(segments.c.started_at)).group_by(of)
        with self._connected() as connection:
            return dict(connection.execute(query).tuples().all())

    def watched_before(self, keys: Iterable[Key], at: datetime) -> set[Key]:
        """Those of these keys of which a segment began before then."""
        wanted = {stored(each.text): each for each in keys}
        if not wanted:
            return set()
        with self._connected() as connection:
            among_these = among(connection, segments.c.key, wanted)
            older = select(segments.c.key).where(among_these, segments.c.started_at < at).distinct()
            return {wanted[key] for key in connection.execute(older).scalars()}

    def glances(self, start: datetime, end: datetime) -> tuple[Glance, ...]:
        """Every outcome judged between `start` and `end`, in the order of time."""
        of = outcomes.c
        names = (of.tick, of.contract, of.server, of.check_id, of.dataset, of.kind, of.title)
        query = select(*names, of.status, of.severity, of.broken, of.used, of.at)
        query = query.where(of.at >= start, of.at < end).order_by(of.at, of.id)
        with self._connected() as connection:
            return tuple(Glance(*each) for each in connection.execute(query))

    def counts(self, start: datetime, end: datetime) -> dict[tuple[Key, str], dict[str, int]]:
        """How many outcomes of each status there were between `start` and `end`, by key and kind."""
        of = outcomes.c
        group = (of.contract, of.server, of.check_id, of.kind, of.status)
        query = select(*group, func.count()).where(of.at >= start, of.at < end).group_by(*group)
        found: dict[tuple[Key, str], dict[str, int]] = {}
        with self._connected() as connection:
            for contract, server, check, kind, status, count in connection.execute(query):
                key = Key(contract=contract, server=server, check=check)
                found.setdefault((key, kind), {})[status] = count
        return found
