"""The file channel: one object per line, for programs."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.channels.file import CHANNEL, Options
from floe_dagster.notify.alert import Alert
from tests.channels.alerts import EVERY, OPENED

pytestmark = pytest.mark.requirement("D-04")


def written(**changes):
    return CHANNEL.write(replace(OPENED, **changes), Options(path="alerts.jsonl"))


@pytest.mark.parametrize("alert", EVERY)
def test_every_alert_reads_as_agreed(alert, golden):
    letter = CHANNEL.write(alert, Options(path="alerts.jsonl"))
    golden("file", ".json", json.dumps(json.loads(letter.text), indent=2) + "\n")


def test_it_says_first_which_schema_it_has_and_then_all_that_an_alert_has():
    document = json.loads(written().text)
    assert list(document) == ["schema", *(each.name for each in fields(Alert))]
    assert document["schema"] == "floe.alert/1"


def test_it_goes_where_the_options_say():
    assert written().path == "alerts.jsonl"


@pytest.mark.parametrize("actual", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_know_is_text(actual):
    assert json.loads(written(actual=actual).text)["actual"] == str(actual)


@given(st.text())
def test_any_message_is_one_line_and_comes_back_as_it_was(message):
    text = written(message=message).text
    assert len(text.splitlines()) == 1
    assert text.isascii()
    assert json.loads(text)["message"] == message
