"""A relationship into another contract is a check like any other, and keeps its name."""

from __future__ import annotations

import pytest

from floe_dagster.contract.across import Neighbour, Neighbourhood
from floe_dagster.plan.check import Check, Declined
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.coverage import coverage
from floe_dagster.plan.metric import Orphans, Table
from tests.plan.contracts import column, contract, dataset, item, kinds

pytestmark = pytest.mark.requirement("B-03")

SHOP = contract(dataset("orders", column("customer", relationships=[{"to": "customers.id"}])))
CRM = contract(
    dataset("customers", column("id", physicalName="customer_id"), physicalName="people"), id="crm"
)
ID = "orders.customer.relationship"


def among(*others, engine="db"):
    here = Neighbour(contract=SHOP, file="/shop.odcs.yaml", engine="db")
    there = [Neighbour(contract=each, file=f"/{each.id}.odcs.yaml", engine=engine) for each in others]
    return compile_contract(Neighbourhood([here, *there]).resolved(here), kinds())


def test_it_asks_for_the_physical_names_of_the_other_contract():
    found = item(among(CRM), ID)

    assert isinstance(found, Check)
    assert found.metrics == (Orphans(("customer",), Table("people"), ("customer_id",)),)
    assert found.title == "customer refers to customers.id of crm"


def test_it_has_one_name_whether_it_is_executed_or_not():
    alone = item(compile_contract(SHOP, kinds()), ID)
    apart = item(among(CRM, engine="elsewhere"), ID)

    assert isinstance(alone, Declined)
    assert isinstance(apart, Declined)
    assert apart.reason == (
        '"customers.id" is of the contract "crm", which is on another server; one engine has to see both'
    )
    assert isinstance(item(among(CRM), ID), Check)


def test_it_is_in_the_ledger_once_either_way():
    executed, declined = coverage(among(CRM)), coverage(among())

    assert executed.declared == declined.declared
    assert (executed.not_executable, declined.not_executable) == (0, 1)
