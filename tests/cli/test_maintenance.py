"""`floe maintenance`: declared before it begins, seen in the list, called off; nothing is lost in it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from floe_dagster.cli.maintenance import app
from floe_dagster.errors import UsageError
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist
from tests.project import Project

pytestmark = pytest.mark.requirement("D-06")


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def floe(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def declared(*arguments: str) -> str:
    return floe("declare", "--reason", "upgrade", "--author", "ada", "--until", "2h", *arguments).split()[0]


def monitor_of(project: Project, now: datetime) -> Monitor:
    return Monitor(watchlist=load_watchlist(load_settings(project.root / "floe.yaml")), clock=lambda: now)


def test_a_window_that_is_declared_from_now_on_is_listed_and_excuses_its_time(project):
    window = declared("--contract", "shop*")

    assert re.search(rf"^{window}  on +.* contract shop\*: upgrade \(ada\)$", floe("list"), re.MULTILINE)
    (told,) = json.loads(floe("list", "--format", "json"))
    assert (told["id"], told["excuses"]) == (window, True)


def test_a_window_that_began_before_it_was_declared_excuses_nothing(project):
    declared("--from", "2026-01-01", "--until", "2099-01-01")

    (told,) = json.loads(floe("list", "--format", "json"))
    assert told["excuses"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--until", "2026-01-01"], "is over already"),
        (["--from", "2099-01-02", "--until", "2099-01-01"], "the window is empty"),
        (["--from", "soon", "--until", "2h"], "--from soon is no time"),
        (["--until", "later"], "--until later is no time"),
        (["--until", "2h", "--reason", " "], "--reason is empty"),
    ],
)
def test_what_is_no_window_is_refused(project, arguments, message):
    given = arguments if "--reason" in arguments else ["--reason", "upgrade", *arguments]
    with pytest.raises(UsageError, match=message):
        floe("declare", *given)


def test_in_a_window_a_breach_is_recorded_and_told_to_nobody(project):
    declared()
    project.load(orphans=5)
    monitor = monitor_of(project, soon())

    report = monitor.tick("quality")

    assert [each.channels for each in report.told] == [()]
    assert len(monitor.store.episodes(open_only=True)) == 1
    assert project.alerts() == []


def test_when_a_window_is_called_off_what_it_held_back_is_told(project):
    window = declared()
    project.load(orphans=5)
    monitor = monitor_of(project, soon())
    monitor.tick("quality")

    floe("cancel", window)
    monitor.delivery.drain("alert")

    assert len(project.alerts()) == 1
    assert [each.state for each in monitor.store.parcels(topic="alert")] == [ParcelState.SENT]
    assert "called off" in floe("list", "--all")
    with pytest.raises(UsageError, match="no window"):
        floe("cancel", window)
