"""The command `floe plan`: what would be asked of which dataset, in words and in SQL."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import typer

from floe_dagster.cli.arguments import Config, Paths, Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.plan.metric import Statement
    from floe_dagster.settings import Settings
    from floe_dagster.watchlist import Watch


def plan(paths: Paths = None, *, server: Server = None, config: Config = None) -> None:
    """Show what would be asked, with the SQL, and what would not; no server is connected to."""
    # floe --help is instant
    from floe_dagster.cli.printable import printable  # noqa: PLC0415
    from floe_dagster.cli.selection import select  # noqa: PLC0415
    from floe_dagster.plan.explain import explain  # noqa: PLC0415

    selection = select(paths or (), server, config)
    for watch in selection.watchlist.watches:
        text = explain(watch.plan, statements_of(watch, selection.watchlist.settings), watch.server_name)
        sys.stdout.write("".join(f"{printable(line)}\n" for line in text.split("\n")))
    for line in selection.complaints:
        typer.echo(f"floe: {printable(line)}", err=True)
    raise typer.Exit(2 if selection.complaints else 0)


def statements_of(watch: Watch, settings: Settings) -> Sequence[Statement] | str:
    """What would be sent for all checks of a contract, or why nobody can say; nothing is connected to."""
    from floe_dagster.access import open_for  # noqa: PLC0415
    from floe_dagster.engine import questions_of  # noqa: PLC0415
    from floe_dagster.errors import WarehouseError  # noqa: PLC0415

    try:
        with closing(open_for(watch, settings)) as warehouse:
            return warehouse.explain(questions_of(watch.plan.checks))
    except WarehouseError as error:
        return str(error)
