"""Memory: a store that forgets. What is decided from it is what would be decided from a real one.

It keeps states, episodes, parcels, pauses, incidents and acknowledgements, and neither outcomes nor segments.
A transaction that fails leaves nothing behind. The suite holds it to the real store, history by history.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, cast

from floe_dagster.notify.dedup import Heard, about
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.plan.check import Severity
from floe_dagster.state.records import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from floe_dagster.notify.alert import Alert
    from floe_dagster.outcome.acknowledgement import Acknowledgement
    from floe_dagster.outcome.episode import Episode, State, Step
    from floe_dagster.outcome.incident import Incident
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.state.store import Store
    from floe_dagster.state.writing import Writing

_UNHEARD = "its opening never reached this channel"
_TOLD = (ParcelState.SENT, ParcelState.PENDING)


@dataclass(slots=True)
class _Slot:
    """A parcel on its way."""

    parcel: Parcel
    waiting_since: datetime
    available_at: datetime
    attempts: int = 0
    failures: int = 0
    token: str = ""
    lease_until: datetime | None = None

    @property
    def pending(self) -> bool:
        return self.parcel.state is ParcelState.PENDING

    def end(self, state: ParcelState, reason: str, at: datetime) -> None:
        self.parcel = replace(self.parcel, state=state, reason=reason, finished_at=at)
        self.token, self.lease_until = "", None

    def let_go(self, at: datetime) -> None:
        self.parcel = replace(self.parcel, not_before=at)
        self.waiting_since = self.available_at = at

    def heard(self) -> Heard:
        one = self.parcel
        return Heard(
            key=one.key,
            channel=one.channel,
            group=one.group,
            severity=Severity(one.severity),
            transition=Transition(one.transition),
            state=one.state,
            at=one.not_before or one.created_at,
        )


class MemoryStore:
    """States, episodes and an outbox of alerts in memory; for one thread."""

    def __init__(self) -> None:
        self.states: dict[Key, State] = {}
        self.episodes: dict[str, Episode] = {}
        self.open: dict[str, Episode] = {}
        self.pauses: list[Pause] = []
        self.incidents: dict[str, Incident] = {}
        self.acknowledgements: dict[str, Acknowledgement] = {}
        self._slots: dict[str, _Slot] = {}
        self._by_about: defaultdict[str, list[_Slot]] = defaultdict(list)
        self._by_contract: defaultdict[str, list[_Slot]] = defaultdict(list)
        self._by_group: defaultdict[str, list[_Slot]] = defaultdict(list)
        self._waiting: dict[str, _Slot] = {}
        self._tokens = count()

    @property
    def as_store(self) -> Store:
        """The same for whoever takes a store and needs no more of it than this one has."""
        return cast("Store", self)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction; nothing of it is kept where it raises."""
        writing = _Writing(self)
        yield cast("Writing", writing)
        for each in writing.changes:
            each()

    def parcels(self, state: ParcelState | None = None) -> tuple[Parcel, ...]:
        """Parcels in the order in which they were written, all or those in one state."""
        every = (each.parcel for each in self._slots.values())
        return tuple(each for each in every if state is None or each.state is state)

    def next_due(self) -> datetime | None:
        """When the next parcel can be carried; None where none waits."""
        free = (each for each in self._waiting.values() if not self._goes_after(each.parcel))
        return min(
            (max(each.available_at, each.lease_until or each.available_at) for each in free), default=None
        )

    def claim(
        self, topic: Topic, *, now: datetime, lease_seconds: float, limit: int = 100
    ) -> tuple[Claim, ...]:
        """See `Store.claim`."""
        due = [
            each
            for each in self._waiting.values()
            if each.parcel.topic == topic
            and each.available_at <= now
            and (each.lease_until is None or each.lease_until <= now)
            and not self._goes_after(each.parcel)
        ]
        due.sort(key=lambda each: (each.available_at, each.parcel.key))
        token, until = str(next(self._tokens)), now + timedelta(seconds=lease_seconds)
        claims = []
        for each in due[:limit]:
            each.token, each.lease_until = token, until
            each.attempts += 1
            claims.append(
                Claim(
                    parcel=each.parcel,
                    token=token,
                    attempts=each.attempts,
                    waiting_since=each.waiting_since,
                    lease_until=until,
                    failures=each.failures,
                )
            )
        return tuple(claims)

    def delivered(self, claim: Claim, *, now: datetime, note: str = "") -> bool:
        """See `Store.delivered`."""
        del note
        slot = self._mine(claim)
        if slot is not None:
            self._end(slot, ParcelState.SENT, "", now)
        return slot is not None

    def failed(self, claim: Claim, *, now: datetime, error: str, retry_at: datetime | None) -> bool:
        """See `Store.failed`."""
        slot = self._mine(claim)
        if slot is None:
            return False
        slot.failures += 1
        if retry_at is not None:
            slot.parcel = replace(slot.parcel, reason=error)
            slot.available_at, slot.token, slot.lease_until = retry_at, "", None
            return True
        self._end(slot, ParcelState.DEAD, error, now)
        same = [
            each for each in self._by_group[slot.parcel.group] if each.parcel.channel == slot.parcel.channel
        ]
        is_over = [each for each in same if each.parcel.transition == Transition.RESOLVED]
        if not any(each.parcel.state in _TOLD for each in same if each not in is_over):
            for each in is_over:
                if each.pending:
                    self._end(each, ParcelState.SKIPPED, _UNHEARD, now)
        return True

    def add(self, parcel: Parcel) -> None:
        """Put a parcel into the outbox, unless it is there."""
        if parcel.key in self._slots:
            return
        since = parcel.not_before or parcel.created_at
        if parcel.state is not ParcelState.PENDING:
            parcel = replace(parcel, finished_at=parcel.created_at)
        slot = _Slot(parcel=parcel, waiting_since=since, available_at=since)
        self._slots[parcel.key] = slot
        self._by_about[parcel.about].append(slot)
        self._by_contract[parcel.about.partition("\n")[0]].append(slot)
        self._by_group[parcel.group].append(slot)
        if slot.pending:
            self._waiting[parcel.key] = slot

    def withdraw(self, key: str, reason: str) -> None:
        """Have a parcel that nobody has tried to carry yet not carried."""
        slot = self._slots.get(key)
        if slot is not None and slot.pending and not slot.attempts:
            self._end(slot, ParcelState.SUPPRESSED, reason, slot.available_at)

    def let_go(self, ids: Collection[str], at: datetime) -> None:
        """See `Writing.let_go`."""
        for each in self._waiting.values():
            one = each.parcel
            waited_for = one.reason.removesuffix(")").rpartition("(")[2]
            if one.not_before and one.not_before > at and waited_for in ids:
                each.let_go(at)

    def of_group(self, group: str) -> Sequence[Heard]:
        """What channels were told of an episode, or will be."""
        return [each.heard() for each in self._by_group.get(group, ()) if each.parcel.state in _TOLD]

    def of_about(self, name: str, since: datetime, group: str) -> list[Heard]:
        """What channels were told of a check since then, and everything about one episode."""
        return [
            each.heard()
            for each in self._by_about.get(name, ())
            if each.parcel.group == group or (each.parcel.not_before or each.parcel.created_at) >= since
        ]

    def told_lately(
        self, contracts: Collection[str], since: datetime
    ) -> dict[tuple[str, str], set[datetime]]:
        """See `Response.told_lately`."""
        found: dict[tuple[str, str], set[datetime]] = {}
        for contract in contracts:
            for one in (each.parcel for each in self._by_contract.get(contract, ())):
                at = one.not_before or one.created_at
                if one.state in _TOLD and at >= since:
                    minute = at.replace(second=0, microsecond=0)
                    found.setdefault((contract, one.channel), set()).add(minute)
        return found

    def _goes_after(self, parcel: Parcel) -> bool:
        return any(
            each.pending and each.parcel.channel == parcel.channel and each.parcel.sequence < parcel.sequence
            for each in self._by_group[parcel.group]
        )

    def _mine(self, claim: Claim) -> _Slot | None:
        slot = self._slots[claim.parcel.key]
        return slot if slot.pending and slot.token == claim.token else None

    def _end(self, slot: _Slot, state: ParcelState, reason: str, at: datetime) -> None:
        slot.end(state, reason, at)
        self._waiting.pop(slot.parcel.key, None)


