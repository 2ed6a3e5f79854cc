"""The command group `floe incidents`: the grave breaches of a contract together, and who answers to them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.pauses import somebody
from floe_dagster.cli.printable import printable
from floe_dagster.errors import UsageError
from floe_dagster.plan.wording import moment, span

if TYPE_CHECKING:
    from floe_dagster.outcome.incident import Incident

app = typer.Typer(
    help="The grave breaches of a contract together, and who answers to them.", no_args_is_help=True
)

_OVER_SINCE = timedelta(days=30)


class Format(StrEnum):
    """What a list is written as."""

    TEXT = "text"
    JSON = "json"


@app.command("list")
def list_(
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Those of the last 30 days that are over, too.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.TEXT,
    config: Config = None,
) -> None:
    """List incidents with their deadlines. Exit code 1 where one is overdue."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    now = datetime.now(UTC)
    with open_reader(store_url(settings_of(config))) as store, store.responses() as response:
        found = response.incidents(open_only=not every, since=now - _OVER_SINCE if every else None)
    if form is Format.JSON:
        entries = [{**asdict(each), "overdue": each.overdue(now)} for each in found]
        typer.echo(json.dumps(entries, default=str, indent=2))
    else:
        typer.echo("\n".join(printable(_line(each, now)) for each in found) or "no incidents")
    if any(each.overdue(now) for each in found):
        raise typer.Exit(1)


@app.command()
def respond(
    name: Annotated[str, typer.Argument(metavar="ID", help="The incident, as `list` shows it.")],
    *,
    author: Annotated[
        str | None, typer.Option(help="Who responds; you, where not named.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Say that somebody has begun to mend it; that answers to it as well."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    now, who = datetime.now(UTC), author or somebody()
    with open_store(store_url(settings_of(config))) as store, store.writing() as writing:
        found = writing.response.incidents(id_=name)
        if len(found) != 1:
            raise UsageError(f"there is no one open incident {name}; see `floe incidents list`")
        (incident,) = found
        answered = incident.acknowledged_at is not None
        changed = replace(
            incident,
            responded_at=incident.responded_at or now,
            responded_by=incident.responded_by or who,
            acknowledged_at=incident.acknowledged_at if answered else now,
            acknowledged_by=incident.acknowledged_by if answered else who,
        )
        writing.response.save_incidents([changed])
    typer.echo(printable(_line(changed, now)))


def _line(incident: Incident, now: datetime) -> str:
    count = len(incident.open) + len(incident.over)
    head = f"{incident.id}  {incident.priority}  {incident.contract}: {len(incident.open)} of {count} open"
    if incident.resolved_at is not None:
        return f"{head}, over since {moment(incident.resolved_at)}, after {_after(incident)}"
    return f"{head}, since {moment(incident.opened_at)}, {_answer(incident, now)}"


def _after(incident: Incident) -> str:
    end = incident.resolved_at or incident.opened_at
    return span(max(end - incident.opened_at, timedelta()))


def _answer(incident: Incident, now: datetime) -> str:
    if incident.responded_at is not None:
        return f"{incident.responded_by} is on it since {moment(incident.responded_at)}"
    late = incident.overdue(now)
    said = "OVERDUE: " if late else ""
    if incident.acknowledged_at is None:
        by = incident.respond_by if late == "respond" else incident.acknowledge_by
        return f"{said}to be {'responded to' if late == 'respond' else 'acknowledged'} by {moment(by)}"
    seen = f"acknowledged by {incident.acknowledged_by}"
    return f"{seen}, {said}to be responded to by {moment(incident.respond_by)}"
