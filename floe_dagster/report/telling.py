"""Telling: the sentences of a report, the same in every format."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.report.words import STATUS, amount, between, duration, percent, several, when

if TYPE_CHECKING:
    from floe_dagster.plan.check import Coverage
    from floe_dagster.report.model import Breach, ContractLine, KindLine, SlaReport, Tally
    from floe_dagster.report.sla import Compliance

MEANINGS = {
    "Compliance": (
        "the share of the known time in which a promise was kept. It is weighted by time and does not "
        "count checks: the seconds kept are divided by the seconds kept and broken. The promises of one "
        "kind in one contract are kept only while all of them are. Totals sum seconds and never average "
        "percentages."
    ),
    "Coverage": (
        "the share of the observed window in which anything was known. Time without a measurement is "
        "unknown: it counts neither for a promise nor against it. Without any known time there is no data, "
        "which is not 100 %."
    ),
    "Bounds": (
        "what the compliance would be if all unknown time had been bad, and if all of it had been good. The "
        "truth lies between the two. Where nothing is unknown the compliance is exact."
    ),
    "Observed window": (
        "from when a promise was first measured, or from the start of the window if that is later, to the "
        "end of the window or the making of this report. A measurement counts until the next one, and no "
        "longer than twice the cadence of its kind."
    ),
    "Checks": (
        "what came of each check last: passed; failed (the promise is broken); warned (it is nearly used "
        "up, or broken at a low severity); unknown (status error: it could not be measured this time); not "
        "executable (it can never be measured here); not yet measured."
    ),
    "Breach": (
        "one episode, from a promise first seen broken to its being seen kept again, however often it was "
        "checked in between. Not knowing never ends a breach."
    ),
}

NEWS = {
    ParcelState.PENDING: "waiting",
    ParcelState.DEAD: "given up",
    ParcelState.SUPPRESSED: "held back",
    ParcelState.SKIPPED: "not needed",
}

FIRST_LOOK = timedelta(hours=6)

NOTHING_YET = (
    "There is nothing to report on yet: no contract was found, and the store holds no outcome.",
    "Put a contract where floe.yaml looks for contracts (contracts/*.odcs.yaml).",
    "Then run `floe check contracts/ --record`, or let Dagster run the checks, and make this report again.",
)
NOTHING_SELECTED = (
    "No contract matches what was asked for, so there is nothing to report on.",
    "Run `floe sla report` without `--contract` to see every contract.",
)


def headline(report: SlaReport) -> str:
    """How it went, in one sentence."""
    if report.compliance.ratio is None:
        return "Nothing has been measured in this window, so nothing can be said of it."
    broken = len(report.open)
    state = (
        f"{several(broken, 'promise is', 'promises are')} broken now"
        if broken
        else "No promise is broken now"
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


def promise(breach: Breach) -> str:
    """What was measured against what was promised; nothing where neither is on record."""
    return f"{amount(breach.actual, breach.kind)}; promised {breach.expected}" if breach.expected else ""


def told(breach: Breach) -> str:
    """Who heard of it."""
    reached = [each.channel for each in breach.told if each.state is ParcelState.SENT]
    rest = [f"{each.channel} ({NEWS[each.state]})" for each in breach.told if each.state in NEWS]
    return ", ".join(reached + rest) or "nobody: no route matches"


def target(line: KindLine) -> str:
    """The target of a kind and whether it was met."""
    if line.target is None:
        return "—"
    verdict = {True: "met", False: "missed", None: "no data"}[line.met]
    return f"{percent(line.target)} {verdict}"


def name(line: ContractLine) -> str:
    """What a contract is called in a list."""
    return f"{line.title} on {line.server}" if line.server else line.title


def strip(line: KindLine) -> str:
    """A timeline in words."""
    went = line.compliance
    if not went.total:
        return "never measured"
    return f"kept {duration(went.good)}, broken {duration(went.bad)}, unknown {duration(went.unknown)}"
