"""Ticks of an imaginary platform, recorded as the monitor records them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Step, Transition, advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import Parcel
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity, Status
from floe_dagster.state.records import Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from floe_dagster.state.store import Store

START = datetime(2026, 11, 20, 3, 10, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = Policy(cadence_seconds=900)


def key(number: int = 0, contract: str = "orders") -> Key:
    return Key(contract=contract, server="prod", check=f"orders.column_{number}.not_null")


def outcome(number: int = 0, minute: float = 0, *, broken: bool = False, **more) -> Outcome:
    return Outcome(
        **{
            "tick": f"tick-{minute}",
            "key": key(number),
            "version": "1.0.0",
            "dataset": "orders",
            "element": f"column_{number}",
            "kind": "quality",
            "title": f"column_{number} is never null",
            "status": Status.FAILED if broken else Status.PASSED,
            "severity": Severity.ERROR,
            "broken": broken,
            "expected": "0 rows",
            "actual": 12 if broken else 0,
            "message": f"column_{number} is null in {12 if broken else 0} rows; 0 promised",
            "path": f"schema[0].properties[{number}]",
            "source": "orders.odcs.yaml",
            "line": 31,
            "at": START + minute * MINUTE,
            "duration_seconds": 0.25,
        }
        | more
    )


def parcels_of(steps: Iterable[Step], now: datetime, channels: Iterable[str] = ("on_call",)) -> list[Parcel]:
    return [
        Parcel(
            key=f"alert/{each.episode.id}/{each.episode.sequence}/{channel}",
            topic="alert",
            channel=channel,
            group=each.episode.id,
            sequence=each.episode.sequence,
            payload="{}",
            created_at=now,
            about=each.episode.key.text,
            severity=each.episode.severity,
            transition=each.transition,
        )
        for each in steps
        if each.transition
        for channel in channels
    ]


def record(
    store: Store,
    *outcomes: Outcome,
    tick: str | None = None,
    before_saving: Callable[[], object] = lambda: None,
    before_committing: Callable[[], object] = lambda: None,
    channels: Iterable[str] = ("on_call",),
) -> list[Step]:
    """Record outcomes as one tick and return what they changed."""
    with store.writing() as writing:
        states = writing.states(each.key for each in outcomes)
        steps = [advance(states.get(each.key), each, POLICY) for each in outcomes]
        before_saving()
        now = max((each.at for each in outcomes), default=START)
        writing.save(
            outcomes=outcomes,
            steps=steps,
            parcels=parcels_of(steps, now, channels),
            tick=Tick(id=tick or outcomes[0].tick, kind="quality", started_at=now, ended_at=now),
        )
        before_committing()
    return steps


def opened(steps: Iterable[Step]) -> list[Step]:
    return [each for each in steps if each.transition is Transition.OPENED]
