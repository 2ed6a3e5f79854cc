"""Names that Dagster would refuse, or would let overwrite each other, are found before Dagster sees them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.model import Contract, Dataset
from floe_dagster.definitions.naming import bind, check_names, contract_keys, op_name
from floe_dagster.plan.check import Plan

_OK = re.compile(r"[A-Za-z0-9_]+")


def plan(source: str, *datasets: str, **asset_keys: object) -> Plan:
    return Plan(
        contract=Contract(
            id=source,
            version="1.0.0",
            api_version="v3.1.0",
            status="active",
            source=source,
            digest="",
            datasets=tuple(
                Dataset(
                    path=f"schema[{i}]",
                    line=i + 1,
                    name=name,
                    physical_name=name,
                    custom={"floe.assetKey": asset_keys[name]} if name in asset_keys else {},
                )
                for i, name in enumerate(datasets)
            ),
        ),
        items=(),
    )


def test_a_dataset_is_the_asset_of_its_own_name():
    (bound,) = bind([plan("a.yaml", "orders")]).bound

    assert bound.key == ("orders",)


@pytest.mark.requirement("A-02")
def test_an_asset_key_in_the_contract_attaches_the_dataset_to_that_asset():
    first, second = bind([plan("a.yaml", "orders", "items", orders="db/orders", items=["db", "items"])]).bound

    assert (first.key, second.key) == (("db", "orders"), ("db", "items"))


@pytest.mark.parametrize("name", ["My DB", "ü", "a.b", ""])
def test_a_name_that_dagster_refuses_takes_only_its_own_contract_out(name):
    binding = bind([plan("bad.yaml", name), plan("good.yaml", "orders")])

    assert [each.dataset.name for each in binding.bound] == ["orders"]
    assert "floe.assetKey" in binding.refused["bad.yaml"]


@pytest.mark.parametrize("key", ["floe/health", "sla_report", "sla_report/daily", "contract/orders"])
def test_a_key_of_our_own_assets_takes_only_the_contract_that_claims_it_out(key):
    binding = bind([plan("bad.yaml", "orders", orders=key), plan("good.yaml", "orders")])

    assert [each.plan.contract.source for each in binding.bound] == ["good.yaml"]
    assert "are floe's own" in binding.refused["bad.yaml"]


def test_two_contracts_that_claim_one_asset_are_both_out_and_each_names_the_other():
    binding = bind([plan("a.yaml", "orders"), plan("b.yaml", "orders"), plan("c.yaml", "items")])

    assert [each.dataset.name for each in binding.bound] == ["items"]
    assert "b.yaml" in binding.refused["a.yaml"]
    assert "a.yaml" in binding.refused["b.yaml"]


def test_a_dash_and_an_underscore_collide_as_they_would_in_dagster():
    assert set(bind([plan("a.yaml", "a-b"), plan("b.yaml", "a_b")]).refused) == {"a.yaml", "b.yaml"}


@given(st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=30))
def test_every_check_gets_a_name_of_its_own_that_dagster_takes(ids):
    names = check_names("orders", ids)

    assert set(names) == set(ids)
    assert len({each.lower() for each in names.values()}) == len(ids)
    assert all(_OK.fullmatch(each) for each in names.values())


@given(st.text(max_size=200), st.text(max_size=200))
def test_op_names_differ_where_their_texts_do(first, second):
    assert (op_name(first) == op_name(second)) == (first == second)
    assert _OK.fullmatch(op_name(first))


def test_contract_files_of_one_name_in_two_folders_are_two_assets():
    keys = contract_keys(["a/orders.odcs.yaml", "b/orders.odcs.yaml"])

    assert keys["a/orders.odcs.yaml"] == ("contract", "orders")
    assert len(set(keys.values())) == 2
