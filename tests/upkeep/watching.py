"""A platform that watches some checks, without any contract file."""

from __future__ import annotations

from floe_dagster.contract.model import Contract, Server
from floe_dagster.plan.check import Check, Plan
from floe_dagster.plan.metric import Table
from floe_dagster.settings import Settings
from floe_dagster.watchlist import Watch, Watchlist


def contract(name: str = "orders", zone: str | None = None, **more) -> Contract:
    return Contract(
        **{
            "id": name,
            "version": "1.0.0",
            "api_version": "v3.1.0",
            "status": "active",
            "source": f"{name}.odcs.yaml",
            "digest": name,
            "custom": {"floe.zone": zone} if zone else {},
        }
        | more
    )


def check(number: int, kind: str = "quality") -> Check:
    return Check(
        id=f"orders.column_{number}.not_null",
        kind=kind,
        title=f"column_{number} is never null",
        dataset="orders",
        element=f"column_{number}",
        path="",
        line=0,
        table=Table(name="orders"),
        metrics=(),
        terms=None,
        expected="0 rows",
    )


def watching(*numbers: int, zone: str | None = None, name: str = "orders", **settings) -> Watchlist:
    """A watchlist of one contract with these checks; of none, where there are no numbers."""
    watch = Watch(
        plan=Plan(contract=contract(name, zone), items=(), checks=tuple(map(check, numbers))),
        server=Server(path="", name="prod", type="sqlite"),
    )
    return Watchlist(
        settings=Settings(**settings), readings=(), watches=(watch,) if numbers else (), kinds={}
    )
