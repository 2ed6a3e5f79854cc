"""The demo: runs the whole way once, headless, through real Dagster, and says what came of it.

Everything it needs is made under `.floe/demo`, which is also the DAGSTER_HOME that `make dev` opens. A
webhook receiver listens on loopback while it runs, so that one can see who was told what, and when.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import warnings
from collections import Counter
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from demo.home import ROOT, prepare_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Receiver:
    """A webhook receiver on loopback that keeps what it is sent, with the time."""

    def __init__(self) -> None:
        received: list[tuple[float, dict[str, Any]]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                received.append((time.time(), json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay silent: the summary tells what came."""

        self.received = received
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/alerts"

    @contextmanager
    def listening(self) -> Iterator[Receiver]:
        """Listen until the block ends."""
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


def main() -> int:
    """Run the demo; 0 where every step of it ran."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    prepare()
    receiver = Receiver()
    os.environ["FLOE_WEBHOOK_URL"] = receiver.url
    console.print("[bold]floe-dagster[/] · five datasets, two contracts, one run through real Dagster\n")
    with receiver.listening():
        steps = Steps(console)
        run_everything(steps)
    from demo.summary import summarize

    summarize(console, ROOT, receiver.received)
    console.print(
        f"\n[dim]{steps.seconds:.0f} s in all.[/] Next: [bold]make dev[/] opens Dagster on this history."
    )
    return 0 if steps.ok else 1


def prepare() -> None:
    """Point this process at the demo's own DAGSTER_HOME, and keep it quiet."""
    os.environ["DAGSTER_HOME"] = str(prepare_home())
    warnings.filterwarnings("ignore")
    logging.getLogger("floe_dagster").setLevel(logging.ERROR)
    os.chdir(ROOT)


class Heard(logging.Handler):
    """What the console channel says, kept until the step that it belongs to is done."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        logger = logging.getLogger("floe_dagster.alerts")
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first line of an alert."""
        self.lines.append(record.getMessage().partition("\n")[0])

    def new(self) -> list[str]:
        """What has come since this was last asked."""
        lines, self.lines = self.lines, []
        return lines


class Steps:
    """What has been done so far: a line each, with a spinner on a terminal while it runs."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.heard = Heard()
        self.ok = True
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the first step."""
        return time.monotonic() - self.started

    def do(self, what: str, work: Callable[[], str | None]) -> None:
        """Do one step and print how it went; the next one follows in any case."""
        began = time.monotonic()
        with self.console.status(what):
            try:
                note, mark = work() or "", "[green]✓[/]"
            except Exception as error:
                note, mark, self.ok = f"{type(error).__name__}: {error}", "[red]✗[/]", False
        line = Text.from_markup(f"  {mark} ")
        line.append(f"{what:<58}")
        line.append(f"{time.monotonic() - began:5.1f} s  ", style="dim")
        line.append(note, style="dim")
        self.console.print(line, soft_wrap=True)
        for alert in self.heard.new():
            self.console.print(Text(f"      {alert}", style="yellow"), soft_wrap=True)


def run_everything(steps: Steps) -> None:
    """Every job, sensor and report once, on the instance that `make dev` opens."""
    import dagster as dg

    holder: dict[str, Any] = {}

    def load() -> str:
        from definitions import defs

        holder["defs"], holder["instance"] = defs, dg.DagsterInstance.get()
        graph = defs.resolve_asset_graph()
        return f"{len(graph.asset_check_keys)} checks on {len(graph.get_all_asset_keys())} assets"

    def job(name: str) -> Callable[[], str]:
        def run() -> str:
            found = holder["defs"].resolve_job_def(name)
            result = found.execute_in_process(
                instance=holder["instance"], run_config=_QUIET, raise_on_error=False
            )
            if not result.success:
                raise RuntimeError(f"run {result.run_id} failed; see it in make dev")
            checks = Counter(each.passed for each in result.get_asset_check_evaluations())
            return f"{checks[True]} passed, {checks[False]} did not" if checks else ""

        return run

    def sensor(name: str) -> Callable[[], str]:
        def tick() -> str:
            with dg.build_sensor_context(instance=holder["instance"]) as context:
                ticked = holder["defs"].resolve_sensor_def(name).evaluate_tick(context)
            return ticked.skip_message or ""

        return tick

    steps.do("loading contracts and definitions", load)
    steps.do("a month before it, simulated (demo/history.py)", month_before)
    steps.do("materializing the datasets, with their checks", job("nycflights13"))
    for cadence in ("availability", "freshness", "schema", "quality"):
        steps.do(f"the {cadence} job, as its schedule runs it", job(f"floe_{cadence}"))
    for name in ("floe_alerts", "floe_lineage"):
        steps.do(f"the {name} sensor", sensor(name))
    steps.do("building the SLA report asset", job("floe_sla_report"))
    steps.do("reporting on the month", month_report)


def month_before() -> str:
    """Have a month on record before anything is measured, which says of itself that it is simulated."""
    from demo.history import record_history
    from floe_dagster.settings import load_settings, store_url
    from floe_dagster.state.store import open_store
    from floe_dagster.watchlist import load_watchlist

    settings = load_settings(ROOT / "floe.yaml")
    with closing(open_store(store_url(settings))) as store:
        count = record_history(store, load_watchlist(settings), datetime.now(UTC))
    return f"{count:,} outcomes, made up and said to be" if count else "something is on record already"


def month_report() -> str:
    """Report on the last 30 days, the simulated ones and the real run beside each other."""
    from demo.story import LENGTH
    from demo.summary import MONTH
    from floe_dagster.published import publish
    from floe_dagster.reporting import report_on
    from floe_dagster.settings import load_settings, store_url
    from floe_dagster.state.store import open_reader
    from floe_dagster.watchlist import load_watchlist

    settings, now = load_settings(ROOT / "floe.yaml"), datetime.now(UTC)
    with closing(open_reader(store_url(settings))) as reader:
        report = report_on(reader, load_watchlist(settings), now - LENGTH, now, now=now)
    return f"{len(publish(report, settings, MONTH).files)} files"


if __name__ == "__main__":
    sys.exit(main())
