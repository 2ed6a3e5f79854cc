"""Rehearsal: the real recorder, router and outbox rules over history, in memory, at no one's cost.

What is told of a history under other thresholds, routes and windows is found by telling it again, so that
nothing of how it is told is written twice. `memory` is the store that forgets, `backtest` the comparison.
"""

from __future__ import annotations

from floe_dagster.rehearsal.memory import MemoryStore

__all__ = ["MemoryStore"]
