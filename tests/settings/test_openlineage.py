"""What the OpenLineage client is configured with is carried as the client itself would."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urljoin

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.transport.composite import CompositeTransport
from openlineage.client.transport.file import FileTransport
from openlineage.client.transport.http import HttpTransport

from floe_dagster.delivery.transports import Outside, open_transports
from floe_dagster.lineage import destinations
from floe_dagster.settings import load_settings
from tests.delivery.parcels import START

pytestmark = pytest.mark.requirement("E-03")


class Client:
    """Keeps the letters that it is to carry."""

    def __init__(self):
        self.letters = []

    def post(self, letter, now):
        self.letters.append(letter)
        return "HTTP 201"


@pytest.fixture
def ours(tmp_path):
    """Settings that ask for the client's transports."""

    def build(file=None, environ=None, more=""):
        (tmp_path / "floe.yaml").write_text(f"lineage:\n  openlineage_client: true\n{more}")
        if file is not None:
            (tmp_path / "openlineage.yml").write_text(file)
        return load_settings(tmp_path, {"HOME": str(tmp_path / "home"), **(environ or {})})

    return build


def carried(settings):
    """Where an event goes to, with the key that goes with it."""
    client = Client()
    opened = open_transports(settings, Outside(root=settings.root, clock=lambda: START, client=client))
    for each in opened.ready.values():
        each.carry(["{}"])
    by_http = [(each.url, each.headers.get("Authorization")) for each in client.letters]
    return sorted([*by_http, *((str(each), None) for each in settings.root.rglob("*.jsonl"))], key=str)


def as_the_client_does(transport):
    match transport:
        case CompositeTransport():
            return sorted((one for each in transport.transports for one in as_the_client_does(each)), key=str)
        case HttpTransport():
            return [(urljoin(transport.url, transport.endpoint), transport.config.auth.get_bearer())]
        case FileTransport():
            return [(str(Path.cwd() / transport.config.log_file_path), None)]
        case _:
            return []


SIMPLE = "transport: {type: http, url: 'http://marquez:5000', auth: {type: api_key, apiKey: KEY}}"
SEVERAL = """
transport:
  type: composite
  transports:
    one: {type: http, url: 'http://one:1/dropped'}
    two: {type: http, url: 'http://two:2/kept/', endpoint: in}
    log: {type: file, log_file_path: events.jsonl, append: true}
"""
LISTED = """
transport:
  type: composite
  transports:
  - {type: http, url: 'http://one:1'}
  - {type: http, name: two, url: 'http://two:2'}
"""
NESTED = """
transport:
  type: composite
  transports:
    one: {type: http, url: 'http://one:1'}
    more: {type: composite, transports: {two: {type: http, url: 'http://two:2'}}}
"""
CASES = {
    "nothing": (None, {}),
    "a file": (SIMPLE, {}),
    "short variables": (
        None,
        {
            "OPENLINEAGE_URL": "http://marquez:5000",
            "OPENLINEAGE_API_KEY": "KEY",
            "OPENLINEAGE_ENDPOINT": "in",
        },
    ),
    "long variables": (
        None,
        {
            "OPENLINEAGE__TRANSPORT__TYPE": "http",
            "OPENLINEAGE__TRANSPORT__URL": "http://marquez:5000",
            "OPENLINEAGE__TRANSPORT__AUTH": '{"type": "api_key", "apiKey": "KEY"}',
        },
    ),
    "longer variables": (
        None,
        {
            "OPENLINEAGE__TRANSPORT__TYPE": "http",
            "OPENLINEAGE__TRANSPORT__URL": "http://marquez:5000",
            "OPENLINEAGE__TRANSPORT__AUTH__TYPE": "api_key",
            "OPENLINEAGE__TRANSPORT__AUTH__APIKEY": "KEY",
        },
    ),
    "a file that counts more than variables": (
        SIMPLE,
        {"OPENLINEAGE__TRANSPORT__URL": "http://other:1", "OPENLINEAGE_URL": "http://other:2"},
    ),
    "several": (SEVERAL, {}),
    "several in a list": (LISTED, {}),
    "several within several": (NESTED, {}),
    "several, and one by the short variables": (
        "transport: {type: composite, transports: {one: {type: http, url: 'http://one:1'}}}",
        {"OPENLINEAGE_URL": "http://two:2"},
    ),
    "the console": ("transport: {type: console}", {}),
    "disabled": (SIMPLE, {"OPENLINEAGE_DISABLED": "true"}),
}


