"""A channel of another distribution, really installed, is found and used without a line of floe being touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.requirement("D-01")

ROOT = Path(__file__).parents[2]

PROJECT = """
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "floe-chat"
    version = "1.0"

    [project.entry-points."floe.alert_channels"]
    chat = "floe_chat:CHANNEL"
"""
CHANNEL = '''
    """Chat: the alert as a line for a chat room."""

    from pydantic import BaseModel, ConfigDict, SecretStr

    from floe_dagster.notify.letter import Line


    class Options(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

        room: str
        token: SecretStr


    class Chat:
        options = Options

        def write(self, alert, options):
            return Line(path=f"{options.room}.txt", text=f"{alert.severity} {alert.message}")


    CHANNEL = Chat()
'''
MANIFEST = """
    alerts:
      channels:
        talk:
          type: chat
          room: data
          token: ${CHAT_TOKEN}
        wrong:
          type: chat
          rooom: data
          token: ${CHAT_TOKEN}
"""
USE = """
    import json, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from floe_dagster.channels import open_channels
    from floe_dagster.delivery.carrier import SAMPLE, Carrier
    from floe_dagster.delivery.post import HttpClient
    from floe_dagster.notify.wire import to_json
    from floe_dagster.settings import load_settings

    settings = load_settings(Path(sys.argv[1]))
    found = open_channels(settings)
    carrier = Carrier(settings.root, lambda: datetime.now(UTC), HttpClient())
    answer = carrier.alert(to_json(SAMPLE), found.ready["talk"])
    health = carrier.check(found.ready["talk"])
    print(json.dumps({"answer": answer, "health": health, "broken": dict(found.broken), "repr": repr(found)}))
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip())
    return path


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages into which the distribution was installed; nothing is downloaded."""
    source, site = tmp_path_factory.mktemp("floe-chat"), tmp_path_factory.mktemp("site")
    write(source / "pyproject.toml", PROJECT)
    write(source / "floe_chat.py", CHANNEL)
    run(
        *(sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-index", "--no-build-isolation"),
        *("--disable-pip-version-check", "--target", site, source),
    )
    return site


def test_it_is_opened_written_with_and_checked_like_our_own(site, tmp_path):
    manifest = write(tmp_path / "floe.yaml", MANIFEST)
    use = write(tmp_path / "use.py", USE)
    path = os.pathsep.join((str(site), str(ROOT)))
    found = json.loads(run(sys.executable, use, manifest, PYTHONPATH=path, CHAT_TOKEN="CANARY"))
    assert found["answer"] == "appended"
    assert found["health"].endswith("data.txt can be written")
    assert (tmp_path / "data.txt").read_text() == "info sample\n"
    assert 'alerts.channels.wrong.rooom: unknown key; did you mean "room"?' in found["broken"]["wrong"]
    assert "CANARY" not in json.dumps(found)


def test_where_it_is_not_installed_it_is_said_not_to_be_there(tmp_path):
    manifest = write(tmp_path / "floe.yaml", MANIFEST)
    use = 'import sys; from pathlib import Path; from floe_dagster.channels import open_channels; from floe_dagster.settings import load_settings; print(open_channels(load_settings(Path(sys.argv[1]))).broken["talk"])'
    said = run(sys.executable, "-c", use, manifest, PYTHONPATH=str(ROOT), CHAT_TOKEN="CANARY")
    assert 'there is no channel "chat"' in said
    assert "known are alertmanager, " in said
