"""Context: what is likely behind a breach, as sentences, the most telling first.

A server that is down explains every dataset of it, a changed schema what is counted in its columns, a
broken upstream what is made of it, a failed run what is late. Then come what else is broken, whether the
contract has changed, and whether this is the first time. Sentences hold names out of contracts, times and
counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.plan.wording import clock, counted, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from floe_dagster.notify.alert import Alert
    from floe_dagster.surroundings import Made

LOOK_BACK = timedelta(days=30)
"""how far the history of a check is looked at"""

CHANGED_WITHIN = timedelta(days=1)
"""how long a changed contract may be behind a breach"""

_EXPLAINS = ("server", "availability", "schema")
"""kinds whose breach explains those of others, the most telling first"""

_NAMED = 2
"""so many others are named, and the rest is counted"""

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An episode that is open now."""

    id: str
    contract: str
    server: str
    kind: str
    title: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """An earlier episode of the same check; `end` is None where it is open."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The contract is another than it was.

    Attributes:
        before, after: its versions, which may be the same.
        seen: when it was last seen as it was before.
    """

    before: str
    after: str
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known around an alert.

    Attributes:
        watched_since: when the contract was first seen; None where nobody knows.
        spells: earlier episodes of the same check within `LOOK_BACK`, by their start.
        beside: other open episodes of the same contract, in the order of `telling`.
        more: how many there are beside those.
        upstream: of the contracts that feed it, those with an open episode: title, and the most telling one.
        neighbours: how many other contracts on the same server have an open episode.
        change: the newest change of the contract within `CHANGED_WITHIN`.
        made: how the making of the dataset went lately.
    """

    watched_since: datetime | None = None
    spells: Sequence[Spell] = ()
    beside: Sequence[Open] = ()
    more: int = 0
    upstream: Sequence[tuple[str, Open]] = ()
    neighbours: int = 0
    change: Change | None = None
    made: Made | None = None


def background(alert: Alert, known: Known) -> tuple[str, ...]:
    """What is likely behind an alert."""
    causes = [each for each in known.beside if each.kind in _EXPLAINS][:_NAMED]
    others = [each for each in known.beside if each not in causes]
    return (
        *_causes(causes, alert.at),
        *_upstream(known.upstream, alert.at),
        *_failed(alert, known.made),
        *_change(known.change, alert.at),
        *_made(alert, known.made),
        *_others(others, known.more, bool(causes), alert.at),
        *_neighbours(alert, known.neighbours),
        *_history(alert, known),
    )


def telling(open_: Open) -> tuple[int, datetime, str]:
    """How much an open episode explains of others, as a key to sort by: the most telling first."""
    rank = _EXPLAINS.index(open_.kind) if open_.kind in _EXPLAINS else len(_EXPLAINS)
    return rank, open_.since, open_.id


def _causes(causes: Iterable[Open], now: datetime) -> Iterator[str]:
    for each in causes:
        yield f"also broken {_since(each.since, now)}: {_name(each.title)} ({each.kind})"


def _upstream(open_: Sequence[tuple[str, Open]], now: datetime) -> Iterator[str]:
    first = sorted(open_, key=lambda each: telling(each[1]))
    for title, each in first[:_NAMED]:
        since = _since(each.since, now)
        yield f"{_name(title)}, which feeds it, is broken {since}: {_name(each.title)} ({each.kind})"
    if len(first) > _NAMED:
        more = counted(len(first) - _NAMED, "more contract")
        yield f"{more} that feed it have something broken"


def _failed(alert: Alert, made: Made | None) -> Iterator[str]:
    if made and made.failed_at:
        last = f"; it was last made {_at(made.at, alert.at)}" if made.at else "; it was never made before"
        failed = _at(made.failed_at, alert.at)
        yield f"the last run that was to make {_name(alert.dataset)} failed {failed}{last}"


def _change(change: Change | None, now: datetime) -> Iterator[str]:
    if change is None:
        return
    versions = f"from version {_name(change.before)} to {_name(change.after)}"
    how = versions if change.before != change.after else f"and is still called {_name(change.after)}"
    yield f"the contract has changed since {clock(change.seen, now)}, {how}"


def _made(alert: Alert, made: Made | None) -> Iterator[str]:
    if made is None or made.failed_at:
        return
    if made.running_since:
        yield f"a run that makes {_name(alert.dataset)} is going {_since(made.running_since, alert.at)}"
    if made.at:
        ago = span(max(alert.at - made.at, timedelta()))
        yield f"{_name(alert.dataset)} was last made {_at(made.at, alert.at)}, {ago} before"


def _others(others: Sequence[Open], more: int, caused: bool, now: datetime) -> Iterator[str]:  # noqa: FBT001
    if not others:
        return
    first, count = min(each.since for each in others), len(others) + more
    if count == 1 and not caused:
        yield f"also broken {_since(first, now)}: {_name(others[0].title)} ({others[0].kind})"
        return
    what, are = ("more check" if caused else "other check"), "is" if count == 1 else "are"
    yield f"{counted(count, what)} of this contract {are} broken, the first {_since(first, now)}"


def _neighbours(alert: Alert, count: int) -> Iterator[str]:
    if count:
        have = "has" if count == 1 else "have"
        yield f"{counted(count, 'other contract')} on {_name(alert.server)} {have} something broken, too"


def _history(alert: Alert, known: Known) -> Iterator[str]:
    spells = sorted(known.spells, key=lambda each: each.start)
    days = f"{LOOK_BACK.days} days"
    if not spells:
        since = known.watched_since
        if since is not None and since < alert.at - LOOK_BACK:
            yield f"broken for the first time in {days}"
        elif since is not None and since < alert.since:
            yield f"broken for the first time since it is watched, which is since {clock(since, alert.at)}"
        return
    last = spells[-1]
    times = "once" if len(spells) == 1 else f"{len(spells)} times"
    lasted = (
        f", for {span(last.end - last.start)} the last time, until {clock(last.end, alert.at)}"
        if last.end
        else ""
    )
    yield f"broken {times} before in {days}{lasted}"


def _since(then: datetime, now: datetime) -> str:
    return f"since {clock(then, now)}"


def _at(then: datetime | None, now: datetime) -> str:
    return f"at {clock(then, now)}" if then else ""


def _name(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 3]}..."
