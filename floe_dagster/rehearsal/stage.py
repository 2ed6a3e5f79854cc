"""Stage: one policy, to which history happens once more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Phase
from floe_dagster.outcome.grade import regraded
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.outcome.acknowledgement import Acknowledgement
    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.incident import Incident
    from floe_dagster.rehearsal.replay import Rehearsal
    from floe_dagster.settings import Grading
    from floe_dagster.state.accounts import Glance

_PASSED = Status.PASSED.value
_SAYS_NOTHING = frozenset(each.value for each in (Status.ERROR, Status.NOT_EXECUTABLE, Status.INFORMATIONAL))


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is told under one policy.

    Attributes:
        rehearsal: the platform.
        people: the channels that people read.
        own: the severity of each check itself, by contract and check.
    """

    rehearsal: Rehearsal
    people: frozenset[str]
    own: Mapping[tuple[str, str], Severity] = field(default_factory=dict)
    _calm: set[tuple[str, str, str]] = field(default_factory=set, repr=False, compare=False)

    def tick(self, glances: Iterable[Glance], now: datetime) -> None:
        """What one tick found, and all that follows from it."""
        grading = self._grading
        telling = [
            regraded(_outcome(each), grading, self.own.get((each.contract, each.check)))
            for each in glances
            if not self._changes_nothing(each)
        ]
        if telling:
            self.rehearsal.carry(now)
            self.rehearsal.tick(telling, now)
            self.rehearsal.carry(now)
            self._look(telling)

    def hour(self, now: datetime) -> None:
        """Have carried and said again what is due."""
        self.rehearsal.carry(now)
        self.rehearsal.remind(self.people, now)
        self.rehearsal.carry(now)

    def acknowledge(self, episode: Episode, said: Acknowledgement) -> None:
        """Somebody says that of an episode: of the one that is open of the same check, unless it was over."""
        store = self.rehearsal.store
        same = [each for each in store.open.values() if each.key == episode.key]
        if same and (episode.resolved_at is None or said.at <= episode.resolved_at):
            self.rehearsal.carry(said.at)
            with store.writing() as writing:
                self.rehearsal.posting.acknowledge(
                    writing, same, said.at, reason=said.reason, author=said.author
                )
            self.rehearsal.carry(said.at)

    def respond(self, incident: Incident, now: datetime) -> None:
        """Somebody begins to mend what is broken of the contract of this incident."""
        with self.rehearsal.store.writing() as writing:
            found = writing.response.incidents(contracts=[incident.contract])
            writing.response.save_incidents(
                replace(
                    each,
                    responded_at=each.responded_at or now,
                    acknowledged_at=each.acknowledged_at or now,
                )
                for each in found
            )

    @cached_property
    def _close(self) -> float:
        """From how much of a promise on it is warned of."""
        return min(self._grading.info_at, self._grading.warning_at)

    @cached_property
    def _grading(self) -> Grading:
        return self.rehearsal.watchlist.settings.grading

    def _changes_nothing(self, glance: Glance) -> bool:
        """Whether nothing that is told, now or later, depends on it.

        What could not be measured changes no phase. A promise that is kept, and far from its limit, after it
        was kept for as often as is looked back, leaves all that is remembered but the time as it is.
        """
        if glance.status in _SAYS_NOTHING:
            return True
        if glance.broken or (glance.status != _PASSED if glance.used is None else glance.used >= self._close):
            return False
        return (glance.contract, glance.server, glance.check) in self._calm

    def _look(self, outcomes: Iterable[Outcome]) -> None:
        """Note of which checks so much is known that the next kept outcome would change nothing."""
        looks_back = max(self._grading.open_after, self._grading.open_within or 0)
        for each in outcomes:
            key = each.key
            state = self.rehearsal.store.states.get(key)
            calm = state is not None and state.phase is Phase.OK
            if state and calm and len(state.recent) >= looks_back and all(state.recent):
                self._calm.add((key.contract, key.server, key.check))
            else:
                self._calm.discard((key.contract, key.server, key.check))


def _outcome(glance: Glance) -> Outcome:
    """The outcome, without its words."""
    return Outcome(
        tick=glance.tick,
        key=Key(contract=glance.contract, server=glance.server, check=glance.check),
        version="",
        dataset=glance.dataset,
        element=None,
        kind=glance.kind,
        title=glance.title,
        status=Status(glance.status),
        severity=Severity(glance.severity),
        broken=glance.broken,
        expected="",
        actual=None,
        message="",
        path="",
        source="",
        line=0,
        at=glance.at,
        duration_seconds=0.0,
        used=glance.used,
    )
