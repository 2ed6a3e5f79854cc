"""Reconciling: outcomes that were left elsewhere while the store was away come into it, each once.

They are found in the spool and in Dagster's event log, and recorded in the order of their time. What is newer
than what the store has is a history like any other, of which only the last word is told: nobody is woken for
what is over. What is older than that changes the timeline of its time, and adds episodes that were missed as
a whole (`docs/state.md`, "What comes late").
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from floe_dagster.errors import StoreError
from floe_dagster.notify.dedup import Drop, parcel_of
from floe_dagster.outcome.episode import State, Step, Transition, advance
from floe_dagster.outcome.late import Turn, in_order, missed, rebuilt
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.recorder import Recorder, Told, told_of
from floe_dagster.state.records import Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.outcome.policy import Policy
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.spool import Spool
    from floe_dagster.state.store import Store
    from floe_dagster.state.writing import Writing

AT_ONCE = 500
"""how many outcomes are recorded in one transaction"""

_OVER = "found later, when it was over"
_OVERTAKEN = "found later, overtaken by what came of it"
_LOOK_BACK = timedelta(hours=24)


def _nothing() -> None:
    """Nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Outcomes that were left elsewhere.

    Attributes:
        cursor: how far this place has been read with them; empty where it keeps no count.
        done: called once they are recorded.
        problems: what could not be read, for people.
    """

    outcomes: tuple[Outcome, ...]
    cursor: str = ""
    done: Callable[[], object] = _nothing
    problems: tuple[str, ...] = ()


class Elsewhere(Protocol):
    """A place where outcomes may have been left."""

    @property
    def name(self) -> str:
        """Of its cursor: what was read is noted under it."""

    def left(self, after: str) -> Iterator[Left]:
        """What was left there, in parts, after this cursor; an empty one means from the beginning."""


@dataclass(frozen=True, slots=True)
class FromSpool:
    """The spool as a place where outcomes were left."""

    spool: Spool
    name: str = "spool"

    def left(self, after: str) -> Iterator[Left]:
        """Every batch of it; what is recorded is removed, so that there is no cursor."""
        del after
        for batch in self.spool.batches():
            said = f"{batch.damaged} lines of {batch.path} cannot be read, and are kept there"
            yield Left(
                outcomes=batch.outcomes,
                done=partial(self.spool.done, batch),
                problems=(said,) if batch.damaged else (),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """What reconciling brought.

    Attributes:
        recorded: how many outcomes are on record now that were not.
        late: how many of them are older than what was on record of their check.
        told: transitions that somebody was told of, or should be.
        problems: for people.
    """

    recorded: int = 0
    late: int = 0
    told: tuple[Told, ...] = ()
    problems: tuple[str, ...] = ()

    def __add__(self, other: Caught) -> Caught:
        return Caught(
            recorded=self.recorded + other.recorded,
            late=self.late + other.late,
            told=(*self.told, *other.told),
            problems=(*self.problems, *other.problems),
        )


@dataclass(frozen=True, kw_only=True)
class Reconciler(Recorder):
    """Records outcomes that were left elsewhere."""

    def catch_up(
        self,
        store: Store,
        places: Iterable[Elsewhere],
        clock: Callable[[], datetime],
        budget_seconds: float | None = None,
    ) -> Caught:
        """Record what was left in these places; what there is no time for is left for the next time.

        Raises:
            StoreError: the store does not answer; what was recorded until then stays recorded.
        """
        deadline = time.monotonic() + budget_seconds if budget_seconds is not None else None
        caught = Caught()
        for place in places:
            try:
                caught += self._from(place, store, clock, deadline)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001  a place that cannot be read must not stop a tick
                said = f"what was left in {place.name} could not be read: {type(error).__name__}: {error}"
                caught += Caught(problems=(said,))
        return caught

    def _from(
        self, place: Elsewhere, store: Store, clock: Callable[[], datetime], deadline: float | None
    ) -> Caught:
        known = store.cursor(place.name)
        reached = known.value if known else ""
        caught = Caught()
        for left in place.left(reached):
            cursor = (place.name, left.cursor) if left.cursor not in ("", reached) else None
            if left.outcomes or cursor:
                caught += self.take(store, left.outcomes, clock(), cursor)
            left.done()
            caught += Caught(problems=left.problems)
            if deadline is not None and time.monotonic() > deadline:
                break
        return caught

    def take(
        self,
        store: Store,
        outcomes: Sequence[Outcome],
        now: datetime,
        cursor: tuple[str, str] | None = None,
    ) -> Caught:
        """Record outcomes whose time may be past, whole or not at all; a replay changes nothing.

        Args:
            store: which remembers.
            outcomes: in any order.
            now: aware, UTC.
            cursor: a name and a value to be noted with them.

        Raises:
            StoreError: the store does not answer; then nothing of this is recorded.
        """
        with store.writing() as writing:
            by_id = {each.id: each for each in outcomes}
            recorded = writing.past.recorded(by_id)
            fresh = [each for name, each in by_id.items() if name not in recorded]
            fresh.sort(key=lambda each: (each.at, each.id))
            caught = self._caught(writing, fresh, now) if fresh else Caught()
            if cursor:
                writing.set_cursor(*cursor, now)
        return caught

    def _caught(self, writing: Writing, fresh: Sequence[Outcome], now: datetime) -> Caught:
        states = dict(writing.states(each.key for each in fresh))
        before = {state.episode.id for state in states.values() if state.episode}
        late = [each for each in fresh if each.key in states and each.at <= states[each.key].last_at]
        steps, gone, problems = self._late(writing, late, states)
        turns, news = self._in_order(fresh, late, states)
        over = {each.episode.id for each in turns if each.step.transition is Transition.RESOLVED} - before
        gone += [each for each in turns if each.episode.id in over]
        rest = {each.episode.id: each for each in turns if each.episode.id not in over}
        lasts = list(rest.values())
        overtaken = [each for each in turns if each.episode.id in rest and each is not rest[each.episode.id]]
        alerts = [self._alert(each.step, each.outcome) for each in lasts]
        alerts = self._explained(writing, alerts)
        dispatches = self._posting.dispatches(writing, alerts)
        self._posting.follow(writing, [each.episode for each in lasts], now)
        writing.save(
            outcomes=fresh,
            steps=(*steps, *news),
            parcels=(
                *self._lineages(fresh),
                *self._held_back(gone, _OVER),
                *self._held_back(overtaken, _OVERTAKEN),
                *(parcel for one in dispatches for parcel in one.parcels),
            ),
            withdrawn={key: why for one in dispatches for key, why in one.withdrawn.items()},
            tick=Tick(id=self.tick, kind=self.name, started_at=self.started_at, ended_at=now),
        )
        return Caught(
            recorded=len(fresh),
            late=len(late),
            told=tuple(map(told_of, alerts, dispatches)),
            problems=problems,
        )

    def _in_order(
        self, fresh: Iterable[Outcome], late: Sequence[Outcome], states: dict[Key, State]
    ) -> tuple[list[Turn], list[Step]]:
        apart = {each.id for each in late}
        turns, steps = list[Turn](), list[Step]()
        for each in fresh:
            if each.id in apart:
                continue
            step = advance(states.get(each.key), each, self._policy(each))
            if step.state is not None:
                states[each.key] = step.state
            steps.append(step)
            if step.transition:
                turns.append(Turn(step, each))
        return turns, steps

    def _late(
        self, writing: Writing, late: Sequence[Outcome], states: dict[Key, State]
    ) -> tuple[list[Step], list[Turn], tuple[str, ...]]:
        """What late outcomes change: timelines at once, and states, episodes and what is told of them."""
        steps, turns, settled = list[Step](), list[Turn](), 0
        for each in self._surroundings(writing, late):
            policy = self._policy(each.late[0])
            chain = rebuilt(each.segments, each.outcomes, each.late[0].at, policy.hold)
            if chain is None:
                settled += len(each.late)
                continue
            writing.past.rewrite([chain])
            writing.reopen_periods(each.key.contract, each.late[0].at)
            ids = {one.id for one in each.late}
            found = [turn for some in missed(each.outcomes, ids, each.episodes, policy) for turn in some]
            state = replace(states[each.key], segment=chain[-1])
            states[each.key] = _with_breaches(state, found, policy)
            steps += [replace(turn.step, state=None, segments=()) for turn in found]
            steps.append(Step(state=states[each.key]))
            turns += found
        said = f"{settled} outcomes are older than what is kept in full; the SLA of their time stays as it is"
        return steps, turns, (said,) if settled else ()

    def _surroundings(self, writing: Writing, late: Sequence[Outcome]) -> Iterator[_Surroundings]:
        by_key = defaultdict["Key", list["Outcome"]](list)
        for each in in_order(late):
            by_key[each.key].append(each)
        if not by_key:
            return
        first = {key: some[0].at for key, some in by_key.items()}
        hold = max(self._policy(some[0]).hold for some in by_key.values())
        around = writing.past.outcomes(first, min(10 * hold, _LOOK_BACK))
        every = {key: in_order((*around[key], *some)) for key, some in by_key.items()}
        since = {key: some[0].at for key, some in every.items()}
        segments, episodes = writing.past.segments(since), writing.past.episodes(since)
        for key, some in by_key.items():
            yield _Surroundings(key, some, every[key], segments[key], episodes[key])

    def _held_back(self, turns: Iterable[Turn], reason: str) -> Iterator[Parcel]:
        """What would have been told, for the record."""
        for turn in turns:
            alert = self._alert(turn.step, turn.outcome)
            for channel in self._posting.channels(alert):
                yield parcel_of(alert, channel, Drop(ParcelState.SUPPRESSED, reason))

    def _lineages(self, outcomes: Iterable[Outcome]) -> Iterator[Parcel]:
        """The lineage of each tick on its own, at its own time."""
        by_tick = defaultdict[str, list["Outcome"]](list)
        for each in outcomes:
            by_tick[each.tick].append(each)
        for tick, some in by_tick.items():
            at = [each.at for each in some]
            then = replace(self, tick=tick, started_at=min(at))
            yield from then._lineage(some, max(at))  # noqa: SLF001  one of our own


class _Surroundings(NamedTuple):
    """What is known of one key around its late outcomes, which are among the outcomes."""

    key: Key
    late: Sequence[Outcome]
    outcomes: Sequence[Outcome]
    segments: Sequence[Segment]
    episodes: Sequence[Episode]


def _with_breaches(state: State, found: Iterable[Turn], policy: Policy) -> State:
    """The state with the breaches that were missed, so that one too many is still told as critical."""
    opened = [turn.episode.opened_at for turn in found if turn.step.transition is Transition.OPENED]
    breaches = sorted({*state.breaches, *opened})
    return replace(state, breaches=tuple(breaches[-policy.critical_after_episodes - 1 :]))
