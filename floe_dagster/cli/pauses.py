"""Pauses at the command line: what `floe maintenance` and `floe alerts mute` have in common."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypedDict
from uuid import uuid4

import typer

from floe_dagster.cli.arguments import settings_of
from floe_dagster.cli.printable import printable
from floe_dagster.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from floe_dagster.outcome.pause import Pause, PauseKind

_LONGEST = 200


def _glob(help_: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar="GLOB", help=help_)
    return option


Why = Annotated[str, typer.Option("--reason", help="Why; it stands in every alert that is held back.")]
Until = Annotated[
    str, typer.Option(metavar="TIME", help="When it is over: a time, or how long it lasts (2h).")
]
From = Annotated[
    str,
    typer.Option("--from", metavar="TIME", help="When it begins: now, or a time; UTC without an offset."),
]
OfContract = Annotated[str, _glob("Of these contracts, by id.")]
OnServer = Annotated[str, _glob("On these servers.")]
OfKind = Annotated[str, _glob("Of these kinds: freshness, schema, ...")]
OfCheck = Annotated[str, _glob("Of these checks, by id.")]
Author = Annotated[
    str | None, typer.Option(help="Who declares it; you, where not named.", show_default=False)
]


class Globs(TypedDict):
    """What a pause covers."""

    contract: str
    server: str
    kind: str
    check: str


def declare(
    what: PauseKind,
    *,
    reason: str,
    until: str,
    start: str,
    author: str | None,
    globs: Globs,
    config: Path | None,
) -> Pause:
    """Declare a pause, and return it.

    Args:
        what: of which kind.
        reason: why.
        until: a time, or how long.
        start: `now`, or a time.
        author: whoever runs the command, where nobody is named.
        globs: what it covers.
        config: the manifest.

    Raises:
        UsageError: it is over, empty, or not said in a way that can be understood.
    """
    from floe_dagster.outcome.pause import Pause  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    now = datetime.now(UTC)
    begins = now if start.strip().lower() == "now" else _instant("--from", start)
    ends = _end(until, begins)
    if ends <= now:
        raise UsageError(f"--until {until} is over already; a {_noun(what)} is for time to come")
    if ends <= begins:
        raise UsageError(f"--until {until} is not after --from {start}; the {_noun(what)} is empty")
    if not reason.strip():
        raise UsageError("--reason is empty; say why, for those who look for the alerts")
    pause = Pause(
        id=uuid4().hex[:12],
        what=what,
        start=begins,
        end=ends,
        author=(author or somebody())[:_LONGEST],
        reason=reason.strip()[:_LONGEST],
        declared_at=now,
        **globs,
    )
    with open_store(store_url(settings_of(config))) as store, store.writing() as writing:
        writing.add_pause(pause)
    return pause


def listed(what: PauseKind, *, every: bool, as_json: bool, none: str, config: Path | None) -> None:
    """Print the pauses of a kind: those that are to come or not over yet, or all of them."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    now = datetime.now(UTC)
    with open_reader(store_url(settings_of(config))) as store:
        found = [
            each
            for each in store.pauses(start=None if every else now)
            if each.what is what and (every or each.over_at > now)
        ]
    if as_json:
        typer.echo(_as_json(found))
        return
    typer.echo("\n".join(printable(line(each, now)) for each in found) or none)


def cancel(what: PauseKind, name: str, hint: str, config: Path | None) -> None:
    """Call a pause off.

    Raises:
        UsageError: there is none of that name to call off.
    """
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415

    with open_store(store_url(settings_of(config))) as store, store.writing() as writing:
        done = writing.cancel_pause(name, datetime.now(UTC))
    if not done:
        raise UsageError(f"there is no {_noun(what)} {name} to call off; see {hint}")
    typer.echo(f"{name} is called off")


def _noun(what: PauseKind) -> str:
    return {"maintenance": "window"}.get(what.value, what.value)


def _as_json(found: Iterable[Pause]) -> str:
    return json.dumps([{**asdict(each), "excuses": each.excuses} for each in found], default=str, indent=2)


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


def somebody() -> str:
    """Whoever runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user, as in some containers
        return "unknown"


def line(pause: Pause, now: datetime) -> str:
    """A pause in one line, for people."""
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
