"""Digest: which alerts people are told of together, and in which order. Pure.

Whoever watches a channel reads one message of thirty broken promises, and mutes a channel that sends thirty.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from floe_dagster.notify.alert import Alert

Item = TypeVar("Item")

MOST = 500
"""alerts of one message; a channel names as many of them as it holds, and counts the others"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What is told together, of what is due at one time in one channel.

    Attributes:
        by: the alerts of one contract, all of them, or none.
        above: where more contracts than this are due, all of them.
        most: alerts of one message.
    """

    by: Literal["contract", "all", "none"] = "contract"
    above: int = 5
    most: int = MOST


def groups(
    items: Iterable[Item], alert_of: Callable[[Item], Alert], grouping: Grouping
) -> tuple[tuple[Item, ...], ...]:
    """The items, each in one group, the worst first in each and among them.

    The same items make the same groups in whatever order they come, so that what is carried again after a
    crash is the same message.

    Args:
        items: what carries alerts.
        alert_of: the alert that it carries.
        grouping: what is told together.
    """
    ordered = sorted(items, key=lambda each: _rank(alert_of(each)))
    if grouping.by == "none":
        return tuple((each,) for each in ordered)
    together = dict[str, list[Item]]()
    for each in ordered:
        together.setdefault(alert_of(each).contract, []).append(each)
    bundles = [ordered] if grouping.by == "all" or len(together) > grouping.above else together.values()
    return tuple(
        tuple(bundle[start : start + grouping.most])
        for bundle in bundles
        for start in range(0, len(bundle), grouping.most)
    )


def tally(alerts: Sequence[Alert]) -> Mapping[Transition, Mapping[Severity, int]]:
    """How many alerts there are of each transition and severity, the worst first; none is left out."""
    counts = Counter((each.transition, each.severity) for each in alerts)
    return {
        transition: {
            severity: counts[transition, severity]
            for severity in sorted(Severity, key=lambda each: -each.rank)
            if counts[transition, severity]
        }
        for transition in Transition
        if any(counts[transition, severity] for severity in Severity)
    }


def _rank(alert: Alert) -> tuple[object, ...]:
    """What is open before what is over, the severest first, and what is broken before what is close to it."""
    standing = (alert.transition is Transition.RESOLVED, -alert.severity.rank, not alert.broken)
    place = (alert.contract_title, alert.contract, alert.dataset, alert.check, alert.at, alert.sequence)
    return (*standing, *place, alert.id)
