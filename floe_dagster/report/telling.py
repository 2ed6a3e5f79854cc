"""Telling: the sentences of a report, the same in every format."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.segment import Health
from floe_dagster.plan.past import Met
from floe_dagster.report.calendar import Grain
from floe_dagster.report.words import (
    NO_DATA,
    STATUS,
    amount,
    between,
    day,
    duration,
    minutes,
    percent,
    several,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.plan.check import Coverage
    from floe_dagster.report.model import Breach, CheckLine, ContractLine, KindLine, SlaReport, Tally
    from floe_dagster.report.parts import Change, DueLine, MadeUp, Quiet, ResponseLine, Score, Word
    from floe_dagster.report.sla import Compliance
    from floe_dagster.report.trend import Trend

NEWS = {
    ParcelState.PENDING: "waiting",
    ParcelState.DEAD: "given up",
    ParcelState.SUPPRESSED: "held back",
    ParcelState.SKIPPED: "not needed",
}

NOBODY: Mapping[Word, str] = {
    "known": "nobody: no route matches",
    "forgotten": "no longer on record",
    "simulated": "nobody: it was simulated",
}

GRAINS = {
    Grain.DAY: ("Daily SLA report", "day"),
    Grain.WEEK: ("Weekly SLA report", "week"),
    Grain.MONTH: ("Monthly SLA report", "month"),
}

FIRST_LOOK = timedelta(hours=6)

MOST_DAYS = 10
"""how many missed days are named; the JSON report has them all"""

NOTHING_YET = (
    "There is nothing to report on yet: no contract was found, and the store holds no outcome.",
    "Put a contract where floe.yaml looks for contracts (contracts/*.odcs.yaml).",
    "Then run `floe check contracts/ --record`, or let Dagster run the checks, and make this report again.",
)
NOTHING_SELECTED = (
    "No contract matches what was asked for, so there is nothing to report on.",
    "Run `floe sla report` without `--contract` to see every contract.",
)


def title(report: SlaReport) -> str:
    """What the report is called."""
    return GRAINS[report.period.grain][0] if report.period else "SLA report"


def subtitle(report: SlaReport) -> str:
    """Which period it is of; empty where it is of none."""
    if report.period is None:
        return ""
    first, last = (
        each.astimezone(ZoneInfo(report.period.zone)).date()
        for each in (report.period.start, report.period.end - timedelta(seconds=1))
    )
    days = "" if first == last else f", {day(first)} to {day(last)}"
    return f"{report.period.name}{days}, {report.period.zone}"


def moment(report: SlaReport) -> str:
    """When the report looks at what is broken."""
    return f"at the end of the {GRAINS[report.period.grain][1]}" if report.period and report.over else "now"


def headline(report: SlaReport) -> str:
    """How it went, in one sentence."""
    if report.compliance.ratio is None:
        return "Nothing has been measured in this window, so nothing can be said of it."
    broken = len(report.open)
    when_ = moment(report)
    verb = ("was", "were") if when_ != "now" else ("is", "are")
    state = (
        f"{several(broken, f'promise {verb[0]}', f'promises {verb[1]}')} broken {when_}"
        if broken
        else f"No promise {verb[0]} broken {when_}"
    )
    kept = f"promises were kept for {percent(report.compliance.ratio)} of the known time"
    return f"{state}; {kept}, and {percent(report.compliance.coverage)} of the observed time is known."


def caution(report: SlaReport) -> str:
    """A warning where too little was observed to say much; empty where there is none."""
    if report.observed_since is None:
        return ""
    seen = report.as_of - report.observed_since
    if seen >= min(FIRST_LOOK, (report.end - report.start) / 2):
        return ""
    length = between(report.observed_since, report.as_of)
    return f"Only {length} have been observed, so shares of time say little yet."


def advice(report: SlaReport) -> tuple[str, ...]:
    """What to do where there is nothing to show; nothing where there is."""
    if not report.empty:
        return ()
    return NOTHING_SELECTED if report.selection else NOTHING_YET


def window(report: SlaReport) -> str:
    """Which time the report is about."""
    return f"{when(report.start)} to {when(report.end)} ({between(report.start, report.end)})"


def observed(report: SlaReport) -> str:
    """Which part of that time was observed."""
    if report.observed_since is None:
        return "nothing was measured yet"
    length = between(report.observed_since, report.as_of)
    return f"{when(report.observed_since)} to {when(report.as_of)} ({length})"


def bounds(compliance: Compliance) -> str:
    """The bounds of a compliance."""
    if not compliance.total:
        return "—"
    return f"{percent(compliance.low)} to {percent(compliance.high)}" if compliance.unknown else "exact"


def tallied(tally: Tally) -> str:
    """What came of the checks, the zeros left out."""
    parts = [f"{count:,} {STATUS[status]}" for status, count in tally.items() if count]
    return ", ".join(parts) or "none"


def ledger(coverage: Coverage) -> str:
    """What became of the constructs of the contracts."""
    return (
        f"{several(coverage.declared, 'construct')} declared: {coverage.executed:,} executed, "
        f"{coverage.not_executable:,} not executable, {coverage.informational:,} for people"
    )


def simulated(made_up: MadeUp) -> str:
    """What has to be known of figures, or of trends, that rest on what was not measured."""
    time = f"From {when(made_up.start)} to {when(made_up.end)}"
    return f"{time} nothing was measured: what is on record is {made_up.kind}."


def missed_on(line: DueLine) -> str:
    """The days on which a deadline was missed."""
    days = line.days(Met.MISS)
    more = f" and {len(days) - MOST_DAYS:,} more" if len(days) > MOST_DAYS else ""
    return f"{', '.join(days[-MOST_DAYS:])}{more}" or "none"


def counted_due(line: DueLine) -> str:
    """How many deadlines count, and how many were excused."""
    excused = len(line.days(Met.EXCUSED))
    return f"{line.due:,}{f', and {excused:,} excused' if excused else ''}"


def response_kept(line: ResponseLine) -> str:
    """Whether a promise of a response was kept, and how often it took longer."""
    match line.kept:
        case None:
            return "no breach to hold it against" if not line.breaches else NO_DATA
        case True:
            return "kept" if not line.over else f"kept, though {line.over:,} took longer"
        case False:
            return f"missed by {line.over:,} of {len(line.lengths):,}"


def response_promised(line: ResponseLine) -> str:
    """What was promised of a response."""
    of = {100: "", 95: ", 95 of 100", 50: ", half of them"}.get(line.rank, "")
    return f"{line.what} within {duration(line.promised.total_seconds())}{of}"


def untold(count: int, of: int) -> str:
    """How many breaches nobody was told of; empty where that is none."""
    if not count:
        return ""
    verb = "was" if count == 1 else "were"
    return f"Of {several(of, 'breach', 'breaches')} {count:,} {verb} told to nobody: no alert was delivered."


def promise(breach: Breach) -> str:
    """What was measured against what was promised; nothing where neither is on record."""
    return f"{amount(breach.actual, breach.kind)}; promised {breach.expected}" if breach.expected else ""


def news(breach: Breach) -> str:
    """What happened, and who is hit."""
    return f"{breach.message}{f' ({state})' if (state := standing(breach)) else ''}{hit(breach)}"


def standing(breach: Breach) -> str:
    """What else is to be known of an episode; empty where there is nothing."""
    if breach.retired:
        return "closed unseen: nobody looks any more"
    return "flapping: told once, until it is quiet" if breach.flapping else ""


def hit(breach: Breach) -> str:
    """Who is hit, as the end of a sentence; empty where nobody is named."""
    return f"; read by {', '.join(breach.consumers)}" if breach.consumers else ""


def told(breach: Breach) -> str:
    """Who heard of it."""
    reached = [each.channel for each in breach.told if each.state is ParcelState.SENT]
    rest = [f"{each.channel} ({NEWS[each.state]})" for each in breach.told if each.state in NEWS]
    return ", ".join(reached + rest) or NOBODY[breach.word]


def none_told(report: SlaReport) -> str:
    """Why no channel is listed."""
    if report.alerts_kept:
        return "No alert was raised in this window."
    return "The alerts of that time are no longer on record."


def coarse(report: SlaReport) -> str:
    """How much is known by sums of days only; empty where nothing is."""
    days = max((each.coarse for line in report.contracts for each in line.kinds), default=0)
    if not days:
        return ""
    are = "is" if days == 1 else "are"
    return (
        f"Of {several(days, 'day')} only sums {are} on record any more: how long promises were kept and "
        "broken is known, but not when in the day."
    )


def points(score: Score) -> str:
    """How a score went over the parts of a window."""
    known = [each for each in score.points if each is not None]
    if not known:
        return NO_DATA
    first, last, low, high = (percent(each) for each in (known[0], known[-1], min(known), max(known)))
    return f"from {first} to {last}; between {low} and {high}"


def trend(trend: Trend | None) -> str:
    """Where it leads, and by how many points."""
    if trend is None:
        return "—"
    points = trend.change * 100
    return f"{trend.direction.value}, {points:+.2f} points".replace("-", "\N{MINUS SIGN}")


def budget(line: KindLine) -> str:
    """How much more a promise may be broken."""
    if line.budget is None:
        return "—"
    left, allowed = line.budget.left, duration(line.budget.allowed)
    if left < 0:
        return f"used up: {minutes(-left)} more than {allowed}"
    return f"{minutes(left)} left of {allowed}"


def burning(line: KindLine) -> str:
    """How fast the budget is used up, and until when it lasts if it goes on so."""
    rates = [
        f"{each.long:.1f}x over {duration(each.pair.long.total_seconds())}"
        for each in (line.budget.burns if line.budget else ())
        if each.long
    ]
    ends = line.budget.exhausted_at if line.budget else None
    until = [f"used up by {when(ends)} if it goes on so"] if ends else []
    return ", ".join(rates + until) or "—"


def worst_age(check: CheckLine) -> str:
    """The worst that was measured of a check, and when."""
    return f"{amount(check.worst.actual, check.kind)}, {when(check.worst.at)}" if check.worst else "—"


def last_age(check: CheckLine) -> str:
    """What was measured of a check last."""
    return amount(check.actual, check.kind)


def broken_for(line: KindLine) -> str:
    """How long a kind was broken."""
    return duration(line.compliance.bad)


def longest(line: KindLine) -> str:
    """The longest time at a stretch in which a kind was broken."""
    lengths = [each.seconds for each in line.stretches if each.health is Health.BAD]
    return duration(max(lengths)) if lengths else "—"


def changed(change: Change) -> str:
    """What came of a contract."""
    match change.what:
        case "added":
            if change.before is not None:
                return f"promised again, version {change.after}; it was version {change.before}"
            return f"first seen, version {change.after}"
        case "removed":
            return f"no longer promised; it was version {change.before}"
        case "changed":
            versions = (
                f"version {change.before} to {change.after}"
                if change.before != change.after
                else f"changed, though still called version {change.after}"
            )
            return f"{versions}: {'; '.join(change.words)}"


def paused(pause: Quiet) -> str:
    """What a pause was worth."""
    if pause.what != "maintenance":
        return "alerts held back; the time counts"
    if pause.excused:
        return "excused"
    return "not excused: it was declared after it had begun"


def target(line: KindLine) -> str:
    """The target of a kind and whether it was met."""
    if line.target is None:
        return "—"
    verdict = {True: "met", False: "missed", None: "no data"}[line.met]
    return f"{percent(line.target)} {verdict}{'' if line.promised else ' (default)'}"


def name(line: ContractLine) -> str:
    """What a contract is called in a list."""
    return f"{line.title} on {line.server}" if line.server else line.title


def strip(line: KindLine) -> str:
    """A timeline in words."""
    went = line.compliance
    if not went.total and not went.excused:
        return "never measured"
    excused = f", excused {duration(went.excused)}" if went.excused else ""
    by_sums = f"; {several(line.coarse, 'day is', 'days are')} known by sums only" if line.coarse else ""
    return (
        f"kept {duration(went.good)}, broken {duration(went.bad)}, unknown {duration(went.unknown)}"
        f"{excused}{by_sums}"
    )
