"""Shown: what Dagster shows of a check now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from floe_dagster.definitions.storage import latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from floe_dagster.outcome.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page of a check says now.

    Attributes:
        status: of the outcome that is shown; empty where it is none of ours.
        severity: of that outcome.
        at: when it was written.
        current: whether it is newer than the asset's last materialization; Dagster hides it where it is not.
    """

    status: str
    severity: str
    at: datetime
    current: bool


def shown(instance: dg.DagsterInstance, keys: Sequence[dg.AssetCheckKey]) -> Mapping[dg.AssetCheckKey, Shown]:
    """What Dagster shows of these checks; those without a result are left out."""
    made = _materialized(instance, {each.asset_key for each in keys})
    return {key: _shown(entry, made.get(key.asset_key, 0.0)) for key, entry in latest(instance, keys).items()}


def worth_showing(outcome: Outcome, now: Shown | None, heartbeat: timedelta) -> bool:
    """Whether an outcome says something new, or nothing was said for so long."""
    return (
        now is None
        or not now.current
        or (now.status, now.severity) != (str(outcome.status), str(outcome.severity))
        or outcome.at - now.at >= heartbeat
    )


def _shown(entry: dg.EventLogEntry, made: float) -> Shown:
    evaluation = entry.asset_check_evaluation
    metadata = evaluation.metadata if evaluation else {}
    return Shown(
        status=_text(metadata.get("floe/status")),
        severity=_text(metadata.get("floe/severity")),
        at=datetime.fromtimestamp(entry.timestamp, UTC),
        current=entry.timestamp >= made,
    )


def _text(value: dg.MetadataValue | None) -> str:
    return str(value.value) if value is not None else ""


def _materialized(instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey]) -> dict[dg.AssetKey, float]:
    records = instance.get_asset_records(list(keys))
    return {
        each.asset_entry.asset_key: each.asset_entry.last_materialization.timestamp
        for each in records
        if each.asset_entry.last_materialization is not None
    }
