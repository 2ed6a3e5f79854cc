"""Documents of the standard itself: its examples are accepted, its negative documents are refused where they are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from floe_dagster.contract.document import read
from floe_dagster.contract.find import find, load

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.requirement("A-01")

REFUSED = {
    "additional-unknown-property": [(9, "unknownRootField", "schema.unknown-key")],
    "enum-empty": [(15, "schema[0].properties[0].enum", "schema.minItems")],
    "invalid-api-version": [(5, "apiVersion", "schema.api-version")],
    "invalid-quality-dimension": [(20, "schema[0].properties[0].quality[0].dimension", "schema.enum")],
    "invalid-quality-type": [(17, "schema[0].properties[0].quality[0].type", "schema.enum")],
    "map-missing-key": [(15, "schema[0].properties[0].map", "schema.required")],
    "missing-required-fields": [(4, "", "schema.required")],
    "quality-element-field": [
        (18, "schema[0].properties[0].quality[0].element", "schema.unknown-key"),
        (19, "schema[0].properties[0].quality[0].rule", "schema.unknown-key"),
    ],
    "quality-multiple-operators": [(20, "schema[0].properties[0].quality[0].mustNotBe", "schema.operator")],
    "quality-sql-missing-query": [(17, "schema[0].properties[0].quality[0]", "schema.required")],
    "relationship-schema-level-missing-from-to": [
        (13, "schema[0].relationships[0]", "schema.required"),
        (13, "schema[0].relationships[0]", "schema.required"),
    ],
    "schema-property-missing-name": [(13, "schema[0].properties[0]", "schema.required")],
    "server-missing-conditional-fields": [(10, "servers[0]", "schema.required")],
    "sla-missing-required-value": [(10, "slaProperties[0]", "schema.required")],
}


def test_every_example_of_the_standard_is_free_of_errors(corpora: Path) -> None:
    files = find(corpora, ["odcs/valid"])
    assert len(files) >= 18
    for reading in (read(each.read_text("utf-8"), each.name) for each in files):
        assert [each for each in reading.problems if each.severity == "error"] == []
        assert reading.contract is not None


def test_the_largest_example_is_read_whole(corpora: Path) -> None:
    (reading,) = load([corpora / "odcs/valid/all__postgresql-adventureworks-contract.odcs.yaml"])
    assert reading.contract is not None
    assert len(reading.contract.datasets) == 68
    assert sum(len(each.columns) for each in reading.contract.datasets) == 456


@pytest.mark.parametrize("name", REFUSED)
def test_a_negative_document_of_the_standard_is_refused_where_it_is_wrong(corpora: Path, name: str) -> None:
    reading = read((corpora / f"odcs/invalid/{name}.odcs.yaml").read_text("utf-8"), name)
    errors = [each for each in reading.problems if each.severity == "error"]
    assert reading.contract is None
    assert [(each.line, each.path, each.rule) for each in errors] == REFUSED[name]


def test_no_negative_document_is_left_out(corpora: Path) -> None:
    assert {each.name.removesuffix(".odcs.yaml") for each in find(corpora, ["odcs/invalid"])} == set(REFUSED)
