"""Relationships from one contract into another: what they lead to, and why they do not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from floe_dagster.contract.across import Neighbour, Neighbourhood
from floe_dagster.contract.document import read
from floe_dagster.contract.model import Afar

pytestmark = pytest.mark.requirement("B-03")

CUSTOMERS = {
    "name": "customers",
    "id": "c",
    "physicalName": "crm_customers",
    "properties": [
        {"name": "id", "id": "i", "physicalName": "customer_id"},
        {"name": "region"},
        {"name": "address", "properties": [{"name": "city"}]},
    ],
}


def contract(name, *datasets):
    head = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name,
        "version": "1.0.0",
        "status": "active",
    }
    reading = read(json.dumps({**head, "schema": list(datasets)}), f"{name}.odcs.yaml")
    assert reading.contract is not None, reading.problems
    return reading.contract


def shop(*to, of_dataset=False):
    link = {"to": to[0]}
    if of_dataset:
        link = {"from": ["orders.customer", "orders.region"][: len(to)], "to": list(to)}
    column = {"name": "customer"} | ({} if of_dataset else {"relationships": [link]})
    dataset = {"name": "orders", "properties": [column, {"name": "region"}]}
    return contract("shop", dataset | ({"relationships": [link]} if of_dataset else {}))


def neighbour(one, file=None, engine="db", schema="main"):
    return Neighbour(
        contract=one, file=file or f"/work/contracts/{one.id}.odcs.yaml", engine=engine, schema=schema
    )


CRM = neighbour(contract("crm", CUSTOMERS))


def resolved(one, *others, unreadable=()):
    one = one if isinstance(one, Neighbour) else neighbour(one)
    (dataset,) = Neighbourhood([one, *others], unreadable).resolved(one).datasets
    (link,) = dataset.relationships or dataset.columns[0].relationships
    return link


@pytest.mark.parametrize(
    "to",
    [
        "customers.id",
        "customers.customer_id",
        "crm_customers.id",
        "crm.odcs.yaml#/schema/c/properties/i",
        "./crm.odcs.yaml#schema/c/properties/i",
        "../contracts/crm.odcs.yaml#/schema/c/properties/i",
        "/work/contracts/crm.odcs.yaml#/schema/c/properties/i",
    ],
)
def test_a_target_in_another_contract_is_found_by_name_and_by_file(to):
    found = resolved(shop(to), CRM)

    assert found.unresolved is None
    assert (found.to_dataset, found.to_columns) == ("customers", ("id",))
    assert found.afar == Afar(contract="crm", table="crm_customers", keys=("customer_id",))


def test_a_key_of_several_columns_is_found_in_their_order():
    found = resolved(shop("customers.region", "customers.id", of_dataset=True), CRM)

    assert found.columns == ("customer", "region")
    assert found.afar == Afar(contract="crm", table="crm_customers", keys=("region", "customer_id"))


def test_a_file_may_be_the_contract_itself():
    one = contract(
        "crm",
        {
            "name": "orders",
            "properties": [
                {"name": "id"},
                {"name": "parent", "relationships": [{"to": "crm.odcs.yaml#/schema/orders/properties/id"}]},
            ],
        },
    )
    (dataset,) = Neighbourhood([neighbour(one)]).resolved(neighbour(one)).datasets

    assert dataset.columns[1].relationships[0].afar == Afar(contract="crm", table="orders", keys=("id",))


def test_a_table_of_another_schema_is_asked_for_with_its_schema():
    found = resolved(shop("customers.id"), replace(CRM, schema="crm"))

    assert found.afar is not None
    assert found.afar.table == "crm.crm_customers"


def test_a_qualified_table_stays_as_it_is():
    other = contract("crm", CUSTOMERS | {"physicalName": "sales.customers"})
    found = resolved(shop("customers.id"), neighbour(other, schema="crm"))

    assert found.afar is not None
    assert found.afar.table == "sales.customers"


FILE = "crm.odcs.yaml#/schema/c/properties/i"


@pytest.mark.parametrize(
    ("to", "others", "reason"),
    [
        (
            "customers.id",
            [],
            '"customers.id": no such dataset in this contract, nor in another that is watched',
        ),
        (FILE, [], f'"{FILE}": no contract that is watched is this file; watch it too'),
        (
            "other/" + FILE,
            [CRM],
            f'"other/{FILE}": no contract that is watched is this file; watch it too',
        ),
        (
            "https://x.org/" + FILE,
            [CRM],
            f'"https://x.org/{FILE}" is at an address, which is never followed; name the file of a contract',
        ),
        (
            "customers.id",
            [CRM, neighbour(contract("old", CUSTOMERS))],
            (
                '"customers.id": several contracts that are watched have it, "crm", "old"; '
                'write which one: "<file>#/schema/<id>/properties/<id>"'
            ),
        ),
        (
            "customers.id",
            [replace(CRM, engine="elsewhere")],
            '"customers.id" is of the contract "crm", which is on another server; one engine has to see both',
        ),
        (
            "customers.id",
            [replace(CRM, engine=None)],
            '"customers.id" is of the contract "crm", and "crm" names no server, so nobody can ask for both',
        ),
        (
            "customers.id",
            [replace(CRM, schema="")],
            (
                '"customers.id" is of the contract "crm", whose server does not say the schema; '
                "write it, or qualify physicalName"
            ),
        ),
        (
            "customers.idd",
            [CRM],
            'in the contract "crm", "customers.idd": no such column; did you mean "id"?',
        ),
        (
            "crm.odcs.yaml#/schema/c/properties/x",
            [CRM],
            'in the contract "crm", "/schema/c/properties/x": no such id "x"; known: "i", "region", "address"',
        ),
        (
            "customers.address.city",
            [CRM],
            (
                '"customers.address.city" is of the contract "crm", where it is a field nested in a column, '
                "to which nothing refers"
            ),
        ),
    ],
)
def test_a_target_that_cannot_be_asked_for_says_precisely_why(to, others, reason):
    found = resolved(shop(to), *others)

    assert (found.unresolved, found.afar) == (reason, None)


def test_a_file_that_is_watched_and_no_contract_is_said_to_be_so():
    found = resolved(shop(FILE), unreadable=["/work/contracts/crm.odcs.yaml"])

    assert found.unresolved == f'"{FILE}": the file is watched, but is no valid contract; mend it'


def test_columns_of_two_contracts_are_no_key():
    other = neighbour(contract("geo", {"name": "regions", "properties": [{"name": "id"}]}))
    found = resolved(shop("customers.id", "regions.id", of_dataset=True), CRM, other)

    assert found.unresolved == "all columns must be of one dataset of one contract"


def test_as_many_columns_are_needed_on_both_sides():
    one = contract(
        "shop",
        {
            "name": "orders",
            "properties": [{"name": "customer"}],
            "relationships": [{"from": ["orders.customer"], "to": ["customers.id", "customers.region"]}],
        },
    )
    assert resolved(one, CRM).unresolved == "2 columns for 1; name one for each, in the same order"


def test_no_file_is_opened_because_a_contract_names_it(tmp_path):
    real = tmp_path / "crm.odcs.yaml"
    real.write_text(json.dumps({"id": "crm", "schema": [CUSTOMERS]}))
    one = neighbour(shop(f"{real}#/schema/c/properties/i"), file=str(tmp_path / "shop.odcs.yaml"))

    assert str(resolved(one).unresolved).endswith("no contract that is watched is this file; watch it too")


def test_what_may_hold_a_secret_is_in_no_repr():
    assert "hunter2" not in repr(neighbour(shop("customers.id"), engine=("db", "hunter2")))
