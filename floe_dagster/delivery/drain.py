"""Drain: claims parcels until nothing is due or the time is over, and writes down what became of them.

The store is touched by the calling thread only. Parcels that could not be tried are given back when the drain
is over, and count as no attempt; what a hanging channel or a kill keeps from that is free once its lease is
over. What people are told is gathered until nothing more is due, and then bundled; machines are told at once.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from floe_dagster.delivery.lane import Lane, Result, Road
from floe_dagster.delivery.patience import retry_at, when_mended
from floe_dagster.delivery.report import DeliveryReport

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.delivery.outbox import Outbox
    from floe_dagster.errors import DeliveryError
    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.state.records import Claim

GRACE_SECONDS = 5.0
"""how long after its budget a drain still waits for answers to what it has begun"""

_LEASE_SECONDS = 25.0
"""by how much a lease outlives the budget: the grace, the longest timeout, and some"""

_AT_ONCE = 200
"""parcels per claim"""

_HELD = 1000
"""parcels under way, over all channels"""

_NAMES: Mapping[Topic, str] = {"alert": "alerts", "lineage": "events"}
_SHOWS: Mapping[Topic, str] = {"alert": "floe alerts dead", "lineage": "floe lineage dead"}

_log = logging.getLogger("floe_dagster.delivery")

Way = Callable[[str], Road | str]
"""for a channel's name: how to get there, or why nothing can be carried there"""


