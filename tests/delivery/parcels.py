"""Parcels as a tick writes them into the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from floe_dagster.notify.wire import to_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import Parcel
from tests.channels.alerts import OPENED

START = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


def alert_parcel(number=1, *, channel="hook", transition=Transition.OPENED, sequence=1, at=START):
    """The parcel of one transition of episode `number`."""
    alert = replace(
        OPENED,
        id=f"alert-{number}-{sequence}",
        episode=f"episode-{number}",
        sequence=sequence,
        transition=transition,
    )
    return Parcel(
        key=f"alert/{alert.episode}/{sequence}/{channel}",
        topic="alert",
        channel=channel,
        group=alert.episode,
        sequence=sequence,
        payload=to_json(alert),
        created_at=at,
        about=f"about-{number}",
        severity=str(alert.severity),
        transition=str(transition),
    )
