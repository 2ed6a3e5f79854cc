"""The command group `floe sla`: how promises were kept over time.

A report is made of what was recorded, so its exit code says whether it could be made and not what is in it:
0, or 2 for wrong use or settings, or 3 where the store does not answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
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
    contract: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only contracts of such an id or title.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a file, not to the terminal.", show_default=False),
    ] = None,
    config: Config = None,
) -> None:
    """Say how a window went, from what was recorded; nothing is measured."""
    now = datetime.now(UTC)
    start, end = window(since, until, now)
    made = _made(config, start, end, now, tuple(contract or ()))
    if output is None:
        typer.echo(_written(made, form, on_terminal=True), nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(_written(made, form, on_terminal=False), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {output} cannot be written: {error.strerror or error}") from error
    typer.echo(f"{output}: {len(made.contracts)} contracts, {len(made.open)} promises broken now", err=True)


def window(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """The window that two options mean.

    Raises:
        UsageError: one of them is no time, or the window is empty.
    """
    start, end = _instant("--since", since, now), _instant("--until", until, now)
    if start >= end:
        raise UsageError(f"--since {since} is not before --until {until}; the window is empty")
    if start >= now:
        raise UsageError(f"--since {since} is not in the past; nothing can be known of that window")
    return start, end


def _instant(option: str, text: str, now: datetime) -> datetime:
    from floe_dagster.contract.duration import DurationError, duration  # noqa: PLC0415

    if text.strip().lower() == "now":
        return now
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            return now - duration(text)
        except (DurationError, OverflowError):
            raise UsageError(
                f"{option} {text} is no time; write how long ago (24h, 7d), a date (2026-11-20), "
                "a time (2026-11-20T06:00), or now"
            ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _made(
    config: Path | None, start: datetime, end: datetime, now: datetime, contracts: tuple[str, ...]
) -> SlaReport:
    from floe_dagster.reporting import report_on  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    settings = settings_of(config)
    with open_reader(store_url(settings)) as reader:
        return report_on(reader, load_watchlist(settings), start, end, now=now, contracts=contracts)


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
