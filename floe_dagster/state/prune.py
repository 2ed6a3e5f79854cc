"""Prune: what is too old is deleted, a little at a time.

A table is walked by time, in slices that are made smaller or larger until deleting one holds the write lock
for about a quarter of a second; one that takes much longer is undone, and begun again smaller. Between two
slices the lock is left to others for as long. What is deleted is gone, so that pruning can be stopped
anywhere and begun again, and several processes that do it at once take turns. Never deleted: the newest
outcome and the newest segment of a check, anything of an episode that is open, and parcels that are still to
be carried.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, literal_column, or_, select, text, true, tuple_
from sqlalchemy.exc import OperationalError

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state.records import SIMULATED, Pruned
from floe_dagster.state.tables import (
    check_states,
    deliveries,
    episodes,
    newest,
    outcomes,
    parcels,
    segments,
    ticks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Connection, Table

    from floe_dagster.state.records import Horizon

    Deletable = Callable[[datetime], ColumnElement[bool]]
    Transaction = Callable[[], AbstractContextManager[Connection]]

LOCK = 0x666C6F66
"""the advisory lock of everybody who prunes a store on PostgreSQL; who records does not wait for it"""

GOAL_SECONDS = 0.25
MOST_SECONDS = 0.8
"""after which a slice is given up, and made smaller"""
_CANCELLED = "57014"
FIRST, LEAST, MOST = 500, 50, 20_000
"""how many rows a slice has at first, at least and at most"""


WALKED = (outcomes.c.at, segments.c.ended_at, parcels.c.created_at, deliveries.c.at, ticks.c.started_at)
"""the columns by which the tables that are pruned are walked"""


@dataclass(frozen=True, slots=True)
class _Rule:
    """What goes of a table.

    Attributes:
        by: the column by which the table is walked, which has an index.
        until: nothing from then on goes.
        deletable: of the rows before some instant, which may go.
    """

    table: Table
    by: Column[Any]
    until: datetime
    deletable: Deletable


def prune(
    transaction: Transaction,
    horizon: Horizon,
    *,
    rest: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Pruned]:
    """Delete what is older than the horizon, and say of each table what went.

    Args:
        transaction: opens one that may write.
        horizon: until when what goes.
        rest: waits so many seconds, in which others may write.
        clock: seconds, to measure how long a lock was held.
    """
    return (_walk(transaction, rule, rest, clock) for rule in _rules(horizon))


def prunable(connection: Connection, horizon: Horizon) -> Iterator[Pruned]:
    """What `prune` would delete."""
    for rule in _rules(horizon):
        old = select(func.count()).where(rule.by < rule.until, rule.deletable(rule.until))
        yield Pruned(table=rule.table.name, rows=connection.execute(old).scalar_one())


def _walk(
    transaction: Transaction,
    rule: _Rule,
    rest: Callable[[float], object],
    clock: Callable[[], float],
) -> Pruned:
    size, rows, slices, longest = FIRST, 0, 0, 0.0
    with transaction() as connection:
        start = connection.execute(select(func.min(rule.by)).where(rule.by < rule.until)).scalar()
    while start is not None and start < rule.until:
        began, gone = clock(), None
        try:
            with transaction() as connection, _stopped_in_time(connection, size):
                began = clock()
                end = _edge(connection, rule, start, size)
                gone = _delete(connection, rule, start, end, size)
        except _TookTooLongError:
            pass
        held = clock() - began
        slices, longest = slices + 1, max(longest, held)
        if gone is not None:
            rows += gone
            start = end if gone < size else start  # else there may be more in this slice
        size = _next_size(size, held)
        rest(held)
    return Pruned(table=rule.table.name, rows=rows, slices=slices, longest_seconds=longest)


class _TookTooLongError(Exception):
    """A slice was given up; nothing of it is deleted."""


@contextmanager
def _stopped_in_time(connection: Connection, size: int) -> Iterator[None]:
    """Have the database stop what takes too long; not the smallest of slices, which nothing could help."""
    if size > LEAST and connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {MOST_SECONDS * 1000:.0f}"))
    elif size > LEAST:
        until = time.monotonic() + MOST_SECONDS
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == _CANCELLED or "interrupted" in str(error.orig):
            raise _TookTooLongError from error
        raise


def _next_size(size: int, held: float) -> int:
    if held > GOAL_SECONDS:
        return max(LEAST, int(size * GOAL_SECONDS / held))
    return min(MOST, size * 2) if held < GOAL_SECONDS / 2 else size


def _edge(connection: Connection, rule: _Rule, start: datetime, size: int) -> datetime:
    """Where a slice of about so many rows ends; there may be many at one instant."""
    later = select(rule.by).where(rule.by >= start, rule.by < rule.until).order_by(rule.by)
    edge = connection.execute(later.offset(size).limit(1)).scalar()
    if edge is not None and edge > start:
        return edge  # type: ignore[no-any-return]
    after = select(func.min(rule.by)).where(rule.by > start, rule.by < rule.until)
    return (connection.execute(after).scalar() if edge is not None else None) or rule.until


def _delete(connection: Connection, rule: _Rule, start: datetime, end: datetime, size: int) -> int:
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    place: ColumnElement[Any] = literal_column("ctid" if postgres else "rowid")
    old = (
        select(place)
        .select_from(rule.table)
        .where(rule.by >= start, rule.by < end, rule.deletable(end))
        .limit(size)
    )
    found = place == func.any(func.array(old.scalar_subquery())) if postgres else place.in_(old)
    return connection.execute(delete(rule.table).where(found)).rowcount


def _rules(horizon: Horizon) -> Iterator[_Rule]:
    yield _Rule(outcomes, outcomes.c.at, horizon.outcomes, _old_outcomes)
    yield _Rule(segments, segments.c.ended_at, horizon.segments, _old_segments)
    latest = max(horizon.parcels, horizon.dead_letters, horizon.lineage)
    yield _Rule(parcels, parcels.c.created_at, latest, lambda end: _old_parcels(horizon, end))
    yield _Rule(deliveries, deliveries.c.at, horizon.deliveries, lambda _: true())
    yield _Rule(ticks, ticks.c.started_at, horizon.ticks, lambda _: ~_simulated)


_simulated = ticks.c.kind.startswith(SIMULATED, autoescape=True)
"""kept for ever, as the days are that were computed of them: nobody shall take those for measured"""


def _old_outcomes(end: datetime) -> ColumnElement[bool]:
    still_open = (episodes.c.resolved_at.is_(None), episodes.c.broken_since < end)
    open_ = select(episodes.c.contract, episodes.c.server, episodes.c.check_id).where(*still_open)
    of_one = (
        episodes.c.contract == outcomes.c.contract,
        episodes.c.server == outcomes.c.server,
        episodes.c.check_id == outcomes.c.check_id,
    )
    since = select(func.min(episodes.c.broken_since)).where(*still_open, *of_one).scalar_subquery()
    key = tuple_(outcomes.c.contract, outcomes.c.server, outcomes.c.check_id)
    # the few keys are looked up first, so that the rest of it is asked of hardly any row
    before_it = or_(key.not_in(open_), outcomes.c.at < since)
    return outcomes.c.id.not_in(select(newest.c.outcome).where(newest.c.at < end)) & before_it


def _old_segments(end: datetime) -> ColumnElement[bool]:
    del end
    is_newest = exists().where(
        check_states.c.key == segments.c.key, check_states.c.segment_start == segments.c.started_at
    )
    of_open = exists().where(
        episodes.c.key == segments.c.key,
        episodes.c.resolved_at.is_(None),
        episodes.c.broken_since <= segments.c.ended_at,
    )
    return ~is_newest & ~of_open


def _old_parcels(horizon: Horizon, end: datetime) -> ColumnElement[bool]:
    del end
    dead, state, lineage = ParcelState.DEAD.value, parcels.c.state, parcels.c.topic == "lineage"
    of_open = exists().where(episodes.c.id == parcels.c.group_key, episodes.c.resolved_at.is_(None))
    old = or_(
        lineage & (parcels.c.finished_at < horizon.lineage),
        ~lineage & (state == dead) & (parcels.c.finished_at < horizon.dead_letters),
        ~lineage & (state != dead) & (parcels.c.finished_at < horizon.parcels),
    )
    return (state != ParcelState.PENDING.value) & old & ~of_open
