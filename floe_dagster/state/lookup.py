"""Lookup: what is known of many keys at once, within whatever transaction is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from floe_dagster.outcome.outcome import Key
from floe_dagster.state import rows
from floe_dagster.state.bulk import BATCH, among, batches
from floe_dagster.state.records import Cursor
from floe_dagster.state.tables import (
    KEY_BYTES,
    NAME_BYTES,
    check_states,
    cursors,
    episodes,
    parcels,
    pauses,
    segments,
)
from floe_dagster.state.types import plain, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row, Select

    from floe_dagster.notify.dedup import Heard
    from floe_dagster.outcome.episode import State
    from floe_dagster.outcome.pause import Pause


def states_of(connection: Connection, keys: Iterable[Key]) -> dict[Key, State]:
    """The states of these keys; those that were never measured are left out.

    A state is found under its own key: names that are too long for an index are cut in the rows.
    """
    wanted = {stored(each.text): each for each in keys}
    if not wanted:
        return {}
    held = among(connection, check_states.c.key, wanted)
    opened = {
        row.key: rows.episode(row, wanted[row.key])
        for row in connection.execute(_open_episodes(connection, wanted)).all()
    }
    return {
        wanted[row[0]]: rows.state(wanted[row[0]], row, opened.get(row[0]))
        for row in connection.execute(_WITH_SEGMENTS.where(held)).all()
    }


def heard_of(
    connection: Connection, episodes_by_about: Iterable[tuple[str, str]], since: datetime
) -> dict[str, list[Heard]]:
    """What channels were told, by what it was about, for pairs of (about, episode).

    That is everything about these episodes, and what was told of the same since then. On PostgreSQL the rows
    stay as they are until the transaction ends, so that what is decided from them holds.
    """
    found: dict[str, list[Heard]] = {}
    for some in batches(episodes_by_about, BATCH // 2):
        abouts = {stored(about): about for about, _ in some}
        groups = [episode for _, episode in some]
        recent = or_(
            parcels.c.created_at >= since, parcels.c.not_before >= since, parcels.c.group_key.in_(groups)
        )
        same = (parcels.c.topic == "alert", parcels.c.about.in_(abouts))
        query = select(parcels).where(*same, recent).order_by(parcels.c.created_at)
        for row in _rows(connection, query.with_for_update()):
            found.setdefault(abouts[row.about], []).append(rows.heard(row))
    return found


def pauses_of(
    connection: Connection, start: datetime | None = None, end: datetime | None = None
) -> tuple[Pause, ...]:
    """Pauses that touch the time from `start` to `end`, in the order of time; cancelled ones too."""
    query = select(pauses).order_by(pauses.c.start_at, pauses.c.id)
    if start is not None:
        query = query.where(pauses.c.end_at > start)
    if end is not None:
        query = query.where(pauses.c.start_at < end)
    return tuple(rows.pause(row) for row in _rows(connection, query))


def cursors_of(connection: Connection, prefix: str = "") -> dict[str, Cursor]:
    """The cursors whose name begins so, by name."""
    query = select(cursors).where(cursors.c.name.startswith(prefix, autoescape=True)).order_by(cursors.c.name)
    return {row.name: Cursor(name=row.name, value=row.value, at=row.at) for row in _rows(connection, query)}


def kept_key(key: Key) -> Key:
    """A key as it is read again: what no database holds is replaced, and what is too long is cut."""
    parts = {name: short(plain(getattr(key, name)), NAME_BYTES) for name in ("contract", "server", "check")}
    return Key(**parts)


def stored(key: str) -> str:
    """The text of a key as it is kept."""
    return short(plain(key), KEY_BYTES)


def _open_episodes(connection: Connection, keys: Iterable[str]) -> Select[Any]:
    return select(episodes).where(among(connection, episodes.c.key, keys), episodes.c.resolved_at.is_(None))


_WITH_SEGMENTS = select(
    *(check_states.c[each] for each in rows.STATE), *(segments.c[each] for each in rows.NEWEST_SEGMENT)
).outerjoin_from(
    check_states,
    segments,
    and_(segments.c.key == check_states.c.key, segments.c.started_at == check_states.c.segment_start),
)


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    return iter(connection.execute(query))
