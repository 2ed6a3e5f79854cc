"""Alertmanager and Prometheus as Debian ships them, on loopback, in a folder of their own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest
import yaml

ALERTMANAGER, AMTOOL = "prometheus-alertmanager", "amtool"
PROMETHEUS, PROMTOOL = "prometheus", "promtool"
STARTS_WITHIN = 20.0


def found(*programs):
    """Where these are; the test is skipped where one is not."""
    for each in programs:
        if shutil.which(each) is None:
            pytest.skip(
                f"{each} is not installed; on Debian: apt-get install prometheus prometheus-alertmanager"
            )
    return [shutil.which(each) for each in programs]


class Alertmanager:
    """A running Alertmanager, asked by its API."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/api/v2/{path}", headers={"Content-Type": "application/json"}
        )
        request.data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def alerts(self, contract, *, state=None):
        """What it holds of a contract, in no order."""
        every = self.ask(f"alerts?filter=contract%3D%22{contract}%22")
        return [each for each in every if state in (None, each["status"]["state"])]

    def silence(self, contract):
        """Silence a contract for a minute, as somebody does in its pages."""
        now = time.time()
        self.ask(
            "silences",
            {
                "matchers": [{"name": "contract", "value": contract, "isRegex": False, "isEqual": True}],
                "startsAt": stamp(now),
                "endsAt": stamp(now + 60),
                "createdBy": "ada",
                "comment": "a test",
            },
        )


class Prometheus:
    """A running Prometheus, asked by its API."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def value(self, query):
        """The one number that a query gives, or None."""
        request = f"{self.url}/api/v1/query?query={urllib.request.quote(query)}"
        with urllib.request.urlopen(request, timeout=5) as answer:
            result = json.load(answer)["data"]["result"]
        return float(result[0]["value"][1]) if result else None


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@contextmanager
def run_alertmanager(folder, config):
    """Alertmanager with this configuration."""
    (program,) = found(ALERTMANAGER)
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = [
        program,
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, folder, f"http://127.0.0.1:{port}/-/ready"):
        yield Alertmanager(port)


@contextmanager
def run_prometheus(folder, config):
    """Prometheus with this configuration."""
    (program,) = found(PROMETHEUS)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = [
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running(command, folder, f"http://127.0.0.1:{port}/-/ready"):
        yield Prometheus(port)


@contextmanager
def running(command, folder, ready):
    """A program that answers by now; it is stopped afterwards, whatever happens."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        deadline = time.monotonic() + STARTS_WITHIN
        while not answers(ready):
            assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
