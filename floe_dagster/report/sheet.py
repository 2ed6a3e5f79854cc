"""Sheets: the report as CSV, one row for each kind of each contract, for spreadsheets and scripts.

A text that a spreadsheet would take for a formula begins with an apostrophe, which it takes for text.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from floe_dagster.plan.past import Met
from floe_dagster.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from floe_dagster.contract.model import Scalar
    from floe_dagster.report.model import ContractLine, KindLine, SlaReport

COLUMNS = (
    "period",
    "start",
    "end",
    "as_of",
    "environment",
    "contract",
    "title",
    "version",
    "server",
    "domain",
    "owner",
    "kind",
    "compliance",
    "coverage",
    "lowest",
    "highest",
    "good_seconds",
    "bad_seconds",
    "unknown_seconds",
    "excused_seconds",
    "target",
    "target_met",
    "budget_left_minutes",
    "trend",
    "trend_change",
    "quality_score",
    "breaches",
    "open_breaches",
    "passed",
    "failed",
    "warned",
    "error",
    "not_executable",
    "informational",
    "unmeasured",
    "forgotten",
    "deadlines_due",
    "deadlines_hit",
    "deadlines_missed",
    "deadlines_not_known",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: SlaReport) -> str:
    """One row for each kind of each contract, after a row of names; RFC 4180, with line feeds."""
    sink = StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in report.contracts:
        for each in line.kinds:
            writer.writerow(_cell(value) for value in _row(report, line, each))
    return sink.getvalue()


def _row(report: SlaReport, line: ContractLine, kind: KindLine) -> Iterator[Scalar]:
    went = kind.compliance
    yield from (report.period.name if report.period else "",)
    yield from map(_instant, (report.start, report.end, report.as_of))
    yield from (report.environment, line.contract, line.title, line.version, line.server)
    yield from (line.domain, line.owner, kind.kind)
    yield from (went.ratio, went.coverage, went.low, went.high)
    yield from (went.good, went.bad, went.unknown, went.excused)
    yield from (kind.target, kind.met)
    yield kind.budget.left / 60 if kind.budget else None
    yield from (kind.trend.direction.value, kind.trend.change) if kind.trend else (None, None)
    yield line.scores[0].ratio if line.scores and kind.kind == "quality" else None
    yield from (kind.breaches, sum(each.kind == kind.kind for each in line.open))
    yield from (count for _, count in kind.tally.items())
    yield from _deadlines(line, kind)


def _deadlines(line: ContractLine, kind: KindLine) -> Iterator[int | None]:
    """Those of the promises of this kind; nothing where it promises none."""
    ids = {each.id for each in line.checks if each.kind == kind.kind}
    mine = [each for each in line.deadlines if each.check in ids]
    for met in (None, Met.HIT, Met.MISS, Met.UNKNOWN):
        counts = (each.due if met is None else len(each.days(met)) for each in mine)
        yield sum(counts) if mine else None


def _instant(instant: datetime) -> str:
    return instant.isoformat()


def _cell(value: Scalar) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return f"{value:.6f}".rstrip("0").rstrip(".")
        case _:
            text = clean(value)
            return f"'{text}" if text.startswith(_FORMULA) else text