class _Writing:
    """What `Writing` is for a real store, and its `response` in one."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.changes: list[Callable[[], object]] = []

    @property
    def response(self) -> _Writing:
        return self

    def states(self, keys: Iterable[Key]) -> dict[Key, State]:
        known = self._store.states
        return {each: known[each] for each in keys if each in known}

    def heard(self, alerts: Sequence[Alert], dedup: timedelta) -> dict[str, list[Heard]]:
        since = min(each.at for each in alerts) - dedup
        return {about(each): self._store.of_about(about(each), since, each.episode) for each in alerts}

    def pauses(self, start: datetime, end: datetime) -> tuple[Pause, ...]:
        return tuple(each for each in self._store.pauses if each.start < end and each.end > start)

    def open_episodes(self) -> tuple[Episode, ...]:
        return tuple(sorted(self._store.open.values(), key=lambda each: each.id))

    def let_go(self, ids: Collection[str], at: datetime) -> None:
        self.changes.append(lambda: self._store.let_go(ids, at))

    def incidents(self, *, contracts: Collection[str] | None = None) -> tuple[Incident, ...]:
        return tuple(
            each
            for each in self._store.incidents.values()
            if each.resolved_at is None and (contracts is None or each.contract in contracts)
        )

    def save_incidents(self, changed: Iterable[Incident]) -> None:
        new = {each.id: each for each in changed}
        self.changes.append(lambda: self._store.incidents.update(new))

    def acknowledgements(self, names: Iterable[str]) -> dict[str, Acknowledgement]:
        known = self._store.acknowledgements
        return {each: known[each] for each in names if each in known}

    def acknowledge(self, said: Iterable[tuple[Episode, Acknowledgement]]) -> None:
        new = {each.episode: each for _, each in said}
        self.changes.append(lambda: self._store.acknowledgements.update(new))

    def broken_now(self, *, kinds: Collection[str], contracts: Collection[str]) -> tuple[Episode, ...]:
        return tuple(
            each
            for each in self.open_episodes()
            if each.broken and (each.kind in kinds or each.key.contract in contracts)
        )

    def told_lately(self, contracts: Iterable[str], since: datetime) -> dict[tuple[str, str], set[datetime]]:
        return self._store.told_lately({*contracts}, since)

    def heard_of_episodes(self, names: Iterable[str]) -> dict[str, Sequence[Heard]]:
        found = {each: self._store.of_group(each) for each in names}
        return {name: some for name, some in found.items() if some}

    def save(
        self,
        *,
        outcomes: Iterable[Outcome] = (),
        steps: Iterable[Step] = (),
        parcels: Iterable[Parcel] = (),
        withdrawn: Mapping[str, str] | None = None,
        **_forgotten: Any,
    ) -> None:
        del outcomes
        steps, parcels = tuple(steps), tuple(parcels)
        self.changes.append(lambda: self._keep(steps, parcels, withdrawn or {}))

    def _keep(self, steps: Iterable[Step], parcels: Iterable[Parcel], withdrawn: Mapping[str, str]) -> None:
        store = self._store
        for each in steps:
            if each.changed and each.state is not None:
                store.states[each.state.key] = each.state
            if each.changed and each.episode is not None:
                store.episodes[each.episode.id] = each.episode
                if each.episode.resolved_at is None:
                    store.open[each.episode.id] = each.episode
                else:
                    store.open.pop(each.episode.id, None)
        for one in parcels:
            store.add(one)
        for key, reason in withdrawn.items():
            store.withdraw(key, reason)
