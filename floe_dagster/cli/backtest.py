"""The command `floe alerts backtest`: what another policy would have told of what is on record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config, settings_of
from floe_dagster.plan.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.rehearsal.compared import Comparison
    from floe_dagster.settings.policy import Policy
    from floe_dagster.watchlist import Watchlist


class Form(StrEnum):
    """What a comparison is written as."""

    TEXT = "text"
    JSON = "json"


def backtest(
    *,
    policy: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="What to try out: a manifest, or its grading, alerts or cadence alone."
        ),
    ],
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Where it begins: how long ago (30d), or a date.")
    ] = "30d",
    contract: Annotated[
        str, typer.Option(metavar="GLOB", help="Only of contracts of such an id or title.")
    ] = "*",
    form: Annotated[Form, typer.Option("--format", help="What to write.")] = Form.TEXT,
    config: Config = None,
) -> None:
    """Say what other thresholds, windows and routes would have told of what is on record. Nothing is sent."""
    from floe_dagster.cli.comparison import as_json, as_text  # noqa: PLC0415
    from floe_dagster.cli.progress import progress  # noqa: PLC0415
    from floe_dagster.rehearsal.backtest import Backtest  # noqa: PLC0415
    from floe_dagster.settings import store_url  # noqa: PLC0415
    from floe_dagster.settings.policy import as_policy, load_policy  # noqa: PLC0415
    from floe_dagster.sla import window  # noqa: PLC0415
    from floe_dagster.state.store import open_reader  # noqa: PLC0415
    from floe_dagster.watchlist import load_watchlist  # noqa: PLC0415

    settings = as_policy(settings_of(config))
    tried = load_policy(policy, settings)
    start, end = window(since, "now", datetime.now(UTC), settings.reports.zone)
    watchlist = load_watchlist(settings)
    titles = {each.plan.contract.id: each.plan.contract.title for each in watchlist.watches}
    with open_reader(store_url(settings)) as reader:
        work = Backtest(
            reader=reader,
            watchlist=watchlist,
            settings=tried.settings,
            start=start,
            end=end,
            wanted=cache(
                lambda name: any(fnmatchcase(each, contract) for each in (name, titles.get(name) or name))
            ),
        )
        with progress(work.days, "days told once more") as advance:
            found = work.run(advance)
        simulated = [each.kind for each in reader.simulated(start=start, end=end)]
    notes = [*tried.notes, *_notes(found, tried, watchlist, simulated)]
    if form is Form.JSON:
        typer.echo(json.dumps(as_json(found, notes), indent=2))
    else:
        typer.echo(as_text(found, policy.name, notes))


def _notes(found: Comparison, tried: Policy, watchlist: Watchlist, simulated: list[str]) -> Iterator[str]:
    """What cannot be known, so that nobody takes it for known."""
    if found.outcomes == 0:
        yield "no outcome of that time is on record; `floe state info` says since when there are some"
    elif found.since > found.start:
        yield f"outcomes are on record since {moment(found.since)} only; a week is reckoned from then"
    if simulated:
        yield "part of that time was simulated and not measured, as the demo does"
    if gone := sorted(found.contracts - {each.plan.contract.id for each in watchlist.watches}):
        yield (
            f"{', '.join(gone[:5])}{' and more' if len(gone) > 5 else ''}: no longer watched, so that routes "
            "know nothing of the contract but its id"
        )
    if tried.settings.cadence != watchlist.settings.cadence:
        yield "another cadence changes how long an outcome holds, and not when it was measured"
    yield "both columns are told once more with every channel working; what was really sent may differ"
    yield "what feeds a contract is known to Dagster alone; nothing is held back for a breach upstream here"
