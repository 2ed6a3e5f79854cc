"""Storm: starts everybody, kills at random moments, restarts at once, and waits until nothing is left to carry."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state.store import open_store
from tests.chaos.laws import Found
from tests.chaos.receiver import Verdict, receipts, receive
from tests.chaos.story import expected
from tests.chaos.workers import dispatch, produce, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess

    from floe_dagster.state.store import Store
    from tests.chaos.terms import Terms

_PATIENCE_SECONDS = 3600.0
_processes = get_context("forkserver")  # a process that is killed is there again within milliseconds
_processes.set_forkserver_preload(["tests.chaos.workers", "tests.chaos.receiver", "httpx2", "psycopg2"])


def _run(target: Callable[..., None], *arguments: object) -> None:
    """What each process does; it ends with the one that started it, however that ended."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    target(*arguments)


def _die_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "it runs in a process of its own"
    parent.join()
    os._exit(1)


class Worker:
    """A process that is started again when it is killed."""

    def __init__(self, role: str, target: Callable[..., None], *arguments: object) -> None:
        self.role = role
        self._target = target
        self._arguments = arguments
        self._process = self._started()

    def _started(self) -> BaseProcess:
        process = _processes.Process(target=_run, args=(self._target, *self._arguments), daemon=True)
        process.start()
        return process

    def kill(self) -> bool:
        """Kill it with SIGKILL and start it again; False where it had ended by itself."""
        self._process.kill()
        self._process.join()
        killed = self._process.exitcode == -9
        if killed:
            self._process = self._started()
        return killed

    @property
    def ended(self) -> bool:
        """Whether it came to its end. Nobody fails but for being killed."""
        code = self._process.exitcode
        assert code in (None, 0), f"the {self.role} failed with {code}; what it said stands above"
        return code == 0

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What came of it.

    Attributes:
        killed: how many processes, by role.
        seconds: until nothing was left to carry.
    """

    killed: dict[str, int]
    seconds: float
    found: Found

    @property
    def figures(self) -> dict[str, int]:
        """What happened, counted, for people."""
        of = Counter(each.verdict for each in self.found.receipts)
        states = Counter(each.state for each in self.found.parcels)
        arrived = {key for key, some in self.found.by_key().items() if any(one.verdict.kept for one in some)}
        kept = sum(each.verdict.kept for each in self.found.receipts)
        return {
            "events": len(self.found.expected),
            **{f"kills of {role}s": count for role, count in self.killed.items()},
            "letters sent": len(self.found.receipts),
            **{f"of these {each}": of[each] for each in Verdict},
            "arrived": len(arrived),
            "arrived again, under the same id": kept - len(arrived),
            "given up, as the receiver refused them": states[ParcelState.DEAD],
            "recoveries skipped": states[ParcelState.SKIPPED],
            "most attempts": max((each.attempt for each in self.found.attempts), default=0),
            "seconds": round(self.seconds),
        }


def rage(terms: Terms) -> Storm:
    """Run to the end, with as many kills, and look what came of it; raises where that takes too long."""
    begun = time.monotonic()
    terms = replace(terms, base=time.time())
    with open_store(terms.url) as store, ExitStack() as stack:
        stack.enter_context(_running([("receiver", receive, terms)]))
        _until(terms.port.exists, begun)
        roles = [("producer", produce, terms, f"p{each}") for each in range(terms.producers)]
        roles += [("dispatcher", dispatch, terms)] * terms.dispatchers
        workers = stack.enter_context(_running(roles))
        killed = _kill(terms, workers, begun)
        producers = [each for each in workers if each.role == "producer"]
        _until(lambda: all(each.ended for each in producers), begun)
        _until(lambda: not waiting(store), begun)
        terms.over.touch()
        dispatchers = [each for each in workers if each.role == "dispatcher"]
        _until(lambda: all(each.ended for each in dispatchers), begun)
        seconds = time.monotonic() - begun
        return Storm(killed=killed, seconds=seconds, found=_found(terms, store))


def _found(terms: Terms, store: Store) -> Found:
    return Found(
        expected=expected(terms),
        parcels=store.parcels(),
        attempts=store.deliveries(),
        receipts=receipts(terms.journal),
        late_seconds=(terms.budget_seconds + terms.timeout_seconds + 1.0) * terms.speed,
    )


@contextmanager
def _running(roles: list[tuple[object, ...]]) -> Iterator[list[Worker]]:
    workers = [Worker(*each) for each in roles]
    try:
        yield workers
    finally:
        for each in workers:
            each.stop()


def _kill(terms: Terms, workers: list[Worker], begun: float) -> dict[str, int]:
    """Kill whenever some more has arrived, so that all kills are while there is work."""
    chance = random.Random(terms.seed)
    killed = {"producer": 0, "dispatcher": 0}
    moments = sorted(chance.uniform(0.0, 0.9 * terms.events) for _ in range(terms.kills))
    for moment in moments:
        _until(lambda moment=moment: _arrived(terms) >= moment, begun)
        time.sleep(chance.uniform(0.0, 0.03))
        victim = chance.choice([each for each in workers if not each.ended])
        while not victim.kill():
            victim = chance.choice([each for each in workers if not each.ended])
        killed[victim.role] += 1
    return killed


def _arrived(terms: Terms) -> int:
    """How many letters about; a line of the journal has always the same length, but for the names."""
    return terms.journal.stat().st_size // 200 if terms.journal.exists() else 0


def _until(happened: Callable[[], bool], begun: float) -> None:
    while not happened():
        assert time.monotonic() - begun < _PATIENCE_SECONDS, "the outbox does not get empty"
        time.sleep(0.01)
