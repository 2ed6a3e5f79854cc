"""Drain: claims parcels until nothing is due or the time is over, and writes down what became of them.

The store is touched by the calling thread only. Parcels that could not be tried keep their lease until it is
over, which is soon after the drain: another one then takes them up.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from floe_dagster.delivery.lane import Carry, Lane, Result
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

_log = logging.getLogger("floe_dagster.delivery")

Way = Callable[[str], tuple[Carry, int] | str]
"""for a channel's name: how to carry and how many at once, or why nothing can be carried there"""


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
        self._lanes: dict[str, Lane] = {}
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._under_way = 0
        self._counts: Counter[str] = Counter()

    def run(self) -> None:
        """Carry until nothing is due, and nothing is under way, or the time is over.

        Raises:
            StoreError: the outbox cannot be read or written.
        """
        while True:
            claims = self._claim()
            for each in claims:
                self._begin(each)
            if self._under_way:
                if not self._settle(wait=not claims):
                    return
            elif not claims:
                return

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

    def _claim(self) -> Sequence[Claim]:
        room = min(_AT_ONCE, self._left, _HELD - self._under_way)
        if room <= 0 or time.monotonic() >= self._until:
            return ()
        claims = self._outbox.claim(
            self._topic, now=self._clock(), lease_seconds=self._lease_seconds, limit=room
        )
        self._left -= len(claims)
        return claims

    def _begin(self, claim: Claim) -> None:
        channel = claim.parcel.channel
        if channel not in self._lanes:
            way = self._way(channel)
            if isinstance(way, str):
                now = self._clock()
                self._failed(claim, way, when_mended(claim.waiting_since, now), now)
                return
            carry, batch = way
            self._lanes[channel] = Lane(carry, batch=batch, results=self._results, until=self._until)
        self._lanes[channel].put(claim)
        self._under_way += 1

    def _settle(self, *, wait: bool) -> bool:
        """Write down what has come back, waiting for the first; False when the time is over."""
        results = self._come_back(wait=wait)
        self._under_way -= len(results)
        accepted: dict[str, list[Claim]] = {}
        for each in results:
            if not each.tried:
                self._counts["skipped"] += 1
            elif each.error is not None:
                now = self._clock()
                self._failed(each.claim, each.error.message, self._retry_at(each.claim, each.error, now), now)
            else:
                accepted.setdefault(each.answer, []).append(each.claim)
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

    def _retry_at(self, claim: Claim, error: DeliveryError, now: datetime) -> datetime | None:
        return retry_at(
            error, attempts=claim.attempts, waiting_since=claim.waiting_since, now=now, jitter=self._jitter()
        )

    def _failed(self, claim: Claim, error: str, again: datetime | None, now: datetime) -> None:
        if not self._outbox.failed(claim, now=now, error=error, retry_at=again):
            self._counts["skipped"] += 1
            return
        self._counts["retried" if again else "dead"] += 1
        self.problems[claim.parcel.channel] = error
        verdict = f"next attempt at {again:%H:%M:%S} UTC" if again else "given up; see `floe alerts dead`"
        _log.warning(
            "%s to %s, attempt %d: %s; %s", self._topic, claim.parcel.channel, claim.attempts, error, verdict
        )
