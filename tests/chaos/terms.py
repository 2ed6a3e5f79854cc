"""Terms: what one run of chaos is made of, the same for every process that takes part."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS = ("desk", "mail", "pager", "room", "wall")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a run is made of.

    Attributes:
        url: of the store.
        folder: where the receiver keeps its journal.
        seed: of everything that is left to chance, except how processes run.
        events: parcels at least.
        kills: of dispatchers and producers.
        faults: how much of what arrives the receiver treats badly.
        refused: how many alerts it refuses for good.
        speed: how much faster the clock runs, so that leases and waiting times are short; production's own
            constants stay as they are.
        base: when the clock began.
        budget_seconds: of a drain; in real time, as the timeout is.
    """

    url: str
    folder: Path
    seed: int
    events: int
    kills: int
    faults: float = 0.15
    refused: float = 0.01
    speed: float = 12.0
    base: float = 0.0
    budget_seconds: float = 1.5
    timeout_seconds: float = 0.5
    dispatchers: int = 4
    producers: int = 2

    def clock(self) -> datetime:
        """The time as everybody in this run has it."""
        return datetime.fromtimestamp(self.base + (time.time() - self.base) * self.speed, UTC)

    @property
    def journal(self) -> Path:
        """Where the receiver writes down what came, before it answers."""
        return self.folder / "journal"

    @property
    def port(self) -> Path:
        """Where the receiver says on which port it listens."""
        return self.folder / "port"

    @property
    def over(self) -> Path:
        """Is there once dispatchers are to end."""
        return self.folder / "over"

    @property
    def checks(self) -> int:
        """How many checks break and recover."""
        return max(10, self.events // 250)

    @property
    def backlog(self) -> int:
        """Producers wait while so many parcels do, so that they are at work for as long as dispatchers are."""
        return max(50, self.events // 8)
