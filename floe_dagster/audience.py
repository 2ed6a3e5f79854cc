"""Audience: who would hear of a breach of which contract, and what nobody would hear of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from floe_dagster.delivery.carrier import SAMPLE
from floe_dagster.plan.check import Severity
from floe_dagster.posting import Posting

if TYPE_CHECKING:
    from floe_dagster.watchlist import Watch, Watchlist

_TOLD = (Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who hears of a contract.

    Attributes:
        contract: its title.
        channels: by severity, where at least one of its checks is told.
        unheard: by severity, the kinds of its checks of which nobody hears.
    """

    contract: str
    channels: dict[str, tuple[str, ...]]
    unheard: dict[str, tuple[str, ...]]

    @property
    def deaf(self) -> bool:
        """Whether there is a check of which nobody would hear though its promise is broken."""
        return any(self.unheard[each.value] for each in (Severity.ERROR, Severity.CRITICAL))

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)

    def line(self) -> str:
        """The same for people."""
        told = "; ".join(
            f"{severity}: {', '.join(self.channels[severity]) or 'nobody'}"
            + (f" (nobody of {', '.join(kinds)})" if self.channels[severity] and kinds else "")
            for severity, kinds in self.unheard.items()
        )
        return f"{self.contract}: {told}"


def audience(watchlist: Watchlist) -> tuple[Heard, ...]:
    """Who hears of each contract, by the routes of the manifest."""
    posting = Posting(watchlist=watchlist)
    return tuple(_heard(each, posting, watchlist) for each in watchlist.watches)


def _heard(watch: Watch, posting: Posting, watchlist: Watchlist) -> Heard:
    contract = watch.plan.contract
    channels: dict[str, tuple[str, ...]] = {}
    unheard: dict[str, tuple[str, ...]] = {}
    for severity in _TOLD:
        names, kinds = dict[str, None](), dict[str, None]()
        for check in watch.plan.checks:
            alert = replace(
                SAMPLE,
                severity=severity,
                contract=contract.id,
                contract_title=contract.title,
                server=watch.server_name,
                dataset=check.dataset,
                check=check.id,
                kind=check.kind,
                environment=watchlist.settings.environment,
                owner=contract.owner,
            )
            found = posting.channels(alert)
            names |= dict.fromkeys(found)
            if not found:
                kinds[check.kind] = None
        channels[severity.value], unheard[severity.value] = tuple(names), tuple(kinds)
    return Heard(contract=contract.title, channels=channels, unheard=unheard)
