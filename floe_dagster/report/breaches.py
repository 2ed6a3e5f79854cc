"""Breaches: the episodes of a window, with who answers for them and who was told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.times import times_of
from floe_dagster.plan.check import Severity
from floe_dagster.report.model import Breach, Told
from floe_dagster.report.rows import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.plan.check import Plan
    from floe_dagster.report.parts import MadeUp, Word
    from floe_dagster.report.rows import Kept, Rows

FURTHEST_FIRST = (
    ParcelState.SENT,
    ParcelState.PENDING,
    ParcelState.DEAD,
    ParcelState.SUPPRESSED,
    ParcelState.SKIPPED,
)


def breaches_of(
    rows: Rows, known: Mapping[str, Plan], *, looking_back: bool = False, made_up: Sequence[MadeUp] = ()
) -> Iterator[Breach]:
    """Every episode of these rows.

    Args:
        rows: as they were at the end of the window.
        known: the contracts that are served, by id.
        looking_back: whether time has gone on since, so that what is on record of an episode that was not
            over may be later than the window; then only what was measured and told by then is used.
        made_up: time of which nothing was measured.
    """
    latest = {each.key: each for each in rows.latest}
    parcels = grouped(rows.parcels, lambda each: each.group)
    news = _news(rows.parcels)
    for each in rows.episodes:
        outcome = latest.get(each.key)
        if looking_back and each.resolved_at is None:
            each = _as_told(each, outcome, parcels.get(each.id, ()))  # noqa: PLW2901 - the same, earlier
        plan = known.get(each.key.contract)
        told_at = _told_at(parcels.get(each.id, ()))
        breach = _breach(each, plan, outcome, news.get(each.id, ()))
        yield replace(
            breach,
            word=_word(breach, rows.kept, made_up),
            times=times_of(each, last_kept=rows.last_kept.get(each.id), told_at=told_at),
        )


def _word(breach: Breach, kept: Kept, made_up: Iterable[MadeUp]) -> Word:
    if not breach.told and any(each.start <= breach.opened_at < each.end for each in made_up):
        return "simulated"
    whole = kept.alerts is None or breach.opened_at >= kept.alerts
    return "known" if whole or breach.delivered else "forgotten"


def _told_at(parcels: Iterable[Parcel]) -> datetime | None:
    """When the first channel accepted word of an episode."""
    sent = (each.finished_at for each in parcels if each.state is ParcelState.SENT and each.finished_at)
    return min(sent, default=None)


def _as_told(episode: Episode, outcome: Outcome | None, parcels: Sequence[Parcel]) -> Episode:
    """An episode that goes on, without what may have been learnt of it since."""
    said = [Severity(each.severity) for each in parcels if each.severity in set(Severity)]
    if outcome is not None and outcome.broken is episode.broken:
        said.append(outcome.severity)
    severity = max(said, key=lambda each: each.rank, default=episode.severity)
    flapping = any(each.transition == Transition.FLAPPING for each in parcels)
    message = outcome.message if outcome else episode.message
    return replace(episode, severity=severity, flapping=flapping, message=message)


def _breach(episode: Episode, plan: Plan | None, outcome: Outcome | None, told: tuple[Told, ...]) -> Breach:
    contract = plan.contract if plan else None
    promised = (each.expected for each in plan.checks if each.id == episode.key.check) if plan else ()
    return Breach(
        episode=episode.id,
        contract=episode.key.contract,
        contract_title=contract.title if contract else episode.key.contract,
        server=episode.key.server,
        dataset=episode.dataset,
        check=episode.key.check,
        kind=episode.kind,
        subject=f"{episode.dataset}.{episode.element}" if episode.element else episode.dataset,
        title=episode.title,
        severity=episode.severity,
        message=episode.message,
        expected=outcome.expected if outcome else next(iter(promised), ""),
        actual=outcome.actual if outcome else None,
        since=episode.broken_since,
        opened_at=episode.opened_at,
        resolved_at=episode.resolved_at,
        owner=contract.owner if contract else None,
        broken=episode.broken,
        flapping=episode.flapping,
        retired=episode.retired,
        consumers=contract.consumers if contract else (),
        told=told,
    )


def _news(parcels: Iterable[Parcel]) -> dict[str, tuple[Told, ...]]:
    """How far the news of each episode got on each channel; a repeat held back does not undo a delivery."""
    rank = FURTHEST_FIRST.index
    furthest: dict[tuple[str, str], ParcelState] = {}
    for each in parcels:
        about = (each.group, each.channel)
        furthest[about] = min(each.state, furthest.get(about, each.state), key=rank)
    told = grouped(sorted(furthest.items()), lambda each: each[0][0])
    return {
        episode: tuple(Told(channel=channel, state=state) for (_, channel), state in every)
        for episode, every in told.items()
    }
