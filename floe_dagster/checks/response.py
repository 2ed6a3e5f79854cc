"""Response: breaches are detected, told of and repaired as fast as the contract promises.

These are promises of people and of what watches the data, so they are told from the episodes of the last
month. Detecting took at most as long as from when the promise was last seen kept, notifying until the first
channel had accepted word of it, repairing until it was kept again; what still lasts counts as long as it has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._age import length
from floe_dagster.checks._share import window
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured
from floe_dagster.plan.past import Response, Responses, ResponseTimes
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import counted, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from floe_dagster.contract.model import Contract, Dataset, Promise
    from floe_dagster.plan.construct import Target

_MONTH = timedelta(days=30)
_WHAT = {"timeToDetect": "detect", "timeToNotify": "notify", "timeToRepair": "repair"}
_RANKS = {"every": 100, "p95": 95, "median": 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTerms:
    """What is promised.

    Attributes:
        subject: whose breaches, for messages.
        what: detect, notify or repair.
        limit: how long it may take.
        rank: of a hundred episodes, how many have to keep it.
        bound: whether detecting took as long as it did at most, or at least.
        seconds: how far back episodes are looked at.
    """

    subject: str
    what: str
    limit: timedelta
    rank: int
    bound: str
    seconds: float


class Reaction:
    """Breaches are detected, told of and repaired in time."""

    name = "response"
    cadence_seconds = 900

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each of the three promises; of the contract as a whole where no element is named."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for promise, target in scope.promised(*_WHAT):
            yield _item(scope, promise, target)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the times of the episodes against the promise."""
        del now
        terms = cast("ResponseTerms", check.terms)
        subject = f"how long it took to {terms.what} breaches of {terms.subject}"
        if gap := first_gap(answers):
            return Verdict.not_known(subject, gap)
        found = answers[0].value if isinstance(answers[0], Measured) else None
        if not isinstance(found, ResponseTimes):
            return Verdict.not_known(subject, NotMeasured(Cause.BROKEN, "there are no times of episodes"))
        return _held(terms, found.episodes)


def _held(terms: ResponseTerms, episodes: Iterable[Response]) -> Verdict:
    taken = [(seconds, each) for each in episodes if (seconds := lasted(terms, each)) is not None]
    taken.sort(key=lambda pair: pair[0])
    back = f"in the last {span(terms.seconds)}"
    promised = f"at most {span(terms.limit)} promised"
    if not taken:
        message = f"{terms.subject} had no breach to {terms.what} {back}; {promised}"
        return Verdict(broken=False, message=message)
    ranked, _ = taken[math.ceil(len(taken) * terms.rank / 100) - 1]
    worst, slowest = taken[-1]
    over = sum(seconds > terms.limit.total_seconds() for seconds, _ in taken)
    return Verdict(
        broken=ranked > terms.limit.total_seconds(),
        actual=round(ranked, 3),
        used=ranked / terms.limit.total_seconds(),
        message=f"{terms.subject}: {over} of {counted(len(taken), 'episode')}"
        f" took longer to {terms.what} {back}, the slowest {span(worst)}"
        f" ({slowest.title}, {moment(slowest.opened_at)}); {promised}",
    )


def promised_by(check: Check) -> ResponseTerms | None:
    """What a check of this kind promises; None of a check of another kind."""
    return check.terms if isinstance(check.terms, ResponseTerms) else None


def lasted(terms: ResponseTerms, episode: Response) -> float | None:
    """How long an episode took for what is promised, in seconds; None where that is not to be said."""
    match terms.what:
        case "detect" if terms.bound == "at_least" or episode.detect is None:
            return episode.detect_low
        case "detect":
            return episode.detect
        case "notify":
            return episode.notify
        case _:
            return episode.repair


def _item(scope: Scope, promise: Promise, target: Target) -> PlanItem:
    what = _WHAT[promise.property]
    whole = not promise.elements
    subject = scope.contract.title if whole else scope.dataset.name
    place = scope.promise(
        promise, target, element=target.column, title=f"breaches of {subject}: time to {what}"
    )
    try:
        limit, back = length(promise, scope.choices), window(promise, _MONTH)
    except ValueError as error:
        return place.declined(str(error))
    return place.check(
        metrics=(Responses(back.total_seconds(), () if whole else (scope.dataset.name,)),),
        terms=ResponseTerms(
            subject=subject,
            what=what,
            limit=limit,
            rank=_RANKS[scope.choices["response"]],
            bound=scope.choices["time_to_detect"],
            seconds=back.total_seconds(),
        ),
        expected=f"{what} within {span(limit)}",
        interpretation=chosen(scope.choices, "response", *(("time_to_detect",) if what == "detect" else ())),
    )


KIND = Reaction()
