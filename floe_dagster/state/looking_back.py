"""The past: how things stood at an earlier time, however much has been recorded since.

Each question is one statement, whatever the number of contracts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Float, and_, case, cast, exists, func, null, or_, select

from floe_dagster.plan.check import Status
from floe_dagster.state.tables import check_states, newest, outcomes, segments

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select

_NEVER_MEASURED = (Status.NOT_EXECUTABLE.value, Status.INFORMATIONAL.value)


def latest_before(at: datetime) -> Select[Any]:
    """The outcomes that were the newest of their keys just before `at`."""
    now = outcomes.alias("now")
    then = outcomes.alias("then")
    last = (
        select(then.c.id)
        .where(
            then.c.contract == now.c.contract,
            then.c.server == now.c.server,
            then.c.check_id == now.c.check_id,
            then.c.at < at,
        )
        .order_by(then.c.at.desc(), then.c.id.desc())
        .limit(1)
        .correlate(now)
        .scalar_subquery()
    )
    # whoever was first measured later is not looked for through all that came before
    watched = exists().where(segments.c.key == newest.c.key, segments.c.started_at < at)
    sought = or_(now.c.status.in_(_NEVER_MEASURED), watched)
    name = case((newest.c.at < at, newest.c.outcome), (sought, last), else_=null()).label("outcome")
    known = select(name).select_from(newest.join(now, now.c.id == newest.c.outcome)).subquery()
    return (
        select(outcomes)
        .join(known, known.c.outcome == outcomes.c.id)
        .order_by(outcomes.c.contract, outcomes.c.server, outcomes.c.check_id)
    )


def first_segments(before: datetime) -> Select[Any]:
    """The first segment of each key that was measured before then, as far as segments are kept."""
    first = (
        select(func.min(segments.c.started_at))
        .where(segments.c.key == check_states.c.key)
        .correlate(check_states)
        .scalar_subquery()
    )
    is_first = and_(segments.c.key == check_states.c.key, segments.c.started_at == first)
    return (
        select(segments)
        .join(check_states, is_first)
        .where(segments.c.started_at < before)
        .order_by(segments.c.key)
    )


def unfinished(before: datetime) -> Select[Any]:
    """The keys whose newest segment began before then: nothing else is known of the time after it."""
    parts = (check_states.c.contract, check_states.c.server, check_states.c.check_id)
    return select(*parts).where(check_states.c.segment_start < before)


def worst(start: datetime, end: datetime, kind: str) -> Select[Any]:
    """Of each check of a kind, the outcome between `start` and `end` that used the most of its promise."""
    parts = (outcomes.c.contract, outcomes.c.server, outcomes.c.check_id)
    used = cast(outcomes.c.used, Float)
    place = (
        func.row_number()
        .over(partition_by=parts, order_by=(used.desc(), outcomes.c.at, outcomes.c.id))
        .label("place")
    )
    ranked = (
        select(outcomes.c.id, place)
        .where(
            outcomes.c.at >= start,
            outcomes.c.at < end,
            outcomes.c.kind == kind,
            outcomes.c.used.is_not(None),
        )
        .subquery()
    )
    return (
        select(outcomes)
        .join(ranked, and_(ranked.c.id == outcomes.c.id, ranked.c.place == 1))
        .order_by(*parts)
    )
