"""Breaches: the episodes of a window, with who answers for them and who was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.report.model import Breach, Told
from floe_dagster.report.rows import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from floe_dagster.contract.model import Contract
    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.plan.check import Plan
    from floe_dagster.report.rows import Rows

FURTHEST_FIRST = (
    ParcelState.SENT,
    ParcelState.PENDING,
    ParcelState.DEAD,
    ParcelState.SUPPRESSED,
    ParcelState.SKIPPED,
)


def breaches_of(rows: Rows, known: Mapping[str, Plan]) -> Iterator[Breach]:
    """Every episode of these rows; `known` has the contracts that are served, by id."""
    latest = {each.key: each for each in rows.latest}
    news = _news(rows.parcels)
    for each in rows.episodes:
        plan = known.get(each.key.contract)
        yield _breach(each, plan.contract if plan else None, latest.get(each.key), news.get(each.id, ()))


def _breach(
    episode: Episode, contract: Contract | None, outcome: Outcome | None, told: tuple[Told, ...]
) -> Breach:
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
        expected=outcome.expected if outcome else "",
        actual=outcome.actual if outcome else None,
        since=episode.broken_since,
        opened_at=episode.opened_at,
        resolved_at=episode.resolved_at,
        owner=contract.owner if contract else None,
        broken=episode.broken,
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
