"""The past: what is on record around a time gone by, and how its timeline is put right.

Names that are too long for an index are cut in the rows; what is read here has the key that was asked for.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from floe_dagster.state import rows
from floe_dagster.state.bulk import add, among
from floe_dagster.state.tables import KEY_BYTES, NAME_BYTES, episodes, outcomes, segments
from floe_dagster.state.types import plain, short

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime, timedelta
    from typing import Any

    from sqlalchemy import Connection, Row

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.segment import Segment


class Past:
    """What is on record, within a transaction that writes. Made by `Writing.past`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def recorded(self, ids: Collection[str]) -> set[str]:
        """Those of these outcomes that are on record, by id."""
        if not ids:
            return set()
        query = select(outcomes.c.id).where(among(self._connection, outcomes.c.id, ids))
        return set(self._connection.execute(query).scalars())

    def outcomes(self, since: Mapping[Key, datetime], before: timedelta) -> dict[Key, list[Outcome]]:
        """The outcomes of these keys from some time before an instant on, or at least the one before it.

        Args:
            since: the instant, by key.
            before: how much earlier than that outcomes are wanted.
        """
        by_contract = defaultdict[str, list["Key"]](list)
        for key in since:
            by_contract[key.contract].append(key)
        found: dict[Key, list[Outcome]] = {key: [] for key in since}
        for keys in by_contract.values():
            named = {_names(key): key for key in keys}
            for row in self._of_contract(keys[0], min(since[key] for key in keys) - before):
                if mine := named.get((row.contract, row.server, row.check_id)):
                    found[mine].append(replace(rows.outcome(row), key=mine))
        for key, every in found.items():
            if not any(each.at < since[key] for each in every):
                every[:0] = self._last_before(key, since[key])
        return found

    def segments(self, since: Mapping[Key, datetime]) -> dict[Key, list[Segment]]:
        """The segments of these keys that end at an instant or later, by time."""
        found: dict[Key, list[Segment]] = {key: [] for key in since}
        if not since:
            return found
        named = {_stored(key): key for key in since}
        mine = (among(self._connection, segments.c.key, named), segments.c.ended_at >= min(since.values()))
        for row in self._connection.execute(select(segments).where(*mine).order_by(segments.c.started_at)):
            key = named[row.key]
            if row.ended_at >= since[key]:
                found[key].append(replace(rows.segment(row), key=key))
        return found

    def episodes(self, since: Mapping[Key, datetime]) -> dict[Key, list[Episode]]:
        """The episodes of these keys that were open at an instant or later."""
        found: dict[Key, list[Episode]] = {key: [] for key in since}
        if not since:
            return found
        named = {_stored(key): key for key in since}
        recent = or_(episodes.c.resolved_at.is_(None), episodes.c.resolved_at >= min(since.values()))
        mine = select(episodes).where(recent, among(self._connection, episodes.c.key, named))
        for row in self._connection.execute(mine):
            key = named[row.key]
            found[key].append(replace(rows.episode(row), key=key))
        return found

    def rewrite(self, timelines: Iterable[tuple[Segment, ...]]) -> None:
        """Put timelines in the place of the segments of their keys that do not begin before them."""
        for each in timelines:
            here = segments.c.key == _stored(each[0].key)
            self._connection.execute(delete(segments).where(here, segments.c.started_at >= each[0].start))
            add(self._connection, segments, rows.segment_columns(each))

    def _last_before(self, key: Key, at: datetime) -> list[Outcome]:
        contract, server, check = _names(key)
        mine = (outcomes.c.at < at, outcomes.c.server == server, outcomes.c.check_id == check)
        every = select(outcomes).where(outcomes.c.contract == contract, *mine)
        newest = self._connection.execute(every.order_by(outcomes.c.at.desc()).limit(1))
        return [replace(rows.outcome(row), key=key) for row in newest]

    def _of_contract(self, key: Key, since: datetime) -> Iterator[Row[Any]]:
        query = select(outcomes).where(outcomes.c.contract == _names(key)[0], outcomes.c.at >= since)
        return iter(self._connection.execute(query.order_by(outcomes.c.at)))


def _stored(key: Key) -> str:
    return short(plain(key.text), KEY_BYTES)


def _names(key: Key) -> tuple[str, str, str]:
    return (
        short(plain(key.contract), NAME_BYTES),
        short(plain(key.server), NAME_BYTES),
        short(plain(key.check), NAME_BYTES),
    )
