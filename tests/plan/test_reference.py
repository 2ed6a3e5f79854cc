"""The reference tells of every construct of the standard, and what it tells is so."""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path

import pytest

from floe_dagster.contract.loader import load
from floe_dagster.contract.model import Server
from floe_dagster.contract.odcs import read_contract
from floe_dagster.contract.properties import PLACES, ZONE
from floe_dagster.contract.vocabulary import spelled, vocabulary, words_in
from floe_dagster.plan.metadata import KEPT, OURS, READ, USED, WHOLE, used_for
from floe_dagster.plan.reference import UnaccountedError, able, entries, page
from floe_dagster.plan.specimen import specimens
from floe_dagster.plugins import on_shelf
from floe_dagster.testing import FakeWarehouse
from floe_dagster.warehouses import open_warehouse
from tests.plan.contracts import ROOT, column, dataset, item, kinds, plan

pytestmark = pytest.mark.requirement("B-10")

PAGE = ROOT / "docs" / "reference" / "odcs.md"
OPTIONS = {
    "duckdb": {"database": "shop.duckdb"},
    "iceberg": {"namespace": "sales"},
    "local": {"path": "{model}.csv", "format": "csv"},
    "postgres": {"host": "localhost", "port": 5432, "database": "shop", "schema": "public"},
    "sqlalchemy": {},
    "sqlite": {"database": "shop.sqlite"},
}
ACCESS = {
    "iceberg": {"catalogUrl": "https://catalog.example.com"},
    "sqlalchemy": {"url": "sqlite:///shop.sqlite"},
}
CRON, OTHER = {"schedule": "0 6 * * *", "scheduler": "cron"}, {"schedule": "0 7 * * *", "scheduler": "tivoli"}
OPTIONS_OF_SERVERS = {
    path.removeprefix("servers[]."): "x" for path, said in USED.items() if said.startswith("an option of")
}
FULL = {
    "version": "1.0.0",
    "apiVersion": "v3.2.0",
    "id": "shop",
    "name": "Shop",
    "tenant": "north",
    "tags": ["a"],
    "status": "active",
    "dataProduct": "shop",
    "domain": "sales",
    "description": {"purpose": "to sell"},
    "customProperties": [{"property": "consumers", "value": "finance"}],
    "slaDefaultElement": "one",
    "servers": [
        {
            "server": "here",
            "type": "custom",
            "environment": "prod",
            "customProperties": [{"property": "type", "value": "sqlite"}],
            **OPTIONS_OF_SERVERS,
        }
    ],
    "schema": [
        {
            "id": "i",
            "name": "one",
            "physicalName": "ones",
            "physicalType": "view",
            "description": "of all",
            "tags": ["a"],
            "customProperties": [{"property": "floe.undeclaredColumns", "value": "fail"}],
            "relationships": [{"from": "one.c", "to": "one.c"}],
            "quality": [
                {
                    "id": "r",
                    "name": "rows",
                    "description": "there are rows",
                    "dimension": "coverage",
                    "severity": "critical",
                    "businessImpact": "none",
                    "unit": "rows",
                    "metric": "missingValues",
                    "arguments": {"missingValues": ["n/a"]},
                    "mustBe": 0,
                    **CRON,
                },
                {"type": "custom", "engine": "soda", "implementation": "a check", **OTHER},
            ],
            "properties": [
                {
                    "id": "p",
                    "name": "c",
                    "physicalName": "C",
                    "description": "a column",
                    "tags": ["a"],
                    "logicalType": "string",
                    "logicalTypeOptions": {"minLength": 1},
                    "semanticType": "measure",
                    "primaryKey": True,
                    "primaryKeyPosition": 1,
                    "partitioned": True,
                    "partitionKeyPosition": 1,
                    "classification": "restricted",
                    "criticalDataElement": True,
                    "enum": [{"value": "a"}],
                    "map": {"key": {"logicalType": "string"}, "value": {}},
                    "relationships": [{"to": "one.c"}],
                    "quality": [{"type": "text"}],
                }
            ],
        }
    ],
    "support": [{"channel": "help", "url": "https://example.com", "tool": "slack", "scope": "issues"}],
    "team": {"name": "sellers", "members": [{"username": "ada", "name": "Ada", "role": "owner"}]},
    "slaProperties": [
        {
            "id": "fresh",
            "property": "freshness",
            "value": 1,
            "valueExt": 2,
            "unit": "d",
            "element": "/schema/i/properties/p",
            "driver": "analytics",
            "description": "fresh enough",
            **CRON,
        },
        {"property": "retention", "value": "P1Y", **OTHER},
    ],
}
"""A document with everything that a contract is made of."""


