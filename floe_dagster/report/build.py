"""Building: from rows already read to a report. Pure: it reads no store and no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from floe_dagster.plan.check import Coverage
from floe_dagster.report.breaches import breaches_of
from floe_dagster.report.gaps import gaps_of, unreadable_gaps
from floe_dagster.report.lines import Window, contract_line
from floe_dagster.report.model import Breach, ChannelLine, ContractLine, SlaReport, Violations, tallied
from floe_dagster.report.rows import Place, Rows, at_home, by_place, grouped, homes_of, selects
from floe_dagster.report.sla import held, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.plan.check import Plan


def build_report(
    rows: Rows,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    plans: Sequence[Plan] = (),
    environment: str = "",
    contracts: Sequence[str] = (),
    hold: Mapping[str, timedelta] | None = None,
    unreadable: Mapping[str, str] | None = None,
) -> SlaReport:
    """How the window from `start` inclusive to `end` exclusive went.

    The window is cut at `now`, and for each kind of each contract it begins when that was first measured:
    time before a promise was watched is not held against it, nor counted for it.

    Args:
        rows: what is on record.
        start: where the window begins.
        end: where the window ends.
        now: when the report is made; printed in it.
        plans: the contracts that are served now, compiled.
        environment: prod, dev, ... as the settings have it.
        contracts: globs over ids and titles; only these are reported on.
        hold: by kind, how long a measurement counts after it was made, `*` for every other kind; twice the
            cadence is the rule. After that the time is unknown.
        unreadable: contract files that cannot be read, with the reason.
    """
    as_of = max(start, min(end, now))
    known = {plan.contract.id: plan for plan in plans}
    homes = homes_of(rows, known)
    told = at_home(replace(rows, segments=held(rows.segments, as_of, hold or {})), homes)
    past = told.within(start, as_of)
    places = [place for place in _places(past, plans) if _selected(place, known, contracts)]
    lines = tuple(sorted(_lines(past, places, known, Window(start=start, end=as_of)), key=_worst_first))
    wanted = {place.contract for place in places}
    wanted |= {source for source, place in homes.items() if place.contract in wanted}
    ledgers = {each.contract: each.ledger for each in lines if each.ledger}
    return SlaReport(
        environment=environment,
        start=start,
        end=end,
        observed_since=min((each.observed_since for each in lines if each.observed_since), default=None),
        as_of=as_of,
        generated_at=now,
        selection=tuple(contracts),
        compliance=total(each.compliance for each in lines),
        tally=tallied(each.tally for each in lines),
        ledger=summed(ledgers.values()),
        contracts=lines,
        violations=_violations(each for line in lines for each in line.breaches),
        channels=_channels(
            each for each in past.parcels if each.created_at >= start and _about(each) in wanted
        ),
        gaps=(
            *unreadable_gaps({} if contracts else unreadable or {}),
            *(gap for line in lines for gap in gaps_of(line, known.get(line.contract))),
        ),
    )


def summed(ledgers: Iterable[Coverage]) -> Coverage:
    """The ledgers of several contracts together."""
    every = tuple(ledgers)
    return Coverage(**{each.name: sum(getattr(one, each.name) for one in every) for each in fields(Coverage)})


def _places(rows: Rows, plans: Iterable[Plan]) -> list[Place]:
    recorded = rows.places()
    served = {place.contract for place in recorded}
    silent = {Place(plan.contract.id, "") for plan in plans if plan.contract.id not in served}
    return sorted(recorded | silent)


def _selected(place: Place, known: Mapping[str, Plan], globs: Sequence[str]) -> bool:
    plan = known.get(place.contract)
    return selects(globs, place.contract, *([plan.contract.title] if plan else []))


def _lines(
    rows: Rows, places: Iterable[Place], known: Mapping[str, Plan], window: Window
) -> Iterable[ContractLine]:
    outcomes, segments = by_place(rows.latest), by_place(rows.segments)
    breaches = grouped(breaches_of(rows, known), lambda each: Place(each.contract, each.server))
    seen = grouped(rows.seen().items(), lambda each: Place(each[0].contract, each[0].server))
    for place in places:
        yield contract_line(
            place,
            known.get(place.contract),
            window,
            latest=outcomes.get(place, []),
            segments=segments.get(place, []),
            breaches=breaches.get(place, []),
            first_seen={line.kind: instant for line, instant in seen.get(place, [])},
        )


def _about(parcel: Parcel) -> str:
    return parcel.about.split("\n", 1)[0]


def _violations(breaches: Iterable[Breach]) -> tuple[Violations, ...]:
    counts = Counter((each.kind, each.severity) for each in breaches)
    ordered = sorted(counts.items(), key=lambda each: (each[0][0], -each[0][1].rank))
    return tuple(Violations(kind=kind, severity=severity, count=count) for (kind, severity), count in ordered)


def _channels(parcels: Iterable[Parcel]) -> tuple[ChannelLine, ...]:
    by_channel = grouped(parcels, lambda each: each.channel)
    return tuple(
        ChannelLine(channel=channel, **Counter(each.state.value for each in every))
        for channel, every in sorted(by_channel.items())
    )


def _worst_first(line: ContractLine) -> tuple[int, float, str, str, str]:
    severity = max((each.severity.rank for each in line.open), default=-1)
    ratio = line.compliance.ratio
    return -severity, 2.0 if ratio is None else ratio, line.title.casefold(), line.contract, line.server
