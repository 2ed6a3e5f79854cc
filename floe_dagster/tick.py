"""Tick: what one round of measuring did, for whoever ordered it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from floe_dagster.reconcile import Caught

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.delivery import DeliveryReport
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.plan.sample import Sample
    from floe_dagster.recorder import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What one tick did.

    Attributes:
        outcomes: everything measured, in the order of the contracts.
        told: the transitions that it recorded.
        delivered: what was carried at once; None where nothing was recorded.
        problems: what could not be done, for people: the store is down, for example.
        samples: rows that break promises, where they are wanted; they are recorded nowhere.
        unrecorded: those of the outcomes that the store could not take; whoever shows outcomes shows these
            whatever happens, so that they are found again.
        caught: what was left elsewhere before, and is recorded now.
    """

    tick: str
    outcomes: tuple[Outcome, ...] = ()
    told: tuple[Told, ...] = ()
    delivered: DeliveryReport | None = None
    problems: tuple[str, ...] = ()
    samples: Mapping[Key, Sample] = field(default_factory=dict)
    unrecorded: frozenset[Key] = frozenset()
    caught: Caught = field(default_factory=Caught)

    @property
    def degraded(self) -> bool:
        """Whether something was measured that the store could not take."""
        return bool(self.unrecorded)

    def lines(self) -> Iterator[str]:
        """The report for a log."""
        counts = Counter(each.status for each in self.outcomes)
        yield f"{len(self.outcomes)} checks: " + (
            ", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "none due"
        )
        yield from (f"{each.transition}: {each.message}" for each in (*self.caught.told, *self.told))
        if self.caught.recorded:
            yield f"{self.caught.recorded} outcomes of before were found and recorded"
        if self.delivered is not None:
            yield self.delivered.line()
        yield from self.problems
