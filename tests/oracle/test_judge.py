"""The judge rules as docs/interpretation.md and docs/checks.md say, on their own examples."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from floe_dagster.contract.document import read
from tests.oracle.engines import DIFFERENCES, as_held
from tests.oracle.judge import judge
from tests.oracle.pairs import Pair, pairs
from tests.oracle.rows import NOWS, VALUES
from tests.oracle.ruling import Ruling
from tests.oracle.values import LAST, Held, moment
from tests.oracle.written import is_written, readable

pytestmark = pytest.mark.requirement("B-03")


def ruling(rule: dict[str, Any], values: list[Any], kind: str = "text", **choices: str) -> Ruling:
    """On one rule of one column."""
    column = {"name": "a", "quality": [rule]}
    document = {
        "apiVersion": "v3.1.0",
        "schema": [{"name": "t", "properties": [column]}],
        "customProperties": [{"property": "floe.interpretation", "value": choices}],
    }
    tables = {"t": Held({"a": kind}, [(each,) for each in values])}
    return judge(document, tables, NOWS[0])["schema[0].properties[0].quality[0]"]


def age(promise: dict[str, Any], stamps: list[Any], **choices: str) -> Ruling:
    """On one promise of the age of a column, on 1 March 2026 at noon."""
    column = {"name": "a", "logicalType": "timestamp"}
    document = {
        "apiVersion": "v3.1.0",
        "schema": [{"name": "t", "properties": [column]}],
        "slaProperties": [{"element": "t.a", **promise}],
        "customProperties": [{"property": "floe.interpretation", "value": choices}],
    }
    tables = {"t": Held({"a": "stamp"}, [(each,) for each in stamps])}
    return judge(document, tables, NOWS[0])["slaProperties[0]#t.a"]


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


HOURS_4 = {"property": "freshness", "value": 4, "unit": "h"}
YEARS_3 = {"property": "retention", "value": 3, "unit": "y"}


@pytest.mark.parametrize(
    ("promise", "stamps", "choices", "expected"),
    [
        (HOURS_4, ["2026-03-01T11:00"], {}, Ruling("passed", 3600)),
        (HOURS_4, ["2026-03-01T08:30"], {}, Ruling("warned", 12600)),
        (HOURS_4, ["2026-03-01T07:00", None], {}, Ruling("failed", 18000)),
        (HOURS_4, ["2026-03-01T12:00"], {"naive_timestamps": "Europe/Berlin"}, Ruling("passed", 3600)),
        (HOURS_4, ["2026-03-01T12:01"], {}, Ruling("passed", 0)),
        (HOURS_4, ["2026-03-02T12:00"], {}, Ruling("error")),
        (HOURS_4, ["2026-03-02T12:00"], {"future_stamps": "fresh"}, Ruling("passed", -86400)),
        (HOURS_4, ["2026-03-02T12:00"], {"future_stamps": "broken"}, Ruling("failed", -86400)),
        (HOURS_4, [], {}, Ruling("failed")),
        (HOURS_4, [None], {"empty_dataset": "fresh"}, Ruling("passed")),
        ({**HOURS_4, "value": 30, "unit": "m"}, ["2026-03-01T11:00"], {}, Ruling("failed", 3600)),
        ({**HOURS_4, "value": 30, "unit": "m"}, ["2026-03-01T11:00"], {"unit_m": "months"}, Ruling("passed", 3600)),
        (YEARS_3, ["2023-03-01T12:00", "2026-01-01T00:00"], {}, Ruling("passed", 1096 * 86400)),
        (YEARS_3, ["2023-03-01T13:00"], {}, Ruling("failed", 1096 * 86400 - 3600)),
        (YEARS_3, ["2022-03-01T00:00"], {"retention": "at_most"}, Ruling("failed", 1461.5 * 86400)),
    ],
)  # fmt: skip
def test_an_age_is_as_old_as_the_docs_say(
    promise: dict[str, Any], stamps: list[Any], choices: dict[str, str], expected: Ruling
) -> None:
    assert age(promise, stamps, **choices) == expected


@pytest.mark.parametrize(
    ("stamp", "zone", "instant"),
    [
        ("2024-10-27T02:30:00", "Europe/Berlin", "2024-10-27T01:30:00+00:00"),  # the clock shows it twice
        ("2024-03-31T02:30:00", "Europe/Berlin", "2024-03-31T01:30:00+00:00"),  # the clock never shows it
        ("2024-01-01T00:00:00", "Asia/Kathmandu", "2023-12-31T18:15:00+00:00"),
        ("9999-12-31T23:00:00", "America/New_York", LAST.isoformat()),
    ],
)
def test_a_stamp_without_a_zone_is_read_as_the_docs_read_it(stamp: str, zone: str, instant: str) -> None:
    assert moment(stamp, zone).isoformat() == instant


@pytest.mark.parametrize(
    ("written", "text", "is_so"),
    [
        ("dd.MM.yyyy", "31.02.2024", True),
        ("dd.MM.yyyy", "1.2.2024", False),
        ("d.M.yyyy", "01.02.2024", False),
        ("HH:mm[:ss[.SSS]]", "10:30", True),
        ("HH:mm[:ss[.SSS]]", "10:30:00.123", True),
        ("HH:mm[:ss[.SSS]]", "10:30.123", False),
        ("yyyy-MM-dd'T'HH:mmX", "2024-01-01T10:30+01", True),
        ("EEEE, d MMMM yyyy", "Tuesday, 31 December 2024", True),
        ("yyyyMMdd", "2024123", False),
    ],
)
def test_a_format_is_written_as_the_docs_write_it(written: str, text: str, is_so: bool) -> None:
    assert readable(written)
    assert is_written(text, written) is is_so


@pytest.mark.parametrize("written", ["QQQ yyyy", "VV", "KK:mm"])
def test_other_letters_are_not_read(written: str) -> None:
    assert not readable(written)


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
