"""Route: which channels an alert is for."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.notify.alert import Alert
    from floe_dagster.settings import Route


def channels_for(alert: Alert, domain: str | None, routes: Iterable[Route]) -> tuple[str, ...]:
    """The channels of every route that the alert matches, each once, in the order of the routes.

    No match is an answer too: nobody is told, and the caller says so.

    Args:
        alert: what is to be said.
        domain: of the contract.
        routes: of the manifest.
    """
    return tuple(
        dict.fromkeys(name for route in routes if _matches(route, alert, domain) for name in route.channels)
    )


def _matches(route: Route, alert: Alert, domain: str | None) -> bool:
    return (
        alert.severity.rank >= Severity(route.severity).rank
        and any(
            fnmatchcase(name, pattern)
            for pattern in route.contracts
            for name in (alert.contract, alert.contract_title)
        )
        and (not route.kinds or alert.kind in route.kinds)
        and (not route.domains or domain in route.domains)
    )
