"""Sensors: they carry what a tick could not deliver at once. They never raise, and never start a run."""

import logging

import dagster as dg

from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import Topic

_log = logging.getLogger(__name__)


def outbox_sensor(name: str, topic: Topic, monitor: Monitor, description: str) -> dg.SensorDefinition:
    """A sensor that drains one topic of the outbox, well inside Dagster's limit of 60 s for a tick."""

    @dg.sensor(
        name=name,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    def drain() -> dg.SkipReason:
        try:
            return dg.SkipReason(monitor.drain(topic, budget_seconds=20).line())
        except Exception as error:  # noqa: BLE001  what is undelivered stays in the outbox, and the next tick tries again
            _log.exception("the outbox could not be drained")
            return dg.SkipReason(f"the outbox could not be drained: {error}")

    return drain