class Drain:
    """One drain of one topic; used once.

    Args:
        outbox: what waits.
        topic: alerts or lineage.
        way: how to get to a channel.
        clock: the time, aware, UTC.
        jitter: a number from 0 to 1, another one each time.
        budget_seconds: after this time nothing more is begun.
        limit: the most parcels to claim.
    """

    def __init__(
        self,
        outbox: Outbox,
        topic: Topic,
        way: Way,
        *,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        budget_seconds: float,
        limit: int,
    ) -> None:
        self.problems: dict[str, str] = {}
        self._outbox = outbox
        self._topic = topic
        self._way = way
        self._clock = clock
        self._jitter = jitter
        self._lease_seconds = budget_seconds + _LEASE_SECONDS
        self._left = limit
        self._begun = time.monotonic()
        self._until = self._begun + budget_seconds
        self._roads: dict[str, Road | str] = {}
        self._lanes: dict[str, Lane] = {}
        self._gathered: dict[str, list[Claim]] = {}
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._untried: list[Claim] = []
        self._under_way = 0
        self._counts: Counter[str] = Counter()

    def run(self) -> None:
        """Carry until nothing is due, and nothing is under way, or the time is over.

        Raises:
            StoreError: the outbox cannot be read or written.
        """
        while self._carried_some():
            pass
        if self._untried:
            self._outbox.give_back(self._untried)

    def close(self) -> None:
        """Let the lanes begin nothing more."""
        for each in self._lanes.values():
            each.close()

    def report(self) -> DeliveryReport:
        """What has become of the parcels so far."""
        return DeliveryReport(
            sent=self._counts["sent"],
            retried=self._counts["retried"],
            dead=self._counts["dead"],
            skipped=self._counts["skipped"] + self._under_way,
            seconds=time.monotonic() - self._begun,
            problems=dict(self.problems),
        )

    def _carried_some(self) -> bool:
        """Claim, begin, write down what has come back; False when there is no more, or the time is over."""
        claims = self._claim()
        self._gather(claims)
        if len(claims) < _AT_ONCE:
            self._begin_gathered()
        return self._settle(wait=not claims) if self._under_way else bool(claims)

    def _claim(self) -> Sequence[Claim]:
        room = min(_AT_ONCE, self._left, _HELD - self._under_way)
        if room <= 0 or time.monotonic() >= self._until:
            return ()
        claims = self._outbox.claim(
            self._topic,
            now=self._clock(),
            lease_seconds=self._lease_seconds,
            limit=room,
            without=self._left_alone(),
        )
        self._left -= len(claims)
        return claims

    def _left_alone(self) -> list[str]:
        """Channels that nothing more goes to, lest what waits for them stand in the way of what can go."""
        failed = [name for name, lane in self._lanes.items() if lane.left_alone]
        return [*failed, *(name for name, road in self._roads.items() if isinstance(road, str))]

    def _gather(self, claims: Sequence[Claim]) -> None:
        """Begin what goes at once, and keep by channel what is bundled once nothing more is due."""
        at_once: dict[str, list[Claim]] = {}
        for each in claims:
            channel = each.parcel.channel
            road = self._road(channel)
            if isinstance(road, str):
                now = self._clock()
                self._failed((each,), road, (when_mended(each.waiting_since, now),), now)
                continue
            self._under_way += 1
            (self._gathered if road.gathers else at_once).setdefault(channel, []).append(each)
        self._begin(at_once)

    def _begin_gathered(self) -> None:
        gathered, self._gathered = self._gathered, {}
        self._begin(gathered)

    def _begin(self, by_channel: Mapping[str, Sequence[Claim]]) -> None:
        for channel, claims in by_channel.items():
            road = self._road(channel)
            assert isinstance(road, Road), "nothing is begun where there is no way"
            if channel not in self._lanes:
                self._lanes[channel] = Lane(road.carry, results=self._results, until=self._until)
            for bundle in road.bundles(claims):
                self._lanes[channel].put(bundle)

    def _road(self, channel: str) -> Road | str:
        if channel not in self._roads:
            self._roads[channel] = self._way(channel)
        return self._roads[channel]

    def _settle(self, *, wait: bool) -> bool:
        """Write down what has come back, waiting for the first; False when the time is over."""
        results = self._come_back(wait=wait)
        accepted: dict[str, list[Claim]] = {}
        for each in results:
            self._under_way -= len(each.claims)
            if not each.tried:
                self._counts["skipped"] += len(each.claims)
                self._untried += each.claims
                self._left += len(each.claims)
            elif each.error is not None:
                now = self._clock()
                again = self._retries(each.claims, each.error, now)
                self._failed(each.claims, each.error.message, again, now)
            else:
                accepted.setdefault(each.answer, []).extend(each.claims)
        for answer, claims in accepted.items():
            sent = self._outbox.delivered_together(claims, now=self._clock(), note=answer)
            self._counts["sent"] += sent
            self._counts["skipped"] += len(claims) - sent
        return bool(results) or not wait

    def _come_back(self, *, wait: bool) -> list[Result]:
        results: list[Result] = []
        left = self._until + GRACE_SECONDS - time.monotonic()
        with suppress(Empty):
            if wait and left > 0:
                results.append(self._results.get(timeout=left))
            while True:
                results.append(self._results.get_nowait())
        return results

    def _retries(
        self, claims: Sequence[Claim], error: DeliveryError, now: datetime
    ) -> tuple[datetime | None, ...]:
        """When to carry each again; what failed together comes back together, as far as its age lets it."""
        jitter = self._jitter()
        return tuple(
            retry_at(
                error, attempts=each.failures + 1, waiting_since=each.waiting_since, now=now, jitter=jitter
            )
            for each in claims
        )

    def _failed(
        self, claims: Sequence[Claim], error: str, retries: Sequence[datetime | None], now: datetime
    ) -> None:
        ours = [
            (claim, again)
            for claim, again in zip(claims, retries, strict=True)
            if self._outbox.failed(claim, now=now, error=error, retry_at=again)
        ]
        self._counts["skipped"] += len(claims) - len(ours)
        if not ours:
            return
        dead = sum(again is None for _, again in ours)
        self._counts["dead"] += dead
        self._counts["retried"] += len(ours) - dead
        first, attempt = ours[0][0].parcel, max(claim.attempts for claim, _ in ours)
        self.problems[first.channel] = error
        _log.warning(
            "%s to %s, attempt %d: %s; %s",
            self._topic if len(ours) == 1 else f"{len(ours)} {_NAMES[self._topic]}",
            first.channel,
            attempt,
            error,
            _verdict([again for _, again in ours], _SHOWS[self._topic]),
        )


def _verdict(retries: Sequence[datetime | None], shows: str) -> str:
    soonest = min((each for each in retries if each is not None), default=None)
    if soonest is None:
        return f"given up; see `{shows}`"
    dead = retries.count(None)
    gone = f"; {dead} given up, see `{shows}`" if dead else ""
    return f"next attempt at {soonest:%H:%M:%S} UTC{gone}"
