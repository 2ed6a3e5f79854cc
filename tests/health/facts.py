"""Facts of a platform on which all is well, to be changed by each test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from floe_dagster.health.facts import Due, Facts, PutAside, Recorded
from floe_dagster.outcome.outcome import Key
from floe_dagster.state.standing import GivenUp, Waits

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def key(check: str = "orders.freshness", contract: str = "shop.orders") -> Key:
    return Key(contract=contract, server="shop", check=check)


def due(check: str = "orders.freshness", contract: str = "shop.orders") -> Due:
    return Due(key=key(check, contract), cadence="freshness", every=QUARTER)


def recorded(**more) -> Recorded:
    return Recorded(
        **{
            "place": "the store floe.db",
            "version": "0002",
            "ticked": {"freshness": NOW - QUARTER},
            "measured": {key(): NOW - QUARTER},
        }
        | more
    )


def facts(**more) -> Facts:
    return Facts(
        **{
            "now": NOW,
            "memory": recorded(),
            "put_aside": PutAside(folder=".floe/spool"),
            "cadences": {"freshness": QUARTER},
            "due": (due(),),
            "channels": {"log": ""},
            "routed": frozenset({"log"}),
            "lineage": {"lineage.file": ""},
            "readable": 1,
        }
        | more
    )


def waits(topic: str = "alert", **more) -> Waits:
    return Waits(**{"topic": topic, "channel": "slack", "count": 3, "since": NOW - timedelta(hours=1)} | more)


def given_up(topic: str = "alert", **more) -> GivenUp:
    return GivenUp(
        **{
            "topic": topic,
            "channel": "slack",
            "count": 2,
            "newest": NOW - timedelta(hours=3),
            "reason": "hooks.example: HTTP 404",
        }
        | more
    )
