"""Compose: what is said about an episode: subject, number, promise, since when, and how long it took."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.notify.links import Pages
from floe_dagster.notify.standing import standing
from floe_dagster.outcome.episode import Because, Episode, Step, Transition
from floe_dagster.plan.check import Status
from floe_dagster.plan.wording import clock, span

if TYPE_CHECKING:
    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.alert import Alert
    from floe_dagster.outcome.outcome import Outcome

_CLOSE = "close to its limit"


def alert_for(
    step: Step,
    outcome: Outcome,
    contract: Contract | None,
    *,
    environment: str,
    link: str | None = None,
    pages: Pages | None = None,
) -> Alert:
    """The alert for a step that has a transition.

    Args:
        step: what the outcome changed.
        outcome: what was just measured.
        contract: None where the outcome is about a contract that cannot be read.
        environment: as the manifest names it.
        link: where to look in Dagster, where that is known.
        pages: where runbooks and contracts can be read.
    """
    episode, transition = step.episode, step.transition
    assert episode is not None and transition is not None, "there is nothing to tell of this step"  # noqa: PT018
    pages = pages or Pages()
    return replace(
        standing(
            episode,
            contract,
            transition,
            _message(step, episode, outcome),
            environment=environment,
            at=outcome.at,
        ),
        version=outcome.version,
        dataset=outcome.dataset,
        element=outcome.element,
        kind=outcome.kind,
        title=outcome.title,
        expected=outcome.expected,
        actual=outcome.actual,
        source=outcome.source,
        line=outcome.line,
        link=link,
        runbook=pages.of_kind(outcome.kind, outcome.dataset, contract),
        source_link=pages.of_line(outcome.source, outcome.line),
    )


def _message(step: Step, episode: Episode, outcome: Outcome) -> str:
    fact = outcome.message.rstrip(". \n")
    if step.transition is Transition.RESOLVED:
        return f"{_over(episode, outcome)}: {fact}"
    if step.transition is Transition.FLAPPING:
        return f"flapping: {_turns(step, outcome)}; kept now, and told as over once it stays so: {fact}"
    since = f"since {clock(episode.broken_since, outcome.at)}"
    if not episode.broken:
        used = f"{outcome.used:.0%} used, ".replace("%", " %") if outcome.used is not None else ""
        return f"{_CLOSE}: {fact} ({used}{since})"
    return f"{_lead(step, episode, outcome)}{fact} ({since})"


def _lead(step: Step, episode: Episode, outcome: Outcome) -> str:
    flapping = f"flapping: {_turns(step, outcome)}, " if episode.flapping else ""
    if step.because is Because.LONG:
        return f"{flapping}broken for {span(outcome.at - episode.broken_since)}, now critical: "
    if step.because is Because.OFTEN and step.state:
        breaches = step.state.breaches
        return f"{flapping}{len(breaches)} breaches since {clock(breaches[0], outcome.at)}, now: "
    if flapping:
        return f"{flapping}now: "
    return f"now {episode.severity}: " if step.transition is Transition.ESCALATED else ""


def _over(episode: Episode, outcome: Outcome) -> str:
    lasted = span(outcome.at - episode.broken_since)
    if not episode.broken:
        return f"no longer {_CLOSE}, after {lasted}"
    return f"kept again after {lasted}" + (f", but {_CLOSE}" if outcome.status is Status.WARNED else "")


def _turns(step: Step, outcome: Outcome) -> str:
    turns = step.state.turns if step.state else ()
    since = f" since {clock(turns[0], outcome.at)}" if turns else ""
    return f"broken and kept in turns{since}"
