from __future__ import annotations

from datetime import timedelta

import pytest

from floe_dagster.channels import open_channels
from floe_dagster.delivery import Delivery
from floe_dagster.settings import Settings
from floe_dagster.state.store import open_store
from tests.delivery.parcels import START
from tests.delivery.receiver import receiver as a_receiver


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
def store_url(tmp_path):
    return f"sqlite:///{tmp_path}/floe.db"


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


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