@pytest.fixture(scope="module")
def shelf():
    return on_shelf("floe_dagster.warehouses", "WAREHOUSE")


@pytest.fixture(scope="module")
def warehouses(shelf):
    """One of each on the shelf; they plan, and are not connected to."""
    assert set(OPTIONS) == set(shelf), "say in OPTIONS how the new warehouse is opened"
    servers = {
        name: Server(path="servers[0]", name="here", type=name, options=OPTIONS[name]) for name in shelf
    }
    return {
        name: open_warehouse(each, root=Path(), timeout_seconds=1, access=ACCESS.get(name, {}))
        for name, each in servers.items()
    }


def types_of(shelf):
    return {kind: name for name, each in shelf.items() for kind in each.types}


def test_the_page_tells_what_is_done_for_each_construct(shelf, warehouses):
    text = page(entries(kinds(), warehouses, types_of(shelf)))
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")

    assert text == PAGE.read_text(encoding="utf-8"), "renew it with UPDATE_GOLDEN=1, and read what changed"


def test_every_construct_has_a_row():
    rows = re.findall(r"^\| `(.+?)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(set(rows) - OURS.keys()) == sorted(each.path for each in vocabulary())
    assert len(set(rows)) == len(rows)


def test_a_construct_that_nobody_accounts_for_is_an_error():
    def forgetful(path):
        return None if path == "domain" else used_for(path)

    with pytest.raises(UnaccountedError, match=r"^nobody says what is done for domain; see"):
        entries({}, {}, {}, uses=forgetful)


def test_what_no_kind_takes_is_not_said_to_be_executed(warehouses):
    found = entries({}, warehouses, {})

    fates = {fate for each in found if specimens(each.word.path) for _, fate, _ in each.done}
    assert fates == {"not executable"}


def test_what_no_warehouse_can_ask_is_not_said_to_be_executed():
    class Mute(FakeWarehouse):
        def explain(self, questions):
            return ()

    found = {each.word.path: each.done for each in entries(kinds(), {"mute": Mute()}, {})}

    assert found["quality[].mustBe"] == ((("",), "not executable", "no warehouse can ask it"),)
    assert found["slaProperties[].property = endOfLife"][0][1] == "executed"


def test_a_warehouse_is_named_only_where_it_has_a_statement_for_the_check(warehouses):
    found = plan(
        dataset("orders", column("code", "string", logicalTypeOptions={"pattern": "(?=.*[0-9])[a-z0-9]+"}))
    )

    names = able(item(found, "orders.code.pattern"), warehouses)

    assert "postgres" in names
    assert "duckdb" not in names


def test_each_metadata_construct_is_in_one_table_and_in_the_standard():
    named = [*USED, *READ, *KEPT]

    assert len(named) == len(set(named))
    assert set(named) - {each.path for each in vocabulary()} == set()
    assert {
        each for each in WHOLE if any(path.startswith((f"{each}.", f"{each}[")) for path in USED)
    } == set()


NOT_PROPERTIES = {
    "floe.yaml": "the manifest",
    "floe.db": "the file of the store",
    "floe.checks": "a group of entry points",
    "floe.warehouses": "a group of entry points",
    "floe.folder": "what is handed to pyiceberg",
}
"""What the code calls `floe.something` and is no property of a contract."""


def test_every_property_of_ours_that_the_code_reads_is_told_and_no_other():
    constants = {
        node.value
        for path in (ROOT / "floe_dagster").rglob("*.py")
        if path.name not in ("metadata.py", "properties.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {each for each in constants if re.fullmatch(r"floe\.[a-z]+(?:[A-Z][a-z]+)*", each)}

    assert NOT_PROPERTIES.keys() - named == set()
    assert named - NOT_PROPERTIES.keys() | {ZONE} == set(OURS) == set(PLACES)
    rows = re.findall(r"^\| `(floe\..+?)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(OURS)


def test_what_is_said_not_to_be_asked_for_is_read_nowhere():
    attributes = {
        node.attr
        for path in (ROOT / "floe_dagster").rglob("*.py")
        if path.parent.name != "contract"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    unread = {"tenant": "tenant", "criticalDataElement": "critical", "businessImpact": "business_impact"}

    assert {each.rpartition(".")[2] for each in READ} >= unread.keys()
    assert attributes & set(unread.values()) == set()
    assert attributes >= {"classification", "value_ext", "tags", "support"}


def pruned(part, word, path=""):
    """A part of a document, without this key wherever it stands."""
    if isinstance(part, list):
        return [pruned(each, word, spelled(f"{path}[]")) for each in part]
    if not isinstance(part, dict):
        return part
    places = {key: f"{path}.{key}".removeprefix(".") for key in part}
    return {
        key: pruned(each, word, spelled(places[key])) for key, each in part.items() if places[key] != word
    }


def grown(part, word, path=""):
    """A part of a document, with this key wherever it can stand."""
    if isinstance(part, list):
        return [grown(each, word, spelled(f"{path}[]")) for each in part]
    if not isinstance(part, dict):
        return part
    places = {key: f"{path}.{key}".removeprefix(".") for key in part}
    inside = {key: grown(each, word, spelled(places[key])) for key, each in part.items()}
    owner, _, key = word.rpartition(".")
    return inside | ({key: "x"} if owner == path and key not in inside else {})


def contract_of(document):
    return read_contract(load(json.dumps(document)), "", "shop.odcs.yaml")[0]


def full(word):
    is_list = word.startswith("team[]")
    return FULL | ({"team": FULL["team"]["members"]} if is_list else {})


@pytest.mark.parametrize("word", [*USED, *READ])
def test_what_is_said_to_be_used_makes_a_difference(word):
    whole = full(word)

    assert contract_of(pruned(whole, word)) != contract_of(whole)


@pytest.mark.parametrize("word", [each for each in KEPT if " = " not in each])
def test_what_is_said_to_be_kept_makes_no_difference(word):
    whole = full(word)
    more = grown(whole, word)

    assert more != whole or word in whole
    assert contract_of(more) == contract_of(whole)


def test_spelling_of_keys_in_a_document_is_that_of_the_vocabulary():
    found = words_in(
        {
            "tags": ["a"],
            "schema": [
                {
                    "properties": [
                        {"items": {"properties": [{"quality": [{"metric": "rowCount"}]}]}},
                        {"map": {"key": {"required": True}}},
                    ],
                    "customProperties": [{"property": "a", "value": {"anything": 1}}],
                }
            ],
        }
    )

    assert list(dict.fromkeys(found)) == [
        "tags",
        "schema",
        "schema[].properties",
        "schema[].properties[].items",
        "schema[].properties[].properties",
        "schema[].properties[].quality",
        "quality[].metric",
        "schema[].properties[].map",
        "schema[].properties[].map.key",
        "schema[].properties[].required",
        "schema[].customProperties",
        "customProperties[].property",
        "customProperties[].value",
    ]
