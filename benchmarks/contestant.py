"""Contestant: one way to answer the forty rules, in a process of its own; what it took, as JSON."""

from __future__ import annotations

import json
import re
import resource
import sqlite3
import sys
import time
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psutil
import psycopg2

from benchmarks.written import statements
from floe_dagster.checks import load_kinds
from floe_dagster.contract.find import load
from floe_dagster.contract.model import Server
from floe_dagster.engine import questions_of
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.metric import Columns, Measured, Question
from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._asking import SqlWarehouse
from floe_dagster.warehouses._planners import plain

if TYPE_CHECKING:
    from collections.abc import Callable

SERVERS: dict[str, tuple[str, dict[str, str]]] = {
    "duckdb": ("duckdb", {"database": "orders.duckdb"}),
    "parquet": ("local", {"path": "{model}.parquet", "format": "parquet"}),
    "csv": ("local", {"path": "{model}.csv", "format": "csv"}),
    "sqlite": ("sqlite", {"database": "orders.sqlite"}),
    "postgres": ("postgres", {}),
}


def ours(engine: str, folder: Path, url: str, *, simply: bool) -> Callable[[], int]:
    """Our own plan, or the plain one, through the warehouse that a contract opens."""
    kind, options = SERVERS[engine]
    server = Server(path="servers[0]", name="bench", type=kind, options=options)
    access = {"url": url} if engine == "postgres" else {}
    warehouse = open_warehouse(server, root=folder, timeout_seconds=600, access=access)
    if simply and isinstance(warehouse, SqlWarehouse):
        warehouse.dialect.planner = plain
    (reading,) = load([Path(__file__).parent / "orders.odcs.yaml"])
    if reading.contract is None:
        raise SystemExit(f"{reading.problems}")
    plan = compile_contract(reading.contract, load_kinds())
    questions = questions_of(each for each in plan.checks if each.kind in ("quality", "freshness"))

    # the types of text are looked up in every row, once for as long as a file does not change
    warehouse.ask((Question(questions[0].table, Columns()),))
    warehouse.close()
    before = warehouse.statements()

    def work() -> int:
        with closing(warehouse):
            answers = warehouse.ask(questions).values()
            if not all(isinstance(each, Measured) for each in answers):
                raise SystemExit(f"not measured: {answers}")
            return warehouse.statements() - before - 1

    return work


def written(engine: str, folder: Path, url: str, shape: str) -> Callable[[], int]:
    """Statements by hand, over the engine's own driver."""
    sql = statements(shape, engine)

    def work() -> int:
        cursor = _cursor(engine, folder, url)
        for each in sql:
            cursor.execute(each)
            cursor.fetchall()
        return len(sql)

    return work


def _cursor(engine: str, folder: Path, url: str) -> Any:
    if engine == "postgres":
        return psycopg2.connect(url).cursor()
    if engine == "sqlite":
        connection = sqlite3.connect(folder / "orders.sqlite")
        matcher = lru_cache(re.compile)
        connection.create_function(
            "matches", 2, lambda pattern, text: text is None or bool(matcher(pattern).search(text))
        )
        return connection.cursor()
    if engine == "duckdb":
        return duckdb.connect(folder / "orders.duckdb", read_only=True)
    made = duckdb.connect()
    made.execute(f"create view orders as select * from read_{engine}('{folder}/orders.{engine}')")
    return made


def cpu_seconds(postmaster: int) -> float:
    """Of this process, and of a server with all that it has ever started."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    seconds = own.ru_utime + own.ru_stime
    if postmaster:
        server = psutil.Process(postmaster)
        times = [server.cpu_times()]
        for each in server.children():
            with suppress(psutil.NoSuchProcess):  # a worker that is done, and counted by who started it
                times.append(each.cpu_times())
        seconds += sum(each.user + each.system for each in times)
        seconds += times[0].children_user + times[0].children_system
    return float(seconds)


def main() -> None:
    """Run `engine name folder url postmaster`, each as an argument."""
    engine, name, folder, url, postmaster = sys.argv[1:6]
    simply = name == "plain"
    work = (
        ours(engine, Path(folder), url, simply=simply)
        if name in ("ours", "plain")
        else written(engine, Path(folder), url, name)
    )
    cpu, start = cpu_seconds(int(postmaster)), time.perf_counter()
    sent = work()
    wall = time.perf_counter() - start
    used = cpu_seconds(int(postmaster)) - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"wall": wall, "cpu": used, "peak": peak, "sent": sent}))


if __name__ == "__main__":
    main()
