"""Table: the report as text for terminals, and as rows for Dagster's table metadata."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from floe_dagster.report import telling
from floe_dagster.report.grid import STRIP, grids
from floe_dagster.report.meanings import MEANINGS
from floe_dagster.report.words import clean

if TYPE_CHECKING:
    from floe_dagster.contract.model import Scalar
    from floe_dagster.report.further import Grid
    from floe_dagster.report.model import SlaReport

WHOLE = (STRIP, "Kind", "Compliance", "Coverage", "Bounds")
"""columns that are only readable in one piece"""

STYLES = {"critical": "bold red", "error": "red", "warning": "yellow", "info": "dim"}


def to_rows(report: SlaReport) -> list[dict[str, Scalar]]:
    """One row of scalars for each kind of each contract, as `MetadataValue.table` takes them."""
    return [
        {
            "contract": clean(line.title),
            "server": clean(line.server),
            "kind": clean(each.kind),
            "compliance_pct": _points(each.compliance.ratio),
            "coverage_pct": _points(each.compliance.coverage),
            "lowest_pct": _points(each.compliance.low),
            "highest_pct": _points(each.compliance.high),
            "target_pct": _points(each.target),
            "target_met": each.met,
            "budget_left_min": None if each.budget is None else round(each.budget.left / 60, 1),
            "trend": each.trend.direction.value if each.trend else None,
            "excused_min": round(each.compliance.excused / 60, 1),
            "open_breaches": sum(one.kind == each.kind for one in line.open),
            "checks_passed": each.tally.passed,
            "checks_failed": each.tally.failed,
            "checks_warned": each.tally.warned,
            "checks_unknown": each.tally.error,
            "checks_not_executable": each.tally.not_executable,
            "checks_not_yet_measured": each.tally.unmeasured,
        }
        for line in report.contracts
        for each in line.kinds
    ]


def to_figures(report: SlaReport) -> dict[str, int | float]:
    """The few numbers worth plotting over time, by a stable name; what is not known is left out."""
    went = report.compliance
    known = {} if went.ratio is None else {"floe/compliance_pct": went.ratio * 100}
    return {
        **known,
        "floe/coverage_pct": went.coverage * 100,
        "floe/open_breaches": len(report.open),
        "floe/checks_passed": report.tally.passed,
        "floe/checks_failed": report.tally.failed,
        "floe/checks_unknown": report.tally.error,
        "floe/not_measured": len(report.gaps),
        "floe/breaches": len(report.breaches),
        "floe/excused_minutes": went.excused / 60,
    }


def to_table(report: SlaReport, *, width: int = 120, colour: bool = False) -> str:
    """The report for a terminal of that width; without colour it holds no escape at all."""
    sink = StringIO()
    console = Console(
        file=sink,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        emoji=False,
        markup=False,
        highlight=False,
    )
    _print(report, console)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def _print(report: SlaReport, console: Console) -> None:
    environment = f" · {clean(report.environment)}" if report.environment else ""
    console.print(f"{telling.title(report)}{environment}", style="bold")
    if of := telling.subtitle(report):
        console.print(f"Period    {clean(of)}")
    for each in report.made_up:
        console.print(f"Simulated {clean(telling.simulated(each))}")
    console.print(f"Window    {telling.window(report)}")
    console.print(f"Observed  {telling.observed(report)}")
    console.print()
    for sentence in telling.advice(report):
        console.print(sentence)
    if report.empty:
        return
    console.print(telling.headline(report), style="bold")
    console.print(f"Checks: {telling.tallied(report.tally)}.")
    for caution in filter(None, (telling.caution(report), telling.coarse(report), *report.notes)):
        console.print(clean(caution))
    for grid in grids(report):
        _print_grid(grid, console)
    console.print("\nWhat the numbers mean", style="bold")
    for term, meaning in MEANINGS.items():
        console.print(f"{term}: {meaning}", style="dim")


def _print_grid(grid: Grid, console: Console) -> None:
    console.print(f"\n{grid.title}", style="bold")
    if grid.before:
        console.print(grid.before)
    if grid.rows:
        console.print(_table(grid))
    if grid.after:
        console.print(grid.after, style="dim")


def _table(grid: Grid) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in grid.heads:
        table.add_column(head, overflow="fold", no_wrap=head in WHOLE)
    last = ""
    for row in grid.rows:
        # Text and not str: the words of others are no markup; a name that repeats is written once
        cells = [clean(cell) if head != STRIP else cell for head, cell in zip(grid.heads, row, strict=True)]
        shown = ["" if cells[0] == last and STRIP in grid.heads else cells[0], *cells[1:]]
        last = cells[0]
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in shown))
    return table


def _points(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 4)
