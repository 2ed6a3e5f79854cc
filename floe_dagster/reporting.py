"""Reporting: reads what a period left in the store, and writes its report to files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.report.build import build_report
from floe_dagster.report.read import read_rows
from floe_dagster.report.render import to_figures, to_html, to_json, to_markdown, to_rows
from floe_dagster.schedule import cadence_seconds
from floe_dagster.validity import KIND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from floe_dagster.contract.model import Scalar
    from floe_dagster.report.model import SlaReport
    from floe_dagster.state.reader import StoreReader
    from floe_dagster.watchlist import Watchlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report on disk, and what Dagster shows of it.

    Attributes:
        html: the self-contained page.
        json: the same for programs.
        rows: one for each kind of each contract.
        figures: the few numbers worth plotting.
    """

    report: SlaReport
    html: Path
    json: Path
    markdown: str
    rows: Sequence[Mapping[str, Scalar]]
    figures: Mapping[str, int | float]


def report_on(
    reader: StoreReader,
    watchlist: Watchlist,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    contracts: Sequence[str] = (),
) -> SlaReport:
    """How the time from `start` to `end` went, for these contracts (globs over ids and titles), or for all.

    Raises:
        StoreError: the store does not answer.
    """
    plans = tuple(each.plan for each in watchlist.watches)
    kinds = {"*", KIND, *(check.kind for plan in plans for check in plan.checks)}
    cadence = watchlist.settings.cadence
    return build_report(
        read_rows(reader, start=start, end=end, now=now),
        start=start,
        end=end,
        now=now,
        plans=plans,
        environment=watchlist.settings.environment,
        contracts=contracts,
        hold={each: timedelta(seconds=2 * cadence_seconds(cadence, each)) for each in kinds},
        unreadable={
            each.source: next(problem.message for problem in each.problems if problem.severity == "error")
            for each in watchlist.readings
            if each.contract is None
        },
    )


def write_report(
    reader: StoreReader, watchlist: Watchlist, start: datetime, end: datetime, now: datetime
) -> Written:
    """Write the report of a period as HTML and JSON, named by the day on which the period ends.

    Raises:
        StoreError: the store does not answer.
        OSError: the files cannot be written.
    """
    report = report_on(reader, watchlist, start, end, now=now)
    folder = watchlist.settings.root / watchlist.settings.reports.folder
    folder.mkdir(parents=True, exist_ok=True)
    page, document = (folder / f"sla-{end:%Y-%m-%d}.{suffix}" for suffix in ("html", "json"))
    page.write_text(to_html(report), encoding="utf-8")
    document.write_text(to_json(report), encoding="utf-8")
    return Written(
        report=report,
        html=page,
        json=document,
        markdown=to_markdown(report),
        rows=to_rows(report),
        figures=to_figures(report),
    )
