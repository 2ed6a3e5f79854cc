"""Recall: what checks of one contract on one server saw and went through, within an open transaction.

Each question is one statement, for however many checks or episodes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, or_, select

from floe_dagster.outcome.outcome import Key
from floe_dagster.plan.check import Status
from floe_dagster.state.bulk import among
from floe_dagster.state.tables import deliveries, episodes, outcomes, parcels

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from floe_dagster.contract.model import Scalar

_known = outcomes.c.status.in_([each.value for each in (Status.PASSED, Status.FAILED, Status.WARNED)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one check measured at one time."""

    check: str
    at: datetime
    actual: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one check of any contract measured at one time."""

    key: Key
    at: datetime
    actual: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often one check was measured, and found broken, and what was said when it last was.

    Attributes:
        last_kept: when it was last seen kept; None where it never was.
    """

    check: str
    known: int
    broken: int
    last_kept: datetime | None
    last_broken: datetime | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known around an episode.

    Attributes:
        last_kept: when its promise was last seen kept before it; None where nobody knows.
        told_at: when the first channel accepted word of it.
        waiting: whether word of it is still to be carried, or was given up.
    """

    last_kept: datetime | None = None
    told_at: datetime | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Of:
    """Whose checks are looked at."""

    contract: str
    server: str
    checks: Collection[str]

    def since(self, connection: Connection, start: datetime) -> ColumnElement[bool]:
        """Whether an outcome is theirs, and no older than that."""
        return and_(
            outcomes.c.contract == self.contract,
            outcomes.c.at >= start,
            outcomes.c.server == self.server,
            among(connection, outcomes.c.check_id, self.checks),
        )


def seen(connection: Connection, of: Of, start: datetime) -> tuple[Seen, ...]:
    """What these checks measured since then, in the order of time, enough to judge or not."""
    query = (
        select(outcomes.c.check_id, outcomes.c.at, outcomes.c.actual)
        .where(of.since(connection, start), or_(_known, outcomes.c.actual != "null"))
        .order_by(outcomes.c.at, outcomes.c.id)
    )
    return tuple(
        Seen(check=row.check_id, at=row.at, actual=json.loads(row.actual))
        for row in connection.execute(query)
    )


def sightings(
    connection: Connection, kinds: Iterable[str], start: datetime, end: datetime
) -> tuple[Sighting, ...]:
    """What the checks of these kinds measured between `start` and `end`, in the order of time."""
    query = (
        select(outcomes.c.contract, outcomes.c.server, outcomes.c.check_id, outcomes.c.at, outcomes.c.actual)
        .where(outcomes.c.at >= start, outcomes.c.at < end, outcomes.c.kind.in_(sorted(kinds)))
        .where(or_(_known, outcomes.c.actual != "null"))
        .order_by(outcomes.c.at, outcomes.c.id)
    )
    return tuple(
        Sighting(
            key=Key(contract=row.contract, server=row.server, check=row.check_id),
            at=row.at,
            actual=json.loads(row.actual),
        )
        for row in connection.execute(query)
    )


def tallies(connection: Connection, of: Of, start: datetime) -> tuple[Tally, ...]:
    """How often these checks were measured since then, and how often they were found broken."""
    broken = case((outcomes.c.broken, outcomes.c.at))
    counted = (
        select(
            outcomes.c.check_id,
            func.count().label("known"),
            func.count(broken).label("broken"),
            func.max(case((~outcomes.c.broken, outcomes.c.at))).label("last_kept"),
            func.max(broken).label("last_broken"),
        )
        .where(of.since(connection, start), _known)
        .group_by(outcomes.c.check_id)
        .subquery("counted")
    )
    worst = outcomes.alias("worst")
    newest = and_(
        worst.c.contract == of.contract,
        worst.c.at == counted.c.last_broken,
        worst.c.check_id == counted.c.check_id,
        worst.c.server == of.server,
        worst.c.broken,
    )
    query = select(counted, worst.c.message).join_from(counted, worst, newest, isouter=True)
    found = {row.check_id: row for row in connection.execute(query.order_by(worst.c.id))}
    return tuple(
        Tally(
            check=row.check_id,
            known=row.known,
            broken=row.broken,
            last_kept=row.last_kept,
            last_broken=row.last_broken,
            message=row.message or "",
        )
        for row in found.values()
    )


def around(connection: Connection, ids: Iterable[str]) -> dict[str, Around]:
    """What is known around these episodes, by id; those of which nothing is known are left out."""
    wanted = tuple(ids)
    if not wanted:
        return {}
    kept = _last_kept(connection, wanted)
    alerts = and_(
        parcels.c.topic == "alert",
        among(connection, parcels.c.group_key, wanted),
        parcels.c.transition != "resolved",
    )
    told = (
        select(parcels.c.group_key, func.min(deliveries.c.at).label("at"))
        .join(deliveries, and_(deliveries.c.parcel == parcels.c.key, deliveries.c.accepted))
        .where(alerts)
        .group_by(parcels.c.group_key)
    )
    open_ = select(parcels.c.group_key).where(alerts, parcels.c.state.in_(("pending", "dead"))).distinct()
    told_at = {row.group_key: row.at for row in connection.execute(told)}
    waiting = set(connection.execute(open_).scalars())
    return {
        each: Around(last_kept=kept.get(each), told_at=told_at.get(each), waiting=each in waiting)
        for each in wanted
    }


def _last_kept(connection: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """When the promise of each episode was last seen kept before it was seen broken, where that is known."""
    before = (
        select(outcomes.c.at)
        .where(
            outcomes.c.contract == episodes.c.contract,
            outcomes.c.at < episodes.c.broken_since,
            outcomes.c.check_id == episodes.c.check_id,
            outcomes.c.server == episodes.c.server,
            _known,
            ~outcomes.c.broken,
        )
        .order_by(outcomes.c.at.desc())
        .limit(1)
        .correlate(episodes)
        .scalar_subquery()
    )
    query = select(episodes.c.id, before.label("at")).where(among(connection, episodes.c.id, ids))
    return {row.id: row.at for row in connection.execute(query) if row.at is not None}
