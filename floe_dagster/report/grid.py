"""Grids: the tables of a report as plain text, for the formats that have nothing better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.report import further, telling
from floe_dagster.report.further import Grid
from floe_dagster.report.strip import glyphs
from floe_dagster.report.words import STATUS, between, percent, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.report.model import Breach, ContractLine, KindLine, SlaReport
    from floe_dagster.report.parts import ChannelLine, Gap

CELLS = 24
BREACH = ("Severity", "Subject", "What", "Since", "Owner", "Told")
STRIP = "Over the window"
KEY = "─ kept, █ broken at any time of the cell, · unknown, ╌ excused, blank: not watched"


def grids(report: SlaReport) -> tuple[Grid, ...]:
    """The tables of a report that is not empty, in the order of reading."""
    return (
        Grid(
            title=f"Broken {telling.moment(report)} ({len(report.open)})",
            before="" if report.open else "Nothing.",
            heads=BREACH,
            rows=tuple(_breach(each, report) for each in report.open),
        ),
        *_close(report),
        Grid(
            title="Contracts",
            heads=("Contract", "Kind", STRIP, "Compliance", "Coverage", "Bounds", "Target", "Checks"),
            rows=tuple(row for line in report.contracts for row in _contract(line, report)),
            after=KEY,
        ),
        *further.grids(report),
        Grid(
            title=f"Not measured ({len(report.gaps)})",
            before=f"{telling.ledger(report.ledger)}.",
            heads=("Contract", "Check", "What", "Why"),
            rows=tuple(_gap(each) for each in report.gaps),
        ),
        Grid(
            title="Who was told",
            before="" if report.channels else telling.none_told(report),
            heads=("Channel", "Sent", "Waiting", "Given up", "Held back", "Not needed"),
            rows=tuple(_channel(each) for each in report.channels),
        ),
    )


def _close(report: SlaReport) -> Iterator[Grid]:
    if report.close:
        yield Grid(
            title=f"Close to the limit ({len(report.close)})",
            heads=BREACH,
            rows=tuple(_breach(each, report) for each in report.close),
        )


def _breach(breach: Breach, report: SlaReport) -> tuple[str, ...]:
    return (
        breach.severity.value,
        f"{breach.subject} ({breach.contract_title})",
        telling.news(breach),
        f"{when(breach.since)} ({between(breach.since, report.as_of)})",
        breach.owner or "no owner",
        telling.told(breach),
    )


def _contract(line: ContractLine, report: SlaReport) -> Iterator[tuple[str, ...]]:
    name = telling.name(line)
    if not line.kinds:
        yield (name, "—", "", percent(None), percent(0.0), "—", "—", telling.tallied(line.tally))
    for each in line.kinds:
        yield (name, *_kind(each, report))


def _kind(line: KindLine, report: SlaReport) -> tuple[str, ...]:
    return (
        line.kind,
        glyphs(line.stretches, report.observed_since or report.start, report.as_of, CELLS),
        percent(line.compliance.ratio),
        percent(line.compliance.coverage),
        telling.bounds(line.compliance),
        telling.target(line),
        telling.tallied(line.tally),
    )


def _gap(gap: Gap) -> tuple[str, ...]:
    check = f"{gap.dataset}: {gap.title}" if gap.dataset else gap.title
    return gap.contract_title, check, STATUS[gap.what], gap.reason


def _channel(line: ChannelLine) -> tuple[str, ...]:
    counts = (line.sent, line.pending, line.dead, line.suppressed, line.skipped)
    return (line.channel, *(str(each) for each in counts))
