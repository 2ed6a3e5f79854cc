"""Sampled: some rows that break a promise, as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from floe_dagster.plan.sample import Sample


def sample_lines(sample: Sample) -> Iterator[str]:
    """A sample as a small table, with what became of each column; a value that is not there is `NULL`."""
    if sample.gap:
        yield f"no sample: {printable(sample.gap)}"
        return
    if not sample.rows:
        yield "no sample: there is no such row any more"
        return
    named = [printable(each.name) for each in sample.columns]
    said = [f"({each.treatment})" for each in sample.columns]
    rows = [["NULL" if each.text is None else printable(each.text) for each in row] for row in sample.rows]
    widths = [max(map(len, cells)) for cells in zip(named, said, *rows, strict=True)]
    yield from (_line(cells, widths) for cells in (named, said, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
