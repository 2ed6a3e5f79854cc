"""Posting: what the outbox gets of alerts, and what becomes of incidents, in an open transaction.

Whoever has something to say of episodes (a tick, the retiring of what is gone, outcomes that came late, a
reminder, somebody who acknowledges) says it here, so that routes, dedup, pauses, inhibition and pace are
looked at in one place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from floe_dagster.notify.dedup import Dispatch, Pace, key_of, parcel_of, parcels_for
from floe_dagster.notify.inhibit import DOWN, Source, Sources, inhibited
from floe_dagster.notify.links import Pages
from floe_dagster.notify.route import Addressee, channels_for
from floe_dagster.notify.standing import overdue, reminders, standing
from floe_dagster.outcome.acknowledgement import Acknowledgement
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.incident import Priority, deadlines, follow
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.pause import longest_of
from floe_dagster.plan.check import Severity
from floe_dagster.state.lookup import kept_key
from floe_dagster.surroundings import SurroundingsOf, nothing_around

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.alert import Alert
    from floe_dagster.notify.dedup import Heard, Silence
    from floe_dagster.notify.standing import Reminder
    from floe_dagster.outcome.acknowledgement import Reason
    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.incident import Deadlines, Incident
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.settings import Alerting, Settings
    from floe_dagster.state.writing import Writing
    from floe_dagster.watchlist import Watch, Watchlist

_INSTANT = timedelta(microseconds=1)
_OPENING = (Transition.OPENED, Transition.ESCALATED)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """Says what is to be carried.

    Attributes:
        watchlist: what is watched; contracts are looked up here.
        surroundings: which contracts feed which.
    """

    watchlist: Watchlist
    surroundings: SurroundingsOf = nothing_around

    def channels(self, alert: Alert) -> tuple[str, ...]:
        """Where the routes take an alert."""
        driver = self._drivers.get((alert.contract, alert.check))
        to = Addressee.of(self.contract(alert.contract), alert.dataset, driver)
        return channels_for(alert, to, self._alerting)

    def contract(self, name: str) -> Contract | None:
        """The contract of that id, where it can be read."""
        watch = self._by_id.get(name)
        return watch.plan.contract if watch else None

    def dispatches(self, writing: Writing, alerts: Sequence[Alert]) -> list[Dispatch]:
        """What each alert means for the outbox, one after the other."""
        if not alerts:
            return []
        alerting = self._alerting
        heard = writing.heard(alerts, alerting.dedup)
        silences = self._silences(writing, alerts)
        pace = self._pace(writing, alerts)
        found = []
        for each, silence in zip(alerts, silences, strict=True):
            dispatch = parcels_for(
                each, self.channels(each), heard, dedup=alerting.dedup, silence=silence, pace=pace
            )
            for parcel in dispatch.parcels:
                if parcel.state is ParcelState.PENDING:
                    at = parcel.not_before or parcel.created_at
                    pace.note(each.contract, parcel.channel, at)
            found.append(dispatch)
        return found

    def follow(self, writing: Writing, episodes: Sequence[Episode], now: datetime) -> Mapping[str, Incident]:
        """Let incidents follow episodes that have just changed, and let go of what waited for those.

        Returns:
            The incidents as they have become, by contract.
        """
        over = {each.id for each in episodes if each.resolved_at is not None}
        if over and self._alerting.inhibit:
            # what followed from them gets the time to be measured again
            writing.let_go(over, now + self._alerting.dedup)
        least = Severity(self._alerting.incidents.severity)
        by_contract = defaultdict[str, list["Episode"]](list)
        for each in episodes:
            if each.resolved_at is not None or (each.broken and each.severity.rank >= least.rank):
                by_contract[each.key.contract].append(each)
        if not by_contract:
            return {}
        open_ = {each.contract: each for each in writing.response.incidents(contracts=by_contract.keys())}
        known = {name: open_.get(kept_key(some[0].key).contract) for name, some in by_contract.items()}
        became = {
            contract: follow(known[contract], some, least=least, by_when=self._by_when, at=now)
            for contract, some in by_contract.items()
        }
        found = {contract: each for contract, each in became.items() if each is not None}
        writing.response.save_incidents(each for name, each in found.items() if each != known[name])
        return found

    def remind(self, writing: Writing, people: Container[str], now: datetime) -> tuple[Parcel, ...]:
        """What is to be said again, since it is open for long or nobody answered in time; not saved yet.

        Args:
            writing: an open transaction.
            people: the channels that people read.
            now: the time.
        """
        pauses = writing.pauses(now, now + _INSTANT)
        loud = [each for each in writing.open_episodes() if _pause(pauses, each, now) is None]
        heard = writing.response.heard_of_episodes(each.id for each in loud)
        said = writing.response.acknowledgements(heard)
        late = overdue(
            writing.response.incidents(),
            {each.id: each for each in loud},
            heard,
            people=people,
            beside=self._alerting.incidents.overdue,
            now=now,
        )
        again = reminders(loud, heard, said, people=people, every=self._alerting.remind, now=now)
        # where both are due, that nobody has answered says enough
        told: dict[tuple[str, str], Reminder] = {}
        for each in (*late, *again):
            for channel in each.channels:
                told.setdefault((each.episode.id, channel), each)
        return tuple(parcel_of(self._reminding(each, now), channel) for (_, channel), each in told.items())

    def acknowledge(
        self,
        writing: Writing,
        episodes: Sequence[Episode],
        now: datetime,
        *,
        reason: Reason,
        author: str,
        note: str = "",
    ) -> tuple[Parcel, ...]:
        """Keep what somebody says of episodes, answer to their incidents, and tell whoever knows of them.

        Args:
            writing: an open transaction.
            episodes: open ones, or such as are over; of those nobody is told.
            now: the time.
            reason: what they take them for.
            author: who.
            note: in their own words.

        Returns:
            What is carried, saved already.
        """
        said = [
            (
                each,
                Acknowledgement(
                    episode=each.id, at=now, author=author, reason=reason, severity=each.severity, note=note
                ),
            )
            for each in episodes
        ]
        writing.response.acknowledge(said)
        names = {each.id for each in episodes}
        incidents = writing.response.incidents(contracts={each.key.contract for each in episodes})
        writing.response.save_incidents(
            replace(each, acknowledged_at=now, acknowledged_by=author)
            for each in incidents
            if each.acknowledged_at is None and names & {*each.open}
        )
        heard = writing.response.heard_of_episodes(names)
        parcels = tuple(
            parcel_of(
                self._standing(
                    episode, Transition.ACKNOWLEDGED, f"{one.words}: {episode.message}", now, _occasion(now)
                ),
                channel,
            )
            for episode, one in said
            if episode.resolved_at is None
            for channel in _knowing(heard.get(episode.id, ()))
        )
        waiting = {
            one.key: "acknowledged"
            for some in heard.values()
            for one in some
            if one.transition is Transition.REMINDED and one.state is ParcelState.PENDING
        }
        writing.save(parcels=parcels, withdrawn=waiting)
        return parcels

    @cached_property
    def pages(self) -> Pages:
        """The pages that alerts lead to."""
        return Pages(runbook=self._alerting.runbook_url, source=self._alerting.source_url)

    @property
    def _settings(self) -> Settings:
        return self.watchlist.settings

    @property
    def _alerting(self) -> Alerting:
        return self._settings.alerts

    @cached_property
    def _by_id(self) -> Mapping[str, Watch]:
        return {each.plan.contract.id: each for each in self.watchlist.watches}

    @cached_property
    def _drivers(self) -> Mapping[tuple[str, str], str]:
        return {
            (watch.plan.contract.id, each.id): each.driver
            for watch in self.watchlist.watches
            for each in watch.plan.checks
            if each.driver
        }

    @cached_property
    def _by_when(self) -> Deadlines:
        wanted = self._alerting.incidents
        answers = dict(zip(Priority, (wanted.p0, wanted.p1, wanted.p2, wanted.p3), strict=True))
        return deadlines(answers, ZoneInfo(self._settings.reports.zone))

    def _silences(self, writing: Writing, alerts: Sequence[Alert]) -> list[Silence | None]:
        """Why nobody is told of each of them for now: a pause, else what it follows from."""
        first, last = min(each.at for each in alerts), max(each.at for each in alerts)
        pauses = writing.pauses(first, last + _INSTANT)
        sources, upstream = self._sources(writing, alerts)
        found: list[Silence | None] = []
        for each in alerts:
            paused = longest_of(pauses, key_of(each), each.kind, each.at)
            follows = inhibited(each, sources, upstream, self._alerting.inhibit)
            if follows:
                # what waits for another is waited for by none, or two could wait for each other
                sources.remove(each.episode)
            found.append(paused or follows)
        return found

    def _sources(
        self, writing: Writing, alerts: Sequence[Alert]
    ) -> tuple[Sources, Mapping[str, tuple[str, ...]]]:
        opening = [each for each in alerts if each.transition in _OPENING and each.broken]
        if not opening or not self._alerting.inhibit:
            return Sources(()), {}
        upstream = self.surroundings().upstream if "upstream" in self._alerting.inhibit else {}
        feeding = {name for each in opening for name in upstream.get(each.contract, ())}
        over = {each.episode for each in alerts if each.transition is Transition.RESOLVED}
        known = (
            Source.of(each)
            for each in writing.response.broken_now(kinds=DOWN, contracts=feeding)
            if each.id not in over
        )
        return Sources((*known, *map(Source.told_by, opening))), upstream

    def _pace(self, writing: Writing, alerts: Sequence[Alert]) -> Pace:
        rate = self._alerting.rate
        told: dict[tuple[str, str], set[datetime]] = {}
        if rate.messages:
            since = min(each.at for each in alerts) - rate.per
            told = writing.response.told_lately({each.contract for each in alerts}, since)
        return Pace(messages=rate.messages, per=rate.per, told=told)

    def _reminding(self, reminder: Reminder, now: datetime) -> Alert:
        return self._standing(reminder.episode, Transition.REMINDED, reminder.message, now, reminder.occasion)

    def _standing(
        self, episode: Episode, transition: Transition, message: str, now: datetime, occasion: str
    ) -> Alert:
        contract = self.contract(episode.key.contract)
        said = standing(
            episode,
            contract,
            transition,
            message,
            occasion=occasion,
            environment=self._settings.environment,
            at=now,
        )
        return replace(
            said,
            downstream=self.surroundings().affected(said.contract, said.dataset),
            runbook=self.pages.of_kind(said.kind, said.dataset, contract),
            source_link=self.pages.of_line(said.source, said.line),
        )


def _pause(pauses: Iterable[Pause], episode: Episode, now: datetime) -> Pause | None:
    return longest_of(pauses, episode.key, episode.kind, now)


def _knowing(heard: Iterable[Heard]) -> tuple[str, ...]:
    """The channels that were told."""
    return tuple(dict.fromkeys(each.channel for each in heard if each.state is ParcelState.SENT))


def _occasion(now: datetime) -> str:
    return f"acknowledged-{now:%Y%m%dT%H%M%S%fZ}"
