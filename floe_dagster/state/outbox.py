"""Outbox: who carries which parcel, and what came of it. At least once, in order, and never lost.

Within a channel and a group the parcel with the lowest sequence goes first, and the next one only when that
is done with. Whoever carries a parcel holds a lease; once it is over somebody else may take the parcel, and
then the first one's word no longer counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import false, func, insert, or_, select, update

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state import rows
from floe_dagster.state.bulk import batches
from floe_dagster.state.tables import deliveries, parcels

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.state.records import Claim

_UNLEASED = {"lease_token": None, "lease_until": None}
_PENDING = ParcelState.PENDING.value
_UNHEARD = "its opening never reached this channel"
_is_recovery = parcels.c.transition == Transition.RESOLVED.value


def claim(
    connection: Connection,
    topic: Topic,
    *,
    now: datetime,
    lease_seconds: float,
    limit: int,
    without: Collection[str] = (),
) -> tuple[Claim, ...]:
    """Take parcels to carry, the longest waiting first; nobody else gets them until the lease is over.

    Args:
        connection: in a transaction.
        topic: alerts or lineage.
        now: the time.
        lease_seconds: how long they are ours.
        limit: the most to take.
        without: channels of which none are taken.
    """
    earlier = parcels.alias()
    goes_first = (
        select(earlier.c.key)
        .where(
            earlier.c.group_key == parcels.c.group_key,
            earlier.c.channel == parcels.c.channel,
            earlier.c.sequence < parcels.c.sequence,
            earlier.c.state == _PENDING,
        )
        .exists()
    )
    failures = (
        select(func.count())
        .select_from(deliveries)
        .where(
            deliveries.c.parcel == parcels.c.key,
            deliveries.c.at >= parcels.c.waiting_since,
            deliveries.c.accepted == false(),
        )
        .scalar_subquery()
    )
    waiting = (
        select(parcels, failures.label("failures"))
        .where(
            parcels.c.topic == topic,
            parcels.c.state == _PENDING,
            parcels.c.available_at <= now,
            or_(parcels.c.lease_until.is_(None), parcels.c.lease_until <= now),
            ~goes_first,
            *((parcels.c.channel.not_in(without),) if without else ()),
        )
        .order_by(parcels.c.available_at, parcels.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True, of=parcels)
    )
    token, until = uuid4().hex, now + timedelta(seconds=lease_seconds)
    claims = tuple(rows.claim(each, token, until) for each in connection.execute(waiting))
    for some in batches(each.parcel.key for each in claims):
        connection.execute(
            update(parcels)
            .where(parcels.c.key.in_(some))
            .values(lease_token=token, lease_until=until, attempts=parcels.c.attempts + 1)
        )
    return claims


def delivered(connection: Connection, claimed: Claim, *, now: datetime, note: str) -> bool:
    """The parcel was accepted. False where the lease was lost, and somebody else's word counts."""
    done = _finish(connection, claimed, state=ParcelState.SENT.value, reason="", finished_at=now)
    return done and _noted(connection, claimed, now=now, accepted=True, note=note)


def delivered_together(
    connection: Connection, claims: Sequence[Claim], *, now: datetime, note: str
) -> frozenset[str]:
    """These parcels were accepted; returns the keys of those of which it is written down now.

    What somebody else has locked is left out, as is what is no longer ours: a tick locks what it decides
    from, and who waits for it while holding other parcels could have it wait for those.
    """
    of = {each.parcel.key: each for each in claims}
    mine = _free(connection, claims)
    sent = {"state": ParcelState.SENT.value, "reason": "", "finished_at": now, **_UNLEASED}
    for some in batches(mine):
        connection.execute(update(parcels).where(parcels.c.key.in_(some)).values(sent))
    if mine:
        connection.execute(
            insert(deliveries),
            [
                {
                    "parcel": key,
                    "channel": of[key].parcel.channel,
                    "attempt": of[key].attempts,
                    "at": now,
                    "accepted": True,
                    "note": note,
                }
                for key in mine
            ],
        )
    return frozenset(mine)


