"""The command group `floe lineage`: OpenLineage events that were given up, and carrying them after all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.alerts import Form, Format, Limit
from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.printable import printable
from floe_dagster.errors import UsageError
from floe_dagster.outcome.parcel import ParcelState

if TYPE_CHECKING:
    from floe_dagster.outcome.parcel import Parcel

app = typer.Typer(help="OpenLineage events that were given up.", no_args_is_help=True)


@app.command()
def dead(*, limit: Limit = 50, form: Form = Format.TEXT, config: Config = None) -> None:
    """List events that were given up, and why; `floe lineage replay` tries them again."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    with open_reader(store_url(settings_of(config))) as store:
        parcels = store.parcels(topic="lineage", state=ParcelState.DEAD, limit=limit)
    if form is Format.JSON:
        typer.echo(json.dumps({"events": [_entry(each) for each in parcels]}, indent=2))
        return
    lines = [printable(_line(each)) for each in parcels]
    typer.echo("\n".join(lines) or "no event was given up")


@app.command()
def replay(
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY...", help="Events that were given up, as `dead` lists them.", show_default=False
        ),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every event that was given up.")] = False,
    config: Config = None,
) -> None:
    """Carry events that were given up after all, at once. Exit code 3 where some are still not delivered."""
    from floe_dagster.channels import open_channels  # noqa: PLC0415
    from floe_dagster.delivery import Delivery  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    if every is bool(keys):
        raise UsageError("name the events to replay by their keys, or all of them by --all")
    settings = settings_of(config)
    with open_store(store_url(settings)) as store:
        given_up = [each.key for each in store.parcels(topic="lineage", state=ParcelState.DEAD)]
        refused = [each for each in keys or given_up if not store.replay(each, now=datetime.now(UTC))]
        report = Delivery(store, open_channels(settings), settings, lambda: datetime.now(UTC)).drain(
            "lineage"
        )
    typer.echo(report.line())
    if refused and not every:
        raise UsageError(
            f"{', '.join(refused)}: not given up, or the end of that run was told; see `floe lineage dead`"
        )
    if refused or report.retried or report.dead or report.skipped:
        raise typer.Exit(3)


def _entry(parcel: Parcel) -> dict[str, str]:
    event = json.loads(parcel.payload)
    return {
        "key": parcel.key,
        "transport": parcel.channel,
        "event": str(event.get("eventType", "")),
        "job": str(event.get("job", {}).get("name", "")),
        "reason": parcel.reason,
        "at": parcel.created_at.isoformat(),
    }


def _line(parcel: Parcel) -> str:
    entry = _entry(parcel)
    return f"{parcel.created_at:%Y-%m-%d %H:%M}  {parcel.key}  {entry['job']}: {parcel.reason}"
