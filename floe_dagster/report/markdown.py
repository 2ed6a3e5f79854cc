"""Markdown: the report for Dagster's metadata, pull requests and chats.

The text of others is escaped, so that it can neither form a link, an image, a heading or a table cell nor
carry HTML. Where a viewer turns bare https addresses into links by itself, they lead to where they say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from floe_dagster.report import telling
from floe_dagster.report.grid import STRIP, grids
from floe_dagster.report.meanings import MEANINGS
from floe_dagster.report.words import clean, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from floe_dagster.report.further import Grid
    from floe_dagster.report.model import SlaReport

LONGEST_TABLE = 50
# what forms anything inside a line in CommonMark, GFM and mathematics; foreign text never begins a line
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")


def to_markdown(report: SlaReport) -> str:
    """The report, at most 50 rows to a table; ends with a line break."""
    return "\n\n".join(_blocks(report)) + "\n"


def escaped(text: str) -> str:
    """Foreign text that stays text."""
    plain = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", plain)


def _blocks(report: SlaReport) -> Iterator[str]:
    environment = f" · {escaped(report.environment)}" if report.environment else ""
    yield f"# {telling.title(report)}{environment}"
    if of := telling.subtitle(report):
        yield f"**{escaped(of)}**"
    if report.made_up:
        yield "\n>\n".join(f"> **Simulated.** {escaped(telling.simulated(each))}" for each in report.made_up)
    yield f"{telling.window(report)}. Observed: {telling.observed(report)}."
    yield from telling.advice(report)
    if report.empty:
        return
    yield f"**{telling.headline(report)}** Checks: {telling.tallied(report.tally)}."
    yield from filter(None, (telling.caution(report), telling.coarse(report), *map(escaped, report.notes)))
    for grid in grids(report):
        yield from _grid(grid)
    yield "## What the numbers mean"
    yield "\n".join(f"- **{term}:** {meaning}" for term, meaning in MEANINGS.items())


def _grid(grid: Grid) -> Iterator[str]:
    yield f"## {grid.title}"
    if grid.before:
        yield grid.before
    if grid.rows:
        rows = (_row(grid.heads, row) for row in grid.rows[:LONGEST_TABLE])
        yield "\n".join((_line(grid.heads), _line("---" for _ in grid.heads), *rows))
    if len(grid.rows) > LONGEST_TABLE:
        more = several(len(grid.rows) - LONGEST_TABLE, "more row")
        yield f"And {more}: the HTML and JSON reports have them all."
    if grid.after:
        yield grid.after


def _row(heads: Iterable[str], row: Iterable[str]) -> str:
    cells = zip(heads, row, strict=True)
    return _line(_strip(cell) if head == STRIP else escaped(cell) for head, cell in cells)


def _strip(cell: str) -> str:
    # its blanks stay only as code, and only where they are no plain spaces
    return f"`{cell.replace(' ', chr(0xA0))}`" if cell else ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
