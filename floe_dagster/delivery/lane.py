"""Lane: one channel's way out, with a thread of its own, so that a slow channel delays no other.

A lane touches neither the store nor anything shared: claims go in by `put`, and come out of the results in
the order in which they went in, with what became of each. After two failures in a row the channel is left
alone until the next drain. The thread is a daemon, and is left behind where it hangs (in a name lookup, say)
when the drain is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from floe_dagster.errors import DeliveryError
from floe_dagster.state.records import Claim

Carry = Callable[[Sequence[Claim]], str]
"""carries parcels and returns what was answered; raises DeliveryError where none of them was accepted"""

FAILURES = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claim: an answer, an error, or neither where it was not tried."""

    claim: Claim
    answer: str = ""
    error: DeliveryError | None = None
    tried: bool = True


class Lane:
    """Carries the parcels of one channel, one batch after the other.

    Args:
        carry: what to do with a batch.
        batch: the most parcels to carry together.
        results: where to say what became of each.
        until: after this time (`time.monotonic`) nothing is begun.
    """

    def __init__(self, carry: Carry, *, batch: int, results: SimpleQueue[Result], until: float) -> None:
        self._carry = carry
        self._batch = batch
        self._results = results
        self._until = until
        self._waiting: SimpleQueue[Claim | None] = SimpleQueue()
        self._failures = 0
        threading.Thread(target=self._work, name="floe-delivery", daemon=True).start()

    def put(self, claim: Claim) -> None:
        """Carry this one after those that wait already."""
        self._waiting.put(claim)

    def close(self) -> None:
        """Begin nothing more; nobody would write down what became of it."""
        self._until = 0.0
        self._waiting.put(None)

    def _work(self) -> None:
        while claims := self._next():
            for result in self._tried(claims):
                self._results.put(result)

    def _next(self) -> list[Claim]:
        """What waits, up to a batch; waits for the first one. Empty when the lane is closed."""
        claims: list[Claim] = []
        try:
            while len(claims) < self._batch and (claim := self._waiting.get(block=not claims)) is not None:
                claims.append(claim)
        except Empty:
            return claims
        if len(claims) < self._batch:
            self._waiting.put(None)
        return claims

    def _tried(self, claims: Sequence[Claim]) -> list[Result]:
        if self._failures >= FAILURES or time.monotonic() >= self._until:
            return [Result(each, tried=False) for each in claims]
        try:
            answer = self._carry(claims)
        except DeliveryError as error:
            return self._failed(claims, error)
        except Exception as error:  # noqa: BLE001 - a channel from elsewhere may raise anything
            return self._failed(claims, DeliveryError(f"the channel raised {type(error).__name__}"))
        self._failures = 0
        return [Result(each, answer=answer) for each in claims]

    def _failed(self, claims: Sequence[Claim], error: DeliveryError) -> list[Result]:
        # Who refuses a letter for good is there, and may take the next one.
        self._failures = self._failures + 1 if error.retry else 0
        return [Result(each, error=error) for each in claims]
