"""Documents that nobody on this project wrote: nothing that they declare is left out of the ledger."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from floe_dagster.contract.find import load
from floe_dagster.contract.vocabulary import vocabulary, words_in
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.coverage import coverage
from floe_dagster.plan.metadata import used_for
from floe_dagster.plan.specimen import specimens
from tests.plan.contracts import kinds

CORPORA = (
    Path(os.environ.get("FLOE_CORPORA") or Path(__file__).parents[3] / "shared" / "corpora")
    / "odcs"
    / "valid"
)
FILES = sorted(CORPORA.glob("*.yaml"))
NOTED_FLAGS = ("required", "unique", "primaryKey")


def declared(document):
    """Every construct of a document, found in the YAML itself and not by our reader."""
    for place, dataset in enumerate(document.get("schema") or ()):
        yield f"schema[{place}]"
        yield from _of(dataset, f"schema[{place}]")
    for place, _ in enumerate(document.get("slaProperties") or ()):
        yield f"slaProperties[{place}]"


def _of(element, path):
    for key in ("quality", "relationships"):
        yield from (f"{path}.{key}[{place}]" for place, _ in enumerate(element.get(key) or ()))
    columns = [(f"{path}.properties[{n}]", each) for n, each in enumerate(element.get("properties") or ())]
    if "items" in element:
        columns.append((f"{path}.items", element["items"]))
    for where, column in columns:
        yield where
        yield from (f"{where}.{key}" for key in ("logicalType", "physicalType") if column.get(key))
        yield from (f"{where}.{key}" for key in NOTED_FLAGS if column.get(key))
        yield from (f"{where}.logicalTypeOptions.{key}" for key in column.get("logicalTypeOptions") or ())
        yield from _of(column, where)


@pytest.mark.requirement("B-10")
@pytest.mark.skipif(not FILES, reason=f"the corpora are not at {CORPORA}")
@pytest.mark.parametrize("path", FILES, ids=lambda each: each.stem)
def test_everything_that_a_document_declares_is_in_the_ledger(path):
    (reading,) = load([path])
    plan = compile_contract(reading.contract, kinds())

    ledger = {re.sub(r"#.*", "", each) for item in plan.items for each in item.covers}

    wanted = set(declared(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert {
        each for each in wanted if not any(found == each or found.startswith(f"{each}[") for found in ledger)
    } == set()
    assert coverage(plan).declared >= len(wanted)


@pytest.mark.requirement("B-10")
@pytest.mark.skipif(not FILES, reason=f"the corpora are not at {CORPORA}")
@pytest.mark.parametrize("path", FILES, ids=lambda each: each.stem)
def test_everything_that_a_document_says_has_a_row_in_the_reference(path):
    known = {each.path for each in vocabulary()}

    said = set(words_in(yaml.safe_load(path.read_text(encoding="utf-8"))))

    assert said - known == set()
    assert {each for each in said if used_for(each) is None and not specimens(each)} == set()
    assert len(said) > 5


def test_a_key_that_the_standard_does_not_have_is_not_known():
    known = {each.path for each in vocabulary()}

    assert set(words_in({"schema": [{"properties": [{"requierd": True}]}]})) - known == {
        "schema[].properties[].requierd"
    }
