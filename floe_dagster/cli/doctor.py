"""The command `floe doctor`: whether the monitor itself is well."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.printable import printable


class Format(StrEnum):
    """What is printed."""

    TEXT = "text"
    JSON = "json"


def doctor(
    *,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.TEXT,
    config: Config = None,
) -> None:
    """Say whether the monitor itself is well: store, ticks, delivery, channels, contracts, and the manifest.

    Nothing is sent and nothing is changed. Exit code 1 where something is wrong, 3 where something could not
    be looked at.
    """
    from floe_dagster.definitions.naming import bind  # noqa: PLC0415  imports Dagster
    from floe_dagster.health import examine, look  # noqa: PLC0415
    from floe_dagster.health.words import to_json, to_lines  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    watchlist = load_watchlist(settings_of(config))
    refused = bind(each.plan for each in watchlist.watches).refused
    health = examine(look(watchlist, lambda: datetime.now(UTC), refused))
    typer.echo(to_json(health) if form is Format.JSON else "\n".join(map(printable, to_lines(health))))
    raise typer.Exit(health.exit_code)
