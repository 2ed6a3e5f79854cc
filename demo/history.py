"""A month before the demo's first moment, simulated, so that a newcomer sees a trend and not one day.

What is found is made up (`demo/story.py`); everything that follows from it is not: the contracts' own checks,
their grading, the episodes and the store are the real ones, with a clock that is told the time. The ticks say
of themselves that they are simulated, and every report that looks at them repeats it. Nobody is told of these
episodes, and no lineage is written.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING

from demo.story import SEED, Story, story_of
from floe_dagster.contract.document import read
from floe_dagster.outcome.episode import State, Step, advance
from floe_dagster.outcome.grade import graded
from floe_dagster.outcome.outcome import stable_id
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.policy import Policy
from floe_dagster.state.records import SIMULATED, Tick
from floe_dagster.watchlist import watchlist_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from floe_dagster.contract.document import Reading
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.settings import Settings
    from floe_dagster.state.store import Store
    from floe_dagster.state.writing import Writing
    from floe_dagster.watchlist import Watchlist

EVERY = {
    "availability": timedelta(minutes=30),
    "freshness": timedelta(hours=1),
    "schema": timedelta(hours=6),
    "quality": timedelta(hours=24),
}
"""how often a kind is measured in the story: less often than the demo's settings have it, which costs less"""

LABEL = f"{SIMULATED}by demo/history.py, so that there is a trend to see"

CHANGED = {
    "contracts/flights.odcs.yaml": {
        "version: 1.2.0": "version: 1.1.0",
        "property: freshness\n    value: 24": "property: freshness\n    value: 36",
    }
}
"""what contracts read before they were changed in the story, by file and by what stands there now"""

_LAST = timedelta(minutes=1)
"""how long before the first real measurement the last simulated one is"""


def record_history(store: Store, watchlist: Watchlist, first: datetime) -> int:
    """Record the month before `first`, whole or not at all; says how many outcomes that were.

    A store that remembers anything already is left as it is, so that what was measured is never mixed up with
    what was not.

    Raises:
        StoreError: the store does not answer; then nothing of this is recorded.
    """
    if store.outcomes(limit=1):
        return 0
    story = story_of(first)
    states: dict[Key, State] = {}
    count = 0
    with store.writing() as writing:
        writing.add_pause(_maintenance(story))
        before = earlier(watchlist)
        for at in (story.start, story.changed_at - _LAST):
            _register(writing, before, at)
        _register(writing, watchlist, story.changed_at)
        for number, outcomes in enumerate(_days(simulated(story, before, watchlist))):
            steps = [_step(states, each, watchlist.settings) for each in outcomes]
            writing.save(outcomes=outcomes, steps=steps, tick=_tick(number, outcomes))
            count += len(outcomes)
    return count


def simulated(story: Story, before: Watchlist, after: Watchlist) -> Iterator[Outcome]:
    """Every outcome of the month, in the order of time; `before` is watched until the contracts change."""
    random = Random(SEED)  # noqa: S311 - a story, not a secret
    for at, due in moments(story):
        watchlist = before if at < story.changed_at else after
        for watch in watchlist.watches:
            for check in watch.plan.checks:
                if check.kind in due:
                    verdict = story.verdict(check, watchlist.kinds[check.kind], at, random)
                    yield graded(
                        watch.plan,
                        check,
                        verdict,
                        watchlist.settings.grading,
                        server=watch.server_name,
                        tick=f"simulated {at.isoformat()}",
                        at=at,
                    )


def moments(story: Story) -> Iterator[tuple[datetime, frozenset[str]]]:
    """When something is measured in the story, and of which kinds."""
    step = min(EVERY.values())
    for place in range((story.end - story.start) // step - 1, -1, -1):
        at = story.end - _LAST - place * step
        if at not in story.closed:
            yield at, frozenset(kind for kind, every in EVERY.items() if not place * step % every)


def earlier(watchlist: Watchlist) -> Watchlist:
    """The contracts as they read before they were changed in the story."""
    settings = watchlist.settings
    readings = tuple(_before(each) for each in watchlist.readings)
    return watchlist_of(readings, settings, watchlist.kinds, settings.root.resolve())


def _before(reading: Reading) -> Reading:
    text = reading.text
    for now, then in CHANGED.get(reading.source, {}).items():
        text = text.replace(now, then, 1)
    return reading if text == reading.text else read(text, reading.source)


def _register(writing: Writing, watchlist: Watchlist, at: datetime) -> None:
    readings = [each for each in watchlist.readings if each.contract]
    contracts = [each.contract for each in readings if each.contract]
    writing.register(contracts, at, {each.contract.digest: each.text for each in readings if each.contract})


def _maintenance(story: Story) -> Pause:
    return Pause(
        id="simulated-maintenance",
        what=PauseKind.MAINTENANCE,
        start=story.maintenance.start,
        end=story.maintenance.end,
        author="demo/history.py",
        reason="simulated: the disk of the warehouse is replaced",
        declared_at=story.maintenance.start - timedelta(days=2),
    )


def _days(outcomes: Iterator[Outcome]) -> Iterator[Sequence[Outcome]]:
    return (list(each) for _, each in groupby(outcomes, key=lambda each: each.at.date()))


def _step(states: dict[Key, State], outcome: Outcome, settings: Settings) -> Step:
    policy = Policy.of(settings.grading, EVERY[outcome.kind].total_seconds())
    step = advance(states.get(outcome.key), outcome, policy)
    if step.state:
        states[outcome.key] = step.state
    return step


def _tick(number: int, outcomes: Sequence[Outcome]) -> Tick:
    began, ended = outcomes[0].at, outcomes[-1].at
    name = stable_id(LABEL, str(number), ended.isoformat())
    return Tick(id=name, kind=LABEL, started_at=began, ended_at=ended)
