"""Coverage: what became of everything that a contract declares, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.check import Check, Coverage, Noted, Plan

if TYPE_CHECKING:
    from collections.abc import Container


def coverage(plan: Plan, unsupported: Container[str] = ()) -> Coverage:
    """Count the constructs of a plan; each is in exactly one of the three.

    Args:
        plan: the compiled contract.
        unsupported: ids of checks that the warehouse turned out not to be able to answer at all.
    """
    executed = not_executable = informational = 0
    for each in plan.items:
        if isinstance(each, Noted):
            informational += len(each.covers)
        elif isinstance(each, Check) and each.id not in unsupported:
            executed += len(each.covers)
        else:
            not_executable += len(each.covers)
    return Coverage(
        declared=executed + not_executable + informational,
        executed=executed,
        not_executable=not_executable,
        informational=informational,
    )
