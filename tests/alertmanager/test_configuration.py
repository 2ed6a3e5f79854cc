"""The configuration on the page of the channel, by Alertmanager's own tool."""

from __future__ import annotations

import subprocess

import pytest

from tests.alertmanager.conftest import on_the_page
from tests.alertmanager.programs import AMTOOL, found

pytestmark = pytest.mark.requirement("D-04")


@pytest.fixture
def amtool(tmp_path):
    (program,) = found(AMTOOL)
    file = tmp_path / "alertmanager.yml"
    file.write_text(on_the_page())

    def run(*arguments):
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=30, cwd=tmp_path, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_configuration_on_the_page_is_one(amtool):
    told = amtool("check-config", "alertmanager.yml")
    assert "SUCCESS" in told
    assert "4 inhibit rules" in told
    assert "2 receivers" in told


@pytest.mark.parametrize(
    ("severity", "receiver"), [("info", "data-team"), ("error", "data-team"), ("critical", "on-call")]
)
def test_who_is_on_call_gets_what_is_critical(amtool, severity, receiver):
    labels = ("alertname=FloeContractViolation", "contract=orders", f"severity={severity}")
    assert amtool("config", "routes", "test", "--config.file=alertmanager.yml", *labels).strip() == receiver
