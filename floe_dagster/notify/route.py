"""Route: which channels an alert is for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from floe_dagster.contract.model import Contract, Support
    from floe_dagster.notify.alert import Alert
    from floe_dagster.settings import Alerting, Route, SupportRoute

_SCOPES = ("notifications", "issues")
"""of a contract's support, whom alerts are for"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """What routes look at beside the alert itself.

    Attributes:
        drivers: of the promise: regulatory, analytics, operational.
        support: where the contract's team wants to be told.
    """

    domain: str | None = None
    tags: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    support: tuple[Support, ...] = ()

    @classmethod
    def of(cls, contract: Contract | None, dataset: str, driver: str | None = None) -> Addressee:
        """Of a promise of this contract about this dataset; of nobody where the contract cannot be read."""
        drivers = (driver,) if driver else ()
        if contract is None:
            return cls(drivers=drivers)
        found = contract.dataset(dataset)
        return cls(
            domain=contract.domain,
            tags=(*contract.tags, *(found.tags if found else ())),
            drivers=drivers,
            support=contract.support,
        )


def channels_for(alert: Alert, to: Addressee, alerting: Alerting) -> tuple[str, ...]:
    """The channels of every route that the alert matches, each once, in the order of the routes.

    No match is an answer too: nobody is told, and the caller says so.

    Args:
        alert: what is to be said.
        to: what routes look at beside it.
        alerting: the manifest's routes.
    """
    matching: Iterable[Route | SupportRoute] = chain(
        (each for each in alerting.routes if _matches(each, alert, to)),
        (each for each in alerting.support if _supports(each, alert, to)),
    )
    return tuple(dict.fromkeys(name for route in matching for name in route.channels))


def _matches(route: Route, alert: Alert, to: Addressee) -> bool:
    return (
        _is_grave(route, alert)
        and any(_any(route.contracts, [name]) for name in (alert.contract, alert.contract_title))
        and (not route.kinds or alert.kind in route.kinds)
        and (not route.domains or to.domain in route.domains)
        and (not route.tags or _any(route.tags, to.tags))
        and (not route.owners or _any(route.owners, _some(alert.owner)))
        and (not route.environments or _any(route.environments, [alert.environment]))
        and (not route.drivers or _any(route.drivers, to.drivers))
    )


def _supports(route: SupportRoute, alert: Alert, to: Addressee) -> bool:
    return _is_grave(route, alert) and any(
        each.scope in _SCOPES
        and fnmatchcase(each.tool or "", route.tool)
        and fnmatchcase(each.channel, route.channel)
        for each in to.support
    )


def _is_grave(route: Route | SupportRoute, alert: Alert) -> bool:
    return alert.severity.rank >= Severity(route.severity).rank


def _any(globs: Iterable[str], names: Iterable[str]) -> bool:
    every = tuple(names)
    return any(fnmatchcase(name, glob) for glob in globs for name in every)


def _some(name: str | None) -> Iterator[str]:
    if name is not None:
        yield name
