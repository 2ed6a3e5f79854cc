"""A canary in every secret of every channel: it is in no repr, error, log, store or output."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner

from floe_dagster.channels import open_channels
from floe_dagster.cli import app
from floe_dagster.delivery import Delivery
from floe_dagster.errors import DeliveryError
from floe_dagster.notify.wire import to_json
from floe_dagster.outcome.parcel import Parcel
from floe_dagster.plugins import on_shelf
from floe_dagster.settings import load_settings
from floe_dagster.state.store import open_store
from tests.channels.alerts import OPENED
from tests.channels.every import CANARY, KEY, OPTIONS

pytestmark = [
    pytest.mark.requirement("D-07"),
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # of what Apprise imports
]

CHANNELS = on_shelf("floe_dagster.channels", "CHANNEL")
every_kind = pytest.mark.parametrize("kind", sorted(CHANNELS))


def hidden(*shown):
    for each in shown:
        assert CANARY not in each
        assert KEY not in each
        assert "Q0FOQVJZ" not in each


def opened(kind, **changes):
    channel = CHANNELS[kind]
    return channel, channel.options.model_validate({**OPTIONS[kind], **changes})


def test_every_channel_of_the_shelf_is_looked_at():
    assert sorted(OPTIONS) == sorted(CHANNELS)
    secrets = [kind for kind in OPTIONS if CANARY in str(OPTIONS[kind])]
    assert len(secrets) == len(OPTIONS) - 2


@every_kind
def test_it_is_in_no_repr_of_options_or_letter(kind):
    channel, options = opened(kind)
    letter = channel.write(OPENED, options)
    hidden(repr(options), str(options), options.model_dump_json(), repr(letter), str(letter), f"{[letter]}")


@every_kind
def test_it_is_in_no_error_of_an_option(kind):
    model = CHANNELS[kind].options
    for name in [*OPTIONS[kind], "unknown", "timeout_seconds", "to", "labels", "headers"]:
        for wrong in ("CANARY \x00", ["CANARY \x00"], {"CANARY \x00": "CANARY"}, "\r\nCANARY", None):
            try:
                model.model_validate({**OPTIONS[kind], name: wrong})
            except ValidationError as error:
                found = error.errors(include_url=False, include_context=False, include_input=False)
                # the key of a mapping is a name, and names are said
                hidden(
                    str(error)
                    .replace("'CANARY \\x00'", "")
                    .replace("headers.CANARY \x00", "")
                    .replace("labels.CANARY \x00", "")
                )
                hidden(*(each["msg"].replace("'CANARY \\x00'", "") for each in found))


@every_kind
def test_an_unknown_option_is_refused_with_the_nearest_known_one(tmp_path, kind):
    names = list(CHANNELS[kind].options.model_fields)
    wrong = f"{names[0]}x" if names else "anything"
    file = tmp_path / "floe.yaml"
    channel = {"type": kind, **OPTIONS[kind], wrong: CANARY}
    file.write_text(yaml.safe_dump({"alerts": {"channels": {"it": channel}}}))
    (reason,) = open_channels(load_settings(file)).broken.values()
    assert f"alerts.channels.it.{wrong}: unknown key" in reason
    assert not names or f'did you mean "{names[0]}"?' in reason
    hidden(reason)


@pytest.fixture
def project(tmp_path):
    """A manifest with every channel, its options from the environment's point of view already replaced."""
    file = tmp_path / "floe.yaml"
    channels = {kind: {"type": kind, **OPTIONS[kind]} for kind in OPTIONS}
    file.write_text(
        yaml.safe_dump({"alerts": {"channels": channels}, "store": f"sqlite:///{tmp_path}/floe.db"})
    )
    return file


def parcel(kind, now):
    return Parcel(
        key=f"alert/e/1/{kind}",
        topic="alert",
        channel=kind,
        group="e",
        sequence=1,
        payload=to_json(OPENED),
        created_at=now,
        about="c\ns\nk",
        severity="error",
        transition="opened",
    )


def test_it_is_in_no_log_store_or_output_of_a_delivery_that_fails(project, tmp_path, caplog, capfd):
    """Every channel leads to a port where nobody listens."""
    caplog.set_level(1)
    settings, now = load_settings(project), datetime.now(UTC) - timedelta(minutes=1)
    with open_store(f"sqlite:///{tmp_path}/floe.db") as store:
        with store.writing() as transaction:
            transaction.save(parcels=[parcel(kind, now) for kind in OPTIONS])
        delivery = Delivery(store, open_channels(settings), settings, lambda: datetime.now(UTC))
        report = delivery.drain("alert")
        health = delivery.health_check()
        renewed = delivery.renew({kind: (to_json(OPENED),) for kind in OPTIONS})
    assert report.sent == 2
    assert report.retried + report.dead >= len(OPTIONS) - 2
    hidden(report.line(), str(report), str(health), str(renewed), repr(delivery), repr(settings))
    hidden(repr(open_channels(settings)), caplog.text)
    for command in (["list"], ["list", "--format", "json"], ["dead"], ["replay", "--all"]):
        done = CliRunner().invoke(app, ["alerts", *command, "--config", str(project)])
        assert done.exit_code in (0, 3), done.output
        hidden(done.output, done.stderr)
    hidden(*capfd.readouterr())
    stored = b"".join(each.read_bytes() for each in tmp_path.glob("floe.db*"))
    assert b"flights.dest.relationship" in stored
    assert CANARY.encode() not in stored
    assert "flights.dest" in (tmp_path / "alerts.jsonl").read_text()


@every_kind
def test_it_is_in_no_traceback_of_a_letter_that_cannot_be_carried(kind, project, caplog):
    caplog.set_level(logging.DEBUG)
    settings = load_settings(project)
    delivery = Delivery(None, open_channels(settings), settings, lambda: datetime.now(UTC))
    try:
        delivery._carrier.alert(to_json(OPENED), open_channels(settings).ready[kind])
    except DeliveryError as error:
        hidden(*traceback.format_exception(error))
        assert kind not in ("console", "file")
    else:
        assert kind in ("console", "file")
    hidden(caplog.text)
