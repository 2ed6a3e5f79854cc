"""Backtest: what would have been told of the past under another policy, beside what would be under this one.

What was recorded happens once more to both, in memory: outcomes, pauses, acknowledgements. It begins some
time before the window, so that what had been broken before is known at its start. Both sides are rehearsed,
and neither is what was really sent: they differ by the policy alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from floe_dagster.channels import GROUP
from floe_dagster.errors import PluginError
from floe_dagster.notify.inhibit import SERVER
from floe_dagster.notify.letter import Together
from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.plugins import on_shelf
from floe_dagster.rehearsal.compared import Comparison, Labelled, compared
from floe_dagster.rehearsal.replay import Rehearsal
from floe_dagster.rehearsal.stage import Stage
from floe_dagster.rehearsal.telling import told_of
from floe_dagster.schedule import check_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from floe_dagster.outcome.acknowledgement import Acknowledgement
    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.incident import Incident
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.rehearsal.telling import Telling
    from floe_dagster.settings import Settings
    from floe_dagster.state.accounts import Glance
    from floe_dagster.state.reader import StoreReader
    from floe_dagster.watchlist import Watchlist

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LONGEST_RUN_UP = timedelta(days=30)
_CHANNELS = "floe_dagster.channels"

_Happening = tuple[datetime, int, "Callable[[], None]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    """What people did in the time that is played."""

    said: tuple[tuple[Episode, Acknowledgement], ...]
    incidents: tuple[Incident, ...]


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """History under two policies.

    Attributes:
        reader: what was recorded.
        watchlist: the contracts, and the manifest as it is.
        settings: the manifest with the other policy.
        start: the window's, aware, UTC.
        end: the window's; the time at which it is asked.
        wanted: which contracts count, by id.
    """

    reader: StoreReader
    watchlist: Watchlist
    settings: Settings
    start: datetime
    end: datetime
    wanted: Callable[[str], bool]

    @property
    def begins(self) -> datetime:
        """When playing begins: so long before the window that what was open then is known."""
        return self.start - max(_run_up(self.watchlist.settings), _run_up(self.settings))

    @property
    def days(self) -> int:
        """How many parts it is played in."""
        return -((self.begins - self.end) // _DAY)

    def run(self, played: Callable[[], object] = lambda: None) -> Comparison:
        """Play it.

        Args:
            played: called after each of its days.

        Raises:
            StoreError: the store does not answer.
        """
        before, after = self._stage(self.watchlist.settings), self._stage(self.settings)
        people = self._people()
        contracts, first = Counter[str](), None
        for start in _steps(self.begins, self.end, _DAY):
            end = min(start + _DAY, self.end)
            every = self.reader.accounts.glances(start, end)
            glances = [each for each in every if self._matters(each)]
            first = first or (glances[0].at if glances else None)
            contracts.update(each.contract for each in glances if each.at >= self.start)
            for stage in (before, after):
                happenings = self._happenings(stage, glances, people, start, end)
                for _, _, happen in sorted(happenings, key=lambda each: each[:2]):
                    happen()
            played()
        tellings = [self._telling(each) for each in (before, after)]
        return compared(
            start=self.start,
            end=self.end,
            since=max(self.start, first or self.end),
            outcomes=contracts.total(),
            contracts=frozenset(contracts),
            before=tellings[0],
            after=tellings[1],
            labelled=tuple(_labelled(people, self.start, self.end, self.wanted)),
        )

    def _stage(self, settings: Settings) -> Stage:
        rehearsal = Rehearsal(watchlist=replace(self.watchlist, settings=settings))
        rehearsal.store.pauses += map(_as_declared, self.reader.pauses(start=self.begins, end=self.end))
        own = {
            (watch.plan.contract.id, each.id): each.severity
            for watch in self.watchlist.watches
            for each in watch.plan.checks
        }
        return Stage(rehearsal=rehearsal, people=people_of(settings), own=own)

    def _people(self) -> _People:
        episodes = {each.id: each for each in self.reader.episodes(start=self.begins, end=self.end)}
        with self.reader.responses() as response:
            said = response.acknowledgements(episodes)
            incidents = response.incidents(open_only=False, since=self.begins)
        return _People(said=tuple((episodes[name], each) for name, each in said.items()), incidents=incidents)

    def _happenings(
        self, stage: Stage, glances: Iterable[Glance], people: _People, start: datetime, end: datetime
    ) -> Iterator[_Happening]:
        """What happens between two times, and in which order what happens at once."""
        for now, some in _ticks(glances):
            yield now, 0, partial(stage.tick, some, now)
        for episode, said in people.said:
            if start <= said.at < end:
                yield said.at, 1, partial(stage.acknowledge, episode, said)
        for incident in people.incidents:
            at = incident.responded_at
            if at is not None and start <= at < end:
                yield at, 2, partial(stage.respond, incident, at)
        for hour in _steps(_full_hour(start), end, _HOUR):
            yield hour, 3, partial(stage.hour, hour)

    def _matters(self, glance: Glance) -> bool:
        """A server that is down holds back what is said of every contract on it."""
        return glance.kind == SERVER or self.wanted(glance.contract)

    def _telling(self, stage: Stage) -> Telling:
        stage.rehearsal.carry(self.end)
        store = stage.rehearsal.store
        return told_of(store.parcels(), store.episodes, self.start, self.end, self.wanted)


def people_of(settings: Settings) -> frozenset[str]:
    """The channels that people read; what options they have does not matter."""
    try:
        kinds = on_shelf(_CHANNELS, "CHANNEL", GROUP)
    except PluginError:
        kinds = on_shelf(_CHANNELS, "CHANNEL")
    return frozenset(
        name for name, each in settings.alerts.channels.items() if isinstance(kinds.get(each.type), Together)
    )


def _run_up(settings: Settings) -> timedelta:
    """How long before a time something can have happened that what is told then depends on."""
    grading, alerts = settings.grading, settings.alerts
    looks_back = max(grading.open_after, grading.open_within or 0)
    slowest = max(check_seconds(settings.cadence, each) for each in ("freshness", "schema", "quality"))
    longest = max(
        _DAY,
        grading.critical_within,
        grading.critical_after_open or timedelta(),
        grading.flapping.within + grading.flapping.quiet,
        alerts.dedup,
        alerts.remind,
        alerts.rate.per,
        (looks_back + 1) * timedelta(seconds=slowest),
    )
    return min(longest, _LONGEST_RUN_UP)


def _ticks(glances: Iterable[Glance]) -> Iterator[tuple[datetime, list[Glance]]]:
    """What each tick found, and when it was done."""
    found: dict[str, list[Glance]] = {}
    for each in glances:
        found.setdefault(each.tick, []).append(each)
    return ((some[-1].at, some) for some in found.values())


def _as_declared(pause: Pause) -> Pause:
    """A pause held nothing back before somebody had declared it."""
    return replace(pause, start=max(pause.start, pause.declared_at))


def _labelled(
    people: _People, start: datetime, end: datetime, wanted: Callable[[str], bool]
) -> Iterator[Labelled]:
    for episode, said in people.said:
        over = episode.resolved_at or end
        if said.reason is not Reason.WORKING and over >= start and wanted(episode.key.contract):
            yield Labelled(key=episode.key, start=episode.broken_since, end=over, reason=said.reason)


def _steps(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def _full_hour(at: datetime) -> datetime:
    full = at.replace(minute=0, second=0, microsecond=0)
    return full if full == at else full + _HOUR
