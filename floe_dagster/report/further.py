"""Further: the tables of a report that are there only where there is something to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.plan.past import Met
from floe_dagster.report import rank, telling
from floe_dagster.report.calendar import Grain
from floe_dagster.report.words import between, duration, percent, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.report.model import ContractLine, KindLine, SlaReport
    from floe_dagster.report.parts import ResponseLine
    from floe_dagster.report.rank import Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table.

    Attributes:
        rows: text as it is on record; each format makes it harmless in its own way.
        before, after: our own sentences around it; empty for none.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    before: str = ""
    after: str = ""


def grids(report: SlaReport) -> tuple[Grid, ...]:
    """These tables, in the order of reading; those without a row are left out."""
    made = (
        _budgets(report),
        _trends(report),
        *(_ranks(report) if is_of(report, Grain.WEEK) else ()),
        *((_incidents(report), _uptime(report)) if is_of(report, Grain.MONTH) else ()),
        _deadlines(report),
        _times(report),
        _responses(report),
        _ages(report),
        _changes(report),
        _pauses(report),
    )
    return tuple(each for each in made if each.rows)


def is_of(report: SlaReport, grain: Grain) -> bool:
    """Whether the report is of a period of that length."""
    return report.period is not None and report.period.grain is grain


def kinds_of(report: SlaReport) -> Iterator[tuple[ContractLine, KindLine]]:
    """Every kind of every contract."""
    return ((line, each) for line in report.contracts for each in line.kinds)


def _budgets(report: SlaReport) -> Grid:
    return Grid(
        title="Error budgets",
        heads=("Contract", "Kind", "Target", "Budget", "Burning"),
        rows=tuple(
            (telling.name(line), each.kind, telling.target(each), telling.budget(each), telling.burning(each))
            for line, each in kinds_of(report)
            if each.budget
        ),
    )


def _trends(report: SlaReport) -> Grid:
    kinds = (
        (telling.name(line), each.kind, percent(each.compliance.ratio), each.trend)
        for line, each in kinds_of(report)
    )
    scores = (
        (
            telling.name(line),
            f"quality score{f', {each.dimension}' if each.dimension else ''}",
            percent(each.ratio),
            each.trend,
        )
        for line in report.contracts
        for each in line.scores
    )
    return Grid(
        title="Trends",
        heads=("Contract", "What", "Kept", "Before", "Trend"),
        rows=tuple(
            (name, what, ratio, percent(trend.before), telling.trend(trend))
            for name, what, ratio, trend in (*kinds, *scores)
            if trend is not None
        ),
    )


def _ranks(report: SlaReport) -> Iterator[Grid]:
    for title, ranked in (("Worst kept", rank.worst(report)), ("Best kept", rank.best(report))):
        yield Grid(
            title=title,
            heads=("Contract", "Kind", "Compliance", "Coverage", "Broken for"),
            rows=tuple(_ranked(each) for each in ranked),
        )


def _ranked(ranked: Ranked) -> tuple[str, ...]:
    went = ranked.kind.compliance
    return (
        telling.name(ranked.contract),
        ranked.kind.kind,
        percent(went.ratio),
        percent(went.coverage),
        telling.broken_for(ranked.kind),
    )


def _incidents(report: SlaReport) -> Grid:
    return Grid(
        title=f"Incidents ({len(report.breaches)})",
        heads=("Severity", "Subject", "What", "From", "For", "Owner"),
        rows=tuple(
            (
                each.severity.value,
                f"{each.subject} ({each.contract_title})",
                each.message,
                when(each.since),
                between(each.since, each.resolved_at or report.as_of)
                + ("" if each.resolved_at else ", goes on"),
                each.owner or "no owner",
            )
            for each in report.breaches
        ),
    )


def _uptime(report: SlaReport) -> Grid:
    return Grid(
        title="Uptime",
        heads=("Contract", "Uptime", "Target", "Down for", "Outages", "Longest"),
        rows=tuple(
            (
                telling.name(line),
                percent(each.compliance.ratio),
                telling.target(each),
                telling.broken_for(each),
                str(each.breaches),
                telling.longest(each),
            )
            for line, each in kinds_of(report)
            if each.kind == "availability" and each.observed_since
        ),
    )


def _times(report: SlaReport) -> Grid:
    return Grid(
        title="Time to detect, to notify, to repair",
        before="Of the breaches that opened in the window; to detect: from when it was first seen broken.",
        after=telling.untold(sum(each.untold for each in report.breaches), len(report.breaches)),
        heads=("To", "Breaches", "Half took at most", "95 % took at most", "Longest"),
        rows=tuple(
            (
                name,
                str(each.count),
                *(duration(length.total_seconds()) for length in (each.median, each.p95, each.longest)),
            )
            for name, each in report.times
        ),
    )


def _deadlines(report: SlaReport) -> Grid:
    return Grid(
        title="Deadlines",
        heads=("Contract", "Promise", "Due", "Hit", "Missed", "Not known", "Missed on"),
        rows=tuple(
            (
                telling.name(line),
                f"{f'{each.dataset}.{each.element}' if each.element else each.dataset} {each.expected}",
                telling.counted_due(each),
                *(str(len(each.days(met))) for met in (Met.HIT, Met.MISS, Met.UNKNOWN)),
                telling.missed_on(each),
            )
            for line in report.contracts
            for each in line.deadlines
        ),
    )


def _responses(report: SlaReport) -> Grid:
    return Grid(
        title="Promised times to respond",
        before="Of the breaches that were open in the window, what still lasts as long as it has so far.",
        heads=("Contract", "Promised", "Breaches", "Half took at most", "Longest", "Kept", "Told to nobody"),
        rows=tuple(
            (
                f"{telling.name(line)}{f', {each.dataset}' if each.dataset else ''}",
                telling.response_promised(each),
                f"{each.breaches:,}{f', {each.unseen:,} closed unseen' if each.unseen else ''}",
                *_lengths(each),
                telling.response_kept(each),
                str(each.untold) if each.untold else "none",
            )
            for line in report.contracts
            for each in line.responses
        ),
    )


def _lengths(line: ResponseLine) -> tuple[str, str]:
    found = line.summary
    if found is None:
        return "—", "—"
    return duration(found.median.total_seconds()), duration(found.longest.total_seconds())


def _ages(report: SlaReport) -> Grid:
    aged = ((line, each) for line in report.contracts for each in line.checks if each.worst)
    return Grid(
        title="Freshness",
        heads=("Contract", "Dataset", "Worst age", "Age at the end", "Promised"),
        rows=tuple(
            (
                telling.name(line),
                f"{each.dataset}.{each.element}" if each.element else each.dataset,
                telling.worst_age(each),
                telling.last_age(each),
                each.expected,
            )
            for line, each in aged
        ),
    )


def _changes(report: SlaReport) -> Grid:
    return Grid(
        title="What changed in contracts",
        heads=("Contract", "When", "What"),
        rows=tuple((each.title, when(each.at), telling.changed(each)) for each in report.changes),
    )


def _pauses(report: SlaReport) -> Grid:
    return Grid(
        title="Maintenance and mutes",
        heads=("What", "From", "To", "Of", "Why", "Counts"),
        rows=tuple(
            (
                each.what,
                when(each.start),
                when(each.end),
                each.covers,
                f"{each.reason} ({each.author})",
                telling.paused(each),
            )
            for each in report.pauses
        ),
    )
