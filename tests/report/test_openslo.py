"""OpenSLO: what is exported holds to the specification's own rules."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import yaml

from floe_dagster.contract.model import Contract, Promise
from floe_dagster.report.openslo import Served, name_of, to_openslo

pytestmark = pytest.mark.requirement("G-05")
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
DURATION = re.compile(r"[0-9]+[mhdwMQY]")


def promise(kind: str, value, unit: str | None = None) -> Promise:
    return Promise(path="slaProperties[0]", line=9, property=kind, value=value, unit=unit)


def contract(*promises: Promise, **more) -> Contract:
    return Contract(
        **{
            "id": "shop.orders",
            "name": "Orders",
            "version": "1.2.0",
            "api_version": "v3.1.0",
            "status": "active",
            "source": "orders.odcs.yaml",
            "digest": "d",
            "domain": "sales",
            "promises": promises,
        }
        | more
    )


def written(*contracts: Contract, kinds=()) -> str:
    return to_openslo(
        [Served(contract=each, server="prod") for each in contracts],
        zone="Europe/Berlin",
        cadence=lambda _: timedelta(minutes=15),
        kinds=kinds,
    )


def held_to_the_rules(document: dict) -> None:
    """What the specification's own validator asks of a Service and of an SLO, version 1."""
    assert document["apiVersion"] == "openslo/v1"
    assert LABEL.fullmatch(document["metadata"]["name"])
    assert len(document["spec"].get("description", "")) <= 1050
    if document["kind"] == "Service":
        assert set(document) == {"apiVersion", "kind", "metadata", "spec"}
        return
    spec = document["spec"]
    assert document["kind"] == "SLO"
    assert set(spec) == {"description", "service", "indicator", "timeWindow", "budgetingMethod", "objectives"}
    assert LABEL.fullmatch(spec["service"])
    assert spec["budgetingMethod"] in ("Occurrences", "Timeslices", "RatioTimeslices")
    ratio = spec["indicator"]["spec"]["ratioMetric"]
    assert set(ratio) == {"counter", "good", "total"}
    for part in ("good", "total"):
        source = ratio[part]["metricSource"]
        assert all(isinstance(value, str) for value in (source["type"], *source["spec"].values()))
    (window,) = spec["timeWindow"]
    assert DURATION.fullmatch(window["duration"])
    assert window["isRolling"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", window["calendar"]["startTime"])
    (objective,) = spec["objectives"]
    assert 0 <= objective["target"] < 1
    assert DURATION.fullmatch(objective["timeSliceWindow"])
    assert all(isinstance(each, str) for each in document["metadata"].get("annotations", {}).values())


def test_each_promise_of_a_share_of_time_is_an_slo_of_its_contracts_service():
    text = written(
        contract(
            promise("availability", 99.9, "percent"), promise("freshness", 4, "h"), promise("quality", "95%")
        )
    )

    service, availability, quality = list(yaml.safe_load_all(text))
    for each in (service, availability, quality):
        held_to_the_rules(each)
    assert availability["spec"]["service"] == service["metadata"]["name"]
    assert availability["spec"]["objectives"][0]["target"] == 0.999
    assert availability["spec"]["timeWindow"][0]["calendar"]["timeZone"] == "Europe/Berlin"
    assert quality["spec"]["objectives"][0] == {
        "displayName": "95 %",
        "target": 0.95,
        "timeSliceWindow": "15m",
    }


def test_the_same_contracts_give_the_same_text():
    one = contract(promise("availability", 99.9))

    assert written(one) == written(one)
    assert written(one).startswith("---\n")


def test_only_the_kinds_that_were_asked_for_are_written():
    text = written(contract(promise("availability", 99), promise("quality", "95%")), kinds=["quality"])

    assert [each["kind"] for each in yaml.safe_load_all(text)] == ["Service", "SLO"]


def test_a_contract_that_promises_no_share_of_time_is_left_out():
    assert written(contract(promise("freshness", 4, "h"))) == ""


def test_a_target_of_all_the_time_is_said_and_is_no_slo():
    text = written(contract(promise("availability", 100, "percent")))

    assert '# availability of "shop.orders": 100 % leaves no budget' in text
    assert [each["kind"] for each in yaml.safe_load_all(text) if each] == ["Service"]


@pytest.mark.parametrize(
    "hostile",
    ["a\n---\nkind: Secret", "x" * 500, "ÄÖ: {[&*!|>", "%YAML 9", "\0\ud800", "", "-", "..", "A b", "yes"],
    ids=repr,
)
def test_no_name_breaks_out_of_its_place(hostile):
    one = contract(
        promise("availability", 99),
        promise("quality", "100%"),
        id=hostile,
        name=hostile,
        domain=hostile,
        purpose=hostile,
    )

    documents = [each for each in yaml.safe_load_all(written(one)) if each]

    assert [each["kind"] for each in documents] == ["Service", "SLO"]
    for each in documents:
        held_to_the_rules(each)
    if "\0" not in hostile:
        asked = documents[1]["spec"]["indicator"]["spec"]["ratioMetric"]["good"]["metricSource"]["spec"]
        assert asked["contract"] == hostile


def test_no_two_names_are_the_same_one():
    assert name_of("a", "b") != name_of("a-b") != name_of("A-b")
    assert len(name_of("x" * 900, "y")) <= 63
