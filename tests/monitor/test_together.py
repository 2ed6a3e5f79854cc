"""A tick in which many contracts break at once, from the measurement to what people and machines are told."""

from __future__ import annotations

import json

import duckdb
import pytest

from floe_dagster.monitor import Monitor
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist
from tests.delivery.mailserver import mail_server
from tests.delivery.receiver import receiver

pytestmark = pytest.mark.requirement("D-03")

CONTRACTS = 30
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.{number}
name: shop {number}
version: 1.0.0
status: active
servers:
  - {{server: shop, type: duckdb, database: shop.duckdb, schema: main}}
schema:
  - name: orders
    physicalType: table
    properties:
      - {{name: amount, logicalType: integer, logicalTypeOptions: {{minimum: {minimum}}}}}
"""
MANIFEST = """\
contracts: [contracts/*.odcs.yaml]
store: sqlite:///{root}/floe.db
alerts:
  group_above: 1
  channels:
    chat: {{type: slack, url: "{chat}"}}
    hook: {{type: webhook, url: "{hook}"}}
    mail:
      type: email
      host: 127.0.0.1
      port: {mail}
      security: none
      sender: floe@example.com
      to: [data@example.com]
  routes:
    - {{severity: warning, channels: [chat, hook, mail]}}
"""


@pytest.fixture
def outside():
    with receiver() as chat, receiver() as hook, mail_server() as mail:
        yield chat, hook, mail


def test_thirty_broken_contracts_are_one_message_for_people_and_thirty_for_machines(tmp_path, outside):
    chat, hook, mail = outside
    (tmp_path / "contracts").mkdir()
    for number in range(CONTRACTS):
        text = CONTRACT.format(number=number, minimum=number + 1)
        (tmp_path / "contracts" / f"shop{number}.odcs.yaml").write_text(text)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("create table orders as select 0 as amount")
    manifest = MANIFEST.format(root=tmp_path, chat=chat.url, hook=hook.url, mail=mail.port)
    (tmp_path / "floe.yaml").write_text(manifest)
    monitor = Monitor(watchlist=load_watchlist(load_settings(tmp_path / "floe.yaml")))

    report = monitor.tick("quality")

    assert len(report.told) == CONTRACTS
    assert report.delivered.sent == 3 * CONTRACTS
    assert len(set(hook.ids)) == len(hook.received) == CONTRACTS
    # A machine that is busy may need more than the second after which a tick tells what it knows.
    assert 1 <= len(chat.received) <= 10
    assert len(mail.received) == len(chat.received)
    told = " ".join(json.loads(body)["text"] for _, _, body in chat.received)
    assert "contracts [dev]" in told
