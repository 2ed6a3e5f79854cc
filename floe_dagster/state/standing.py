"""Standing: how the platform itself is doing, in a few statements whatever is on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state import schema
from floe_dagster.state.bulk import among
from floe_dagster.state.lookup import stored
from floe_dagster.state.tables import check_states, contract_versions, parcels, segments, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from floe_dagster.state.reader import StoreReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Parcels that wait to be carried to a channel.

    Attributes:
        topic: alerts or lineage.
        since: when the oldest of them could first be carried.
        reason: why the one that was tried last was not accepted; empty where none was tried.
    """

    topic: str
    channel: str
    count: int
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """Dead letters of a channel.

    Attributes:
        newest: when the newest of them was given up.
        reason: what was answered to that one.
    """

    topic: str
    channel: str
    count: int
    newest: datetime
    reason: str


def standing_of(reader: StoreReader) -> Standing:
    """How things stand in the store that a reader reads; each method raises what the reader's do."""
    return Standing(reader._connected)  # noqa: SLF001  of the same room


class Standing:
    """Reads how ticks, checks and parcels stand."""

    def __init__(self, connected: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connected = connected

    def version(self) -> str:
        """Of the tables."""
        with self._connected() as connection:
            return schema.version(connection)

    def ticked(self, kinds: Collection[str]) -> dict[str, datetime]:
        """When the newest tick of each of these kinds began, of those that there are."""
        query = select(ticks.c.kind, func.max(ticks.c.started_at)).where(ticks.c.kind.in_(kinds))
        with self._connected() as connection:
            return dict(connection.execute(query.group_by(ticks.c.kind)).tuples().all())

    def measured(self) -> dict[Key, datetime]:
        """When each key was measured last."""
        of = check_states.c
        query = select(of.contract, of.server, of.check_id, of.last_at)
        with self._connected() as connection:
            return {
                Key(contract=contract, server=server, check=check): at
                for contract, server, check, at in connection.execute(query)
            }

    def versions(self) -> dict[tuple[str, str], datetime]:
        """When each text of a contract was first seen, by the contract's id and the text's digest."""
        of = contract_versions.c
        with self._connected() as connection:
            return {
                (contract, digest): at
                for contract, digest, at in connection.execute(select(of.contract, of.digest, of.first_seen))
            }

    def first_good(self, keys: Iterable[Key]) -> dict[Key, datetime]:
        """When the first segment of each of these keys began, of those that have one."""
        wanted = {stored(each.text): each for each in keys}
        if not wanted:
            return {}
        with self._connected() as connection:
            found = select(segments.c.key, func.min(segments.c.started_at)).group_by(segments.c.key)
            these = found.where(among(connection, segments.c.key, wanted))
            return {wanted[key]: at for key, at in connection.execute(these)}

    def waiting(self, since: datetime) -> tuple[Waits, ...]:
        """What could be carried before then and still waits, by channel."""
        still = (parcels.c.state == ParcelState.PENDING.value, parcels.c.waiting_since < since)
        place = (parcels.c.topic, parcels.c.channel)
        counted = func.count().over(partition_by=place)
        oldest = func.min(parcels.c.waiting_since).over(partition_by=place)
        newest = func.row_number().over(
            partition_by=place, order_by=(parcels.c.reason == "", parcels.c.available_at.desc())
        )
        ranked = select(*place, counted.label("count"), oldest.label("since"), parcels.c.reason)
        rows = ranked.add_columns(newest.label("rank")).where(*still).subquery()
        query = select(rows).where(rows.c.rank == 1).order_by(rows.c.topic, rows.c.channel)
        with self._connected() as connection:
            return tuple(
                Waits(topic=topic, channel=channel, count=count, since=at, reason=reason)
                for topic, channel, count, at, reason, _ in connection.execute(query)
            )

    def given_up(self, since: datetime) -> tuple[GivenUp, ...]:
        """What was given up since then, by channel."""
        dead = (parcels.c.state == ParcelState.DEAD.value, parcels.c.finished_at >= since)
        place = (parcels.c.topic, parcels.c.channel)
        counted = func.count().over(partition_by=place)
        newest = func.row_number().over(partition_by=place, order_by=parcels.c.finished_at.desc())
        ranked = select(*place, counted.label("count"), parcels.c.finished_at, parcels.c.reason)
        rows = ranked.add_columns(newest.label("rank")).where(*dead).subquery()
        query = select(rows).where(rows.c.rank == 1).order_by(rows.c.topic, rows.c.channel)
        with self._connected() as connection:
            return tuple(
                GivenUp(topic=topic, channel=channel, count=count, newest=at, reason=reason)
                for topic, channel, count, at, reason, _ in connection.execute(query)
            )

    def unrouted(self, since: datetime) -> dict[str, int]:
        """How many alerts since then no route took, by severity."""
        lost = (parcels.c.state == ParcelState.UNROUTED.value, parcels.c.created_at >= since)
        query = select(parcels.c.severity, func.count()).where(*lost).group_by(parcels.c.severity)
        with self._connected() as connection:
            return dict(connection.execute(query).tuples().all())
