"""Retiring: open episodes of what is watched no longer are closed, and whoever heard of them is told.

A contract that only cannot be read for now is still watched: nothing of it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.notify.farewell import farewell
from floe_dagster.outcome.retire import retire
from floe_dagster.posting import Posting
from floe_dagster.upkeep.aggregate import planned
from floe_dagster.validity import KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.outcome import Key
    from floe_dagster.state.writing import Writing
    from floe_dagster.watchlist import Watchlist

_FAR = "its contract is gone"
_NEAR = "its contract has no such check any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """What is watched no longer.

    Attributes:
        contracts: those that were active until now, by id.
        episodes: those that were open, as they were closed.
    """

    contracts: tuple[str, ...] = ()
    episodes: tuple[Episode, ...] = ()

    def lines(self) -> Iterator[str]:
        """The same for a log."""
        for each in self.contracts:
            yield f'contract "{each}" is no longer found; it is not watched any more'
        for one in self.episodes:
            yield (
                f'the open episode of check "{one.key.check}" of contract "{one.key.contract}" is closed,'
                " since nobody looks any more"
            )


def retire_what_is_gone(writing: Writing, watchlist: Watchlist, now: datetime) -> Retired:
    """Note contracts whose file is gone, and close the open episodes of what is watched no longer."""
    watched = {each.plan.contract.id: each.plan.contract for each in watchlist.watches}
    files = {each.source for each in watchlist.readings}
    unread = {each.id for each in writing.registered() if each.source in files}
    gone = writing.keep_active(watched.keys() | unread)
    over = list(_over(writing.open_episodes(), planned(watchlist), watched.keys(), unread))
    states = writing.states(each.key for each, _ in over)
    steps = [retire(each, states.get(each.key), now) for each, _ in over]
    alerts = [
        farewell(
            step.episode,
            watched.get(step.episode.key.contract),
            why,
            environment=watchlist.settings.environment,
            at=now,
        )
        for step, (_, why) in zip(steps, over, strict=True)
        if step.episode
    ]
    posting = Posting(watchlist=watchlist)
    dispatches = posting.dispatches(writing, alerts)
    posting.follow(writing, [each.episode for each in steps if each.episode], now)
    writing.save(
        steps=steps,
        parcels=(each for one in dispatches for each in one.parcels),
        withdrawn={key: why for one in dispatches for key, why in one.withdrawn.items()},
    )
    return Retired(contracts=gone, episodes=tuple(each.episode for each in steps if each.episode))


def _over(
    episodes: Iterable[Episode], checks: Iterable[Key], watched: Iterable[str], unread: Iterable[str]
) -> Iterator[tuple[Episode, str]]:
    """The episodes that nobody looks at any more, and why."""
    looked_at, here, later = set(checks), set(watched), set(unread)
    for each in episodes:
        contract = each.key.contract
        if each.key in looked_at:
            continue
        if contract in here and each.kind != KIND:
            yield each, _NEAR
        elif contract not in later:
            yield each, _FAR
