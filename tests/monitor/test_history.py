"""Promises that are judged by what is remembered, tick after tick, on both databases."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from floe_dagster.monitor import Monitor
from floe_dagster.settings import load_settings
from floe_dagster.testing import Clock
from floe_dagster.watchlist import load_watchlist

pytestmark = pytest.mark.requirement("B-05")

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: files
name: files
version: 1.0.0
status: active
servers:
  - {server: disk, type: local, path: "data/{model}.csv", format: csv}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true}
slaProperties:
  - {property: availability, value: 90, unit: "%"}
  - {property: timeOfAvailability, value: "07:00", driver: regulatory}
  - {property: timeOfAvailability, value: "12:00", driver: analytics}
  - {property: frequency, value: 1, unit: d}
  - {property: throughput, value: 10, unit: rows/h}
  - {property: errorRate, value: 10, unit: "%"}
  - {property: timeToRepair, value: 3, unit: h}
  - {property: timeToNotify, value: 1, unit: h}
  - {property: timeToDetect, value: 2, unit: h}
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path}/floe.db"


class World:
    """A file, a clock, and a monitor that looks at both every hour."""

    def __init__(self, root, url):
        self.root, self.clock = root, Clock(MIDNIGHT)
        for name in ("contracts", "data"):
            (root / name).mkdir()
        (root / "contracts/files.odcs.yaml").write_text(CONTRACT)
        (root / "floe.yaml").write_text(
            f"contracts: [contracts/*.odcs.yaml]\nstore: '{url}'\n"
            "cadence: {availability: 1 h, freshness: 1 h, quality: 1 h}\n"
            "alerts: {channels: {log: {type: file, path: alerts.jsonl}}, routes: [{channels: [log]}]}\n"
        )
        self.write(10)
        self.new_monitor()

    def new_monitor(self):
        """What is only in memory is lost."""
        watchlist = load_watchlist(load_settings(self.root / "floe.yaml"))
        self.monitor = Monitor(watchlist=watchlist, clock=self.clock)

    def promise_only(self, word):
        """Forget all promises but those with this word."""
        path = self.root / "contracts/files.odcs.yaml"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(each for each in lines if "property:" not in each or word in each))
        self.new_monitor()

    @property
    def file(self):
        return self.root / "data/orders.csv"

    def write(self, rows, *, wrong=0):
        """So many rows, now; so many of them without an id."""
        lines = [f"{n if n >= wrong else ''},x" for n in range(rows)]
        self.file.write_text("\n".join(["id,note", *lines]) + "\n")
        os.utime(self.file, (self.clock.now.timestamp(),) * 2)

    def tick(self, *cadences, hours=1):
        """The outcomes of the last of so many hours, by check."""
        found = {}
        for _ in range(hours):
            self.clock.advance(HOUR)
            for each in cadences:
                found |= {one.key.check: one for one in self.monitor.tick(each).outcomes}
        return found


@pytest.fixture
def world(tmp_path, url):
    return World(tmp_path, url)


@pytest.mark.requirement("B-04")
def test_an_outage_breaks_the_share_of_a_day_long_after_it_is_over_and_is_then_forgotten(world):
    assert world.tick("availability")["orders.uptime"].cause == "no history"
    assert world.tick("availability", hours=13)["orders.uptime"].status == "passed"

    world.file.rename(world.root / "away.csv")
    down = world.tick("availability", hours=4)
    assert (down["orders.availability"].status, down["orders.uptime"].status) == ("failed", "failed")

    (world.root / "away.csv").rename(world.file)
    world.new_monitor()
    after = world.tick("availability")
    assert (after["orders.availability"].status, after["orders.uptime"].status) == ("passed", "failed")
    assert "4 of 18 probes failed, the last at 2026-11-20 18:00 UTC" in after["orders.uptime"].message

    assert world.tick("availability", hours=24)["orders.uptime"].actual == 100
    resolved = [each for each in world.monitor.store.episodes() if each.resolved_at]
    assert {each.kind for each in resolved} == {"availability", "uptime"}


def test_the_data_of_the_day_is_missed_from_the_deadline_until_it_is_there(world):
    early = world.tick("freshness", hours=6)["orders.time_of_availability.regulatory"]
    assert (early.status, early.actual) == ("passed", MIDNIGHT.isoformat())

    world.tick("freshness", hours=18)
    late = world.tick("freshness", hours=7)
    assert late["orders.time_of_availability.regulatory"].status == "failed"
    assert late["orders.time_of_availability.regulatory"].message == (
        "orders of 2026-11-21 was not there by 07:00 UTC (newest 2026-11-20 00:00 UTC); "
        "07:00 UTC promised; missed 1 of 2 since 2026-11-20"
    )
    assert late["orders.time_of_availability.analytics"].status == "passed"

    world.clock.advance(HOUR / 2)
    world.write(20)
    there = world.tick("freshness")
    assert there["orders.time_of_availability.regulatory"].status == "passed"
    assert "is there, which came too late" in there["orders.time_of_availability.regulatory"].message

    world.new_monitor()
    noon = world.tick("freshness", hours=4)
    assert "missed 1 of 2" in noon["orders.time_of_availability.regulatory"].message
    assert "missed 0 of 2" in noon["orders.time_of_availability.analytics"].message


def test_rows_have_to_come_as_fast_as_promised(world):
    first = world.tick("quality")["orders.throughput"]
    assert (first.cause, first.actual) == ("no history", 10)

    world.write(25)
    assert world.tick("quality")["orders.throughput"].status == "passed"

    world.write(30)
    slow = world.tick("quality")["orders.throughput"]
    assert (slow.status, slow.actual) == ("failed", 30)
    assert slow.message == (
        "5 rows came into orders in 1 h (5 in 1 h, 30 in all); at least 10 rows in 1 h promised"
    )


def test_a_file_has_to_be_written_as_often_as_promised(world):
    world.tick("quality", hours=20)
    world.write(11)
    assert world.tick("quality", hours=24)["orders.frequency"].status == "passed"

    still = world.tick("quality", hours=14)["orders.frequency"]
    assert still.status == "failed"
    assert "nothing arrived for 1 d 14 h" in still.message

    world.write(12)
    assert world.tick("quality", hours=2)["orders.frequency"].status == "failed", (
        "it stood still for too long"
    )


def test_the_error_rate_is_that_of_the_time_in_which_a_quality_check_was_broken(world):
    world.tick("quality", hours=20)
    world.write(10, wrong=3)
    world.tick("quality", hours=2)
    world.write(10)
    found = world.tick("quality", hours=10)["orders.error_rate"]

    assert found.actual == pytest.approx(100 * 2 / 31, abs=0.01)
    assert (found.broken, found.cause) == (False, None)


def test_how_long_it_took_to_repair_and_to_notify_is_told_from_the_episodes(world):
    world.promise_only("timeTo")
    assert world.tick("quality", "freshness")["orders.time_to_repair"].status == "passed"
    world.write(10, wrong=1)
    broken = world.tick("quality", "freshness", hours=2)
    assert broken["orders.time_to_repair"].actual == 3600
    assert broken["orders.time_to_notify"].actual == 0
    assert broken["orders.time_to_detect"].actual == 3600

    lasting = world.tick("quality", "freshness", hours=3)["orders.time_to_repair"]
    assert (lasting.status, lasting.actual) == ("failed", 4 * 3600)

    world.write(10)
    over = world.tick("quality", "freshness", hours=24)["orders.time_to_repair"]
    assert (over.status, over.actual) == ("failed", 5 * 3600)
    assert "1 of 1 episode took longer to repair in the last 30 d, the slowest 5 h" in over.message


def test_with_a_dead_store_only_what_is_remembered_is_not_measured(world):
    path = world.root / "floe.yaml"
    text = path.read_text()
    url = next(each for each in text.splitlines() if each.startswith("store:"))
    path.write_text(text.replace(url, "store: postgresql://nobody@127.0.0.1:1/x"))
    world.new_monitor()

    found = world.tick("availability")

    assert found["orders.availability"].status == "passed"
    assert found["orders.uptime"].cause == "unreachable"
    assert found["orders.uptime"].message.startswith(
        "for how much of the time orders could be read could not"
    )


def test_who_records_nothing_makes_no_store(tmp_path):
    world = World(tmp_path, f"sqlite:///{tmp_path}/floe.db")
    (watch,) = world.monitor.watchlist.watches

    found = {each.key.check: each for each in world.monitor.measure(watch, watch.plan.checks, "t1")}

    assert not (tmp_path / "floe.db").exists()
    assert found["orders.uptime"].status == "not_executable"


@pytest.mark.requirement("B-04")
def test_a_server_that_is_down_is_one_finding_that_names_it(tmp_path):
    world = World(tmp_path, f"sqlite:///{tmp_path}/floe.db")
    text = CONTRACT.replace(
        '{server: disk, type: local, path: "data/{model}.csv", format: csv}',
        "{server: shop, type: duckdb, database: shop.duckdb, schema: main}",
    ).replace("  - name: orders\n", "  - {name: customers, properties: [{name: id}]}\n  - name: orders\n")
    (tmp_path / "contracts/files.odcs.yaml").write_text(text)
    world.promise_only("availability")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("create table customers (id integer)")

    one_is_missing = world.tick("availability")
    (tmp_path / "shop.duckdb").unlink()
    all_are = world.tick("availability")

    assert one_is_missing["customers.server"].status == "passed"
    assert one_is_missing["orders.availability"].status == "failed"
    assert all_are["customers.server"].status == "failed"
    assert 'the server "shop" does not answer, and none of 2 datasets' in all_are["customers.server"].message
