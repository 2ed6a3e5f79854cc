"""Report: what one drain of the outbox did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one drain of the outbox did.

    Attributes:
        sent: parcels that were accepted.
        retried: parcels that were not, and will be carried again.
        dead: parcels that were given up; `floe alerts dead` or `floe lineage dead` lists them.
        skipped: parcels that were claimed and left for a later drain, for want of time, or since
            their channel had just failed.
        seconds: how long it took.
        problems: the last thing that went wrong, by channel; by `outbox` where the store itself failed.
    """

    sent: int = 0
    retried: int = 0
    dead: int = 0
    skipped: int = 0
    seconds: float = 0.0
    problems: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        """Both drains together."""
        return DeliveryReport(
            sent=self.sent + other.sent,
            retried=self.retried + other.retried,
            dead=self.dead + other.dead,
            skipped=self.skipped + other.skipped,
            seconds=self.seconds + other.seconds,
            problems={**self.problems, **other.problems},
        )

    def line(self) -> str:
        """The report in one line, for people."""
        counts = {
            "delivered": self.sent,
            "to be tried again": self.retried,
            "given up": self.dead,
            "left for the next time": self.skipped,
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        problems = "".join(f"; {name}: {reason}" for name, reason in sorted(self.problems.items()))
        return (f"{told} in {self.seconds:.1f} s" if told else "nothing to deliver") + problems
