"""Rendering: a report in the formats that people and programs read. The same report gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.report.document import to_json
from floe_dagster.report.markdown import to_markdown
from floe_dagster.report.sheet import to_csv
from floe_dagster.report.table import to_figures, to_rows, to_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.report.model import SlaReport

__all__ = ["to_csv", "to_figures", "to_html", "to_json", "to_markdown", "to_rows", "to_table"]


def to_html(report: SlaReport, *, links: Mapping[str, str] | None = None, back: str = "") -> str:
    """One self-contained page: no script, nothing loaded from anywhere.

    Args:
        report: what is told.
        links: pages of domains beside this one, by domain; then contracts stand there and not here.
        back: the page that this one is a part of.
    """
    from floe_dagster.report import page  # noqa: PLC0415 - jinja2 is only needed here

    return page.to_html(report, links=links, back=back)
