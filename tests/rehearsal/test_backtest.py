"""What another policy would have told of what is on record."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from floe_dagster.cli import app
from floe_dagster.cli.comparison import as_json, as_text
from floe_dagster.errors import SettingsError
from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.plan.check import Severity, Status
from floe_dagster.rehearsal.backtest import Backtest
from floe_dagster.rehearsal.replay import Rehearsal
from floe_dagster.rehearsal.stage import Stage
from floe_dagster.settings import load_settings
from floe_dagster.settings.policy import as_policy, load_policy
from floe_dagster.state.accounts import Glance
from floe_dagster.state.store import open_reader, open_store
from floe_dagster.watchlist import load_watchlist
from tests.delivery.receiver import Receiver
from tests.posting.platform import START, Platform, at, measured
from tests.rehearsal.history import PEOPLE, a_watchlist

pytestmark = pytest.mark.requirement("D-08")

GOLDEN = Path(__file__).parents[1] / "golden" / "rehearsal"
DAY = 24 * 60
MANIFEST = """
store: sqlite:///{root}/floe.db
contracts: ["*.odcs.yaml"]
alerts:
  channels:
    team: {{type: slack, url: "${{NOT_SET}}"}}
    hook: {{type: webhook, url: "{url}"}}
  routes:
    - {{severity: info, channels: [hook]}}
    - {{severity: error, channels: [team]}}
"""
CALMER = """
grading: {open_after: 2}
alerts:
  channels: {team: {type: slack, url: "${NOT_SET}"}, chat: {type: teams}}
  routes:
    - {severity: error, channels: [chat]}