def failed(
    connection: Connection, claimed: Claim, *, now: datetime, error: str, retry_at: datetime | None
) -> bool:
    """The parcel was not accepted: again at `retry_at`, or never. False where the lease was lost."""
    if retry_at is not None:
        done = _finish(connection, claimed, available_at=retry_at, reason=error)
    else:
        done = _finish(connection, claimed, state=ParcelState.DEAD.value, reason=error, finished_at=now)
        if done:
            _skip_recovery(connection, claimed, now)
    return done and _noted(connection, claimed, now=now, accepted=False, note=error)


def give_back(connection: Connection, claims: Sequence[Claim]) -> int:
    """Let others have what was not tried, as if nobody had claimed it; returns how many those are."""
    mine = _free(connection, claims)
    for some in batches(mine):
        connection.execute(
            update(parcels)
            .where(parcels.c.key.in_(some))
            .values(attempts=parcels.c.attempts - 1, **_UNLEASED)
        )
    return len(mine)


def replay(connection: Connection, key: str, *, now: datetime) -> bool:
    """Carry a dead parcel after all, and the recovery that was skipped because of it.

    False where there is no such dead parcel, or where the channel has heard something later of the same
    group: what is over would open again.
    """
    found = connection.execute(
        select(parcels).where(parcels.c.key == key, parcels.c.state == ParcelState.DEAD.value)
    ).first()
    if found is None:
        return False
    later = (*_same(found.group_key, found.channel), parcels.c.sequence > found.sequence)
    sent = select(parcels.c.key).where(*later, parcels.c.state == ParcelState.SENT.value)
    if connection.execute(sent).first() is not None:
        return False
    skipped = parcels.c.state == ParcelState.SKIPPED.value
    for which in ((parcels.c.key == key,), (*later, skipped)):
        connection.execute(
            update(parcels)
            .where(*which)
            .values(
                state=_PENDING,
                reason="",
                attempts=0,
                waiting_since=now,
                available_at=now,
                lease_token=None,
                finished_at=None,
            )
        )
    return True


def _finish(connection: Connection, claimed: Claim, **values: Any) -> bool:
    fenced = (
        parcels.c.key == claimed.parcel.key,
        parcels.c.lease_token == claimed.token,
        parcels.c.state == _PENDING,
    )
    changed = connection.execute(
        update(parcels).where(*fenced).values(lease_token=None, lease_until=None, **values)
    )
    return changed.rowcount == 1


def _free(connection: Connection, claims: Sequence[Claim]) -> list[str]:
    """The keys of what is still ours, locked from now on, and not by anybody else."""
    return [
        key
        for token in dict.fromkeys(each.token for each in claims)
        for some in batches(each.parcel.key for each in claims if each.token == token)
        for key in connection.execute(
            select(parcels.c.key)
            .where(parcels.c.key.in_(some), parcels.c.lease_token == token, parcels.c.state == _PENDING)
            .with_for_update(skip_locked=True)
        ).scalars()
    ]


def _skip_recovery(connection: Connection, claimed: Claim, now: datetime) -> None:
    group = _same(claimed.parcel.group, claimed.parcel.channel)
    hopeful = select(parcels.c.key).where(
        *group, ~_is_recovery, parcels.c.state.in_((_PENDING, ParcelState.SENT.value))
    )
    if connection.execute(hopeful).first() is None:
        connection.execute(
            update(parcels)
            .where(*group, _is_recovery, parcels.c.state == _PENDING)
            .values(state=ParcelState.SKIPPED.value, reason=_UNHEARD, finished_at=now)
        )


def _same(group: str, channel: str) -> tuple[ColumnElement[bool], ...]:
    return parcels.c.group_key == group, parcels.c.channel == channel


def _noted(connection: Connection, claimed: Claim, *, now: datetime, accepted: bool, note: str) -> bool:
    connection.execute(
        insert(deliveries).values(
            parcel=claimed.parcel.key,
            channel=claimed.parcel.channel,
            attempt=claimed.attempts,
            at=now,
            accepted=accepted,
            note=note,
        )
    )
    return True
