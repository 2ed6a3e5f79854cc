"""A process that measures, records, claims and delivers until it is killed.

What it knows to be committed and what its receiver accepted it writes down in FOLDER, as somebody outside would.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.state.store import Store, open_store
from tests.state.ticks import START, outcome, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHECKS = 6
CADENCE = 15


def note(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(f"{line}\n")
        out.flush()
        os.fsync(out.fileno())


def broken(check: int, tick: int) -> bool:
    """Every check breaks and recovers, each at its own pace."""
    return (tick // (check + 1)) % 2 == 1


def measure(store: Store, folder: Path, tick: int) -> None:
    minute = tick * CADENCE
    outcomes = [outcome(check, minute, broken=broken(check, tick)) for check in range(CHECKS)]
    record(store, *outcomes, channels=("on_call", "log"))
    for each in outcomes:
        note(folder / "committed", each.id)


def deliver(store: Store, folder: Path, tick: int) -> None:
    now = START + timedelta(minutes=tick * CADENCE)
    for claim in store.claim("alert", now=now, lease_seconds=1, limit=5):
        parcel = claim.parcel
        note(
            folder / "accepted",
            f"{parcel.key} {parcel.group} {parcel.channel} {parcel.sequence} {parcel.transition}",
        )
        store.delivered(claim, now=now, note="accepted")


def work(url: str, folder: Path, last: int, tell: Callable[[], object]) -> None:
    """Work until that tick, telling when it begins and after each tick."""
    store = open_store(url)
    tell()
    done = len(store.ticks())
    for tick in range(done, last):
        measure(store, folder, tick)
        deliver(store, folder, tick)
        tell()
