"""Measuring: whether every cadence ticks, and every check is measured. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.health.facts import Recorded, Silent
from floe_dagster.health.finding import Aspect, Finding, unknown
from floe_dagster.plan.check import Severity
from floe_dagster.plan.wording import counted, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from floe_dagster.health.facts import Due, Facts

TIMES = 2
"""after so many of its intervals a tick or a check is late ..."""

SLACK = timedelta(minutes=1)
"""... and this much later, which a run takes to begin"""

_NAMES = 5


def of_ticks(facts: Facts) -> Iterator[Finding]:
    """Cadences that did not tick for twice their interval."""
    if isinstance(facts.memory, Silent):
        yield unknown(Aspect.TICKS)
        return
    ticked = facts.memory.ticked if isinstance(facts.memory, Recorded) else {}
    missed = {each.cadence for each, _ in _late(facts)}
    for name, every in facts.cadences.items():
        last = ticked.get(name)
        if last is not None and _in_time(last, every, facts.now):
            continue
        ago = f"ticked {span(facts.now - last)} ago" if last else "has not ticked yet"
        wrong = last is not None or name in missed
        yield Finding(
            aspect=Aspect.TICKS,
            severity=Severity.ERROR if wrong else Severity.INFO,
            about=name,
            what=f"{name} {ago}, and does every {span(every)}",
            then=f"see that Dagster's daemon runs, that the schedule floe_{name} is on, and how its runs end",
        )


def of_checks(facts: Facts) -> Iterator[Finding]:
    """Checks that were not measured for twice their cadence, by contract."""
    if isinstance(facts.memory, Silent):
        yield unknown(Aspect.MEASURED)
        return
    late = defaultdict[tuple[str, str], list[tuple["Due", "datetime"]]](list)
    for each, last in _late(facts):
        late[each.key.contract, each.cadence].append((each, last))
    for (contract, cadence), some in late.items():
        yield _not_measured(contract, cadence, some, facts)
    for contract, count in _new(facts).items():
        what = f"{contract}: {counted(count, 'check')} not measured yet, being new"
        yield Finding(aspect=Aspect.MEASURED, severity=Severity.INFO, about=contract, what=what)


def _late(facts: Facts) -> Iterator[tuple[Due, datetime]]:
    """What is late, with when it was measured last, or known first where it never was."""
    if not isinstance(facts.memory, Recorded):
        return
    for each in facts.due:
        last = facts.memory.measured.get(each.key) or facts.memory.since.get(each.key)
        if last is not None and not _in_time(last, each.every, facts.now):
            yield each, last


def _new(facts: Facts) -> Counter[str]:
    if not isinstance(facts.memory, Recorded):
        return Counter()
    known = {**facts.memory.since, **facts.memory.measured}
    return Counter(each.key.contract for each in facts.due if each.key not in known)


def _in_time(last: datetime, every: timedelta, now: datetime) -> bool:
    return now - last <= TIMES * every + SLACK


def _not_measured(contract: str, cadence: str, late: Sequence[tuple[Due, datetime]], facts: Facts) -> Finding:
    measured = facts.memory.measured if isinstance(facts.memory, Recorded) else {}
    never = not any(each.key in measured for each, _ in late)
    since = "never measured" if never else f"not measured since {moment(min(last for _, last in late))}"
    every = span(min(each.every for each, _ in late))
    names = _some(each.key.check for each, _ in late)
    return Finding(
        aspect=Aspect.MEASURED,
        severity=Severity.ERROR,
        about=f"{contract} {cadence}",
        what=f"{contract}: {counted(len(late), 'check')} {since}, due every {every}: {names}",
        then=f"see the newest run of floe_{cadence}; measure now with: floe check --record",
    )


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - _NAMES
    return ", ".join(every[:_NAMES]) + (f" and {more} more" if more > 0 else "")
