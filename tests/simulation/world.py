"""A world of fifty contracts for thirty days, made of a seed: what breaks when, and what fails around it.

Only the times at which something happens are played: a tick that finds everything as it was changes nothing.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from floe_dagster.delivery.patience import retry_at
from floe_dagster.errors import DeliveryError, StoreError
from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.plan.check import Severity, Status
from floe_dagster.rehearsal.replay import Rehearsal
from floe_dagster.settings import Settings
from floe_dagster.surroundings import Surroundings
from floe_dagster.watchlist import Watchlist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.outcome.parcel import Parcel

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CADENCE = 15 * MINUTE
PEOPLE = ("team", "everyone")

ALERTS = {
    "channels": {name: {"type": "console"} for name in ("team", "everyone", "pager", "log")},
    "routes": [
        {"channels": ["log"], "severity": "info"},
        {"channels": ["team"], "severity": "warning"},
        {"channels": ["everyone"], "severity": "error", "contracts": ["contract-1*"]},
        {"channels": ["pager"], "severity": "critical"},
    ],
    "incidents": {"overdue": ["everyone"]},
}


@dataclass(frozen=True)
class Happening:
    """Something is measured, at the minute after the start."""

    at: datetime
    contract: str
    check: str
    kind: str
    broken: bool | None
    severity: Severity = Severity.ERROR


@dataclass
class World:
    """Attributes:
    seed: all that is random comes from it.
    faults: whether anything fails but data.
    """

    seed: int
    contracts: int = 50
    days: int = 30
    faults: bool = True
    alerts: dict = field(default_factory=lambda: ALERTS)
    sent: list[tuple[datetime, Parcel]] = field(default_factory=list)
    duplicates: int = 0
    broken_outcomes: int = 0
    breaches: set[Key] = field(default_factory=set)
    lost_ticks: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.end = START + self.days * DAY
        self.platform = Rehearsal(watchlist=self.watchlist, surroundings=lambda: self.graph)
        if self.faults:
            self.platform.store.pauses += self._pauses()

    @cached_property
    def watchlist(self) -> Watchlist:
        settings = Settings.model_validate({"alerts": self.alerts, "environment": "prod"})
        return Watchlist(settings=settings, readings=(), watches=(), kinds={})

    @cached_property
    def graph(self) -> Surroundings:
        """Every fifth contract is fed by the one before it."""
        return Surroundings(
            upstream={_name(each): (_name(each - 1),) for each in range(5, self.contracts, 5)}
        )

    @cached_property
    def downtimes(self) -> dict[str, list[tuple[datetime, datetime]]]:
        """When each channel does not answer."""
        if not self.faults:
            return {}
        return {
            name: [
                *self._spans(self.random.randint(0, 2), 10 * HOUR),
                *self._spans(self.random.randint(10, 30), 40 * MINUTE),
            ]
            for name in ALERTS["channels"]
        }

    def run(self) -> World:
        """Play it to its end, and then until everything that waits is carried or given up."""
        by_time = defaultdict[datetime, dict[tuple[str, str], Happening]](dict)
        for each in self._happenings():
            by_time[each.at][each.contract, each.check] = each  # a tick measures a check once
        times = sorted({*by_time, *(START + hour * HOUR for hour in range(0, self.days * 24, 4))})
        clock = START
        for time in times:
            self._deliver_until(time)
            clock = max(clock, time)
            if some := by_time.get(time):
                self._tick([_outcome(each) for each in some.values()], time)
            if time.hour % 4 == 0 or self.random.random() < 0.2:
                self._maybe(self._remind, time)
                self._somebody_acknowledges(time)
            self._deliver(time)
        self._deliver_until(self.end + 5 * DAY)
        return self

    def _tick(self, outcomes: list[Outcome], now: datetime) -> None:
        self.broken_outcomes += sum(each.broken for each in outcomes)
        self.breaches |= {each.key for each in outcomes if each.broken}
        for _ in range(20):
            if not self._maybe(lambda at: self.platform.tick(outcomes, at), now):
                # what a dead store could not take waits in the spool, and is recorded when it is back
                self.lost_ticks["retried"] += 1
                continue
            if self.faults and self.random.random() < 0.05:
                self.platform.tick(outcomes, now)
            return

    def _maybe(self, work, now: datetime) -> bool:
        """Do it, unless the store or the process dies before it is committed."""
        if self.faults and self.random.random() < 0.05:
            try:
                with self.platform.store.writing() as writing:
                    real = self.platform.store.writing
                    self.platform.store.writing = lambda: _dying(writing)  # type: ignore[method-assign]
                    try:
                        work(now)
                    finally:
                        self.platform.store.writing = real  # type: ignore[method-assign]
                    raise StoreError("killed before the commit")  # noqa: TRY301  what happens is the point
            except StoreError:
                return False
        work(now)
        return True

    def _remind(self, now: datetime) -> None:
        self.platform.remind(PEOPLE, now)

    def _somebody_acknowledges(self, now: datetime) -> None:
        still_open = list(self.platform.store.open.values())
        if still_open and self.faults and self.random.random() < 0.05:
            with self.platform.store.writing() as writing:
                some = self.random.sample(still_open, 1)
                self.platform.posting.acknowledge(writing, some, now, reason=Reason.WORKING, author="ada")

    def _deliver_until(self, end: datetime) -> None:
        while (due := self.platform.store.next_due()) is not None and due < end:
            self._deliver(due)

    def _deliver(self, now: datetime) -> None:
        store = self.platform.store
        while claims := store.claim("alert", now=now, lease_seconds=60):
            for each in claims:
                fault = self._fault(each.parcel.channel, now)
                if fault is None or fault == "answer lost":
                    self.sent.append((now, each.parcel))
                if fault is None:
                    store.delivered(each, now=now)
                elif fault != "killed":
                    again = retry_at(
                        DeliveryError(fault),
                        attempts=each.failures + 1,
                        waiting_since=each.waiting_since,
                        now=now,
                        jitter=self.random.random(),
                    )
                    store.failed(each, now=now, error=fault, retry_at=again)

    def _fault(self, channel: str, now: datetime) -> str | None:
        if not self.faults:
            return None
        if any(start <= now < end for start, end in self.downtimes[channel]):
            return "down"
        die = self.random.random()
        return "answer lost" if die < 0.02 else "killed" if die < 0.03 else "503" if die < 0.08 else None

    def _happenings(self) -> Iterator[Happening]:
        for number in range(self.contracts):
            for check, kind in (("fresh", "freshness"), ("valid", "quality")):
                breaches = self.random.choice((0, 0, 0, 1, 2, 5))
                yield from self._checked(_name(number), check, kind, breaches)
        for number in range(0, self.contracts, 10):
            yield from self._checked(_name(number), "up", "server", self.random.randint(0, 2))

    def _checked(self, contract: str, check: str, kind: str, breaches: int) -> Iterator[Happening]:
        """A check that is kept, broken now and then, and sometimes not measured at all."""
        for start, end in self._spans(breaches, 12 * HOUR):
            severity = self.random.choice(
                (Severity.WARNING, Severity.ERROR, Severity.ERROR, Severity.CRITICAL)
            )
            severity = Severity.ERROR if kind == "server" else severity
            yield Happening(start - CADENCE, contract, check, kind, broken=False)
            while_broken = (timedelta(), CADENCE, 2 * CADENCE, (end - start) / 2)
            for later in (each for each in while_broken if each < end - start):
                unknown = self.faults and later and self.random.random() < 0.1
                if later and kind != "server" and self.random.random() < 0.1:
                    severity = Severity.CRITICAL
                yield Happening(start + later, contract, check, kind, None if unknown else True, severity)
            if self.faults and self.random.random() < 0.1:
                continue
            yield Happening(end, contract, check, kind, broken=False)

    def _spans(self, number: int, longest: timedelta) -> Iterator[tuple[datetime, datetime]]:
        for _ in range(number):
            start = START + self.random.random() * (self.days - 1) * DAY + CADENCE
            start = _on_the_minute(start)
            yield start, _on_the_minute(start + 5 * MINUTE + self.random.random() * longest)

    def _pauses(self) -> list[Pause]:
        return [
            Pause(
                id=f"pause-{place}",
                what=self.random.choice(list(PauseKind)),
                start=start,
                end=end,
                author="ada",
                reason="moving",
                declared_at=START,
                contract=f"contract-{self.random.randint(0, 4)}*",
            )
            for place, (start, end) in enumerate(self._spans(3, 10 * HOUR))
        ]


class _dying:  # noqa: N801  used as a function
    """The transaction that is open already, and will not be committed."""

    def __init__(self, writing) -> None:
        self._writing = writing

    def __enter__(self):
        return self._writing

    def __exit__(self, *_error) -> None:
        return None


def _name(number: int) -> str:
    return f"contract-{number:02}"


def _on_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _outcome(each: Happening) -> Outcome:
    if each.broken is None:
        status = Status.ERROR
    elif each.broken:
        status = Status.FAILED if each.severity.rank >= Severity.ERROR.rank else Status.WARNED
    else:
        status = Status.PASSED
    return Outcome(
        tick=f"{each.at:%d %H:%M}",
        key=Key(contract=each.contract, server=f"server-{each.contract[-2]}", check=each.check),
        version="1",
        dataset=each.contract,
        element=None,
        kind=each.kind,
        title=each.check,
        status=status,
        severity=each.severity,
        broken=bool(each.broken),
        expected="1",
        actual=0,
        message=f"{each.contract} is not {each.check}",
        path="",
        source="",
        line=0,
        at=each.at,
        duration_seconds=0.0,
    )


def told(world: World) -> dict[tuple[str, str], list[tuple[datetime, Transition]]]:
    """What each channel heard of each episode, repeats of the same letter left out."""
    seen: set[str] = set()
    found = defaultdict[tuple[str, str], list[tuple[datetime, Transition]]](list)
    for at, parcel in world.sent:
        if parcel.key not in seen:
            seen.add(parcel.key)
            found[parcel.group, parcel.channel].append((at, from_json(parcel.payload).transition))
    return found


__all__ = ["ALERTS", "DAY", "HOUR", "PEOPLE", "START", "ParcelState", "World", "told"]
