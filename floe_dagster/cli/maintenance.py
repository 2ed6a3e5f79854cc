"""The command group `floe maintenance`: windows in which nobody is alerted and which the SLA excuses."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from floe_dagster.cli import pauses
from floe_dagster.cli.arguments import Config
from floe_dagster.cli.printable import printable
from floe_dagster.outcome.pause import PauseKind

app = typer.Typer(help="Windows in which nobody is alerted and which the SLA excuses.", no_args_is_help=True)


class Format(StrEnum):
    """What a list is written as."""

    TEXT = "text"
    JSON = "json"


@app.command()
def declare(
    *,
    reason: pauses.Why,
    until: pauses.Until,
    start: pauses.From = "now",
    contract: pauses.OfContract = "*",
    server: pauses.OnServer = "*",
    kind: pauses.OfKind = "*",
    check: pauses.OfCheck = "*",
    author: pauses.Author = None,
    config: Config = None,
) -> None:
    """Declare a window; its time is excused from the SLA, since it is declared before it begins."""
    pause = pauses.declare(
        PauseKind.MAINTENANCE,
        reason=reason,
        until=until,
        start=start,
        author=author,
        globs={"contract": contract, "server": server, "kind": kind, "check": check},
        config=config,
    )
    typer.echo(printable(pauses.line(pause, datetime.now(UTC))))


@app.command("list")
def list_(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.TEXT,
    config: Config = None,
) -> None:
    """List the windows that are to come or not over yet."""
    pauses.listed(
        PauseKind.MAINTENANCE,
        every=every,
        as_json=form is Format.JSON,
        none="no maintenance is declared",
        config=config,
    )


@app.command()
def cancel(
    window: Annotated[str, typer.Argument(metavar="ID", help="The window, as `list` shows it.")],
    *,
    config: Config = None,
) -> None:
    """Call a window off; what was held back for it is told at once, if it is still so."""
    pauses.cancel(PauseKind.MAINTENANCE, window, "`floe maintenance list --all`", config)
