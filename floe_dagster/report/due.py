"""Due: what became of the deadlines that a contract promises, by what was seen of the data at the time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.outcome.outcome import Key
from floe_dagster.plan.past import Due
from floe_dagster.report.deadline import lookers, passed, thing
from floe_dagster.report.parts import DueLine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from floe_dagster.plan.check import Check, Plan
    from floe_dagster.report.rows import Place
    from floe_dagster.report.window import Recorded, Window


def due_lines(
    place: Place, plan: Plan, window: Window, recorded: Recorded, kinds: Collection[str] = ()
) -> Iterator[DueLine]:
    """Every promise of a time of day that was ever measured.

    Time before a promise was first measured is not held against it.
    """
    first = {watched.key.check: at for watched, at in recorded.first_seen.items()}
    for day in recorded.days:  # of a time whose segments are deleted
        first[day.check] = min(day.start, first.get(day.check, day.start))
    for check, due in dues_of(plan):
        since = first.get(check.id)
        if since is None or (kinds and check.kind not in kinds):
            continue
        looking = {_key(place, each): each for each in lookers(plan, check.table, due.asked)}
        yield DueLine(
            check=check.id,
            dataset=check.dataset,
            element=check.element,
            title=check.title,
            expected=check.expected,
            passed=tuple(
                passed(
                    due,
                    _seen(looking, recorded),
                    max(_hold(window, key, each.kind) for key, each in looking.items()),
                    max(window.start, since),
                    window.end,
                    excused=[
                        pause
                        for pause in recorded.pauses
                        if pause.excuses
                        and any(pause.matches(key, each.kind) for key, each in looking.items())
                    ],
                )
            ),
        )


def dues_of(plan: Plan) -> Iterator[tuple[Check, Due]]:
    """The checks of a plan that promise a time of day, with what they promise."""
    return ((check, each) for check in plan.checks for each in check.metrics if isinstance(each, Due))


def _seen(looking: Collection[Key], recorded: Recorded) -> list[tuple[datetime, object]]:
    found = ((each.at, thing(each.actual)) for each in recorded.sightings if each.key in looking)
    return sorted(found, key=lambda pair: pair[0])


def _hold(window: Window, key: Key, kind: str) -> timedelta:
    return window.hold.get(key.text, window.hold.get(kind, window.hold.get("*", timedelta())))


def _key(place: Place, check: Check) -> Key:
    return Key(contract=place.contract, server=place.server, check=check.id)
