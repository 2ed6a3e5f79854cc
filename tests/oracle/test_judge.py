"""The judge rules as docs/interpretation.md and docs/checks.md say, on their own examples."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from floe_dagster.contract.document import read
from tests.oracle.engines import DIFFERENCES, as_held
from tests.oracle.judge import Held, Ruling, judge
from tests.oracle.pairs import VALUES, Pair, pairs

pytestmark = pytest.mark.requirement("B-03")


def ruling(rule: dict[str, Any], values: list[Any], kind: str = "text", **choices: str) -> Ruling:
    """On one rule of one column."""
    column = {"name": "a", "quality": [rule]}
    document = {
        "schema": [{"name": "t", "properties": [column]}],
        "customProperties": [{"property": "floe.interpretation", "value": choices}],
    }
    tables = {"t": Held({"a": kind}, [(each,) for each in values])}
    return judge(document, tables)["schema[0].properties[0].quality[0]"]


@pytest.mark.parametrize(("choice", "count"), [("excess", 3), ("groups", 2), ("rows", 5)])
def test_duplicates_are_counted_as_the_docs_count_them(choice: str, count: int) -> None:
    rule = {"metric": "duplicateValues", "mustBe": 0}

    assert ruling(rule, ["a", "a", "a", "b", "b", None], duplicates=choice) == Ruling("failed", count)


@pytest.mark.parametrize(("choice", "share"), [("rows", 20.0), ("present", 25.0)])
def test_a_share_is_of_what_the_docs_say(choice: str, share: float) -> None:
    rule = {
        "metric": "invalidValues",
        "arguments": {"validValues": ["x"]},
        "unit": "percent",
        "mustBe": share,
    }

    assert ruling(rule, ["x"] * 6 + ["y"] * 2 + [None] * 2, percent_of=choice) == Ruling("passed", share)


@pytest.mark.parametrize(("choice", "status"), [("inclusive", "passed"), ("exclusive", "failed")])
def test_the_ends_of_a_between_belong_to_it_or_not(choice: str, status: str) -> None:
    rule = {"metric": "rowCount", "mustBeBetween": [5, 10]}

    assert ruling(rule, [None] * 5, between=choice) == Ruling(status, 5)


@pytest.mark.parametrize(("choice", "count"), [("search", 0), ("full", 1)])
def test_a_pattern_is_searched_or_held_against_the_whole(choice: str, count: int) -> None:
    rule = {"metric": "invalidValues", "arguments": {"pattern": "[A-Z]{3}"}, "mustBe": count}

    assert ruling(rule, ["xABCx", "ABC", None], pattern=choice) == Ruling("passed", count)


@pytest.mark.parametrize(("choice", "count"), [("yes", 3), ("no", 2)])
def test_null_is_missing_or_not(choice: str, count: int) -> None:
    rule = {"metric": "missingValues", "arguments": {"missingValues": ["", "n/a"]}, "mustBe": 0}

    found = ruling(rule, ["", "n/a", None, "x"], missing_includes_null=choice, severity="warning")

    assert found == Ruling("warned", count)


@pytest.mark.parametrize(("engine", "kind"), DIFFERENCES)
def test_every_declared_difference_changes_something(engine: str, kind: str) -> None:
    held = Held({"a": kind}, [(each,) for each in VALUES[kind]])

    assert repr(as_held(engine, {"t": held})["t"]) != repr(held)


@given(pairs())
@settings(max_examples=50, deadline=None)
def test_a_contract_is_read_as_the_judge_reads_it(pair: Pair) -> None:
    """The text says what the document says, so that both judge the same contract."""
    contract = read(pair.text, "pair.odcs.yaml").contract

    assert contract is not None
    assert [each.name for each in contract.datasets] == [each["name"] for each in pair.document["schema"]]
    for dataset, written in zip(contract.datasets, pair.document["schema"], strict=True):
        enums = [
            [value["value"] for value in each["enum"]] for each in written["properties"] if "enum" in each
        ]
        assert [list(each.values) for each in dataset.columns if each.values is not None] == enums
