"""kill -9 at any moment: nothing that was committed is lost, and nothing is told under a second key."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist
from tests.delivery.receiver import receiver as receiving
from tests.project import Project

KILLS = 8

# Ticks for ever, and swaps the data between kept and broken before each tick, so that episodes open and close.
LOOP = """
import os, shutil, sys
from pathlib import Path
from floe_dagster.monitor import Monitor
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist
root = Path(sys.argv[1])
monitor = Monitor(watchlist=load_watchlist(load_settings(root / "floe.yaml")))
monitor.tick("quality")  # with everything imported that a tick needs
print("ready", flush=True)
while True:
    for data in ("bad", "good"):
        shutil.copy(root / f"{data}.duckdb", root / "next.duckdb")
        os.replace(root / "next.duckdb", root / "shop.duckdb")
        monitor.tick("quality")
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def project(request, tmp_path):
    made = Project(tmp_path)
    if request.param == "postgres":
        made.manifest(f"sqlite:///{tmp_path}/floe.db", request.getfixturevalue("postgres_url"))
    # turns in every second are what the test is made of
    made.manifest("timeout: 2 s", "timeout: 2 s\ngrading: {flapping: {turns: 0}}")
    made.manifest(
        "log: {type: file, path: alerts.jsonl}",
        "log: {type: webhook, url: '${KILL_TEST_URL}', timeout_seconds: 2}",
    )
    made.manifest(
        "alerts:", "alerts:\n  dedup: 0 s"
    )  # every episode is told, so that there is something to lose
    for name, orphans in (("good", 0), ("bad", 3)):
        made.load(orphans=orphans)
        shutil.copy(tmp_path / "shop.duckdb", tmp_path / f"{name}.duckdb")
    return made


@pytest.mark.requirement("D-04")
def test_nothing_is_lost_and_nothing_is_told_twice_under_two_keys(project, monkeypatch):
    chance = random.Random(13)
    with receiving() as receiver:
        monkeypatch.setenv("KILL_TEST_URL", receiver.url)
        for _ in range(KILLS):
            command = [sys.executable, "-c", LOOP, str(project.root)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as child:
                assert child.stdout.readline() == b"ready\n"
                time.sleep(chance.uniform(0.05, 1.2))
                child.send_signal(signal.SIGKILL)
        # the lease of a killed process has run out by then
        monitor = Monitor(
            watchlist=load_watchlist(load_settings(project.root / "floe.yaml")),
            clock=lambda: datetime.now(UTC) + timedelta(minutes=2),
        )
        shutil.copy(project.root / "good.duckdb", project.root / "shop.duckdb")
        monitor.tick("quality")
        deadline = time.monotonic() + 90
        while monitor.store.parcels(topic="alert", state=ParcelState.PENDING) and time.monotonic() < deadline:
            monitor.drain("alert", budget_seconds=5)
            time.sleep(0.5)
        told = [json.loads(body) for _, _, body in receiver.received]

    episodes = monitor.store.episodes()
    parcels = monitor.store.parcels(topic="alert")
    assert len(episodes) >= 3, "the kills came too early to show anything"
    assert all(each.resolved_at for each in episodes)
    assert Counter((each.group, each.sequence) for each in parcels) == Counter(
        (each.id, sequence) for each in episodes for sequence in range(1, each.sequence + 1)
    )

    ids = defaultdict(set)
    for each in told:
        ids[each["data"]["episode"], each["data"]["sequence"]].add(each["id"])
    wanted = {(each.group, each.sequence) for each in parcels if each.state == "sent"}
    assert wanted <= set(ids), "an alert was lost"
    assert {len(each) for each in ids.values()} == {1}, "an alert was told under two keys"
    assert not [each for each in parcels if each.state in ("pending", "dead")]

    counted = Counter(each.tick for each in monitor.store.outcomes(limit=1_000_000))
    assert {tick.id: tick.outcomes for tick in monitor.store.ticks()} == counted, (
        "a tick was recorded in part"
    )
