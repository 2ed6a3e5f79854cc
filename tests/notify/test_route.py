from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.model import Support
from floe_dagster.notify.route import Addressee, channels_for
from floe_dagster.plan.check import Severity
from floe_dagster.settings import Alerting, Route, SupportRoute
from tests.notify.alerts import CONTRACT, alerts, fresh, hours

pytestmark = pytest.mark.requirement("D-02")

[ALERT] = alerts(fresh(0, hours(6)))
SHOP = Addressee(domain="shop", tags=("gold", "orders"), drivers=("regulatory",))


def route(*channels: str, **conditions) -> Route:
    return Route(channels=channels, **conditions)


def told(*routes: Route, to: Addressee = SHOP, alert=ALERT, support=()) -> tuple[str, ...]:
    return channels_for(alert, to, Alerting(routes=routes, support=support))


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
        ({"tags": ("gold",)}, True),
        ({"tags": ("gol*", "silver")}, True),
        ({"tags": ("silver",)}, False),
        ({"owners": ("ada",)}, True),
        ({"owners": ("grace",)}, False),
        ({"environments": ("pr*",)}, True),
        ({"environments": ("dev",)}, False),
        ({"drivers": ("regulatory",)}, True),
        ({"drivers": ("operational",)}, False),
    ],
)
def test_a_route_takes_what_meets_all_its_conditions(conditions, goes):
    assert told(route("on_call", **conditions)) == (("on_call",) if goes else ())


def test_a_contract_without_a_domain_meets_no_condition_on_it():
    assert told(route("on_call", domains=("shop",)), to=Addressee()) == ()


def test_every_matching_route_adds_its_channels_and_each_channel_hears_once():
    routes = [route("log", "mail"), route("pager", severity="critical"), route("mail", "on_call")]

    assert told(*routes) == ("log", "mail", "on_call")


def test_no_route_is_no_channel():
    assert told() == ()


@given(st.sampled_from(Severity), st.sampled_from(Severity))
def test_what_is_worse_is_never_told_to_fewer(one, other):
    routes = [route(each.value, severity=each.value) for each in Severity]
    milder, worse = sorted((one, other), key=lambda each: each.rank)

    few, many = (set(told(*routes, alert=replace(ALERT, severity=each))) for each in (milder, worse))
    assert few <= many


class TestTheSupportOfTheContractItself:
    TEAM = Addressee(
        support=(
            Support(channel="#orders-help", tool="slack", scope="interactive"),
            Support(channel="#orders-alerts", tool="slack", scope="notifications"),
            Support(channel="orders", tool="ticket", scope="issues"),
        )
    )

    @pytest.mark.parametrize(
        ("conditions", "goes"),
        [
            ({}, True),
            ({"tool": "slack"}, True),
            ({"tool": "ticket", "channel": "ord*"}, True),
            ({"channel": "#orders-help"}, False),
            ({"tool": "teams"}, False),
            ({"severity": "critical"}, False),
        ],
    )
    def test_goes_where_the_platform_says_it_does(self, conditions, goes):
        support = (SupportRoute(channels=("orders_slack",), **conditions),)
        assert told(to=self.TEAM, support=support) == (("orders_slack",) if goes else ())

    def test_is_nowhere_that_the_platform_does_not_name(self):
        assert told(to=self.TEAM) == ()

    def test_is_told_once_with_the_routes(self):
        support = (SupportRoute(channels=("mail", "orders_slack")),)
        assert told(route("mail"), to=self.TEAM, support=support) == ("mail", "orders_slack")


def test_what_routes_look_at_comes_from_the_contract_and_its_dataset():
    assert Addressee.of(CONTRACT, "orders", "analytics") == Addressee(
        domain="shop", drivers=("analytics",), support=CONTRACT.support
    )
    assert Addressee.of(None, "orders") == Addressee()
