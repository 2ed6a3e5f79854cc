"""A real Prometheus asks a real Alertmanager, and sees what floe has open."""

from __future__ import annotations

import time

import pytest

from floe_dagster.plan.check import Severity
from tests.alertmanager.conftest import SOON, Platform, recommended, towards
from tests.alertmanager.programs import run_alertmanager, run_prometheus

pytestmark = pytest.mark.requirement("D-04")

ACTIVE = 'sum(alertmanager_alerts{state="active"})'
TOLD = 'sum(alertmanager_notifications_total{integration="webhook"})'
FAILED = 'sum(alertmanager_notifications_failed_total{integration="webhook"})'


def test_what_prometheus_sees_at_alertmanager_is_what_floe_has_open(tmp_path, hooks):
    url = f"http://127.0.0.1:{hooks.server_port}"
    (tmp_path / "am").mkdir()
    (tmp_path / "prometheus").mkdir()
    with run_alertmanager(tmp_path / "am", towards(recommended(), url)) as alertmanager:
        scraped = {"targets": [alertmanager.url.removeprefix("http://")]}
        config = {
            "global": {"scrape_interval": "300ms", "scrape_timeout": "300ms"},
            "scrape_configs": [{"job_name": "alertmanager", "static_configs": [scraped]}],
        }
        with run_prometheus(tmp_path / "prometheus", config) as prometheus:
            floe = Platform(tmp_path, alertmanager.url)
            floe.breaks("orders.a.quality", "orders.b.quality", "orders.c.quality")
            floe.breaks("orders.a.quality", severity=Severity.CRITICAL)
            floe.keeps("orders.b.quality")
            still_open = len(floe.monitor.store.episodes(open_only=True))
            floe.close()
            comes_to(prometheus, ACTIVE, still_open)
            told = [each for each in hooks.received if floe.contract.encode() in each[2]]
            comes_to(prometheus, TOLD, len(told))
            assert prometheus.value(FAILED) == 0


def comes_to(prometheus, query, number):
    deadline = time.monotonic() + SOON
    while (value := prometheus.value(query)) != number and time.monotonic() < deadline:
        time.sleep(0.1)
    assert value == number
