"""The demo's summary: what was checked, what broke, who was told, and where the report is."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from demo.nycflights import DRIFTED, STALE
from floe_dagster.plan.check import Status
from floe_dagster.settings import Settings, load_settings, store_url
from floe_dagster.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from floe_dagster.outcome.outcome import Outcome

STAGED = {("airlines", "freshness"): STALE, ("planes", "schema"): DRIFTED}
"""What the demo breaks on purpose; every other finding is the data's own."""

MONTH = "last-30-days"
"""the name of the month's report"""

WEEK = timedelta(days=7)

Received = Sequence[tuple[float, dict[str, Any]]]

_STYLE = {
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.WARNED: "yellow",
    Status.ERROR: "magenta",
    Status.NOT_EXECUTABLE: "cyan",
    Status.INFORMATIONAL: "dim",
}


def summarize(console: Console, root: Path, received: Received) -> None:
    """Print it, from what the store remembers and the receiver got."""
    settings = load_settings(root / "floe.yaml")
    with closing(open_store(store_url(settings))) as store:
        latest = store.latest()
        open_episodes = store.episodes(open_only=True)
        told = Counter((each.channel, str(each.state)) for each in store.parcels(topic="alert"))
    console.print()
    _section(console, "What was checked", _checked(latest))
    _section(console, f"What is broken ({len(open_episodes)})", _broken(latest))
    _section(console, "Who was told", _told(told, received, settings))
    _section(console, "Where to look", _where(settings))


def _section(console: Console, title: str, body: Table) -> None:
    console.print(f"[bold]{title}[/]")
    console.print(Padding(body, (0, 0, 1, 2)))


def _grid(*justify: str) -> Table:
    table = Table.grid(padding=(0, 2))
    for each in justify:
        table.add_column(justify="right" if each == "right" else "left", overflow="fold")
    return table


def _checked(latest: Iterable[Outcome]) -> Table:
    counts: dict[str, Counter[Status]] = defaultdict(Counter)
    for each in latest:
        counts[each.dataset][each.status] += 1
    shown = [status for status in Status if any(count[status] for count in counts.values())]
    table = _grid("left", *("right" for _ in shown))
    table.add_row("", *(Text(str(each).replace("_", " "), style=_STYLE[each]) for each in shown))
    for dataset, count in sorted(counts.items()):
        table.add_row(
            dataset, *(Text(str(count[each] or "·"), style="" if count[each] else "dim") for each in shown)
        )
    return table


def _broken(latest: Iterable[Outcome]) -> Table:
    table = _grid("left", "left", "left")
    for each in sorted((each for each in latest if each.broken), key=lambda each: (each.dataset, each.path)):
        staged = STAGED.get((each.dataset, each.kind))
        message = Text(each.message)
        if staged:
            message.append(f"\nstaged for this demo: {staged}", style="dim italic")
        table.add_row(
            Text("●", style=_STYLE[each.status]), message, Text(f"{each.source}:{each.line}", style="dim")
        )
    if not table.row_count:
        table.add_row("", "nothing", "")
    return table


def _told(told: Counter[tuple[str, str]], received: Received, settings: Settings) -> Table:
    table = _grid("left", "left")
    channels = sorted({channel for channel, _ in told})
    for channel in channels:
        kind = settings.alerts.channels[channel].type if channel in settings.alerts.channels else "off"
        states = ", ".join(
            f"{count} {state}" for (name, state), count in sorted(told.items()) if name == channel
        )
        table.add_row(f"{channel} ({kind})", states)
    if received:
        lag = sorted(at - _raised(event) for at, event in received)
        table.add_row(
            "receiver on loopback",
            f"got {len(received)} CloudEvents, the slowest {lag[-1]:.1f} s after detection",
        )
    else:
        table.add_row(
            "receiver on loopback", "got nothing new: what is broken was told before, and is not repeated"
        )
    return table


def trend_line(document: dict[str, Any]) -> str:
    """The freshness that changed the most for the worse, week by week; empty where too little is known."""
    timelines = {
        line["title"]: kind["timeline"]
        for line in document["contracts"]
        for kind in line["kinds"]
        if kind["kind"] == "freshness"
    }
    shares = {title: _weeks(timeline) for title, timeline in timelines.items() if timeline}
    known = {title: each for title, each in shares.items() if len(each) > 1}
    if not known:
        return ""
    title, weeks = min(known.items(), key=lambda pair: pair[1][-1] - pair[1][0])
    lead = {True: "degrading", False: "stable"}[weeks[-1] < weeks[0]]
    return f"{title}, freshness kept by week: {', '.join(f'{each:.0%}' for each in weeks)}: {lead}"


def _weeks(timeline: Sequence[dict[str, str]]) -> list[float]:
    """The share of the known time that was kept, of each seven days back from the end, the oldest first."""
    stretches = [
        (each["state"], datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
        for each in timeline
    ]
    until, shares = stretches[-1][2], list[float]()
    while until - WEEK >= stretches[0][1]:
        kept = dict.fromkeys(("good", "bad"), timedelta())
        for state, start, end in stretches:
            if state in kept:
                kept[state] += max(timedelta(), min(end, until) - max(start, until - WEEK))
        if known := kept["good"] + kept["bad"]:
            shares.append(kept["good"] / known)
        until -= WEEK
    return shares[::-1]


def _raised(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(str(event["time"])).astimezone(UTC).timestamp()


def _where(settings: Settings) -> Table:
    table = _grid("left", "left")
    folder = settings.root / settings.reports.folder
    latest, month = (folder / f"sla-{name}.html" for name in ("latest", MONTH))
    table.add_row("SLA report", _shown(latest) if latest.exists() else "none was written")
    if month.exists():
        table.add_row("and of the month", _shown(month))
        document = json.loads(month.with_suffix(".json").read_text())
        table.add_row(
            "", Text("\n".join(filter(None, (trend_line(document), *document["notes"]))), style="dim")
        )
    if settings.lineage.file:
        path = settings.root / settings.lineage.file
        events = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        failed = sum(each["eventType"] == "FAIL" for each in events)
        table.add_row("OpenLineage", f"{_shown(path)} ({len(events)} events, {failed} of them FAIL)")
    table.add_row(
        "Alerts as JSON lines", _shown(settings.root / settings.alerts.channels["log"].model_dump()["path"])
    )
    table.add_row("The same without Dagster", ".venv/bin/floe check contracts")
    return table


def _shown(path: Path) -> str:
    return os.path.relpath(path)
