"""Letters are written of what a channel may show; what lies in the outbox is whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from floe_dagster.channels import Destination
from floe_dagster.channels.file import CHANNEL
from floe_dagster.delivery.carrier import Carrier
from floe_dagster.notify.wire import to_json
from floe_dagster.testing import Clock
from tests.channels.alerts import OPENED

pytestmark = pytest.mark.requirement("D-07")

SAID = "flights cannot be read: /srv/canary/flights.db is locked (since 07:00 UTC)"


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ("full", SAID),
        ("reader", "flights cannot be read: [path] is locked (since 07:00 UTC)"),
        ("minimal", "dest refers to airports.faa: broken since 07:00 UTC"),
    ],
)
def test_a_letter_is_written_of_what_its_channel_may_show(tmp_path, detail, message):
    options = CHANNEL.options.model_validate({"path": "alerts.jsonl"})
    payload = to_json(replace(OPENED, message=SAID))

    Carrier(tmp_path, Clock(), client=None).alert(payload, Destination(CHANNEL, options, detail))

    [line] = (tmp_path / "alerts.jsonl").read_text().splitlines()
    assert json.loads(line)["message"] == message
    assert SAID in payload
