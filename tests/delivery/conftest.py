from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.channels import open_channels
from floe_dagster.delivery import Delivery
from floe_dagster.notify.wire import to_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import Parcel
from floe_dagster.settings import Settings
from floe_dagster.state.store import open_store
from tests.channels.alerts import OPENED
from tests.delivery.receiver import receiver as a_receiver

START = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def pass_by(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def receiver():
    with a_receiver() as server:
        yield server


@pytest.fixture
def other_receiver():
    with a_receiver() as server:
        yield server


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/floe.db") as opened:
        yield opened


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


@pytest.fixture
def post(store):
    """Writes parcels into the outbox."""

    def write(*parcels):
        with store.writing() as transaction:
            transaction.save(parcels=parcels)

    return write


@pytest.fixture
def platform(store, clock, tmp_path):
    """A delivery over channels as they would stand in floe.yaml."""

    def build(*, lineage=None, jitter=1.0, broken=None, client=None, outbox=None, **channels):
        settings = Settings.model_validate(
            {
                "root": tmp_path,
                "alerts": {"channels": channels},
                "lineage": lineage or {},
                "broken": broken or {},
            }
        )
        return Delivery(
            outbox or store, open_channels(settings), settings, clock, client, jitter=lambda: jitter
        )

    return build


@pytest.fixture
def hook(platform, receiver):
    """A delivery with one webhook, `hook`, to the receiver."""
    return platform(hook={"type": "webhook", "url": receiver.url, "timeout_seconds": 1})


@pytest.fixture
def states(store):
    """The state of every parcel, by key."""
    return lambda: {each.key: str(each.state) for each in store.parcels()}
