"""The command group `floe alerts`: what was told to whom, what was not, and why."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.printable import printable
from floe_dagster.errors import UsageError
from floe_dagster.outcome.parcel import ParcelState

if TYPE_CHECKING:
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.settings import Settings

app = typer.Typer(help="What was told to whom, what was not, and why.", no_args_is_help=True)


class Format(StrEnum):
    """What a list is written as."""

    TEXT = "text"
    JSON = "json"


Form = Annotated[Format, typer.Option("--format", help="What to write.")]
Limit = Annotated[int, typer.Option(min=1, help="How many, the newest first to be kept.")]


@app.command("list")
def list_(
    *,
    state: Annotated[
        ParcelState | None, typer.Option(help="Only those in this state.", show_default=False)
    ] = None,
    limit: Limit = 50,
    form: Form = Format.TEXT,
    config: Config = None,
) -> None:
    """List alerts with where they are on their way, how often they were tried, and the last error."""
    _show(settings_of(config), state, limit, form)


@app.command()
def dead(*, limit: Limit = 50, form: Form = Format.TEXT, config: Config = None) -> None:
    """List alerts that were given up; `floe alerts replay` tries them again."""
    _show(settings_of(config), ParcelState.DEAD, limit, form)


@app.command()
def replay(
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY...", help="Alerts that were given up, as `dead` lists them.", show_default=False
        ),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every alert that was given up.")] = False,
    config: Config = None,
) -> None:
    """Carry alerts that were given up after all, at once. Exit code 3 where some are still not delivered."""
    from floe_dagster.channels import open_channels  # noqa: PLC0415
    from floe_dagster.delivery import Delivery  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    if every is bool(keys):
        raise UsageError("name the alerts to replay by their keys, or all of them by --all")
    settings = settings_of(config)
    with open_store(store_url(settings)) as store:
        given_up = [each.key for each in store.parcels(topic="alert", state=ParcelState.DEAD)]
        refused = [each for each in keys or given_up if not store.replay(each, now=datetime.now(UTC))]
        report = Delivery(store, open_channels(settings), settings, lambda: datetime.now(UTC)).drain("alert")
    typer.echo(report.line())
    if refused:
        raise UsageError(
            f"{', '.join(refused)}: not given up, or its channel has heard of later; see `floe alerts list`"
        )
    if report.retried or report.dead or report.skipped:
        raise typer.Exit(3)


def _show(settings: Settings, state: ParcelState | None, limit: int, form: Format) -> None:
    from floe_dagster.channels import open_channels  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    with open_reader(store_url(settings)) as store:
        parcels = store.parcels(topic="alert", state=state, limit=limit)
        since = min((each.created_at for each in parcels), default=datetime.now(UTC))
        attempts = Counter(each.parcel for each in store.deliveries(start=since))
    broken = dict(open_channels(settings).broken)
    entries = [_entry(each, attempts[each.key]) for each in parcels]
    if form is Format.JSON:
        typer.echo(json.dumps({"alerts": entries, "broken_channels": broken}, indent=2))
        return
    typer.echo("\n".join(_line(each) for each in entries) or "no alerts")
    for name, reason in broken.items():
        typer.echo(printable(f"channel {name} cannot be used: {reason}"), err=True)


def _entry(parcel: Parcel, attempts: int) -> dict[str, Any]:
    contract, server, check = (*parcel.about.split("\n"), "", "")[:3]
    return {
        "key": parcel.key,
        "state": str(parcel.state),
        "channel": parcel.channel,
        "severity": parcel.severity,
        "transition": parcel.transition,
        "contract": contract,
        "server": server,
        "check": check,
        "created_at": parcel.created_at.isoformat().replace("+00:00", "Z"),
        "attempts": attempts,
        "reason": parcel.reason,
    }


def _line(entry: dict[str, Any]) -> str:
    when = entry["created_at"][:16].replace("T", " ")
    what = f"{entry['severity']} {entry['transition']}"
    about = f"{entry['contract']}: {entry['check']}"
    tried = f"{entry['attempts']} attempt{'' if entry['attempts'] == 1 else 's'}"
    reason = f", {entry['reason']}" if entry["reason"] else ""
    head = f"{when}  {entry['state']:<10}  {entry['channel']:<12}  {what:<18}  {about}"
    return printable(f"{head}  ({tried}{reason}; {entry['key']})")
