"""Pauses: stretches of time that somebody declared.

In a mute nobody is told, and everything is recorded all the same. A maintenance window is a mute whose time
is excused from the SLA as well, provided that it was declared before it began: what was declared afterwards
would be a way to correct figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from floe_dagster.plan.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from floe_dagster.outcome.outcome import Key


class PauseKind(StrEnum):
    """What is paused."""

    MUTE = "mute"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch of time in which nobody is told of what it covers.

    Attributes:
        contract, server, kind, check: globs; a pause covers what all four match.
        start: when it begins, aware, UTC.
        end: when it is over, exclusive.
        author: who declared it.
        reason: why, for people.
        declared_at: when it was declared.
        cancelled_at: when it was called off; None where it was not.
    """

    id: str
    what: PauseKind
    start: datetime
    end: datetime
    author: str
    reason: str
    declared_at: datetime
    contract: str = "*"
    server: str = "*"
    kind: str = "*"
    check: str = "*"
    cancelled_at: datetime | None = None

    @property
    def over_at(self) -> datetime:
        """When it is over: at its end, or when it was called off; never before it begins."""
        end = self.end if self.cancelled_at is None else min(self.end, self.cancelled_at)
        return max(self.start, end)

    @property
    def words(self) -> str:
        """Why nobody is told, for people."""
        said = "muted" if self.what is PauseKind.MUTE else "maintenance"
        return f"{said} until {moment(self.over_at)} by {self.author}: {self.reason} ({self.id})"

    @property
    def excuses(self) -> bool:
        """Whether its time does not count for the SLA."""
        return self.what is PauseKind.MAINTENANCE and self.declared_at <= self.start

    def matches(self, key: Key, kind: str) -> bool:
        """Whether it is about this key, whenever it is."""
        pairs = (
            (key.contract, self.contract),
            (key.server, self.server),
            (kind, self.kind),
            (key.check, self.check),
        )
        return all(fnmatchcase(name, glob) for name, glob in pairs)

    def covers(self, key: Key, kind: str, at: datetime) -> bool:
        """Whether it is about this key at this time."""
        return self.start <= at < self.over_at and self.matches(key, kind)


def longest_of(pauses: Iterable[Pause], key: Key, kind: str, at: datetime) -> Pause | None:
    """Of the pauses that are about this key at this time, the one that is over last."""
    covering = (each for each in pauses if each.covers(key, kind, at))
    return max(covering, key=lambda each: (each.over_at, each.id), default=None)
