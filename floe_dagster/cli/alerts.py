"""The command group `floe alerts`: what was told to whom, what was not, and why."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floe_dagster.cli import pauses
from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.cli.backtest import backtest
from floe_dagster.cli.pauses import somebody
from floe_dagster.cli.printable import printable
from floe_dagster.errors import DeliveryError, UsageError
from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.pause import PauseKind
from floe_dagster.plan.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from floe_dagster.outcome.acknowledgement import Acknowledgement
    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.parcel import Parcel
    from floe_dagster.settings import Settings
    from floe_dagster.state.records import Attempt
    from floe_dagster.state.writing import Writing

_LONGEST = 200
_SHORTEST = 6

app = typer.Typer(help="What was told to whom, what was not, and why.", no_args_is_help=True)
app.command("backtest")(backtest)


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


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="KEY|EPISODE", help="An alert or an episode, as `list` shows it.")
    ],
    *,
    config: Config = None,
) -> None:
    """Show everything that was told of one episode: to whom, when, what was answered, who took it on."""
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415

    with open_reader(store_url(settings_of(config))) as store:
        with store.responses() as response:
            found = response.named(_episode_of(name))
            said = response.acknowledgements([each.id for each in found])
        if len(found) != 1:
            raise UsageError(_not_one(name, found))
        (episode,) = found
        parcels = store.parcels(topic="alert", groups=[episode.id])
        attempts = [each for one in parcels for each in store.deliveries(parcel=one.key)]
    typer.echo(
        "\n".join(printable(each) for each in _story(episode, said.get(episode.id), parcels, attempts))
    )


@app.command()
def ack(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID...", help="Episodes, alerts or incidents, or how they begin.", show_default=False
        ),
    ] = None,
    *,
    contract: Annotated[
        str | None,
        typer.Option(metavar="GLOB", help="Whatever is open of these contracts.", show_default=False),
    ] = None,
    reason: Annotated[
        Reason, typer.Option(help="What you take it for; the rate of false alarms is counted from this.")
    ] = Reason.WORKING,
    note: Annotated[
        str, typer.Option(help="In your own words, for whoever was told.", show_default=False)
    ] = "",
    author: Annotated[
        str | None, typer.Option(help="Who acknowledges; you, where not named.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Acknowledge: you have seen it. Reminders stop until it gets worse, and whoever was told hears of it."""
    from floe_dagster.channels import open_channels  # noqa: PLC0415
    from floe_dagster.delivery import Delivery  # noqa: PLC0415
    from floe_dagster.posting import Posting  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.state.store import open_store  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    if bool(names) is (contract is not None):
        raise UsageError("name what you acknowledge, or contracts by --contract")
    settings = settings_of(config)
    who = (author or somebody())[:_LONGEST]
    with open_store(store_url(settings)) as store:
        with store.writing() as writing:
            found = _meant(writing, names, contract)
            now = datetime.now(UTC)
            posting = Posting(watchlist=load_watchlist(settings))
            posting.acknowledge(writing, found, now, reason=reason, author=who, note=note.strip()[:_LONGEST])
        report = Delivery(store, open_channels(settings), settings, lambda: datetime.now(UTC)).drain("alert")
    for each in found:
        typer.echo(printable(f"{each.id}  {each.key.contract}: {each.title} ({reason.value})"))
    typer.echo(report.line())


