"""A contract that promises a time of day and times to respond, and a week of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.segment import Health
from floe_dagster.state.recall import Sighting
from tests.plan.contracts import column, dataset, plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.plan.check import Plan
    from floe_dagster.report.calendar import Period

BERLIN = ZoneInfo("Europe/Berlin")
DEADLINE = "orders.loaded_at.time_of_availability"
RULE = "orders.loaded_at.required"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RESPONSES = (("timeToDetect", 30, "min"), ("timeToNotify", 10, "min"), ("timeToRepair", 4, "h"))


def shop(*, times=RESPONSES, **custom: Any) -> Plan:
    """Orders are there by seven in Berlin on weekdays, but for St. Martin's; breaches are dealt with in time."""
    deadline = {
        "property": "timeOfAvailability",
        "value": "07:00 Europe/Berlin",
        "element": "orders.loaded_at",
        "scheduler": "cron",
        "schedule": "0 7 * * 1-5",
    }
    return plan(
        dataset("orders", column("loaded_at", "timestamp", required=True)),
        sla=[deadline, *({"property": name, "value": value, "unit": unit} for name, value, unit in times)],
        custom={"floe.holidays": ["2026-11-11"]} | custom,
        domain="shop",
    )


def local(day: int, hour: float) -> datetime:
    """So many hours into a day of November, in Berlin."""
    return datetime(2026, 11, day, tzinfo=BERLIN) + timedelta(hours=hour)


LOOKS = (
    (local(9, 6.75), local(9, 5)),
    (local(10, 6.75), local(9, 5)),
    (local(10, 7.25), local(9, 5)),
    (local(10, 9), local(10, 8.5)),
    (local(11, 6.75), local(10, 8.5)),
    (local(13, 6.75), local(13, 5)),
)
"""On Monday and Friday it was there in time, on Tuesday too late; on Thursday nobody looked."""


def sighted(looks: Iterable[tuple[datetime, datetime | None]] = LOOKS) -> tuple[Sighting, ...]:
    """What the check of the deadline saw, at which time."""
    key = Key(contract="shop", server="local", check=DEADLINE)
    return tuple(Sighting(key=key, at=at, actual=newest and newest.isoformat()) for at, newest in looks)


def a_week(history: Any, outcome: Any, period: Period, promises: Plan | None = None) -> None:
    """Add a week of it: one breach repaired in two hours, one still open and untold, one that nobody looks at."""
    promises = promises or shop()
    history.plans.append(promises)
    for each in promises.checks:
        one = outcome(each, promises.contract, at=period.end - HOUR)
        history.outcomes.append(one)
        history.segments.append(history.segment(one, Health.GOOD, period.start - 9 * HOUR, period.end))
    rule = next(each for each in history.outcomes if each.key.check == RULE)
    for name, since, until in (("mended", 24, 26), ("open", 150, None), ("unseen", 48, 90)):
        began = period.start + since * HOUR
        episode = history.episode(
            rule,
            began,
            None if until is None else period.start + until * HOUR,
            opened_at=began + 15 * MINUTE,
            id=f"shop-{name}",
            retired=name == "unseen",
        )
        history.episodes.append(episode)
        if name != "open":
            told_at = episode.opened_at + (5 if name == "mended" else 12) * MINUTE
            history.parcels.append(history.parcel(episode, "webhook", finished_at=told_at))
