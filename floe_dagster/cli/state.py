"""The command group `floe state`: what is remembered, and the tables it is kept in.

Exit code 3 where the store does not answer, is newer than this floe-dagster, or, for `info`, is not there
yet.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.settings import Settings
    from floe_dagster.state.records import StoreInfo

_RECONCILE = "the next tick records them, or: floe state reconcile"

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
    """Say where the store is, its version and size, how much is in it since when, and how far it has come."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.spool import spool_of  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    settings = settings_of(config)
    waiting = len(spool_of(settings).paths())
    if waiting:
        typer.echo(f"degraded: {waiting} batches of outcomes wait for the store; {_RECONCILE}", err=True)
    with open_reader(store_url(settings)) as store:
        found = store.info()
    if form is Format.JSON:
        of_contracts = [name for name in found.cursors if name.startswith("periods/")]
        cursors = {name: each for name, each in found.cursors.items() if name not in of_contracts}
        kept = {name: each.total_seconds() for name, each in settings.retention}
        shown = asdict(replace(found, cursors=cursors)) | {"retention_seconds": kept, "waiting": waiting}
        typer.echo(json.dumps(shown, default=str, indent=2))
    else:
        typer.echo("\n".join(map(printable, _lines(found, settings, datetime.now(UTC)))))


@app.command()
def reconcile(*, config: Config = None) -> None:
    """Record what was measured while the store was away: what waits in the spool and in Dagster's event log.

    Every tick does so by itself; this does all of it, now. Dagster is asked where DAGSTER_HOME is set.
    """
    import os  # noqa: PLC0415

    from floe_dagster.monitor import Monitor  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    monitor = Monitor(watchlist=load_watchlist(settings_of(config)))
    if os.environ.get("DAGSTER_HOME"):
        import dagster as dg  # noqa: PLC0415

        from floe_dagster.definitions.build import event_log  # noqa: PLC0415

        with dg.DagsterInstance.get() as instance:
            caught = monitor.reconcile([event_log(monitor, instance)])
    else:
        caught = monitor.reconcile()
    late = f", {caught.late} of them older than what was on record" if caught.late else ""
    typer.echo(f"{caught.recorded} outcomes were found and recorded{late}")
    for each in caught.told:
        typer.echo(printable(f"{each.transition}: {each.message}"))
    for line in caught.problems:
        typer.echo(f"floe: {printable(line)}", err=True)


@app.command()
def prune(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and compute and delete nothing.")
    ] = False,
    config: Config = None,
) -> None:
    """Compute the days and weeks that are over, then delete what is older than the retention.

    Deleting is done a little at a time, so that whoever records does not wait; it can be stopped anywhere.
    """
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader, open_store  # noqa: PLC0415
    from floe_dagster.upkeep.keep import horizon, keep_up, went  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    settings = settings_of(config)
    now = datetime.now(UTC)
    if dry_run:
        with open_reader(store_url(settings)) as reader:
            lines = list(went(reader.prunable(horizon(reader, settings, now))))
        typer.echo("\n".join(("this would go:", *lines)))
        return
    with open_store(store_url(settings)) as store:
        kept = keep_up(store, load_watchlist(settings), now)
    typer.echo("\n".join(map(printable, kept.lines())))


def _lines(found: StoreInfo, settings: Settings, now: datetime) -> Iterator[str]:
    from floe_dagster.plan.wording import span  # noqa: PLC0415

    oldest = f", outcomes since {found.oldest_outcome:%Y-%m-%d %H:%M} UTC" if found.oldest_outcome else ""
    yield f"{found.place}: version {found.version}, {found.size_bytes / 1e6:,.1f} MB{oldest}"
    for table, rows in found.rows.items():
        since = found.oldest.get(table)
        yield f"{rows:>12,}  {table}" + (f", the oldest of {since:%Y-%m-%d %H:%M} UTC" if since else "")
    parcels = ", ".join(f"{count:,} {state}" for state, count in found.parcels.items()) or "none"
    yield f"{found.open_episodes:,} episodes are open; alerts and lineage events: {parcels}"
    kept = settings.retention.model_dump()
    yield "kept for: " + ", ".join(f"{name.replace('_', ' ')} {span(each)}" for name, each in kept.items())
    yield from _cursors(found, now)


def _cursors(found: StoreInfo, now: datetime) -> Iterator[str]:
    """How far each work has come; of the periods, which have a cursor for each contract, the whole."""
    from floe_dagster.plan.wording import span  # noqa: PLC0415

    whole = found.cursors.get("periods")
    if whole is None:
        yield "no day is on record as a whole yet; run: floe state prune"
    else:
        through = datetime.fromisoformat(whole.value)
        yield f"days and weeks are on record until {through:%Y-%m-%d %H:%M} UTC"
    for name, each in found.cursors.items():
        if name.partition("/")[0] != "periods":
            yield f"{name} has come to {each.value}, {span(now - each.at)} ago"


def _url(config: Path | None) -> str:
    from floe_dagster.settings import store_url  # noqa: PLC0415

    return store_url(settings_of(config))
