"""Response: incidents, what people said of episodes, and what reminders and silences are decided from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, true

from floe_dagster.outcome.acknowledgement import Acknowledgement, Reason
from floe_dagster.outcome.incident import Incident, Priority
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.check import Severity
from floe_dagster.state import rows, tables
from floe_dagster.state.bulk import among, batches, upsert
from floe_dagster.state.lookup import kept_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from floe_dagster.notify.dedup import Heard
    from floe_dagster.outcome.episode import Episode

_TOLD = (ParcelState.SENT.value, ParcelState.PENDING.value)


class Response:
    """What people answered, and what reminders and silences are decided from, within an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def incidents(
        self,
        *,
        contracts: Collection[str] | None = None,
        id_: str | None = None,
        open_only: bool = True,
        since: datetime | None = None,
    ) -> tuple[Incident, ...]:
        """Incidents in the order in which they were opened.

        Args:
            contracts: of these alone.
            id_: the one whose id begins so.
            open_only: those that are not over.
            since: those that were open at some time since then.
        """
        query = select(tables.incidents).order_by(tables.incidents.c.opened_at, tables.incidents.c.id)
        if contracts is not None:
            query = query.where(among(self._connection, tables.incidents.c.contract, contracts))
        if id_ is not None:
            query = query.where(tables.incidents.c.id.startswith(id_, autoescape=True))
        if open_only:
            query = query.where(tables.incidents.c.resolved_at.is_(None))
        if since is not None:
            query = query.where(
                or_(tables.incidents.c.resolved_at.is_(None), tables.incidents.c.resolved_at >= since)
            )
        return tuple(_incident(row) for row in self._connection.execute(query))

    def save_incidents(self, changed: Iterable[Incident]) -> None:
        """Keep incidents as they are now; one that is over makes room for the next of its contract."""
        values = [_incident_values(each) for each in changed]
        upsert(
            self._connection, tables.incidents, (each for each in values if each["resolved_at"] is not None)
        )
        upsert(self._connection, tables.incidents, (each for each in values if each["resolved_at"] is None))

    def acknowledgements(
        self, names: Iterable[str] | None = None, since: datetime | None = None
    ) -> dict[str, Acknowledgement]:
        """What was said of these episodes, or of all since then, by episode."""
        if names is None:
            query = select(tables.acknowledgements)
            if since is not None:
                query = query.where(tables.acknowledgements.c.at >= since)
            return {row.episode: _acknowledgement(row) for row in self._connection.execute(query)}
        return {
            row.episode: _acknowledgement(row)
            for some in batches(names)
            for row in self._connection.execute(
                select(tables.acknowledgements).where(
                    among(self._connection, tables.acknowledgements.c.episode, some)
                )
            )
        }

    def acknowledge(self, said: Iterable[tuple[Episode, Acknowledgement]]) -> None:
        """Keep what was said of episodes; what was said of one before is replaced."""
        upsert(
            self._connection,
            tables.acknowledgements,
            (
                {
                    "episode": each.episode,
                    "contract": episode.key.contract,
                    "at": each.at,
                    "author": each.author,
                    "reason": each.reason.value,
                    "severity": each.severity.value,
                    "note": each.note,
                }
                for episode, each in said
            ),
        )

    def episodes(self, names: Iterable[str]) -> tuple[Episode, ...]:
        """Episodes by id, in no order."""
        return tuple(
            rows.episode(row)
            for some in batches(names)
            for row in self._connection.execute(
                select(tables.episodes).where(among(self._connection, tables.episodes.c.id, some))
            )
        )

    def named(self, start: str) -> tuple[Episode, ...]:
        """Episodes whose id begins so, a few of them."""
        begins = tables.episodes.c.id.startswith(start, autoescape=True)
        query = select(tables.episodes).where(begins).order_by(tables.episodes.c.id).limit(5)
        return tuple(rows.episode(row) for row in self._connection.execute(query))

    def broken_now(self, *, kinds: Collection[str], contracts: Collection[str]) -> tuple[Episode, ...]:
        """Open episodes of broken promises that are of one of these kinds, or of one of these contracts."""
        query = select(tables.episodes).where(
            tables.episodes.c.resolved_at.is_(None),
            tables.episodes.c.broken.is_(true()),
            or_(
                tables.episodes.c.kind.in_(kinds),
                among(self._connection, tables.episodes.c.contract, contracts),
            ),
        )
        return tuple(
            rows.episode(row) for row in self._connection.execute(query.order_by(tables.episodes.c.id))
        )

    def told_lately(self, contracts: Iterable[str], since: datetime) -> dict[tuple[str, str], set[datetime]]:
        """In which minutes each channel was told of each contract since then, by (contract, channel)."""
        wanted = {kept_key(Key(contract=each, server="", check="")).contract for each in contracts}
        one = tables.parcels.c
        query = select(one.about, one.channel, one.created_at, one.not_before).where(
            one.topic == "alert",
            one.state.in_(_TOLD),
            or_(one.created_at >= since, one.not_before >= since),
        )
        found: dict[tuple[str, str], set[datetime]] = {}
        # compared here: how a database sorts line breaks is up to its collation
        for row in self._connection.execute(query):
            contract = row.about.partition("\n")[0]
            if contract in wanted:
                minute = (row.not_before or row.created_at).replace(second=0, microsecond=0)
                found.setdefault((contract, row.channel), set()).add(minute)
        return found

    def heard_of_episodes(self, names: Iterable[str]) -> dict[str, list[Heard]]:
        """What channels were told of these episodes, or will be, by episode."""
        found: dict[str, list[Heard]] = {}
        for some in batches(names):
            one = tables.parcels.c
            # without the payloads: a sensor asks for all that is open twice a minute
            read = (one.key, one.channel, one.group_key, one.severity, one.transition, one.state)
            query = select(*read, one.not_before, one.created_at).where(
                one.topic == "alert", one.state.in_(_TOLD), one.group_key.in_(some)
            )
            for row in self._connection.execute(query):
                found.setdefault(row.group_key, []).append(rows.heard(row))
        return found


def _incident_values(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "contract": incident.contract,
        "priority": incident.priority.value,
        "opened_at": incident.opened_at,
        "acknowledge_by": incident.acknowledge_by,
        "respond_by": incident.respond_by,
        "open_episodes": json.dumps(incident.open),
        "over_episodes": json.dumps(incident.over),
        "acknowledged_at": incident.acknowledged_at,
        "acknowledged_by": incident.acknowledged_by,
        "responded_at": incident.responded_at,
        "responded_by": incident.responded_by,
        "resolved_at": incident.resolved_at,
    }


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        contract=row.contract,
        priority=Priority(row.priority),
        opened_at=row.opened_at,
        acknowledge_by=row.acknowledge_by,
        respond_by=row.respond_by,
        open=tuple(json.loads(row.open_episodes)),
        over=tuple(json.loads(row.over_episodes)),
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        responded_at=row.responded_at,
        responded_by=row.responded_by,
        resolved_at=row.resolved_at,
    )


def _acknowledgement(row: Row[Any]) -> Acknowledgement:
    return Acknowledgement(
        episode=row.episode,
        at=row.at,
        author=row.author,
        reason=Reason(row.reason),
        severity=Severity(row.severity),
        note=row.note,
    )
