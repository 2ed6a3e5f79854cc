"""Sensors: they carry what a tick could not deliver at once, and say of what is open that it still is.

They never raise, and never start a run.
"""

import logging
from collections.abc import Mapping

import dagster as dg

from floe_dagster.delivery.renewal import told_last
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import ParcelState, Topic

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
            report = monitor.drain(topic, budget_seconds=20)
            problems = _renewed(monitor) if topic == "alert" else {}
            said = [report.line(), *(f"{name}: not renewed: {why}" for name, why in problems.items())]
            return dg.SkipReason("; ".join(said))
        except Exception as error:  # noqa: BLE001  what is undelivered stays in the outbox, and the next tick tries again
            _log.exception("the outbox could not be drained")
            return dg.SkipReason(f"the outbox could not be drained: {error}")

    return drain


def _renewed(monitor: Monitor) -> Mapping[str, str]:
    """Tell receivers that forget, such as Alertmanager, what is still open; what went wrong, by channel."""
    if not monitor.delivery.renews:
        return {}
    still_open = {each.id for each in monitor.store.episodes(open_only=True)}
    sent = monitor.store.parcels(topic="alert", state=ParcelState.SENT, groups=sorted(still_open))
    return monitor.delivery.renew(told_last(sent, still_open))
