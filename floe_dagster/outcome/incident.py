"""Incidents: the grave breaches of one contract together, from the first of them to the end of the last.

People answer to an incident, and not to each check: what breaks while one is open belongs to it. Its
priority follows the worst breach and never falls, and says how soon somebody is to answer and to have begun
to mend it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from floe_dagster.outcome.outcome import stable_id
from floe_dagster.plan.check import Severity
from floe_dagster.plan.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from floe_dagster.outcome.episode import Episode

_SATURDAY = 5


class Priority(StrEnum):
    """How soon somebody is to answer, from the most urgent."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    @classmethod
    def of(cls, severity: Severity) -> Priority:
        """P0 for critical to P3 for info."""
        return list(cls)[len(Severity) - 1 - severity.rank]


class Answer(Protocol):
    """How soon somebody is to answer, as the manifest has it."""

    @property
    def acknowledge(self) -> timedelta:
        """From when it counts."""

    @property
    def respond(self) -> timedelta:
        """From when it counts."""

    @property
    def weekends(self) -> bool:
        """Whether Saturdays and Sundays count."""


Deadlines = Callable[[Priority, datetime], tuple[datetime, datetime]]
"""by when to acknowledge and to respond, for a priority and from when on"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The grave breaches of one contract.

    Attributes:
        priority: by the worst of them.
        acknowledge_by, respond_by: the deadlines.
        open: the episodes that are not over, by id.
        over: those that are.
        acknowledged_at: when somebody answered; None again where it got worse since.
        responded_at: when somebody said that they had begun to mend it.
        resolved_at: when the last episode was over.
    """

    id: str
    contract: str
    priority: Priority
    opened_at: datetime
    acknowledge_by: datetime
    respond_by: datetime
    open: tuple[str, ...]
    over: tuple[str, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    responded_at: datetime | None = None
    responded_by: str = ""
    resolved_at: datetime | None = None

    @property
    def words(self) -> str:
        """How urgent it is, and by when somebody is to answer, for people."""
        if self.responded_at is not None:
            return f"{self.priority}, {self.responded_by} is on it"
        if self.acknowledged_at is not None:
            return f"{self.priority}, acknowledged by {self.acknowledged_by}"
        return f"{self.priority}, to be acknowledged by {moment(self.acknowledge_by)}"

    def overdue(self, now: datetime) -> str:
        """Which deadline nobody has kept: `acknowledge`, `respond`, or an empty text."""
        if self.resolved_at is not None:
            return ""
        if self.responded_at is None and now >= self.respond_by:
            return "respond"
        is_answered = self.acknowledged_at is not None or self.responded_at is not None
        return "acknowledge" if not is_answered and now >= self.acknowledge_by else ""


def deadlines(answers: Mapping[Priority, Answer], zone: ZoneInfo) -> Deadlines:
    """By when to acknowledge and to respond.

    Args:
        answers: how soon, for each priority.
        zone: whose Saturdays and Sundays are skipped where they do not count.
    """

    def by_when(priority: Priority, start: datetime) -> tuple[datetime, datetime]:
        wanted = answers[priority]
        spans = (wanted.acknowledge, wanted.respond)
        if wanted.weekends:
            return start + spans[0], start + spans[1]
        return _on_weekdays(start, spans[0], zone), _on_weekdays(start, spans[1], zone)

    return by_when


def _on_weekdays(start: datetime, span: timedelta, zone: ZoneInfo) -> datetime:
    here, left = start, span
    while True:
        day = here.astimezone(zone)
        tomorrow = datetime.combine(day.date() + timedelta(days=1), time(), zone).astimezone(UTC)
        if day.weekday() < _SATURDAY:
            if here + left <= tomorrow:
                return here + left
            left -= tomorrow - here
        here = tomorrow


def follow(
    incident: Incident | None,
    episodes: Iterable[Episode],
    *,
    least: Severity,
    by_when: Deadlines,
    at: datetime,
) -> Incident | None:
    """What becomes of the open incident of a contract; None where there is still none.

    Args:
        incident: the open one, where there is one.
        episodes: of that contract, as they have just become.
        least: from this severity on a breach is part of an incident.
        by_when: the deadlines.
        at: the time.
    """
    # what breaks as the last one ends is part of it: a contract has one incident at a time
    for each in sorted(episodes, key=lambda one: one.resolved_at is not None):
        if each.resolved_at is not None:
            incident = incident and _without(incident, each)
        elif each.broken and each.severity.rank >= least.rank:
            incident = _with(incident, each, by_when, at)
    return incident


def _with(
    incident: Incident | None,
    episode: Episode,
    by_when: Deadlines,
    at: datetime,
) -> Incident:
    priority = Priority.of(episode.severity)
    acknowledge_by, respond_by = by_when(priority, at)
    if incident is None or incident.resolved_at is not None:
        return Incident(
            id=stable_id("incident", episode.id),
            contract=episode.key.contract,
            priority=priority,
            opened_at=at,
            acknowledge_by=acknowledge_by,
            respond_by=respond_by,
            open=(episode.id,),
        )
    if episode.id not in incident.open:
        incident = replace(incident, open=(*incident.open, episode.id))
    if priority >= incident.priority:
        return incident
    return replace(
        incident,
        priority=priority,
        acknowledge_by=min(incident.acknowledge_by, acknowledge_by)
        if incident.acknowledged_at is None
        else acknowledge_by,
        respond_by=min(incident.respond_by, respond_by),
        acknowledged_at=None,
        acknowledged_by="",
    )


def _without(incident: Incident, episode: Episode) -> Incident:
    if episode.id not in incident.open:
        return incident
    left = tuple(each for each in incident.open if each != episode.id)
    return replace(
        incident,
        open=left,
        over=(*incident.over, episode.id),
        resolved_at=None if left else episode.resolved_at,
    )
