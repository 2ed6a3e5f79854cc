"""The command group `floe state`: what is remembered, and the tables it is kept in.

Exit code 3 where the store does not answer, is newer than this floe-dagster, or, for `info`, is not there
yet.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.state.records import StoreInfo

app = typer.Typer(help="What is remembered, and the tables it is kept in.", no_args_is_help=True)


class Format(StrEnum):
    """What is printed."""

    TEXT = "text"
    JSON = "json"


@app.command()
def migrate(*, config: Config = None) -> None:
    """Make the store where there is none, and bring its tables up to date. Safe to run twice."""
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    with open_store(_url(config)) as store:
        made = store.info()
    typer.echo(printable(f"{made.place} is ready, at version {made.version}"))


@app.command()
def info(
    *,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.TEXT,
    config: Config = None,
) -> None:
    """Say where the store is, its version, its size, and how much is in it."""
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    with open_reader(_url(config)) as store:
        found = store.info()
    if form is Format.JSON:
        typer.echo(json.dumps(asdict(found), default=str, indent=2))
    else:
        typer.echo("\n".join(map(printable, _lines(found))))


def _lines(found: StoreInfo) -> Iterator[str]:
    oldest = f", outcomes since {found.oldest_outcome:%Y-%m-%d %H:%M} UTC" if found.oldest_outcome else ""
    yield f"{found.place}: version {found.version}, {found.size_bytes / 1e6:,.1f} MB{oldest}"
    for table, rows in found.rows.items():
        yield f"{rows:>12,}  {table}"


def _url(config: Path | None) -> str:
    from floe_dagster.settings import store_url  # noqa: PLC0415

    return store_url(settings_of(config))
