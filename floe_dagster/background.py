"""Background: alerts with what is known around them: who is affected, and what is likely behind them.

Whatever cannot be found out is left out and logged: an alert is never lost for what was only good to know.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from floe_dagster.notify.context import (
    CHANGED_WITHIN,
    LOOK_BACK,
    Change,
    Known,
    Open,
    background,
    telling,
)
from floe_dagster.notify.dedup import key_of
from floe_dagster.outcome.episode import Transition
from floe_dagster.state.lookup import kept_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.alert import Alert
    from floe_dagster.notify.context import Spell
    from floe_dagster.state.behind import Behind, Registration
    from floe_dagster.surroundings import Made, MadeOf, Place, Surroundings

_log = logging.getLogger(__name__)

_EXPLAINED = (Transition.OPENED, Transition.ESCALATED)
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where to look for what is around.

    Attributes:
        contracts: those that are watched, by id.
        surroundings: the graph of assets.
        made: how the making of datasets went.
    """

    contracts: Mapping[str, Contract]
    surroundings: Surroundings
    made: MadeOf


def with_background(behind: Behind, alerts: Sequence[Alert], around: Around) -> list[Alert]:
    """The alerts, with what is made of their datasets and what is likely behind them.

    Args:
        behind: what is on record, without what is told by these alerts.
        alerts: raised at about one time.
        around: where to look for the rest.
    """
    affected = around.surroundings.affected
    reaching = [replace(each, downstream=affected(each.contract, each.dataset)) for each in alerts]
    new = [each for each in reaching if each.transition in _EXPLAINED]
    if not new:
        return reaching
    try:
        with behind.alone():
            found = _looked_up(behind, reaching, new, around)
    except Exception:  # noqa: BLE001  see above; where the store is gone, recording says so next
        _log.warning("what is behind %s alerts could not be found out", len(new), exc_info=True)
        return reaching
    return [
        replace(each, background=background(each, found.known(each)))
        if each.transition in _EXPLAINED
        else each
        for each in reaching
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found out for all alerts together; contracts and servers by their names as they are kept."""

    around: Around
    spells: Mapping[str, Sequence[tuple[str, Spell]]]
    open_by_contract: Mapping[str, Sequence[Open]]
    troubled: Mapping[str, AbstractSet[str]]
    registrations: Mapping[str, Registration]
    made: Mapping[Place, Made]

    def known(self, alert: Alert) -> Known:
        """What of it is around this one."""
        key = kept_key(key_of(alert))
        registered = self.registrations.get(key.contract)
        here = self.open_by_contract.get(key.contract, ())
        others = [each for each in here[: _MOST_NAMED + 1] if each.id != alert.episode][:_MOST_NAMED]
        spells = self.spells.get(key_of(alert).text, ())
        troubled = self.troubled.get(key.server, frozenset()) if key.server else frozenset()
        return Known(
            watched_since=registered.first_seen if registered else None,
            spells=[spell for id_, spell in spells if id_ != alert.episode],
            beside=others,
            more=max(len(here) - len(others) - any(each.id == alert.episode for each in here), 0),
            upstream=self._upstream(alert),
            neighbours=len(troubled) - (key.contract in troubled),
            change=_change(self.around.contracts.get(alert.contract), registered),
            made=self.made.get((alert.contract, alert.dataset)),
        )

    def _upstream(self, alert: Alert) -> list[tuple[str, Open]]:
        feeding = self.around.surroundings.upstream.get(alert.contract, ())
        known = ((each, self.around.contracts.get(each)) for each in feeding)
        return [
            (contract.title if contract else each, open_[0])
            for each, contract in known
            if (open_ := self.open_by_contract.get(each))
        ]


def _looked_up(behind: Behind, alerts: Sequence[Alert], new: Sequence[Alert], around: Around) -> _Found:
    own = {kept_key(key_of(each)).contract for each in new}
    feeding = (other for each in new for other in around.surroundings.upstream.get(each.contract, ()))
    at = min(each.at for each in new)
    open_ = _with_these(behind.open_of({*own, *feeding}), alerts)
    troubled = behind.troubled({kept_key(key_of(each)).server for each in new})
    for each in open_:
        troubled[each.server].add(each.contract)
    by_contract = defaultdict[str, list[Open]](list)
    for each in sorted(open_, key=telling):
        by_contract[each.contract].append(each)
    return _Found(
        around=around,
        spells=behind.spells(map(key_of, new), at - LOOK_BACK),
        open_by_contract=by_contract,
        troubled=troubled,
        registrations=behind.registrations(own, at - CHANGED_WITHIN),
        made=around.made(list({(each.contract, each.dataset): None for each in new})),
    )


def _with_these(recorded: Iterable[Open], alerts: Iterable[Alert]) -> list[Open]:
    """What is open once these alerts are recorded, too."""
    now_open = {each.id: each for each in recorded}
    for each in alerts:
        if each.transition is Transition.RESOLVED:
            now_open.pop(each.episode, None)
        elif each.broken:
            key = kept_key(key_of(each))
            now_open[each.episode] = Open(
                id=each.episode,
                contract=key.contract,
                server=key.server,
                kind=each.kind,
                title=each.title,
                since=each.since,
            )
    return list(now_open.values())


def _change(contract: Contract | None, registered: Registration | None) -> Change | None:
    if contract is None or registered is None:
        return None
    before = [each for each in registered.versions if each.digest != contract.digest]
    if not before:
        return None
    last = max(before, key=lambda each: each.last_seen)
    return Change(before=last.version, after=contract.version, seen=last.last_seen)
