"""Ranks: which promises were kept best and worst, of those of which enough is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from floe_dagster.report.trend import LEAST_COVERAGE

if TYPE_CHECKING:
    from floe_dagster.report.model import ContractLine, KindLine, SlaReport

MOST = 10


class Ranked(NamedTuple):
    """One kind of one contract."""

    contract: ContractLine
    kind: KindLine


def worst(report: SlaReport) -> tuple[Ranked, ...]:
    """The promises that were broken for the longest share of time, the worst first; none that were kept."""
    broken = [each for each in _known(report) if each.kind.compliance.bad]
    return tuple(sorted(broken, key=_order)[:MOST])


def best(report: SlaReport) -> tuple[Ranked, ...]:
    """The promises that were kept for the longest share of time, the best and best known first."""
    return tuple(
        sorted(
            _known(report),
            key=lambda each: (
                -(each.kind.compliance.ratio or 0),
                -each.kind.compliance.coverage,
                _name(each),
            ),
        )[:MOST]
    )


def _known(report: SlaReport) -> list[Ranked]:
    return [
        Ranked(line, each)
        for line in report.contracts
        for each in line.kinds
        if each.compliance.ratio is not None and each.compliance.coverage >= LEAST_COVERAGE
    ]


def _order(ranked: Ranked) -> tuple[float, float, tuple[str, str, str]]:
    ratio = ranked.kind.compliance.ratio
    return 1.0 if ratio is None else ratio, -ranked.kind.compliance.bad, _name(ranked)


def _name(ranked: Ranked) -> tuple[str, str, str]:
    return ranked.contract.contract, ranked.contract.server, ranked.kind.kind
