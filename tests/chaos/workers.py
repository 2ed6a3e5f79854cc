"""What is killed: producers, which record ticks, and dispatchers, which carry what follows from them."""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from floe_dagster.channels import open_channels
from floe_dagster.delivery import Delivery
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.settings import Settings
from floe_dagster.state.store import open_store
from floe_dagster.state.tables import parcels
from tests.chaos.story import record, ticks_of
from tests.chaos.terms import CHANNELS

if TYPE_CHECKING:
    from floe_dagster.state.store import Store
    from tests.chaos.terms import Terms


def produce(terms: Terms, who: str) -> None:
    """Record every tick, each of them twice, beginning with the last one of before."""
    last = ticks_of(terms)
    with open_store(terms.url) as store:
        done = sum(each.id.startswith(f"{who}-") for each in store.ticks())
        for tick in range(max(0, done - 1), last):
            while waiting(store) >= terms.backlog:
                time.sleep(0.1)
            record(store, terms, tick, who)
            record(store, terms, tick, who)


def waiting(store: Store) -> int:
    """How many parcels are still to be carried."""
    pending = parcels.c.state == ParcelState.PENDING.value
    with store._connected() as connection:
        return connection.execute(select(func.count()).select_from(parcels).where(pending)).scalar_one()


def dispatch(terms: Terms) -> None:
    """Drain, again and again, as ticks and sensors do, until the run is over."""
    logging.getLogger("floe_dagster.delivery").setLevel(logging.ERROR)  # faults are what it is here for
    with open_store(terms.url) as store:
        delivery = delivery_of(terms, store)
        while not terms.over.exists():
            report = delivery.drain("alert", budget_seconds=terms.budget_seconds)
            if not report.sent:
                time.sleep(random.uniform(0.02, 0.1))


def delivery_of(terms: Terms, store: Store) -> Delivery:
    """A delivery over channels as they would stand in floe.yaml, all of them at the one receiver."""
    port = terms.port.read_text()
    hooks = {
        each: {
            "type": "webhook",
            "url": f"http://127.0.0.1:{port}/{each}",
            "timeout_seconds": terms.timeout_seconds,
        }
        for each in CHANNELS
    }
    settings = Settings.model_validate({"root": terms.folder, "alerts": {"channels": hooks}})
    return Delivery(store, open_channels(settings), settings, terms.clock)
