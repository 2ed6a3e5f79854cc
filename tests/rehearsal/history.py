"""Histories made of a seed, and played to any store: outcomes, pauses, what people say, channels that fail."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.plan.check import Severity, Status
from floe_dagster.posting import Posting
from floe_dagster.rehearsal import MemoryStore
from floe_dagster.rehearsal.replay import Rehearsal
from floe_dagster.settings import Settings
from floe_dagster.surroundings import Surroundings
from floe_dagster.watchlist import Watchlist
from tests.posting.platform import at, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from floe_dagster.outcome.outcome import Outcome

CHECKS = (
    ("orders", "up", "server"),
    ("orders", "there", "availability"),
    ("orders", "fresh", "freshness"),
    ("orders", "valid", "quality"),
    ("refunds", "fresh", "freshness"),
    ("refunds", "valid", "quality"),
)
PEOPLE = ("team",)
MANIFEST: dict[str, Any] = {
    "alerts": {
        "channels": {name: {"type": "console"} for name in ("team", "log", "boss")},
        "routes": [
            {"channels": ["team"], "severity": "warning"},
            {"channels": ["log"], "severity": "error"},
            {"channels": ["boss"], "severity": "critical"},
        ],
        "dedup": "20m",
        "remind": "3h",
        "rate": {"messages": 1, "per": "2h"},
        "incidents": {"severity": "error", "overdue": ["boss"]},
    },
    "grading": {"open_after": 1, "flapping": {"turns": 4, "within": "3h", "quiet": "30m"}},
}


def a_watchlist(**manifest: Any) -> Watchlist:
    settings = Settings.model_validate(MANIFEST | manifest)
    return Watchlist(settings=settings, readings=(), watches=(), kinds={})


def around() -> Surroundings:
    return Surroundings(upstream={"refunds": ("orders",)})


@dataclass
class Played:
    """A history as it is played to one store, by the same recorder and the same posting."""

    store: Any
    record: Callable[[Any, list[Outcome], datetime], object]

    def __post_init__(self) -> None:
        self.posting = Posting(watchlist=a_watchlist(), surroundings=around)

    def tick(self, outcomes: list[Outcome], now: datetime) -> None:
        self.record(self.store, outcomes, now)

    def remind(self, now: datetime) -> None:
        with self.store.writing() as writing:
            writing.save(parcels=self.posting.remind(writing, PEOPLE, now))

    def acknowledge(self, place: int, now: datetime) -> None:
        with self.store.writing() as writing:
            still_open = writing.open_episodes()
            some = [still_open[place % len(still_open)]] if still_open else []
            self.posting.acknowledge(writing, some, now, reason=Reason.REAL, author="ada")

    def pause(self, pause: Pause) -> None:
        if isinstance(self.store, MemoryStore):
            self.store.pauses.append(pause)
            return
        with self.store.writing() as writing:
            writing.add_pause(pause)

    def cancel(self, pause: Pause, now: datetime) -> None:
        if not isinstance(self.store, MemoryStore):
            with self.store.writing() as writing:
                writing.cancel_pause(pause.id, now)
        elif now < pause.end:
            self.store.pauses[:] = [
                replace(each, cancelled_at=now) if each.id == pause.id else each for each in self.store.pauses
            ]
            self.store.let_go({pause.id}, now)

    def carry(self, now: datetime) -> None:
        while claims := self.store.claim("alert", now=now, lease_seconds=60):
            for each in claims:
                die = sha256(f"{each.parcel.key}{each.attempts}".encode()).digest()[0]
                if die > 110:
                    self.store.delivered(each, now=now)
                else:
                    again = now + timedelta(minutes=7) if die > 45 else None
                    self.store.failed(each, now=now, error="503", retry_at=again)


def happenings(seed: int, steps: int = 14) -> Iterator[Callable[[Played], object]]:
    """What happens, in the order of time; the same whoever it happens to."""
    rng = random.Random(seed)
    minute = 0
    broken = dict.fromkeys(CHECKS, False)
    pauses: list[Pause] = []
    for step in range(steps):
        minute += rng.choice((1, 5, 10, 15, 40, 200))
        now = at(minute)
        die = rng.random()
        if die < 0.7:
            some = rng.sample(CHECKS, rng.randint(1, len(CHECKS)))
            for each in some:
                broken[each] = rng.random() < (0.6 if broken[each] else 0.45)
            found = [_outcome(each, minute, broken[each], rng) for each in some]
            yield lambda to, found=found, now=now: to.tick(found, now)
        elif die < 0.8:
            yield lambda to, now=now: to.remind(now)
        elif die < 0.9:
            place = rng.randint(0, 5)
            # a reminder that is on its way is overtaken by an answer
            yield lambda to, now=now: to.remind(now)
            yield lambda to, now=now, place=place: to.acknowledge(place, now)
        elif die < 0.95 or not pauses:
            pause = Pause(
                id=f"pause-{step}",
                what=PauseKind.MUTE,
                start=now,
                end=now + timedelta(minutes=rng.choice((10, 60, 300))),
                author="ada",
                reason="moving",
                declared_at=now,
                contract=rng.choice(("*", "orders")),
            )
            pauses.append(pause)
            yield lambda to, pause=pause: to.pause(pause)
        else:
            pause = pauses.pop()
            yield lambda to, pause=pause, now=now: to.cancel(pause, now)
        if rng.random() < 0.8:
            yield lambda to, now=now: to.carry(now)


def _outcome(check: tuple[str, str, str], minute: int, broken: bool, rng: random.Random) -> Outcome:
    contract, name, kind = check
    severity = rng.choice((Severity.WARNING, Severity.ERROR, Severity.ERROR, Severity.CRITICAL))
    status = Status.FAILED if severity.rank >= Severity.ERROR.rank else Status.WARNED
    if not broken:
        status = rng.choice((Status.PASSED, Status.PASSED, Status.WARNED, Status.ERROR))
    more = {"contract": contract, "kind": kind, "severity": severity, "status": status}
    return measured(minute, name, broken=broken, **more)


def in_memory() -> Played:
    rehearsal = Rehearsal(watchlist=a_watchlist(), surroundings=around)
    return Played(rehearsal.store, lambda _, outcomes, now: rehearsal.tick(outcomes, now))
