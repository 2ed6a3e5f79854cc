"""Great Expectations in the place of a database: it counts the same, or it does not count."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal

import pytest

from floe_dagster.engine import run
from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Cause,
    Count,
    Expectation,
    Finding,
    Measured,
    NotMeasured,
    Question,
    Table,
)
from floe_dagster.settings import Grading
from floe_dagster.testing import Clock
from floe_dagster.warehouses import _expectations
from floe_dagster.warehouses._exact import spelled
from tests.plan.contracts import column, dataset, kinds, plan
from tests.warehouses.oracle import Data

pytestmark = pytest.mark.requirement("B-03")

EVERY = pytest.mark.parametrize(
    "kind", ["duckdb", "parquet", "sqlite", "pandas", pytest.param("postgres", marks=pytest.mark.postgres)]
)
CHOSEN = {"quality_engine": "great_expectations"}


def asked(named, *columns, counts=Count.ROWS, **kwargs):
    return Question(Table("t"), Expectation(named, json.dumps(kwargs, sort_keys=True), columns, counts))


def of(named, **kwargs):
    return asked(f"expect_column_values_to_{named}", "a", column="a", **kwargs)


def answer(loaded, question, values, of_type="text", kind="duckdb"):
    rows = [(each,) for each in values]
    return loaded(kind, {"t": Data({"a": of_type}, rows)}).ask((question,))[question]


def counted(*arguments, **more):
    found = answer(*arguments, **more)
    assert isinstance(found, Measured), found
    return found.value


@EVERY
def test_rows_are_counted_whether_the_expectation_is_met_or_not(kind, loaded):
    rows = asked("expect_table_row_count_to_be_between")
    assert counted(loaded, rows, ["x", None], kind=kind) == Finding(kept=True, observed=2)


@EVERY
@pytest.mark.parametrize(("choice", "count"), [(Count.EXCESS, 3), (Count.GROUPS, 2), (Count.ROWS, 5)])
def test_duplicates_are_counted_in_each_of_the_three_ways(kind, choice, count, loaded):
    values = ["a", "a", "a", "b", "b", "c", None, None]
    found = counted(loaded, of("be_unique", counts=choice), values, kind=kind)
    assert found == Finding(kept=False, offending=count)


def test_duplicates_of_several_columns_are_counted_in_each_of_the_three_ways(loaded):
    data = Data(
        {"a": "text", "b": "integer"}, [("x", 1), ("x", 1), ("x", 1), ("x", 2), ("x", None), ("x", None)]
    )
    kwargs = {"column_list": ["a", "b"], "ignore_row_if": "any_value_is_missing"}
    every = [asked("expect_compound_columns_to_be_unique", "a", "b", counts=each, **kwargs) for each in Count]
    answers = loaded("duckdb", {"t": data}).ask(tuple(every))
    assert [answers[each].value.offending for each in every] == [1, 2, 3]


@pytest.mark.parametrize(
    ("of_type", "values", "listed", "offending"),
    [
        ("text", ["1", "x"], [1, True], 1),
        ("integer", [1, 2, 3], ["1", 2.0, 2.5, "x"], 1),
        ("double", [1.5, 2.0], ["1.5"], 1),
        ("decimal", [Decimal("1.50"), Decimal("2.25")], [1.5], 1),
        ("boolean", [True, False], ["true"], 1),
        ("date", [date(2024, 1, 1), date(2024, 1, 2)], ["2024-01-01", "never"], 1),
        ("timestamp", [datetime(2024, 1, 1, 12)], ["2024-01-01T12:00:00"], 0),  # noqa: DTZ001  a column without zone
        ("text", ["x"], [], 1),
    ],
)
def test_listed_values_are_read_as_the_column_s_type(of_type, values, listed, offending, loaded):
    found = counted(loaded, of("be_in_set", value_set=listed), [*values, None], of_type)
    assert found == Finding(kept=offending == 0, offending=offending)


@pytest.mark.parametrize(
    ("of_type", "value", "limits", "kept"),
    [
        ("integer", 2, {"min_value": 1.5}, True),
        ("integer", 1, {"min_value": 1.5}, False),
        ("integer", 2, {"min_value": 1.5, "strict_min": True}, True),
        ("integer", 1, {"max_value": 1.5}, True),
        ("integer", 2, {"max_value": 1.5, "strict_max": True}, False),
        ("decimal", Decimal("0.10"), {"min_value": 0.1}, True),
        ("decimal", Decimal("0.10"), {"min_value": 0.1, "strict_min": True}, False),
        ("date", date(2024, 1, 1), {"max_value": "2024-01-01"}, True),
        ("date", date(2024, 1, 1), {"max_value": "2024-01-01", "strict_max": True}, False),
    ],
)
def test_limits_are_held_exactly(of_type, value, limits, kept, loaded):
    found = counted(loaded, of("be_between", **limits), [value], of_type)
    assert found.kept is kept


@pytest.mark.parametrize(
    ("of_type", "values", "question"),
    [
        ("double", [math.nan, 1.0], of("be_in_set", value_set=[1])),
        ("double", [1.0], of("be_between", min_value=2**53 + 1)),
        ("decimal", [Decimal("1.5")], of("be_in_set", value_set=["0.30000000000000000001"])),
        ("text", ["x"], of("be_between", min_value="a")),
        ("integer", [1], of("match_regex", regex="x")),
        ("integer", [1], asked("expect_column_value_lengths_to_be_between", "a", column="a", min_value=1)),
        ("time", ["12:00"], of("be_unique")),
        ("text", ["x"], of("match_regex", regex="(a+)+$")),
        ("text", ["x"], of("match_regex", regex=r"\p{L}")),
        ("date", [date(2024, 1, 1)], of("be_between", min_value="never")),
    ],
)
def test_what_it_would_count_otherwise_it_does_not_count(of_type, values, question, loaded):
    found = answer(loaded, question, values, of_type)
    assert isinstance(found, NotMeasured)
    assert found.cause is Cause.UNSUPPORTED


def test_nan_is_a_value_where_only_missing_ones_are_counted(loaded):
    assert counted(loaded, of("not_be_null"), [math.nan, None], "double").offending == 1


def test_what_is_odd_about_one_column_disturbs_no_other(loaded):
    data = Data({"a": "double", "b": "text"}, [(math.nan, "x"), (1.0, None)])
    odd, plain = of("be_unique"), asked("expect_column_values_to_not_be_null", "b", column="b")
    answers = loaded("duckdb", {"t": data}).ask((odd, plain))
    assert isinstance(answers[odd], NotMeasured)
    assert answers[plain].value == Finding(kept=False, offending=1)


def test_no_value_of_a_row_is_told_where_it_does_not_count(loaded):
    found = answer(loaded, of("be_in_set", value_set=[1]), [math.nan, 12345.678], "double")
    assert "12345" not in found.reason


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^\w$", "é", False),
        ("^.$", "\r", False),
        (r"\ba", "éa", True),
        ("(?i)^STRASSE$", "strasse", True),
        ("^[^a]$", "\n", True),
        ("a(?=b)", "ab", True),
        ("^é$", "é", True),
    ],
)
def test_a_pattern_means_what_it_means_to_the_databases(pattern, text, matches, loaded):
    assert counted(loaded, of("match_regex", regex=pattern), [text]).kept is matches
    if "(?=" not in pattern:
        data = {"t": Data({"a": "text"}, [(text,)])}
        (native,) = outcomes(
            loaded("sqlite", data), column("a", "string", logicalTypeOptions={"pattern": pattern})
        )
        assert (native.actual == 0) is matches


def test_a_pattern_that_python_does_not_know_is_refused():
    with pytest.raises(WarehouseError):
        spelled(r"\p{Greek}")


def outcomes(warehouse, *columns, platform=None, quality=()):
    found = plan(dataset("t", *columns, quality=quality), custom={"floe.interpretation": platform or {}})
    return run(
        found,
        found.of(["quality"]),
        warehouse,
        server="db",
        tick="t",
        clock=Clock(),
        kinds=kinds(),
        grading=Grading(),
    )


@EVERY
def test_nothing_is_lost_where_it_cannot_answer(kind, loaded, monkeypatch):
    """Too many rows for memory: the database counts, and every outcome says so."""
    monkeypatch.setattr(_expectations, "MOST_VALUES", 1)
    warehouse = loaded(kind, {"t": Data({"a": "integer"}, [(1,), (1,), (None,)])})
    (required, unique) = outcomes(
        warehouse, column("a", "integer", required=True, unique=True), platform=CHOSEN
    )
    assert (required.actual, unique.actual) == (1, 1)
    for each in (required, unique):
        ((_, said),) = each.interpretation
        assert said.startswith("native: there are more than 1 rows")


@pytest.mark.parametrize("kind", ["sqlalchemy-sqlite"])
def test_a_warehouse_that_hands_out_no_rows_counts_itself(kind, loaded):
    warehouse = loaded(kind, {"t": Data({"a": "integer"}, [(1,), (None,)])})
    (required,) = outcomes(warehouse, column("a", "integer", required=True), platform=CHOSEN)
    assert required.actual == 1
    assert dict(required.interpretation)["quality_engine"].startswith("native: ")


def test_the_rows_of_a_table_are_read_once_for_both_engines(loaded):
    warehouse = loaded("duckdb", {"t": Data({"a": "integer"}, [(1,), (2,)])})
    quality = [
        {"metric": "rowCount", "mustBe": 2},
        {"metric": "duplicateValues", "arguments": {"properties": ["a"]}, "mustBe": 0},
    ]
    found = outcomes(warehouse, column("a", "integer", required=True), platform=CHOSEN, quality=quality)
    assert {dict(each.interpretation)["quality_engine"] for each in found} == {"great_expectations"}
    assert warehouse.statements() == 2
