"""Again: the report of a period that is over is the same, byte for byte, whenever it is made."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.monitor import Monitor
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.published import publish
from floe_dagster.report.calendar import period_named
from floe_dagster.reporting import report_of
from floe_dagster.settings import load_settings
from floe_dagster.testing import Clock
from floe_dagster.watchlist import load_watchlist
from tests.project import CONTRACT, Project

pytestmark = pytest.mark.requirement("G-03")

BEGAN = datetime(2026, 11, 17, 23, 50, tzinfo=UTC)
SIX_HOURS = timedelta(hours=6)


class Platform:
    """A project whose clock is ours, with one store that is never closed in between."""

    def __init__(self, folder) -> None:
        self.project = Project(folder)
        self.clock = Clock(BEGAN)
        self._store = None

    def monitor(self) -> Monitor:
        settings = load_settings(self.project.root / "floe.yaml")
        return Monitor(watchlist=load_watchlist(settings), clock=self.clock)

    def live(self, until: datetime, *, orphans: int = 0) -> None:
        """Tick every twelve hours until then."""
        self.project.load(orphans=orphans)
        monitor = self.monitor()
        while self.clock.now < until:
            for cadence in ("schema", "quality"):
                monitor.tick(cadence)
            self.clock.advance(2 * SIX_HOURS)

    def files(self, name: str) -> dict[str, bytes]:
        """The report of a period, as it is made now."""
        monitor = self.monitor()
        zone = monitor.settings.reports.zone
        period = period_named(name, zone)
        report = report_of(monitor.store, monitor.watchlist, period, now=self.clock.now)
        return {each.name: each.read_bytes() for each in publish(report, monitor.settings, f"x-{name}").files}


@pytest.fixture
def platform(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Platform(tmp_path)


def document(files):
    return json.loads(next(text for name, text in files.items() if name.endswith(".json")))


@pytest.mark.parametrize("name", ["2026-11-18", "2026-W47"])
def test_a_period_is_the_same_however_much_has_happened_since(platform, name):
    end = period_named(name).end
    platform.live(datetime(2026, 11, 18, 9, tzinfo=UTC))
    platform.live(end + timedelta(minutes=1), orphans=3)
    first = platform.files(name)
    assert document(first)["open_breaches"]

    platform.live(end + timedelta(days=1), orphans=3)  # it goes on
    platform.live(end + timedelta(days=2))  # it is mended
    changed = CONTRACT.replace("version: 1.0.0", "version: 2.0.0").replace(
        "value: 1, unit: d", "value: 2, unit: h"
    )
    platform.project.contract("orders", changed)
    platform.project.contract(
        "more",
        CONTRACT.replace("id: shop.orders", "id: shop.more")
        .replace("name: orders", "name: sales")
        .replace("orders.at", "sales.at")
        .replace("name: customers", "name: clients")
        .replace("to: customers", "to: clients"),
    )
    platform.live(end + timedelta(days=4), orphans=2)

    assert platform.files(name) == first


def test_a_contract_is_taken_as_it_was_and_what_changed_is_told(platform):
    platform.live(datetime(2026, 11, 19, 9, tzinfo=UTC))
    changed = CONTRACT.replace("version: 1.0.0", "version: 1.1.0").replace(
        "value: 1, unit: d", "value: 4, unit: h"
    )
    platform.project.contract("orders", changed)
    platform.live(datetime(2026, 11, 21, 9, tzinfo=UTC))

    before, after = document(platform.files("2026-11-18")), document(platform.files("2026-11-19"))
    assert [each["version"] for each in before["contracts"]] == ["1.0.0"]
    assert [each["version"] for each in after["contracts"]] == ["1.1.0"]
    assert before["changes"] == []
    (change,) = after["changes"]
    assert (change["what"], change["before"], change["after"]) == ("changed", "1.0.0", "1.1.0")
    assert "freshness of orders.at: 1 d to 4 h" in change["words"]


def test_a_contract_that_is_gone_is_told_as_removed(platform):
    platform.project.contract(
        "more",
        CONTRACT.replace("id: shop.orders", "id: shop.more").replace("name: shop orders", "name: more"),
    )
    platform.live(datetime(2026, 11, 19, 9, tzinfo=UTC))
    (platform.project.root / "contracts/more.odcs.yaml").unlink()
    platform.live(datetime(2026, 11, 23, 9, tzinfo=UTC))

    told = [
        change
        for day in ("2026-11-19", "2026-11-20", "2026-11-21")
        for change in document(platform.files(day))["changes"]
    ]
    assert [(each["contract"], each["what"], each["after"]) for each in told] == [
        ("shop.more", "removed", None)
    ]


def test_a_contract_whose_words_are_not_kept_is_taken_as_it_is_and_that_is_said(platform, monkeypatch):
    platform.live(datetime(2026, 11, 19, 9, tzinfo=UTC))
    monkeypatch.setattr(
        "floe_dagster.state.reader.StoreReader.contract_versions", lambda self, contract=None: ()
    )
    found = document(platform.files("2026-11-18"))
    assert found["notes"] == [
        "The words of shop.orders as they were then are not kept; what is promised now was taken."
    ]
    assert found["contracts"][0]["served"]


def test_the_name_of_a_period_and_its_end_are_printed_and_not_when_it_was_made(platform):
    platform.live(datetime(2026, 11, 20, 9, tzinfo=UTC))
    found = document(platform.files("2026-11-18"))
    assert found["period"] == {"grain": "day", "name": "2026-11-18", "zone": "UTC"}
    assert found["generated_at"] == found["window"]["as_of"] == "2026-11-19T00:00:00+00:00"


def test_days_are_those_of_the_zone_in_the_settings(platform):
    platform.project.manifest("reports: {folder: reports}", "reports: {folder: reports, zone: Europe/Berlin}")
    platform.live(datetime(2026, 11, 20, 9, tzinfo=UTC))
    found = document(platform.files("2026-11-18"))
    assert found["window"]["start"] == "2026-11-17T23:00:00+00:00"
    assert found["zone"] == "Europe/Berlin"


def test_maintenance_that_was_declared_before_is_a_line_and_excused_time(platform):
    platform.live(datetime(2026, 11, 18, 9, tzinfo=UTC))
    start = datetime(2026, 11, 18, 12, tzinfo=UTC)
    declared = Pause(
        id="p1",
        what=PauseKind.MAINTENANCE,
        start=start,
        end=start + SIX_HOURS,
        author="ada",
        reason="an upgrade",
        declared_at=BEGAN,
        contract="shop.*",
    )
    with platform.monitor().store.writing() as writing:
        writing.add_pause(declared)
        writing.add_pause(
            replace(declared, id="p2", declared_at=start + SIX_HOURS, start=start - SIX_HOURS, end=start)
        )
    platform.live(datetime(2026, 11, 20, 9, tzinfo=UTC), orphans=3)
    found = document(platform.files("2026-11-18"))
    assert [each["excused"] for each in found["pauses"]] == [False, True]
    (quality,) = [each for each in found["contracts"][0]["kinds"] if each["kind"] == "quality"]
    assert quality["compliance"]["excused_seconds"] == SIX_HOURS.total_seconds()
    assert {each["state"] for each in quality["timeline"]} >= {"excused"}


def test_a_target_of_the_settings_gives_every_kind_a_budget(platform):
    platform.project.manifest("reports: {folder: reports}", "reports: {folder: reports, target: 0.99}")
    platform.live(datetime(2026, 11, 18, 9, tzinfo=UTC))
    platform.live(datetime(2026, 11, 20, 9, tzinfo=UTC), orphans=3)
    (quality,) = [
        each
        for each in document(platform.files("2026-11-18"))["contracts"][0]["kinds"]
        if each["kind"] == "quality"
    ]
    assert quality["target_is_promised"] is False
    assert quality["budget"]["allowed_seconds"] == pytest.approx(864)
    assert quality["budget"]["left_seconds"] < 0
