"""Sensors: they carry what waits, remind people of what is open for long, and tell receivers that forget.

They never raise, never start a run, and end in time, whatever hangs: a receiver, a name lookup, the store.
"""

import logging
import threading
from collections.abc import Mapping

import dagster as dg

from floe_dagster.delivery.reach import in_time
from floe_dagster.delivery.renewal import told_so_far
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import ParcelState, Topic

BUDGET_SECONDS = 20.0
"""for a drain; it may take a grace longer, and the renewal its own time after that"""

LIMIT_SECONDS = 45.0
"""for everything together; Dagster takes a tick of more than 60 s for failed"""

_log = logging.getLogger(__name__)


def outbox_sensor(
    name: str,
    topic: Topic,
    monitor: Monitor,
    description: str,
    *,
    budget_seconds: float = BUDGET_SECONDS,
    limit_seconds: float = LIMIT_SECONDS,
) -> dg.SensorDefinition:
    """A sensor that drains one topic of the outbox.

    Args:
        name: of the sensor.
        topic: what it carries.
        monitor: whose outbox it is.
        description: for people.
        budget_seconds: for a drain.
        limit_seconds: what hangs for longer is left to itself, and the sensor does nothing until it is over.
    """
    alone = threading.Lock()

    @dg.sensor(
        name=name,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    def drain() -> dg.SkipReason:
        late = f"not over within {limit_seconds:g} s; what is undelivered stays in the outbox"
        try:
            return dg.SkipReason(in_time({name: carried}, limit_seconds).get(name, late))
        except Exception as error:  # noqa: BLE001  no thread can be started: the next tick tries again
            return dg.SkipReason(f"the outbox could not be drained: {error}")

    def carried() -> str:
        if not alone.acquire(blocking=False):
            return "the drain of before still hangs; what is undelivered stays in the outbox"
        try:
            return _carried(topic, monitor, budget_seconds)
        except Exception as error:  # noqa: BLE001  what is undelivered stays in the outbox, and the next tick tries again
            _log.exception("the outbox could not be drained")
            return f"the outbox could not be drained: {error}"
        finally:
            alone.release()

    return drain


def _carried(topic: Topic, monitor: Monitor, budget_seconds: float) -> str:
    if topic == "alert":
        monitor.remind()
    report = monitor.drain(topic, budget_seconds=budget_seconds)
    problems = _renewed(monitor) if topic == "alert" else {}
    return "; ".join([report.line(), *(f"{name}: not renewed: {why}" for name, why in problems.items())])


def _renewed(monitor: Monitor) -> Mapping[str, str]:
    """Tell receivers that forget, such as Alertmanager, what is still open; what went wrong, by channel."""
    if not monitor.delivery.renews:
        return {}
    still_open = {each.id for each in monitor.store.episodes(open_only=True)}
    sent = monitor.store.parcels(topic="alert", state=ParcelState.SENT, groups=sorted(still_open))
    return monitor.delivery.renew(told_so_far(sent, still_open))
