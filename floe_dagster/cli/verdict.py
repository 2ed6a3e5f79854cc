"""Verdicts: what came of a contract as a whole, as a value, as JSON and as an exit code."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Status
from floe_dagster.plan.coverage import coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.plan.check import Coverage, Plan
    from floe_dagster.plan.sample import Sample

_OF_JSON = ("dataset", "element", "kind", "status", "severity", "expected", "actual", "message", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractVerdict:
    """What came of a contract.

    Attributes:
        outcomes: of every item of the plan, in its order, those that cannot be executed among them.
        problems: what could not be recorded, for people.
        samples: rows that break promises, as far as they may be shown; they are no part of an outcome.
    """

    plan: Plan
    server: str
    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...] = ()
    samples: Mapping[Key, Sample] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Status]:
        """How many outcomes have each status."""
        return Counter(each.status for each in self.outcomes)

    @property
    def status(self) -> str:
        """The worst of it: failed, else error, else warned, else passed.

        A contract in which nothing could be executed, or something could not, is at least warned of.
        """
        counts = self.counts
        if counts[Status.FAILED]:
            return "failed"
        if counts[Status.ERROR]:
            return "error"
        if counts[Status.WARNED] or counts[Status.NOT_EXECUTABLE] or not counts[Status.PASSED]:
            return "warned"
        return "passed"

    @property
    def coverage(self) -> Coverage:
        """What became of every construct; a check that the warehouse cannot answer at all is not executed."""
        never = {each.key.check for each in self.outcomes if each.status is Status.NOT_EXECUTABLE}
        return coverage(self.plan, never)


def exit_code(verdicts: Iterable[ContractVerdict], complaints: Sequence[str]) -> int:
    """2 where a contract cannot be used, else 1 where one is broken, 3 where something is unknown, or 0."""
    verdicts = tuple(verdicts)
    if complaints:
        return 2
    if any(each.counts[Status.FAILED] for each in verdicts):
        return 1
    return 3 if any(each.counts[Status.ERROR] or each.problems for each in verdicts) else 0


def to_json(verdicts: Iterable[ContractVerdict]) -> str:
    """The verdicts for programs."""
    document = {"contracts": [_contract(each) for each in verdicts]}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _contract(verdict: ContractVerdict) -> dict[str, object]:
    found: dict[str, object] = {
        "contract": verdict.plan.contract.id,
        "version": verdict.plan.contract.version,
        "server": verdict.server,
        "status": verdict.status,
        "coverage": asdict(verdict.coverage),
        "outcomes": [_outcome(each) for each in verdict.outcomes],
    }
    return found | {"samples": _samples(verdict)} if verdict.samples else found


def _samples(verdict: ContractVerdict) -> list[dict[str, object]]:
    taken = ((each.key, verdict.samples.get(each.key)) for each in verdict.outcomes)
    return [
        {
            "check": key.check,
            "columns": [{"name": each.name, "values": each.treatment} for each in sample.columns],
            "rows": [[cell.text for cell in row] for row in sample.rows],
            "reason": sample.gap,
        }
        for key, sample in taken
        if sample
    ]


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "check": outcome.key.check,
        **{name: getattr(outcome, name) for name in _OF_JSON},
        "duration_seconds": round(outcome.duration_seconds, 6),
    }
