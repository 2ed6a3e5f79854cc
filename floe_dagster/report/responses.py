"""Responses: how fast breaches were detected, told of and repaired, held against what a contract promises.

The breaches are those that were open at some time of the window, and what each took is told as the check of
the kind tells it: what still lasts counts as long as it has so far. Who was to be told and was not is counted
apart. What was closed because nobody looked any more was not repaired, and has no time to repair.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.checks.response import lasted, promised_by
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.past import Response, Responses
from floe_dagster.report.parts import ResponseLine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from floe_dagster.plan.check import Check, Plan
    from floe_dagster.report.model import Breach

KIND = "response"
"""the kind that looks at breaches, and so never at its own"""

ON_ITS_WAY = (ParcelState.PENDING, ParcelState.DEAD)
"""word that somebody is still to have, or should have had"""


def response_lines(
    plan: Plan, breaches: Sequence[Breach], as_of: datetime, kinds: Collection[str] = ()
) -> Iterator[ResponseLine]:
    """Every such promise of a contract, with what became of it on one server.

    Args:
        plan: the compiled contract.
        breaches: its breaches there that were open at some time of the window.
        as_of: where the window ends, or now.
        kinds: nothing is told where these are named and this is not among them.
    """
    every = [each for each in breaches if each.broken and each.kind != KIND]
    for check in plan.checks if not kinds or KIND in kinds else ():
        if line := _line(check, every, as_of):
            yield line


def _line(check: Check, breaches: Sequence[Breach], as_of: datetime) -> ResponseLine | None:
    terms = promised_by(check)
    if terms is None:
        return None
    about = {name for metric in check.metrics if isinstance(metric, Responses) for name in metric.datasets}
    mine = [each for each in breaches if not about or each.dataset in about]
    taken = (lasted(terms, found) for each in mine if (found := _response(each, as_of)))
    return ResponseLine(
        check=check.id,
        dataset=", ".join(sorted(about)),
        title=check.title,
        what=terms.what,
        promised=terms.limit,
        rank=terms.rank,
        breaches=len(mine),
        lengths=tuple(sorted(timedelta(seconds=each) for each in taken if each is not None)),
        untold=sum(each.untold for each in mine),
        unseen=sum(each.retired for each in mine),
    )


def _response(breach: Breach, as_of: datetime) -> Response | None:
    """What a breach took, as the store tells it of an episode; what still lasts, as long as it has so far."""
    times = breach.times
    if times is None:
        return None
    waiting = any(each.state in ON_ITS_WAY for each in breach.told)
    notify = times.notify if times.notify is not None else as_of - breach.opened_at if waiting else None
    repair = times.repair if times.repair is not None else as_of - breach.since if breach.open else None
    return Response(
        title=breach.title,
        opened_at=breach.opened_at,
        detect_low=times.detect_low.total_seconds(),
        detect=None if times.detect is None else times.detect.total_seconds(),
        notify=None if notify is None else max(notify.total_seconds(), 0.0),
        repair=None if repair is None else max(repair.total_seconds(), 0.0),
    )