"""


@pytest.fixture
def receiver():
    with Receiver() as opened:
        threading.Thread(target=opened.serve_forever, daemon=True).start()
        yield opened
        opened.shutdown()


@pytest.fixture
def store(tmp_path, monkeypatch, made_store, receiver):
    monkeypatch.chdir(tmp_path)
    shutil.copy(made_store, tmp_path / "floe.db")
    (tmp_path / "floe.yaml").write_text(MANIFEST.format(root=tmp_path, url=receiver.url))
    (tmp_path / "new.yaml").write_text(CALMER)
    with open_store(f"sqlite:///{tmp_path}/floe.db") as opened:
        yield opened


def blip(
    platform: Platform, minute: float, check: str, *, lasts: int = 1, reason: Reason | None = None
) -> None:
    """Kept, broken so often in a row every quarter of an hour, and kept again."""
    for step in range(lasts + 2):
        broken = 0 < step <= lasts
        when = at(minute + 15 * step)
        platform.record(measured(minute + 15 * step, check, broken=broken, tick=f"{check} {when}"))
        if step == 1 and reason is not None:
            platform.acknowledge(minute + 16, reason)


@pytest.fixture
def week(store):
    """Seven days: three blips that were called false alarms, and two breaches that were real."""
    platform = Platform(store)
    platform.record(measured(-60, "fresh", broken=False))
    blip(platform, 60, "fresh", reason=Reason.FALSE_POSITIVE)
    blip(platform, DAY, "valid", reason=Reason.FALSE_POSITIVE)
    blip(platform, 2 * DAY, "fresh", lasts=4, reason=Reason.REAL)
    blip(platform, 3 * DAY, "valid", lasts=3, reason=Reason.EXPECTED)
    blip(platform, 4 * DAY, "fresh", reason=Reason.REAL)
    blip(platform, 5 * DAY, "fresh", reason=Reason.WORKING)
    return store


def backtested(root: Path, *, wanted=lambda _: True, days: int = 7):
    settings = as_policy(load_settings(root))
    policy = load_policy(root / "new.yaml", settings)
    with open_reader(f"sqlite:///{root}/floe.db") as reader:
        work = Backtest(
            reader=reader,
            watchlist=load_watchlist(settings),
            settings=policy.settings,
            start=START,
            end=START + timedelta(days=days),
            wanted=wanted,
        )
        steps = []
        found = work.run(lambda: steps.append(1))
        assert len(steps) == work.days
    return found, policy


def golden(name: str, text: str) -> None:
    """`FLOE_GOLDEN=write pytest tests/rehearsal` writes the files."""
    path = GOLDEN / name
    if os.environ.get("FLOE_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_a_calmer_policy_says_what_it_would_not_have_told(week, tmp_path):
    found, policy = backtested(tmp_path)

    assert found.outcomes == 18 + 3 + 2
    assert found.weeks == 1
    assert (found.before.opened, found.after.opened) == (6, 2)
    assert [each.episode.key.check for each in found.missed] == ["fresh", "valid", "fresh", "fresh"]
    assert found.added == ()
    assert found.labels_before.labelled == {Reason.FALSE_POSITIVE: 2, Reason.REAL: 2, Reason.EXPECTED: 1}
    assert found.rate == 2 / 5
    assert found.labels_before.rate == 2 / 5
    assert found.labels_after.rate == 0
    assert (found.spared, found.lost) == (2, 1)
    golden("calmer.txt", as_text(found, "new.yaml", policy.notes) + "\n")
    golden("calmer.json", json.dumps(as_json(found, policy.notes), indent=2) + "\n")


def test_the_same_policy_tells_the_same(store, tmp_path):
    blip(Platform(store), 60, "fresh", lasts=2)
    (tmp_path / "new.yaml").write_text((tmp_path / "floe.yaml").read_text())
    found, policy = backtested(tmp_path)

    assert found.before == found.after
    assert found.before.total > 0
    assert (found.missed, found.added) == ((), ())
    assert policy.notes == (
        "new.yaml: store and contracts do not count here",
        "new.yaml has no grading and cadence; what the manifest says there counts",
    )


def test_nothing_is_sent_and_nothing_is_written(store, receiver):
    blip(Platform(store), 60, "fresh")
    before = store.info().rows
    done = CliRunner().invoke(app, ["alerts", "backtest", "--policy", "new.yaml", "--since", "2026-11-20"])

    assert done.exit_code == 0, done.output
    assert receiver.received == []
    urllib.request.urlopen(receiver.url, data=b"{}", timeout=5).close()
    assert len(receiver.received) == 1, "it would have heard"
    assert store.info().rows == before


def test_where_nothing_was_labelled_no_rate_is_given(store, tmp_path):
    blip(Platform(store), 60, "fresh")
    found, policy = backtested(tmp_path)

    assert found.rate is None
    assert (found.labels_before.rate, found.labels_after.rate) == (None, None)
    text = as_text(found, "new.yaml", policy.notes)
    assert "false alarms: not known; nobody has said of an episode whether it was real" in text
    assert " %" not in text


def test_what_was_open_before_the_window_is_not_told_anew_in_it(store, tmp_path):
    platform = Platform(store)
    for hour in range(-20, 10, 5):
        platform.record(measured(60 * hour, "fresh"))
    found, _ = backtested(tmp_path)
    assert (found.before.opened, found.after.opened) == (0, 0)
    assert found.before.began == found.after.began == ()


def test_other_contracts_do_not_count_but_a_server_that_is_down_does(store, tmp_path):
    platform = Platform(store)
    for minute in (0, 60):
        platform.record(
            measured(minute, "up", contract="shop", kind="server", broken=minute == 0, tick=f"a{minute}")
        )
    platform.record(measured(10, "fresh"), measured(10, "fresh", contract="refunds"))
    found, _ = backtested(tmp_path, wanted=lambda name: name == "orders")

    assert {key.contract for key in found.before.checks} <= {"orders"}
    assert found.before.held == 2


def test_thresholds_are_applied_anew(store, tmp_path):
    (tmp_path / "new.yaml").write_text("grading: {info_at: 0.5, warning_at: 0.6}\n")
    platform = Platform(store)
    for minute, used in ((0, 0.1), (15, 0.7), (30, 0.1)):
        platform.record(measured(minute, broken=False, used=used))
    found, _ = backtested(tmp_path)

    assert (found.before.opened, found.after.opened) == (0, 1)
    (added,) = found.added
    assert (added.episode.severity, added.episode.broken) == (Severity.WARNING, False)


def test_reminders_are_told_to_people_alone(store, tmp_path):
    (tmp_path / "new.yaml").write_text(
        (tmp_path / "floe.yaml").read_text().replace("alerts:", "alerts:\n  remind: 0")
    )
    platform = Platform(store)
    for day in range(3):
        platform.record(measured(day * DAY, broken=True))
    found, _ = backtested(tmp_path)

    assert found.before.alerts == {("team", "error"): 7, ("hook", "error"): 1}
    assert found.after.alerts == {("team", "error"): 1, ("hook", "error"): 1}


def test_what_comes_to_a_channel_about_a_contract_within_a_minute_is_one_message(store, tmp_path):
    Platform(store).record(
        measured(0, "fresh"), measured(0, "valid"), measured(0, "valid", contract="refunds")
    )
    found, _ = backtested(tmp_path, days=1)

    assert found.before.alerts == {("hook", "error"): 3, ("team", "error"): 3}
    assert found.before.messages == {"hook": 2, "team": 2}


def test_nothing_on_record_is_said_to_be_so(store):
    done = CliRunner().invoke(app, ["alerts", "backtest", "--policy", "new.yaml"])
    assert done.exit_code == 0, done.output
    assert "note: no outcome of that time is on record" in done.output
    assert "checks told of most, alerts: none" in done.output


def test_the_command_narrows_by_contract_and_writes_json(store):
    now = datetime.now(UTC)
    for ago in (3, 2):
        outcomes = [
            measured(0, contract=each, at=now - timedelta(hours=ago), tick=str(ago))
            for each in ("orders", "shop")
        ]
        with store.writing() as writing:
            writing.save(outcomes=outcomes)
    arguments = ["alerts", "backtest", "--policy", "new.yaml", "--contract", "or*", "--format", "json"]
    done = CliRunner().invoke(app, [*arguments, "--since", "1d"])

    told = json.loads(done.stdout)
    assert (told["schema"], told["outcomes"]) == ("floe.backtest/1", 2)
    assert [each["contract"] for each in told["noisiest"]] == ["orders"]
    assert (told["weeks"], told["before"]["alerts_a_week"]) == (None, None)
    assert any("orders: no longer watched" in each for each in told["notes"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grading:\n  open_after: 0\n", "new.yaml:2: grading.open_after: 0 is too small; the least is 1"),
        (
            "grading:\n  open_aftr: 2\n",
            'new.yaml:2: grading.open_aftr: unknown key; did you mean "open_after"?',
        ),
        (
            "alerts:\n  routes:\n    - channels: [taem]\n",
            "new.yaml:3: alerts.routes[0].channels[0]: there is no channel of this name",
        ),
        ("gradng: {}\n", "new.yaml: there is nothing to try out in it; write grading, alerts and cadence"),
        ("alerts: [", "new.yaml:2: not valid YAML"),
    ],
)
def test_a_policy_that_cannot_be_used_names_file_line_and_key(store, tmp_path, text, message):
    (tmp_path / "new.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"new\.yaml") as raised:
        load_policy(Path("new.yaml"), as_policy(load_settings(tmp_path)))
    assert message in str(raised.value)


def test_a_policy_says_which_keys_of_the_manifest_it_leaves_out(store, tmp_path):
    manifest = (tmp_path / "floe.yaml").read_text()
    (tmp_path / "floe.yaml").write_text(manifest + "grading: {open_after: 3, info_at: 0.7}\n")
    (tmp_path / "new.yaml").write_text("grading: {info_at: 0.9}\n")
    policy = load_policy(tmp_path / "new.yaml", as_policy(load_settings(tmp_path)))
    assert (
        "new.yaml does not say grading.open_after, as the manifest does; the default counts" in policy.notes
    )
    assert policy.settings.grading.open_after == 1
    assert set(policy.settings.alerts.channels) == {"team", "hook"}


class Everything(Stage):
    """Leaves nothing out."""

    def _changes_nothing(self, glance: Glance) -> bool:
        del glance
        return False


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("after", [{"open_after": 1}, {"open_after": 2, "open_within": 4}])
def test_what_is_left_out_changes_nothing_that_is_told(seed, after):
    grading = {
        "flapping": {"turns": 4, "within": "3h", "quiet": "30m"},
        "critical_after_episodes": 1,
        **after,
    }
    stages = [
        kind(rehearsal=Rehearsal(watchlist=a_watchlist(grading=grading)), people=frozenset(PEOPLE))
        for kind in (Stage, Everything)
    ]
    for minute, glances in _random_ticks(seed):
        for stage in stages:
            stage.tick(glances, at(minute))
            stage.hour(at(minute))
    one, other = (
        [(each.key, each.state, each.reason, each.not_before) for each in stage.rehearsal.store.parcels()]
        for stage in stages
    )
    assert one == other
    assert len(one) > 3
    assert stages[0].rehearsal.store.episodes == stages[1].rehearsal.store.episodes


def _random_ticks(seed):
    rng = random.Random(seed)
    minute, bad = 0, {"fresh": False, "valid": False}
    for number in range(80):
        minute += 15
        some = []
        for check, was in bad.items():
            broken = bad[check] = rng.random() < (0.6 if was else 0.08)
            status, used = Status.FAILED, 1.1
            if not broken:
                status = Status.ERROR if rng.random() < 0.1 else Status.PASSED
                used = rng.choice((None, 0.1, 0.1, 0.1, 0.85)) if status is Status.PASSED else None
            some.append(
                Glance(
                    *(f"t{number}", "orders", "prod", check, "orders", "freshness", check),
                    *(status.value, "error", broken, used, at(minute)),
                )
            )
        yield minute, some
