"""Lookup: what is known of many keys at once, within whatever transaction is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from floe_dagster.state import rows
from floe_dagster.state.bulk import BATCH, batches
from floe_dagster.state.tables import KEY_BYTES, check_states, episodes, parcels, segments
from floe_dagster.state.types import plain, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row, Select

    from floe_dagster.notify.dedup import Heard
    from floe_dagster.outcome.episode import State
    from floe_dagster.outcome.outcome import Key


def states_of(connection: Connection, keys: Iterable[Key]) -> dict[Key, State]:
    """The states of these keys; those that were never measured are left out."""
    wanted = {_stored(each.text): each for each in keys}
    found: dict[Key, State] = {}
    for some in batches(wanted):
        opened = {row.key: rows.episode(row) for row in _rows(connection, _open_episodes(some))}
        newest = {row.key: rows.segment(row) for row in _rows(connection, _newest_segments(some))}
        for row in _rows(connection, select(check_states).where(check_states.c.key.in_(some))):
            found[wanted[row.key]] = rows.state(row, opened.get(row.key), newest.get(row.key))
    return found


def heard_of(
    connection: Connection, episodes_by_about: Iterable[tuple[str, str]], since: datetime
) -> dict[str, list[Heard]]:
    """What channels were told, by what it was about, for pairs of (about, episode).

    That is everything about these episodes, and what was told of the same since then. On PostgreSQL the rows
    stay as they are until the transaction ends, so that what is decided from them holds.
    """
    found: dict[str, list[Heard]] = {}
    for some in batches(episodes_by_about, BATCH // 2):
        abouts = {_stored(about): about for about, _ in some}
        groups = [episode for _, episode in some]
        recent = or_(
            parcels.c.created_at >= since, parcels.c.not_before >= since, parcels.c.group_key.in_(groups)
        )
        same = (parcels.c.topic == "alert", parcels.c.about.in_(abouts))
        query = select(parcels).where(*same, recent).order_by(parcels.c.created_at)
        for row in _rows(connection, query.with_for_update()):
            found.setdefault(abouts[row.about], []).append(rows.heard(row))
    return found


def _stored(key: str) -> str:
    return short(plain(key), KEY_BYTES)


def _open_episodes(keys: Iterable[str]) -> Select[Any]:
    return select(episodes).where(episodes.c.key.in_(keys), episodes.c.resolved_at.is_(None))


def _newest_segments(keys: Iterable[str]) -> Select[Any]:
    is_newest = and_(
        segments.c.key == check_states.c.key, segments.c.started_at == check_states.c.segment_start
    )
    return select(segments).join(check_states, is_newest).where(check_states.c.key.in_(keys))


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    return iter(connection.execute(query))
