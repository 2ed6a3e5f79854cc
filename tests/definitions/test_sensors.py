"""The sensors end in time and never raise, whatever hangs."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import dagster as dg
import pytest

from floe_dagster.definitions import sensors
from floe_dagster.definitions.sensors import outbox_sensor
from floe_dagster.delivery import DeliveryReport, dispatch, drain
from floe_dagster.monitor import Monitor
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist
from tests.delivery.receiver import hang
from tests.delivery.receiver import receiver as receiving

pytestmark = pytest.mark.requirement("D-04")


def said(sensor):
    begun = time.monotonic()
    with dg.build_sensor_context() as context:
        ticked = sensor.evaluate_tick(context)
    assert not ticked.run_requests
    return ticked.skip_message, time.monotonic() - begun


def test_everything_that_a_sensor_does_fits_into_its_time_and_that_into_dagsters():
    longest = sensors.BUDGET_SECONDS + drain.GRACE_SECONDS + dispatch.RENEWAL_SECONDS
    assert longest < sensors.LIMIT_SECONDS < 60


def test_five_receivers_that_hang_cost_the_time_of_one(project):
    with ExitStack() as stack:
        hooks = [stack.enter_context(receiving()) for _ in range(5)]
        channels = "\n".join(
            f"    am{number}: {{type: alertmanager, url: '{each.url}', timeout_seconds: 3}}"
            for number, each in enumerate(hooks)
        )
        names = ", ".join(f"am{number}" for number in range(5))
        project.manifest("    log: {type: file, path: alerts.jsonl}", channels)
        project.manifest("channels: [log]", f"channels: [{names}]")
        monitor = Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml")))
        project.load(orphans=3)
        assert monitor.tick("quality").delivered.sent == 5
        for each in hooks:
            each.script = [hang] * 5

        message, seconds = said(outbox_sensor("floe_alerts", "alert", monitor, ""))

    assert message.count("no answer within 3 s") == 5
    assert seconds < 9


class Hangs:
    """A monitor whose store, or whose name server, does not come back before it is released."""

    def __init__(self):
        self.begun = 0
        self.released = threading.Event()

    def drain(self, topic, *, budget_seconds):
        self.begun += 1
        assert self.released.wait(20)
        return DeliveryReport(sent=1)


def test_what_hangs_is_left_to_itself_and_not_begun_a_second_time():
    hangs = Hangs()
    sensor = outbox_sensor("floe_lineage", "lineage", hangs, "", limit_seconds=0.2)

    message, seconds = said(sensor)
    assert message == "not over within 0.2 s; what is undelivered stays in the outbox"
    assert seconds < 2
    assert said(sensor)[0] == "the drain of before still hangs; what is undelivered stays in the outbox"
    assert hangs.begun == 1

    hangs.released.set()
    deadline = time.monotonic() + 10
    while "still hangs" in (message := said(sensor)[0]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert message == "1 delivered in 0.0 s"


class Raises:
    def drain(self, topic, *, budget_seconds):
        raise RuntimeError("the store is on fire")


def test_what_raises_is_said_and_the_next_tick_tries_again():
    sensor = outbox_sensor("floe_lineage", "lineage", Raises(), "")
    for _ in range(2):
        assert said(sensor)[0] == "the outbox could not be drained: the store is on fire"
