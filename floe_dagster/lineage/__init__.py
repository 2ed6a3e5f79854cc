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
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from floe_dagster.settings import Settings

__all__ = ["CHANNEL", "channel_of", "destinations", "events_for", "parcels"]

CHANNEL = "lineage"
"""the channel of the outbox that `lineage.file` is"""


def channel_of(transport: str) -> str:
    """The channel of the outbox that a transport of this name is."""
    return f"{CHANNEL}.{transport}"


def destinations(settings: Settings) -> tuple[str, ...]:
    """The channels of the outbox that every event goes to; none where lineage is off.

    One that cannot be used now is among them: its events wait for it to be mended.
    """
    named = [name for name, each in settings.lineage.transports.items() if not each.off]
    broken = [each.removeprefix("lineage.") for each in settings.broken if each.startswith("lineage.")]
    return (
        *((CHANNEL,) if settings.lineage.file else ()),
        *(channel_of(each) for each in dict.fromkeys((*named, *broken))),
    )


def parcels(
    events: Iterable[Mapping[str, Any]], created_at: datetime, channels: Iterable[str] = (CHANNEL,)
) -> tuple[Parcel, ...]:
    """The events as parcels, one for each channel; there the end of a run comes after its START."""
    every = tuple(channels)
    return tuple(parcel for each in events for parcel in _parcels(each, created_at, every))


def _parcels(event: Mapping[str, Any], created_at: datetime, channels: Iterable[str]) -> Iterator[Parcel]:
    run, kind = str(event["run"]["runId"]), str(event["eventType"])
    payload = json.dumps(event, sort_keys=True, allow_nan=False)
    for channel in channels:
        transport = channel.removeprefix(CHANNEL).removeprefix(".")
        yield Parcel(
            key=f"lineage/{run}/{kind}" + (f"/{transport}" if transport else ""),
            topic="lineage",
            channel=channel,
            group=run,
            sequence=1 if kind == "START" else 2,
            payload=payload,
            created_at=created_at,
        )
