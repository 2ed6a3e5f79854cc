from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.errors import DeliveryError
from floe_dagster.notify.alert import Alert
from floe_dagster.notify.wire import from_json, to_json
from tests.notify.alerts import alerts, fresh, hours

[ALERT] = alerts(fresh(0, hours(6)))


@given(
    st.text(),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    st.lists(st.text(), max_size=3).map(tuple),
)
def test_an_alert_is_read_as_it_was_written(message, actual, consumers):
    alert = replace(
        ALERT,
        message=message,
        actual=actual,
        consumers=consumers,
        downstream=consumers,
        background=consumers,
        link="http://dagster/x",
        runbook="https://wiki/x",
    )

    text = to_json(alert)
    assert from_json(text) == alert
    assert text.isascii()
    assert "\n" not in text


def test_an_attribute_that_a_later_version_added_is_left_out():
    document = json.loads(to_json(ALERT))
    document["alert"]["mood"] = "grim"

    assert from_json(json.dumps(document)) == ALERT


def test_an_attribute_that_was_added_since_has_its_default():
    document = json.loads(to_json(ALERT))
    added = ("downstream", "background", "runbook", "source_link", "occasion")
    for each in ("broken", "consumers", "link", "owner", "line", "source", *added):
        del document["alert"][each]

    assert from_json(json.dumps(document)) == replace(ALERT, consumers=(), owner=None, source="", line=0)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"version": 1}', '{"version": 1, "alert": {}}', '{"version": 1, "alert": []}'],
)
def test_what_is_not_an_alert_is_given_up_and_says_so(text):
    with pytest.raises(DeliveryError, match="not an alert") as caught:
        from_json(text)
    assert caught.value.retry is False


@pytest.mark.parametrize(
    "missing", [each.name for each in fields(Alert) if each.name in ("severity", "at", "title")]
)
def test_an_alert_without_what_it_must_have_is_given_up(missing):
    document = json.loads(to_json(ALERT))
    del document["alert"][missing]

    with pytest.raises(DeliveryError):
        from_json(json.dumps(document))


def test_an_alert_of_a_later_version_says_what_to_do():
    document = json.loads(to_json(ALERT)) | {"version": 2}

    with pytest.raises(DeliveryError, match="upgrade"):
        from_json(json.dumps(document))
