"""Slices: the part of a report that is about one domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.report.model import ContractLine, SlaReport, tallied
from floe_dagster.report.rows import grouped
from floe_dagster.report.sla import total
from floe_dagster.report.tallies import summed, violations_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.plan.check import Coverage

NO_DOMAIN = "no domain"


def by_domain(report: SlaReport) -> dict[str, SlaReport]:
    """A report for each domain, by name; contracts without one stand under `no domain`."""
    groups = grouped(report.contracts, lambda each: each.domain or NO_DOMAIN)
    return {name: _only(report, name, lines) for name, lines in sorted(groups.items())}


def _only(report: SlaReport, domain: str, lines: Sequence[ContractLine]) -> SlaReport:
    ids = {each.contract for each in lines}
    ledgers: dict[str, Coverage] = {each.contract: each.ledger for each in lines if each.ledger}
    return replace(
        report,
        domains=(domain,),
        observed_since=min((each.observed_since for each in lines if each.observed_since), default=None),
        compliance=total(each.compliance for each in lines),
        tally=tallied(each.tally for each in lines),
        ledger=summed(ledgers.values()),
        contracts=tuple(lines),
        violations=violations_of(each for line in lines for each in line.breaches),
        channels=(),
        gaps=tuple(each for each in report.gaps if each.contract in ids),
        changes=tuple(each for each in report.changes if each.contract in ids),
    )
