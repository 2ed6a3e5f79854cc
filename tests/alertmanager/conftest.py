"""A real Alertmanager with the configuration that the docs recommend, and a platform that tells it."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
import yaml

from floe_dagster.definitions.sensors import outbox_sensor
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Severity, Status
from floe_dagster.recorder import Recorder, no_link
from floe_dagster.settings import Settings
from floe_dagster.watchlist import Watchlist
from tests.alertmanager.programs import run_alertmanager
from tests.delivery.receiver import receiver as a_receiver

PAGE = Path(__file__).parents[2] / "docs/channels/alertmanager.md"
FAST = {"group_wait": "800ms", "group_interval": "400ms", "repeat_interval": "1h"}
SOON = 10.0
"""seconds within which a notification comes, on a machine that does other things too"""
QUIET = 1.3
"""seconds without one that show that there is none: more than the wait of a group, and thrice its interval"""


def on_the_page():
    """The configuration that the page recommends, as it stands there."""
    (text,) = re.findall(r"```yml\n(# alertmanager\.yml\n.*?)```", PAGE.read_text(), re.DOTALL)
    return text


def recommended():
    """The same as YAML."""
    return yaml.safe_load(on_the_page())


def towards(config, url):
    """The same with hooks at this URL, each on a path with the name of its receiver, and in a hurry."""
    for each in config["receivers"]:
        each["webhook_configs"] = [{"url": f"{url}/{each['name']}"}]
    config["route"] |= FAST
    return config


@pytest.fixture(scope="session")
def hooks():
    with a_receiver() as server:
        yield server


@pytest.fixture(scope="session")
def alertmanager(hooks, tmp_path_factory):
    config = towards(recommended(), f"http://127.0.0.1:{hooks.server_port}")
    with run_alertmanager(tmp_path_factory.mktemp("alertmanager"), config) as running:
        yield running


class Inbox:
    """What Alertmanager told its receivers of one contract."""

    def __init__(self, hooks, contract):
        self._hooks = hooks
        self._contract = contract
        self._read = 0

    def _every(self):
        told = [(path, json.loads(body)) for path, _, body in tuple(self._hooks.received)]
        return [
            {"receiver": path.strip("/"), **each}
            for path, each in told
            if each["groupLabels"].get("contract") == self._contract
        ]

    def next(self, number=1):
        """The next notifications."""
        deadline = time.monotonic() + SOON
        while len(self._every()) < self._read + number and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self._every()) >= self._read + number, "Alertmanager told nobody"
        found = self._every()[self._read :][:number]
        self._read += number
        return found

    def rest(self, seconds=QUIET):
        """What comes within this time, or came already, beside what was awaited."""
        time.sleep(seconds)
        return self._every()[self._read :]


class Clock:
    """The wall clock, which may be wrong."""

    def __init__(self):
        self.off = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.off


class Platform:
    """A store, its outbox, its delivery and its sensor, with one contract whose checks break when told to."""

    def __init__(self, root, url, *, lasts_seconds=3600, alerts=None, **more):
        self.contract = f"urn:test:{uuid4().hex[:8]}"
        self.clock = Clock()
        channel = {"type": "alertmanager", "url": url, "lasts_seconds": lasts_seconds}
        alerting = {
            "channels": {"am": channel},
            "routes": [{"severity": "info", "channels": ["am"]}],
            "inhibit": [],
            "dedup": 0,
        }
        self.settings = Settings.model_validate(
            {
                "root": root,
                "store": f"sqlite:///{root}/floe.db",
                "environment": "test",
                "alerts": alerting | (alerts or {}),
                **more,
            }
        )
        self.watchlist = Watchlist(settings=self.settings, readings=(), watches=(), kinds={})
        self.monitor = Monitor(watchlist=self.watchlist, clock=self.clock)
        self.sensor = outbox_sensor("floe_alerts", "alert", self.monitor, "carries")

    def outcome(self, check, *, broken, severity=Severity.ERROR, contract=None, **more):
        dataset, kind = check.split(".")[0], check.rsplit(".", 1)[-1]
        return Outcome(
            **{
                "tick": uuid4().hex,
                "key": Key(contract=contract or self.contract, server="prod", check=check),
                "version": "1.0.0",
                "dataset": dataset,
                "element": None,
                "kind": kind,
                "title": f"{dataset}: {kind}",
                "status": Status.FAILED if broken else Status.PASSED,
                "severity": severity,
                "broken": broken,
                "expected": "at most 4 h",
                "actual": 7 if broken else 1,
                "message": f"{check} is {'broken' if broken else 'kept'}",
                "path": "slaProperties[0]",
                "source": "orders.odcs.yaml",
                "line": 31,
                "at": self.clock(),
                "duration_seconds": 0.1,
            }
            | more
        )

    def measure(self, *outcomes, carry=True):
        """Record these as a tick does, and carry what follows from them."""
        now = self.clock()
        recorder = Recorder(
            watchlist=self.watchlist, link=no_link, tick=uuid4().hex, name="checks", started_at=now
        )
        recorder.record(self.monitor.store, outcomes, now)
        if carry:
            report = self.monitor.drain("alert")
            assert report.problems == {}

    def breaks(self, *checks, **more):
        self.measure(*(self.outcome(each, broken=True, **more) for each in checks))

    def keeps(self, *checks, **more):
        self.measure(*(self.outcome(each, broken=False, **more) for each in checks))

    def renew(self):
        """One turn of the sensor that Dagster's daemon evaluates every 30 s; what it said."""
        return self.sensor(dg.build_sensor_context()).skip_message

    def close(self):
        self.monitor.store.close()


@pytest.fixture
def platform(tmp_path, alertmanager):
    platforms = []

    def build(**more):
        folder = tmp_path / str(len(platforms))
        folder.mkdir()
        platforms.append(Platform(folder, alertmanager.url, **more))
        return platforms[-1]

    yield build
    for each in platforms:
        each.close()


@pytest.fixture
def floe(platform):
    return platform()


@pytest.fixture(scope="module")
def opened():
    """Every inbox of the module; in the end there is nothing in them but what a test waited for."""
    inboxes = []
    yield inboxes
    time.sleep(QUIET)
    assert [each.rest(0) for each in inboxes] == [[] for _ in inboxes]


@pytest.fixture
def listen(hooks, opened):
    """The inbox for a platform's contract."""

    def build(floe):
        opened.append(Inbox(hooks, floe.contract))
        return opened[-1]

    return build


@pytest.fixture
def inbox(listen, floe):
    return listen(floe)