@app.command()
def mute(
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
    """Tell nobody for a while. Everything is recorded, and what is still open is told when it is over."""
    pause = pauses.declare(
        PauseKind.MUTE,
        reason=reason,
        until=until,
        start=start,
        author=author,
        globs={"contract": contract, "server": server, "kind": kind, "check": check},
        config=config,
    )
    typer.echo(printable(pauses.line(pause, datetime.now(UTC))))


@app.command()
def unmute(
    name: Annotated[str, typer.Argument(metavar="ID", help="The mute, as `mutes` shows it.")],
    *,
    config: Config = None,
) -> None:
    """Call a mute off; what was held back for it is told at once, if it is still so."""
    pauses.cancel(PauseKind.MUTE, name, "`floe alerts mutes --all`", config)


@app.command()
def mutes(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    form: Form = Format.TEXT,
    config: Config = None,
) -> None:
    """List the mutes that are to come or not over yet."""
    pauses.listed(
        PauseKind.MUTE, every=every, as_json=form is Format.JSON, none="nothing is muted", config=config
    )


@app.command()
def routes(*, form: Form = Format.TEXT, config: Config = None) -> None:
    """Say who would hear of which contract. Exit code 1 where nobody would of a breach that is an error."""
    from floe_dagster.audience import audience  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    found = audience(load_watchlist(settings_of(config)))
    if form is Format.JSON:
        typer.echo(json.dumps([each.as_json() for each in found], indent=2))
    else:
        typer.echo("\n".join(printable(each.line()) for each in found) or "no contracts")
    if any(each.deaf for each in found):
        raise typer.Exit(1)


def _meant(writing: Writing, names: Sequence[str] | None, contract: str | None) -> tuple[Episode, ...]:
    """The episodes that somebody acknowledges."""
    if contract is not None:
        found = tuple(each for each in writing.open_episodes() if fnmatchcase(each.key.contract, contract))
        if not found:
            raise UsageError(f"nothing is open of contracts named {contract}")
        return found
    every: dict[str, Episode] = {}
    for name in names or ():
        if len(name) < _SHORTEST:
            raise UsageError(f"{name} is too short; give {_SHORTEST} characters of it at least")
        incidents = writing.response.incidents(id_=name, open_only=False)
        some = (
            writing.response.episodes([id_ for each in incidents for id_ in each.open or each.over])
            if incidents
            else writing.response.named(_episode_of(name))
        )
        if not some or (not incidents and len(some) > 1):
            raise UsageError(_not_one(name, some))
        every |= {each.id: each for each in some}
    return tuple(every.values())


def _episode_of(name: str) -> str:
    """The episode in the key of an alert, or what was given."""
    parts = name.split("/")
    return parts[1] if parts[0] == "alert" and len(parts) > 1 else name


def _not_one(name: str, found: Sequence[Episode]) -> str:
    if not found:
        return f"there is no episode {name}; see `floe alerts list` and `floe incidents list`"
    return f"{name} may be {', '.join(each.id for each in found)}; give more of it"


def _behind(parcels: Sequence[Parcel]) -> Iterator[str]:
    """Who is affected and what may be behind it, as the newest alert that knows it says."""
    from floe_dagster.notify.wire import from_json  # noqa: PLC0415

    for each in reversed(parcels):
        with suppress(DeliveryError):  # of a version that this one cannot read
            alert = from_json(each.payload)
            if alert.background or alert.consumers or alert.downstream:
                affected = (*alert.consumers, *alert.downstream)
                yield from [f"    read by {', '.join(affected)}"] if affected else []
                yield from (f"    may be behind it: {clue}" for clue in alert.background)
                return


def _story(
    episode: Episode, said: Acknowledgement | None, parcels: Iterable[Parcel], attempts: Iterable[Attempt]
) -> Iterator[str]:
    until = f" to {moment(episode.resolved_at)}" if episode.resolved_at else ", still open"
    yield f"{episode.key.contract}: {episode.title} ({episode.kind} on {episode.key.server or 'no server'})"
    yield f"{episode.severity} since {moment(episode.broken_since)}{until}: {episode.message}"
    if said:
        yield f"{moment(said.at)}  {said.words}"
    parcels = tuple(parcels)
    yield from _behind(parcels)
    tried = defaultdict[str, list["Attempt"]](list)
    for one in attempts:
        tried[one.parcel].append(one)
    for each in parcels:
        held = f" until {moment(each.not_before)}" if each.not_before and each.state == "pending" else ""
        reason = f": {each.reason}" if each.reason else ""
        yield (
            f"{moment(each.created_at)}  {each.transition} to {each.channel or 'nobody'}: "
            f"{each.state}{held}{reason}"
        )
        for one in tried[each.key]:
            answer = "accepted" if one.accepted else "not accepted"
            yield f"    {moment(one.at)}  attempt {one.attempt}: {answer}, {one.note}"


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
