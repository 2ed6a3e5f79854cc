"""Building: from rows already read to a report. Pure: it reads no store and no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.report.breaches import breaches_of
from floe_dagster.report.excuse import excuse
from floe_dagster.report.gaps import gaps_of, unreadable_gaps
from floe_dagster.report.lines import contract_line
from floe_dagster.report.model import ContractLine, SlaReport, tallied
from floe_dagster.report.parts import ChannelLine
from floe_dagster.report.quiet import quiet_times
from floe_dagster.report.rows import FILE, Place, Rows, at_home, by_place, grouped, home_of, homes_of, selects
from floe_dagster.report.silence import with_silence
from floe_dagster.report.sla import held, total
from floe_dagster.report.tallies import summed, violations_of
from floe_dagster.report.window import Recorded, Window, earlier_than, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.plan.check import Plan
    from floe_dagster.report.calendar import Period
    from floe_dagster.report.parts import Change, MadeUp
    from floe_dagster.report.rows import Aggregate


def build_report(
    rows: Rows,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    plans: Sequence[Plan] = (),
    environment: str = "",
    contracts: Sequence[str] = (),
    kinds: Sequence[str] = (),
    domains: Sequence[str] = (),
    hold: Mapping[str, timedelta] | None = None,
    unreadable: Mapping[str, str] | None = None,
    period: Period | None = None,
    zone: str = "UTC",
    target: float | None = None,
    changes: Sequence[Change] = (),
    notes: Sequence[str] = (),
    made_up: Sequence[MadeUp] = (),
) -> SlaReport:
    """How the window from `start` inclusive to `end` exclusive went.

    The window is cut at `now`, and for each kind of each contract it begins when that was first measured:
    time before a promise was watched is not held against it, nor counted for it. Of a window that is over,
    nothing in the report depends on `now`.

    Args:
        rows: what is on record.
        start: where the window begins.
        end: where the window ends.
        now: when the report is made; printed in it where the window is not over.
        plans: the contracts that are served at the end of the window, compiled.
        environment: prod, dev, ... as the settings have it.
        contracts: globs over ids and titles; only these are reported on.
        kinds: only these are reported on.
        domains: globs; only contracts of such a domain are reported on.
        hold: by kind, how long a measurement counts after it was made, `*` for every other kind; twice the
            cadence is the rule. After that the time is unknown. A check that is measured at times of its own
            stands under the text of its key.
        unreadable: contract files that cannot be read, with the reason.
        period: the day, week or month that the window is, where it is one.
        zone: in whose time it is told.
        target: the share of time that a promise has to be kept for where its contract names none.
        changes: what came of the contracts themselves.
        notes: what has to be known of how the report was made.
        made_up: time of which what is on record was not measured.
    """
    as_of = max(start, min(end, now))
    known = {plan.contract.id: plan for plan in plans}
    window = Window(
        start=start,
        end=as_of,
        over_at=end,
        earlier=earlier_than(start, end, period),
        parts=parts_of(start, end, period),
        target=target,
        hold=hold or {},
        looking_back=end < now,
        made_up=tuple(made_up),
    )
    homes = homes_of(rows, known)
    measured = replace(rows, segments=held(rows.segments, window.end, window.hold, rows.unfinished))
    past = _known_at(at_home(measured, homes), window, known)
    places = [
        place
        for place in _places(past, plans)
        if _selected(place, known, contracts) and _of_domain(place, known, domains)
    ]
    days = grouped(rows.days, lambda each: home_of(each, homes))
    lines = tuple(sorted(_lines(past, places, known, window, kinds=kinds, days=days), key=_worst_first))
    wanted = {place.contract for place in places}
    wanted |= {source for source, place in homes.items() if place.contract in wanted}
    ledgers = {each.contract: each.ledger for each in lines if each.ledger}
    narrowed = bool(contracts or domains or kinds)
    return SlaReport(
        environment=environment,
        start=start,
        end=end,
        observed_since=min((each.observed_since for each in lines if each.observed_since), default=None),
        as_of=as_of,
        generated_at=as_of,
        selection=tuple(contracts),
        compliance=total(each.compliance for each in lines),
        tally=tallied(each.tally for each in lines),
        ledger=summed(ledgers.values()),
        contracts=lines,
        violations=violations_of(each for line in lines for each in line.breaches),
        channels=_channels(
            each for each in past.parcels if each.created_at >= start and _about(each) in wanted
        ),
        gaps=(
            *unreadable_gaps({} if narrowed else unreadable or {}),
            *(
                gap
                for line in lines
                for gap in gaps_of(line, known.get(line.contract))
                if not kinds or gap.kind in kinds
            ),
        ),
        period=period,
        zone=zone,
        parts=tuple(min(each, as_of) for each in window.parts),
        pauses=quiet_times(past.pauses, start, as_of),
        changes=tuple(each for each in changes if not narrowed or each.contract in wanted),
        notes=tuple(notes),
        domains=tuple(domains),
        kinds=tuple(kinds),
        made_up=tuple(made_up),
        alerts_kept=rows.kept.alerts is None or start >= rows.kept.alerts,
    )


def _known_at(rows: Rows, window: Window, known: Mapping[str, Plan]) -> Rows:
    """The rows as they were at the end of the window, each moment of each check in a state."""
    then = replace(rows, segments=excuse(rows.segments, rows.pauses))
    past = then.within(window.start, window.end, since=window.since)
    asked_for = {(name, item.id) for name, plan in known.items() for item in plan.items}
    whole = with_silence(
        past.segments,
        past.seen(),
        window.since,
        window.end,
        lambda each: each.kind == FILE or (each.key.contract, each.key.check) in asked_for,
    )
    return replace(past, segments=whole)


def _places(rows: Rows, plans: Iterable[Plan]) -> list[Place]:
    recorded = rows.places()
    served = {place.contract for place in recorded}
    silent = {Place(plan.contract.id, "") for plan in plans if plan.contract.id not in served}
    return sorted(recorded | silent)


def _selected(place: Place, known: Mapping[str, Plan], globs: Sequence[str]) -> bool:
    plan = known.get(place.contract)
    return selects(globs, place.contract, *([plan.contract.title] if plan else []))


def _of_domain(place: Place, known: Mapping[str, Plan], globs: Sequence[str]) -> bool:
    plan = known.get(place.contract)
    return selects(globs, (plan.contract.domain if plan else None) or "")


def _lines(
    rows: Rows,
    places: Iterable[Place],
    known: Mapping[str, Plan],
    window: Window,
    *,
    kinds: Sequence[str],
    days: Mapping[Place, Sequence[Aggregate]],
) -> Iterator[ContractLine]:
    outcomes, segments, worst = by_place(rows.latest), by_place(rows.segments), by_place(rows.worst)
    breaches = breaches_of(rows, known, looking_back=window.looking_back, made_up=window.made_up)
    by_breach = grouped(breaches, lambda each: Place(each.contract, each.server))
    seen = grouped(rows.seen().items(), lambda each: Place(each[0].key.contract, each[0].key.server))
    sightings = grouped(rows.sightings, lambda each: Place(each.key.contract, each.key.server))
    for place in places:
        recorded = Recorded(
            latest=outcomes.get(place, ()),
            segments=segments.get(place, ()),
            breaches=by_breach.get(place, ()),
            first_seen=dict(seen.get(place, ())),
            worst={each.key.check: each for each in worst.get(place, ())},
            days=days.get(place, ()),
            sightings=sightings.get(place, ()),
            pauses=rows.pauses,
            whole_since=rows.kept.segments,
        )
        yield contract_line(place, known.get(place.contract), window, recorded, kinds)


def _about(parcel: Parcel) -> str:
    return parcel.about.split("\n", 1)[0]


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
