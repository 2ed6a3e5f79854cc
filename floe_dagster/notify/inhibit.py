"""Inhibit: an alert that only follows from another breach waits until that one is over.

A server that is down holds back what is said of its datasets; a contract that is late holds back what is said
of the lateness of contracts that are fed by it, unless that is worse. Wrong values hold nothing back: which
of the values downstream are wrong because of them is not known. What is held back is recorded all the same,
and told when the breach that it follows from is over and it is not; at the latest after a day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping

    from floe_dagster.notify.alert import Alert
    from floe_dagster.outcome.episode import Episode

SERVER = "server"
AVAILABILITY = "availability"
DOWN = (SERVER, AVAILABILITY)
"""kinds whose breach means that nothing can be read"""

LONGEST = timedelta(hours=24)

_LATE = frozenset({"freshness", "frequency", "latency", "throughput", "time_of_availability"})
"""kinds that break where what feeds a dataset comes late or not at all"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open breach that others may follow from.

    Attributes:
        id: the episode.
    """

    id: str
    contract: str
    server: str
    dataset: str
    kind: str
    title: str
    severity: Severity

    @classmethod
    def of(cls, episode: Episode) -> Source:
        """Of an episode of before."""
        key = episode.key
        return cls(
            id=episode.id,
            contract=key.contract,
            server=key.server,
            dataset=episode.dataset,
            kind=episode.kind,
            title=episode.title,
            severity=episode.severity,
        )

    @classmethod
    def told_by(cls, alert: Alert) -> Source:
        """Of one that is being told now."""
        return cls(
            id=alert.episode,
            contract=alert.contract,
            server=alert.server,
            dataset=alert.dataset,
            kind=alert.kind,
            title=alert.title,
            severity=alert.severity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """Why an alert waits, and until when at the latest."""

    source: Source
    over_at: datetime

    @property
    def words(self) -> str:
        """The same for people; ends with the episode that is waited for."""
        where = self.source.server if self.source.kind == SERVER else self.source.contract
        return f"follows from {self.source.title} of {where}, which is broken ({self.source.id})"


class Sources:
    """Breaches that are open, by what may follow from them: in an outage there are thousands of both."""

    def __init__(self, every: Iterable[Source]) -> None:
        self._by_id = {each.id: each for each in every}
        self._by_place: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for each in self._by_id.values():
            for place in _places(each):
                self._by_place[place].append(each.id)

    def remove(self, episode: str) -> None:
        """Nothing follows from that one."""
        self._by_id.pop(episode, None)

    def near(self, alert: Alert, upstream: Iterable[str]) -> Iterator[Source]:
        """Those of its server, of its dataset, and of the contracts that feed it."""
        own = (SERVER, alert.server), (AVAILABILITY, alert.server, alert.contract, alert.dataset)
        for place in (*own, *(("contract", name) for name in upstream)):
            for name in self._by_place.get(place, ()):
                if name in self._by_id:
                    yield self._by_id[name]


def _places(source: Source) -> Iterator[tuple[str, ...]]:
    if source.kind == SERVER:
        yield SERVER, source.server
    if source.kind == AVAILABILITY:
        yield AVAILABILITY, source.server, source.contract, source.dataset
    yield "contract", source.contract


def inhibited(
    alert: Alert, sources: Sources, upstream: Mapping[str, Collection[str]], by: Container[str]
) -> Inhibition | None:
    """What an alert follows from, where it follows from something.

    Args:
        alert: what is to be said.
        sources: breaches that are open.
        upstream: by contract, those that feed it.
        by: which of the rules hold: `server`, `upstream`.
    """
    feeding = upstream.get(alert.contract, ()) if "upstream" in by else ()
    for each in sources.near(alert, feeding):
        if each.id == alert.episode:
            continue
        if ("server" in by and _is_down(each, alert)) or (
            each.contract in feeding
            and each.contract != alert.contract
            and alert.kind in _LATE
            and (each.kind in _LATE or each.kind in DOWN)
            and each.severity.rank >= alert.severity.rank
        ):
            return Inhibition(source=each, over_at=alert.at + LONGEST)
    return None


def _is_down(source: Source, alert: Alert) -> bool:
    """Whether what the alert is about cannot be read, since its server or its dataset is down."""
    if not source.server or source.server != alert.server or source.severity.rank < Severity.ERROR.rank:
        return False
    if source.kind == SERVER:
        return alert.kind != SERVER
    same = (source.contract, source.dataset) == (alert.contract, alert.dataset)
    return source.kind == AVAILABILITY and same and alert.kind not in DOWN
