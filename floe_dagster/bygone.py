"""Bygone: contracts as they were at the end of a period, so that its report can be made again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.contract.document import Reading, read
from floe_dagster.report.changes import words_for
from floe_dagster.report.parts import Change
from floe_dagster.report.rows import FILE
from floe_dagster.report.versions import in_force
from floe_dagster.watchlist import watchlist_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.check import Plan
    from floe_dagster.report.versions import Version
    from floe_dagster.watchlist import Watchlist


AT_THE_BEGINNING = timedelta(hours=24)
"""what was seen for the first time so soon after anything was counts as there before"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bygone:
    """What was promised at a time gone by.

    Attributes:
        notes: the contracts whose words of the time are not kept.
    """

    plans: tuple[Plan, ...]
    notes: tuple[str, ...] = ()


def promised_at(
    versions: Sequence[Version], watchlist: Watchlist, latest: Iterable[Outcome], at: datetime
) -> Bygone:
    """The plans of the contracts that were promised just before `at`.

    A contract whose text of the time is not kept is taken as it is now, and a note says so.

    Args:
        versions: every version that is kept.
        watchlist: what is watched now, for its check kinds and settings.
        latest: the outcomes of the time; they name the contract's file and version.
        at: aware.
    """
    by_contract = {each.key.contract: each for each in latest if each.kind != FILE}
    then = in_force(versions, at, {name: each.version for name, each in by_contract.items()})
    present = {each.contract.id: each for each in watchlist.readings if each.contract}
    readings: list[Reading] = []
    lost: list[str] = []
    for name in sorted(then.keys() | (by_contract.keys() & present.keys())):
        version, now = then.get(name), present.get(name)
        if version is None and any(each.contract == name for each in versions if each.first_seen < at):
            continue  # it was no longer promised
        reading = _read(version, now, by_contract.get(name))
        if reading is None and now is not None:
            reading = now
            lost.append(name)
        if reading is not None:
            readings.append(reading)
    folder = watchlist.settings.root.resolve()
    compiled = watchlist_of(tuple(readings), watchlist.settings, watchlist.kinds, folder)
    notes = (
        (f"The words of {', '.join(lost)} as they were then are not kept; what is promised now was taken.",)
        if lost
        else ()
    )
    return Bygone(plans=tuple(each.plan for each in compiled.watches), notes=notes)


def promised_before(versions: Sequence[Version], watchlist: Watchlist, start: datetime) -> Bygone:
    """What was promised just before `start`, for what changed since.

    What the store knew from its beginning counts as promised before that: it was there before anybody looked.
    """
    then = promised_at(versions, watchlist, (), start)
    begun = min((each.first_seen for each in versions), default=start) + AT_THE_BEGINNING
    known = {each.contract.id for each in then.plans}
    first: dict[str, Version] = {}
    for each in sorted(versions, key=lambda each: each.first_seen):
        if start <= each.first_seen < begun and each.contract not in known:
            first.setdefault(each.contract, each)
    earliest = promised_at(tuple(first.values()), watchlist, (), begun)
    return replace(then, plans=(*then.plans, *earliest.plans))


def changes_between(
    before: Bygone, after: Bygone, versions: Sequence[Version], start: datetime, end: datetime
) -> tuple[Change, ...]:
    """What came of the contracts from `start` to `end`, in the order of their names."""
    old = {each.contract.id: each for each in before.plans}
    new = {each.contract.id: each for each in after.plans}
    earlier = {each.contract: each for each in versions if each.first_seen < start}
    seen: Mapping[str, datetime] = {
        each.digest: each.first_seen for each in versions if start <= each.first_seen < end
    }
    first = {each.contract: each.first_seen for each in reversed(versions) if start <= each.first_seen < end}
    found: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was and now and was.contract.digest == now.contract.digest:
            continue
        if was is None and name not in earlier:
            found.append(_change(was, now, first.get(name, end)))
        else:
            at = seen.get(now.contract.digest, end) if now else end
            found.append(_change(was, now, at, before=earlier.get(name)))
    return tuple(found)


def _change(was: Plan | None, now: Plan | None, at: datetime, *, before: Version | None = None) -> Change:
    one = now or was
    assert one is not None
    return Change(
        contract=one.contract.id,
        title=one.contract.title,
        what="added" if was is None else "removed" if now is None else "changed",
        at=at,
        before=was.contract.version if was else before.version if before else None,
        after=now.contract.version if now else None,
        words=words_for(was, now) if was and now else (),
    )


def _read(version: Version | None, now: Reading | None, outcome: Outcome | None) -> Reading | None:
    """The contract of a version, from its file of now where that says the same."""
    if version is None:
        return None
    if now is not None and now.contract is not None and now.contract.digest == version.digest:
        reading = now
    elif version.text:
        reading = read(version.text, now.source if now else version.contract)
    else:
        return None
    if reading.contract is None:
        return None
    source = outcome.source if outcome else reading.source
    return replace(reading, source=source, contract=replace(reading.contract, source=source))
