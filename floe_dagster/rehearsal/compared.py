"""Compared: two tellings of one history, and what people had said of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.outcome.acknowledgement import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from floe_dagster.outcome.outcome import Key
    from floe_dagster.rehearsal.telling import Telling, Told

_WEEK = timedelta(weeks=1)
_LEAST = timedelta(days=1)
"""less than this says nothing of a week"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An episode of which somebody said what it was.

    Attributes:
        start: since when it was broken.
        end: when it was over, or until when it is known.
        reason: any but `working`.
    """

    key: Key
    start: datetime
    end: datetime
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What was labelled, and what each policy tells of it.

    Attributes:
        labelled: how many episodes, by reason.
        told: those of which somebody is told.
    """

    labelled: dict[Reason, int]
    told: dict[Reason, int]

    @property
    def rate(self) -> float | None:
        """The share of false alarms among what is told; None where nothing of it was labelled."""
        every = sum(self.told.values())
        return self.told.get(Reason.FALSE_POSITIVE, 0) / every if every else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two policies tell of one history.

    Attributes:
        start, end: the window.
        since: from when outcomes are on record; what is said of a week is reckoned from then.
        outcomes: how many were played in the window.
        contracts: whose they were, by id.
        missed: told before and not after, the most severe first.
        added: told after and not before.
        rate: the share of false alarms among all that was labelled; None where nothing was.
        spared: false alarms that are told before and not after.
        lost: real ones that are told before and not after.
    """

    start: datetime
    end: datetime
    since: datetime
    outcomes: int
    contracts: frozenset[str]
    before: Telling
    after: Telling
    missed: tuple[Told, ...]
    added: tuple[Told, ...]
    labels_before: Labels
    labels_after: Labels
    rate: float | None
    spared: int
    lost: int

    @property
    def weeks(self) -> float | None:
        """How many weeks were played; None where it is less than a day, which says nothing of a week."""
        played = self.end - self.since
        return played / _WEEK if played >= _LEAST else None

    def noisiest(self, count: int) -> tuple[tuple[Key, int, int], ...]:
        """The checks that are told of most on either side, with how often before and after."""
        every = {*self.before.checks, *self.after.checks}
        pairs = [(key, self.before.checks.get(key, 0), self.after.checks.get(key, 0)) for key in every]
        pairs.sort(key=lambda each: (-each[1], -each[2], each[0].text))
        then = sorted(pairs, key=lambda each: (-each[2], -each[1], each[0].text))
        leading = {each[0] for each in (*pairs[:count], *then[:count])}
        return tuple(each for each in pairs if each[0] in leading)


def compared(
    *,
    start: datetime,
    end: datetime,
    since: datetime,
    outcomes: int,
    contracts: frozenset[str],
    before: Telling,
    after: Telling,
    labelled: Iterable[Labelled],
) -> Comparison:
    """Hold two tellings against each other, and against what people said.

    Args:
        start: the window's.
        end: the window's.
        since: from when outcomes are on record.
        outcomes: how many were played.
        contracts: whose they were, by id.
        before: under the policy as it is.
        after: under the other one.
        labelled: what people said of episodes.
    """
    labelled = tuple(labelled)
    reasons = Counter(each.reason for each in labelled)

    def said(keep: Callable[[Labelled], bool]) -> dict[Reason, int]:
        return dict(Counter(each.reason for each in labelled if keep(each)))

    def told(side: Telling) -> Callable[[Labelled], bool]:
        return lambda each: side.tells_of(each.key, each.start, each.end)

    gone = said(lambda each: told(before)(each) and not told(after)(each))
    every = sum(reasons.values())
    return Comparison(
        start=start,
        end=end,
        since=since,
        outcomes=outcomes,
        contracts=contracts,
        before=before,
        after=after,
        missed=_only(before, after),
        added=_only(after, before),
        labels_before=Labels(labelled=dict(reasons), told=said(told(before))),
        labels_after=Labels(labelled=dict(reasons), told=said(told(after))),
        rate=reasons[Reason.FALSE_POSITIVE] / every if every else None,
        spared=gone.get(Reason.FALSE_POSITIVE, 0),
        lost=gone.get(Reason.REAL, 0),
    )


def _only(one: Telling, other: Telling) -> tuple[Told, ...]:
    """What is told there and not here; the most severe first, then what lasted longest."""
    found = [
        each
        for each in one.began
        if not other.tells_of(each.episode.key, each.episode.broken_since, each.end)
    ]
    found.sort(
        key=lambda each: (
            -each.episode.severity.rank,
            each.episode.broken_since - each.end,
            each.at,
            each.episode.id,
        )
    )
    return tuple(found)
