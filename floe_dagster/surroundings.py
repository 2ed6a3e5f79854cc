"""Surroundings: what stands around datasets in the graph of assets, as plain names; empty without Dagster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_MOST = 50

Place = tuple[str, str]
"""The id of a contract, and the logical name of one of its datasets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What feeds contracts, and what is made of them, by the graph of assets.

    Attributes:
        upstream: by the id of a contract, the ids of the contracts whose datasets feed its own, directly or
            through assets without a contract; contracts that nothing feeds are left out.
        downstream: by dataset, the assets that are made of it, directly or not, the nearest first; none where
            nothing is made of it.
    """

    upstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    downstream: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)

    def affected(self, contract: str, dataset: str) -> tuple[str, ...]:
        """The assets that are made of a dataset, or of any dataset of the contract where it has none such.

        The nearest, and no more than a person would read.
        """
        if (contract, dataset) in self.downstream:
            return self.downstream[contract, dataset][:_MOST]
        every = (assets for (owner, _), assets in self.downstream.items() if owner == contract)
        return tuple(dict.fromkeys(asset for assets in every for asset in assets))[:_MOST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How the making of a dataset went lately, as whoever makes it remembers.

    Attributes:
        at: when it was last made; None where it never was.
        failed_at: when the newest run that was to make it failed; None where that did not fail.
        running_since: when a run began that is making it now; None where there is none.
    """

    at: datetime | None = None
    failed_at: datetime | None = None
    running_since: datetime | None = None


SurroundingsOf = Callable[[], Surroundings]
MadeOf = Callable[[Collection[Place]], Mapping[Place, Made]]


def nothing_around() -> Surroundings:
    """No graph is known."""
    return Surroundings()


def nothing_made(places: Collection[Place]) -> Mapping[Place, Made]:
    """Nobody knows how datasets are made."""
    del places
    return {}
