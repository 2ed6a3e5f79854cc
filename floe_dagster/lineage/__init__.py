"""The lineage room: outcomes as OpenLineage events, and these as parcels. Pure.

The events travel by the same outbox as alerts, so a dead backend costs a check no time and loses nothing.
They are of jobs of our own, with the dataset as input only: a failure on the producing job's run would make
some consumers drop the lineage of that dataset.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from floe_dagster.lineage.events import events_for
from floe_dagster.outcome.parcel import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

__all__ = ["CHANNEL", "events_for", "parcels"]

CHANNEL = "lineage"


def parcels(events: Iterable[Mapping[str, Any]], created_at: datetime) -> tuple[Parcel, ...]:
    """The events as parcels; the terminal event of a run is carried after its START."""
    return tuple(_parcel(each, created_at) for each in events)


def _parcel(event: Mapping[str, Any], created_at: datetime) -> Parcel:
    run, kind = str(event["run"]["runId"]), str(event["eventType"])
    return Parcel(
        key=f"lineage/{run}/{kind}",
        topic="lineage",
        channel=CHANNEL,
        group=run,
        sequence=1 if kind == "START" else 2,
        payload=json.dumps(event, sort_keys=True, allow_nan=False),
        created_at=created_at,
    )
