"""Gaps: what was not measured, and why. A report that leaves them out would read as if all were well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.check import Check, Declined, Plan, PlanItem, Status
from floe_dagster.report.parts import Gap, GapKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.report.model import CheckLine, ContractLine

NOT_YET = "no outcome on record yet; it is measured with the next run of its kind"
GAPS: Mapping[Status, GapKind] = {Status.ERROR: "error", Status.NOT_EXECUTABLE: "not_executable"}


def gaps_of(line: ContractLine, plan: Plan | None) -> Iterator[Gap]:
    """The checks of a contract that cannot be measured, were not measured, or were not measured yet."""
    for each in line.checks:
        if each.status in GAPS:
            yield _gap(line, each, GAPS[each.status], each.message, each.cause)
    seen = {each.id for each in line.checks} | line.forgotten
    for item in plan.items if plan else ():
        match item:
            case Check(id=name) if name not in seen:
                yield _gap(line, item, "unmeasured", NOT_YET)
            case Declined(id=name) if name not in seen:
                yield _gap(line, item, "not_executable", item.reason)
            case _:
                pass


def unreadable_gaps(files: Mapping[str, str]) -> Iterator[Gap]:
    """The contract files that cannot be read at all."""
    for source, reason in sorted(files.items()):
        yield Gap(
            what="unreadable",
            contract=source,
            contract_title=source,
            server="",
            dataset="",
            check="",
            kind="",
            title="the whole contract",
            reason=reason,
        )


def _gap(
    line: ContractLine, item: CheckLine | PlanItem, what: GapKind, reason: str, cause: str | None = None
) -> Gap:
    return Gap(
        what=what,
        contract=line.contract,
        contract_title=line.title,
        server=line.server,
        dataset=item.dataset,
        check=item.id,
        kind=item.kind,
        title=item.title,
        reason=reason,
        cause=cause,
    )