@pytest.mark.parametrize("name", CASES)
def test_events_go_where_the_client_would_send_them(ours, tmp_path, monkeypatch, name):
    file, environ = CASES[name]
    settings = ours(file, environ)
    assert settings.broken == {}
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ, {"HOME": str(tmp_path / "home"), **environ}, clear=True):
        theirs = as_the_client_does(OpenLineageClient().transport)
    assert carried(settings) == theirs
    assert len(destinations(settings)) == len(theirs)


def test_a_file_by_name_and_one_at_home_are_found(ours, tmp_path):
    (tmp_path / "named.yml").write_text(SIMPLE)
    assert len(carried(ours(environ={"OPENLINEAGE_CONFIG": "named.yml"}))) == 1
    (tmp_path / "home" / ".openlineage").mkdir(parents=True)
    assert carried(ours()) == []
    (tmp_path / "home" / ".openlineage" / "openlineage.yml").write_text(SIMPLE)
    assert len(carried(ours())) == 1


def test_transports_of_the_manifest_are_beside_those_of_the_client_unless_all_is_disabled(ours):
    more = "  file: a.jsonl\n  transports:\n    marquez: {type: http, url: 'http://x'}\n    off: {type: http, url: '${UNSET}'}\n"
    settings = ours(SIMPLE, more=more)
    assert destinations(settings) == ("lineage", "lineage.marquez", "lineage.openlineage", "lineage.off")
    disabled = ours(SIMPLE, {"OPENLINEAGE_DISABLED": " True "}, more)
    assert (destinations(disabled), disabled.broken) == ((), {})


def test_without_being_asked_nothing_of_it_is_read(tmp_path):
    (tmp_path / "floe.yaml").write_text("lineage: {}")
    (tmp_path / "openlineage.yml").write_text("]")
    assert load_settings(tmp_path, {"OPENLINEAGE_URL": "http://marquez:5000"}).lineage.transports == {}


def test_kafka_and_the_asynchronous_client_are_carried_as_ours(ours):
    kafka = ours("transport: {type: kafka, topic: t, messageKey: k, config: {bootstrap.servers: b, acks: 1}}")
    assert kafka.lineage.transports["openlineage"].model_extra == {
        "topic": "t",
        "message_key": "k",
        "config": {"bootstrap.servers": "b", "acks": 1},
    }
    environ = {"OPENLINEAGE__TRANSPORT__TYPE": "async_http", "OPENLINEAGE_URL": "http://marquez:5000"}
    (transport,) = ours("{}", environ).lineage.transports.values()
    assert (transport.type, transport.model_extra["url"]) == (
        "http",
        "http://marquez:5000/api/v1/lineage",
    )


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("transport: {type: CANA RY", "openlineage.yml:2: this is not YAML that can be used"),
        ("a: &x CANARY\nb: *x", "this is not YAML that can be used"),
        ("transport: {type: datadog, apiKey: CANARY}", 'its type is "datadog"; only http, kafka and file'),
        ("transport: {type: http, url: 'http://CANARY', verify: false}", "remove verify"),
        ("transport: {type: http, url: 'http://CANARY', sslContext: {caCertPath: CANARY}}", "sslContext"),
        ("transport: {type: http, url: 'http://x', auth: {type: jwt, apiKey: CANARY}}", "than an api_key"),
        ("transport: {type: file, log_file_path: CANARY}", "set append: true"),
        ("transport: {type: file, log_file_path: 's3://CANARY', append: true}", "only files on a disk"),
    ],
)
def test_what_cannot_be_carried_waits_for_it_to_be_mended_and_shows_no_value(ours, file, said):
    settings = ours(file)
    assert said in settings.broken["lineage.openlineage"]
    assert "CANARY" not in settings.broken["lineage.openlineage"]
    assert "CANARY" not in repr(settings)
    assert destinations(settings) == ("lineage.openlineage",)


def test_a_file_that_cannot_be_read_says_so(ours, tmp_path):
    (tmp_path / "openlineage.yml").write_bytes(b"\xff\xfe\xff")
    assert "openlineage.yml cannot be read" in ours().broken["lineage.openlineage"]
