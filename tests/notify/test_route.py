from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.notify.route import channels_for
from floe_dagster.plan.check import Severity
from floe_dagster.settings import Route
from tests.notify.alerts import alerts, fresh, hours

pytestmark = pytest.mark.requirement("D-02")

[ALERT] = alerts(fresh(0, hours(6)))


def route(*channels: str, **conditions) -> Route:
    return Route(channels=channels, **conditions)


@pytest.mark.parametrize(
    ("conditions", "goes"),
    [
        ({}, True),
        ({"severity": "error"}, True),
        ({"severity": "critical"}, False),
        ({"contracts": ("urn:shop:*",)}, True),
        ({"contracts": ("ord*",)}, True),
        ({"contracts": ("ORDERS",)}, False),
        ({"contracts": ("payments", "customers")}, False),
        ({"contracts": ()}, False),
        ({"kinds": ("freshness", "availability")}, True),
        ({"kinds": ("schema",)}, False),
        ({"domains": ("shop",)}, True),
        ({"domains": ("finance",)}, False),
        ({"kinds": ("freshness",), "domains": ("finance",)}, False),
    ],
)
def test_a_route_takes_what_meets_all_its_conditions(conditions, goes):
    assert channels_for(ALERT, "shop", [route("on_call", **conditions)]) == (("on_call",) if goes else ())


def test_a_contract_without_a_domain_meets_no_condition_on_it():
    assert channels_for(ALERT, None, [route("on_call", domains=("shop",))]) == ()


def test_every_matching_route_adds_its_channels_and_each_channel_hears_once():
    routes = [route("log", "mail"), route("pager", severity="critical"), route("mail", "on_call")]

    assert channels_for(ALERT, "shop", routes) == ("log", "mail", "on_call")


def test_no_route_is_no_channel():
    assert channels_for(ALERT, "shop", []) == ()


@given(st.sampled_from(Severity), st.sampled_from(Severity))
def test_what_is_worse_is_never_told_to_fewer(one, other):
    routes = [route(each.value, severity=each.value) for each in Severity]
    milder, worse = sorted((one, other), key=lambda each: each.rank)

    told = [set(channels_for(replace(ALERT, severity=each), "shop", routes)) for each in (milder, worse)]
    assert told[0] <= told[1]
