"""The command group `floe maintenance`: windows in which nobody is alerted and which the SLA excuses."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.printable import printable
from floe_dagster.errors import UsageError

if TYPE_CHECKING:
    from floe_dagster.outcome.pause import Pause

app = typer.Typer(help="Windows in which nobody is alerted and which the SLA excuses.", no_args_is_help=True)

_LONGEST = 200


class Format(StrEnum):
    """What a list is written as."""

    TEXT = "text"
    JSON = "json"


def _glob(help_: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar="GLOB", help=help_)
    return option


@app.command()
def declare(
    *,
    reason: Annotated[str, typer.Option(help="Why; it stands in every alert that is held back.")],
    until: Annotated[
        str, typer.Option(metavar="TIME", help="When it is over: a time, or how long it lasts (2h).")
    ],
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="When it begins: now, or a time; UTC without an offset."),
    ] = "now",
    contract: Annotated[str, _glob("Of these contracts, by id.")] = "*",
    server: Annotated[str, _glob("On these servers.")] = "*",
    kind: Annotated[str, _glob("Of these kinds: freshness, schema, ...")] = "*",
    check: Annotated[str, _glob("Of these checks, by id.")] = "*",
    author: Annotated[
        str | None, typer.Option(help="Who declares it; you, where not named.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Declare a window; its time is excused from the SLA, since it is declared before it begins."""
    from floe_dagster.outcome.pause import Pause, PauseKind  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    now = datetime.now(UTC)
    begins = now if start.strip().lower() == "now" else _instant("--from", start)
    ends = _end(until, begins)
    if ends <= now:
        raise UsageError(f"--until {until} is over already; a window is for time to come")
    if ends <= begins:
        raise UsageError(f"--until {until} is not after --from {start}; the window is empty")
    if not reason.strip():
        raise UsageError("--reason is empty; say why, for those who look for the alerts")
    pause = Pause(
        id=uuid4().hex[:12],
        what=PauseKind.MAINTENANCE,
        start=begins,
        end=ends,
        author=(author or _somebody())[:_LONGEST],
        reason=reason.strip()[:_LONGEST],
        declared_at=now,
        contract=contract,
        server=server,
        kind=kind,
        check=check,
    )
    with open_store(store_url(settings_of(config))) as store, store.writing() as writing:
        writing.add_pause(pause)
    typer.echo(printable(_line(pause, now)))


@app.command("list")
def list_(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.TEXT,
    config: Config = None,
) -> None:
    """List the windows that are to come or not over yet."""
    from floe_dagster.outcome.pause import PauseKind  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    now = datetime.now(UTC)
    with open_reader(store_url(settings_of(config))) as store:
        found = [
            each
            for each in store.pauses(start=None if every else now)
            if each.what is PauseKind.MAINTENANCE and (every or each.over_at > now)
        ]
    if form is Format.JSON:
        typer.echo(
            json.dumps([{**asdict(each), "excuses": each.excuses} for each in found], default=str, indent=2)
        )
        return
    typer.echo("\n".join(printable(_line(each, now)) for each in found) or "no maintenance is declared")


@app.command()
def cancel(
    window: Annotated[str, typer.Argument(metavar="ID", help="The window, as `list` shows it.")],
    *,
    config: Config = None,
) -> None:
    """Call a window off; what was held back for it is told at once, if it is still so."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    with open_store(store_url(settings_of(config))) as store, store.writing() as writing:
        done = writing.cancel_pause(window, datetime.now(UTC))
    if not done:
        raise UsageError(f"there is no window {window} to call off; see `floe maintenance list --all`")
    typer.echo(f"{window} is called off")


def _instant(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{option} {text} is no time; write 2026-11-20T06:00, with +01:00 or Z where it is not UTC"
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _end(text: str, begins: datetime) -> datetime:
    from floe_dagster.contract.duration import DurationError, duration  # noqa: PLC0415

    try:
        return begins + duration(text)
    except OverflowError:
        raise UsageError(f"--until {text} is too long") from None
    except DurationError:
        return _instant("--until", text)


def _somebody() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user, as in some containers
        return "unknown"


def _line(pause: Pause, now: datetime) -> str:
    state = "called off" if pause.cancelled_at else "over" if pause.over_at <= now else "on"
    if state == "on" and pause.start > now:
        state = "to come"
    globs = (
        ("contract", pause.contract),
        ("server", pause.server),
        ("kind", pause.kind),
        ("check", pause.check),
    )
    about = ", ".join(f"{name} {glob}" for name, glob in globs if glob != "*") or "everything"
    return (
        f"{pause.id}  {state:<10}  {pause.start:%Y-%m-%d %H:%M} to {pause.over_at:%Y-%m-%d %H:%M} UTC  "
        f"{about}: {pause.reason} ({pause.author})"
    )
