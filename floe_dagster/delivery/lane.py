"""Lane: one channel's way out, with a thread of its own, so that a slow channel delays no other.

A lane touches neither the store nor anything shared: bundles of claims go in by `put`, and come out of the
results in the order in which they went in, with what became of each. A bundle is accepted or fails as a
whole; one that is refused for good is taken apart first, so that none is given up for the sake of another.
After two failures in a row the channel is left alone until the next drain. The thread is a daemon, and is
left behind where it hangs (in a name lookup, say) when the drain is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from floe_dagster.errors import DeliveryError
from floe_dagster.state.records import Claim

Carry = Callable[[Sequence[Claim]], str]
"""carries parcels and returns what was answered; raises DeliveryError where none of them was accepted"""

FAILURES = 2


def one_by_one(claims: Sequence[Claim]) -> Iterable[Sequence[Claim]]:
    """Each parcel for itself."""
    return ((each,) for each in claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """How to get to a channel.

    Attributes:
        carry: what to do with a bundle.
        bundles: what is carried together, of what was claimed together.
        gathers: whether everything that is due is to be at hand before it is bundled.
    """

    carry: Carry
    bundles: Callable[[Sequence[Claim]], Iterable[Sequence[Claim]]] = one_by_one
    gathers: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a bundle: an answer, an error, or neither where it was not tried."""

    claims: Sequence[Claim]
    answer: str = ""
    error: DeliveryError | None = None
    tried: bool = True


class Lane:
    """Carries the parcels of one channel, one bundle after the other.

    Args:
        carry: what to do with a bundle.
        results: where to say what became of each.
        until: after this time (`time.monotonic`) nothing is begun.
    """

    def __init__(self, carry: Carry, *, results: SimpleQueue[Result], until: float) -> None:
        self._carry = carry
        self._results = results
        self._until = until
        self._waiting: SimpleQueue[Sequence[Claim]] = SimpleQueue()
        self._failures = 0
        threading.Thread(target=self._work, name="floe-delivery", daemon=True).start()

    def put(self, claims: Sequence[Claim]) -> None:
        """Carry these together, after those that wait already."""
        self._waiting.put(claims)

    @property
    def left_alone(self) -> bool:
        """Whether the channel has failed, and nothing more is tried."""
        return self._failures >= FAILURES

    def close(self) -> None:
        """Begin nothing more; nobody would write down what became of it."""
        self._until = 0.0
        self._waiting.put(())

    def _work(self) -> None:
        while claims := self._waiting.get():
            self._try(claims)

    def _try(self, claims: Sequence[Claim]) -> None:
        if self.left_alone or time.monotonic() >= self._until:
            self._results.put(Result(claims, tried=False))
            return
        try:
            answer = self._carry(claims)
        except DeliveryError as error:
            self._failed(claims, error, apart=not error.retry)
        except Exception as error:  # noqa: BLE001 - a channel from elsewhere may raise anything
            self._failed(claims, DeliveryError(f"the channel raised {type(error).__name__}"), apart=True)
        else:
            self._failures = 0
            self._results.put(Result(claims, answer=answer))

    def _failed(self, claims: Sequence[Claim], error: DeliveryError, *, apart: bool) -> None:
        if apart and len(claims) > 1:
            # By halves, so that people get few messages where one parcel of a hundred is refused.
            middle = len(claims) // 2
            self._try(claims[:middle])
            self._try(claims[middle:])
            return
        # Who refuses a letter for good is there, and may take the next one.
        self._failures = self._failures + 1 if error.retry else 0
        self._results.put(Result(claims, error=error))
