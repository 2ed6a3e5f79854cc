"""The command group `floe sla`: how promises were kept over time.

A report is made of what was recorded, so its exit code says whether it could be made and not what is in it:
0, or 2 for wrong use or settings, or 3 where the store does not answer.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.errors import UsageError

if TYPE_CHECKING:
    from floe_dagster.report.model import SlaReport

app = typer.Typer(help="How promises were kept over time.", no_args_is_help=True)


class Format(StrEnum):
    """What a report is written as."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"
    CSV = "csv"


class Export(StrEnum):
    """What promises are written as, for others' tools."""

    OPENSLO = "openslo"


Contracts = Annotated[
    list[str] | None,
    typer.Option(
        "--contract", metavar="GLOB", help="Only contracts of such an id or title.", show_default=False
    ),
]
Domains = Annotated[
    list[str] | None,
    typer.Option("--domain", metavar="GLOB", help="Only contracts of such a domain.", show_default=False),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="NAME", help="Only promises of this kind.", show_default=False),
]
Zone = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE", help="Whose days: Europe/Berlin; else that of reports.zone.", show_default=False
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write a file, not to the terminal.", show_default=False),
]


@app.callback()
def sla() -> None:
    """How promises were kept over time."""


@app.command("report")
def report(
    *,
    form: Annotated[
        Format, typer.Option("--format", help="For the terminal, for programs, for a browser, for a chat.")
    ] = Format.TABLE,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Where the window begins: how long ago (24h, 7d), or a date.")
    ] = "24h",
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Where it ends: now, how long ago, or a date.")
    ] = "now",
    period: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A whole day, week or month instead: 2026-11-20, 2026-W47, 2026-11, yesterday, last-week.",
            show_default=False,
        ),
    ] = None,
    contract: Contracts = None,
    domain: Domains = None,
    kind: Kinds = None,
    zone: Zone = None,
    output: Output = None,
    config: Config = None,
) -> None:
    """Say how a window went, from what was recorded; nothing is measured."""
    from floe_dagster.sla import sla_report  # noqa: PLC0415

    made = sla_report(
        settings_of(config),
        since=since,
        until=until,
        period=period,
        contracts=contract or (),
        domains=domain or (),
        kinds=kind or (),
        zone=zone,
    )
    if output is None:
        typer.echo(_written(made, form, on_terminal=True), nl=False)
        return
    _write(output, _written(made, form, on_terminal=False))
    typer.echo(f"{output}: {len(made.contracts)} contracts, {len(made.open)} promises broken now", err=True)


@app.command("export")
def export(
    *,
    to: Annotated[Export, typer.Option("--to", help="For which tools.")] = Export.OPENSLO,
    contract: Contracts = None,
    domain: Domains = None,
    kind: Kinds = None,
    zone: Zone = None,
    output: Output = None,
    config: Config = None,
) -> None:
    """Write the promises that name a share of time for others' tools; no store is needed."""
    from floe_dagster.report.openslo import Served, to_openslo  # noqa: PLC0415
    from floe_dagster.report.rows import selects  # noqa: PLC0415
    from floe_dagster.schedule import cadence_seconds  # noqa: PLC0415
    from floe_dagster.sla import known_zone  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    del to  # there is one so far
    settings = settings_of(config)
    found = load_watchlist(settings).where(
        lambda each: selects(contract or (), each.id, each.title) and selects(domain or (), each.domain or "")
    )
    text = to_openslo(
        [Served(contract=each.plan.contract, server=each.server_name) for each in found],
        zone=known_zone(zone or settings.reports.zone),
        cadence=lambda name: timedelta(seconds=cadence_seconds(settings.cadence, name)),
        kinds=kind or (),
    )
    if not text:
        typer.echo("no contract promises a share of time; see docs/reports.md", err=True)
    if output is None:
        typer.echo(text, nl=False)
    else:
        _write(output, text)


def _write(output: Path, text: str) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"--output {output} cannot be written: {error.strerror or error}") from error


def _written(made: SlaReport, form: Format, *, on_terminal: bool) -> str:
    from floe_dagster.report import render  # noqa: PLC0415

    match form:
        case Format.TABLE:
            return _table(made, on_terminal=on_terminal)
        case Format.JSON:
            return render.to_json(made)
        case Format.HTML:
            return render.to_html(made)
        case Format.MARKDOWN:
            return render.to_markdown(made)
        case Format.CSV:
            return render.to_csv(made)


def _table(made: SlaReport, *, on_terminal: bool) -> str:
    from rich.console import Console  # noqa: PLC0415

    from floe_dagster.report import render  # noqa: PLC0415

    console = Console()
    seen = on_terminal and console.is_terminal
    return render.to_table(
        made,
        width=max(console.width, 80) if seen else 120,
        colour=seen and console.color_system is not None,
    )
