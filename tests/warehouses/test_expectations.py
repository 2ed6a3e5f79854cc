"""Great Expectations itself, on the rows of every warehouse; all in one file, for it takes seconds to import."""

from __future__ import annotations

import importlib
import json
import logging
import subprocess
import sys

import pytest

from floe_dagster.checks._suite import suites_of
from floe_dagster.engine import run
from floe_dagster.plan.check import Status
from floe_dagster.plan.expectation import KNOWN, REFUSED
from floe_dagster.plan.metric import Cause, Expectation, Finding, Measured, NotMeasured, Question, Table
from floe_dagster.settings import Grading
from floe_dagster.testing import Clock
from floe_dagster.warehouses import _expectations
from tests.plan.contracts import column, dataset, kinds, plan
from tests.warehouses.oracle import Data

pytestmark = pytest.mark.requirement("B-03")

ORDERS = Data(
    {"id": "integer", "status": "text", "amount": "decimal", "at": "timestamp", "Key": "text"},
    [
        (1, "new", 1.5, None, "k1"),
        (2, "paid", 20, None, "k2"),
        (3, "SECRET-VALUE", -7, None, "k2"),
        (None, None, None, None, None),
    ],
)
EVERY = pytest.mark.parametrize(
    "kind", ["duckdb", "csv", "parquet", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)


def asked(named, *columns, **kwargs):
    return Question(Table("orders"), Expectation(named, json.dumps(kwargs, sort_keys=True), columns))


NOT_NULL = asked("expect_column_values_to_not_be_null", "id", column="id")
IN_SET = asked("expect_column_values_to_be_in_set", "status", column="status", value_set=["new", "paid"])
NO_KWARG = asked("expect_column_values_to_be_in_set", "status", column="status", valueset=["new"])
RAISES = asked("expect_column_max_to_be_between", "status", column="status", max_value=3)
NO_COLUMN = asked("expect_column_values_to_be_unique", "nope", column="nope")
MOSTLY = asked("expect_column_values_to_not_be_null", "id", column="id", mostly=0.5)
ROWS = asked("expect_table_row_count_to_be_between", min_value=5)
EXISTS = asked("expect_column_to_exist", column="nope")
MAXIMUM = asked("expect_column_max_to_be_between", "amount", "amount", column="amount", max_value=10)
BOMB = asked("expect_column_values_to_match_regex", "status", column="status", regex="(a+)+$")
ALL = (NOT_NULL, IN_SET, NO_KWARG, RAISES, NO_COLUMN, MOSTLY, ROWS, EXISTS, MAXIMUM, BOMB)


@EVERY
def test_each_expectation_has_its_own_answer_and_disturbs_no_other(kind, loaded):
    answers = loaded(kind, {"orders": ORDERS}).ask(ALL)

    found = {each: answers[each].value for each in ALL if isinstance(answers[each], Measured)}
    assert found == {
        NOT_NULL: Finding(kept=False, offending=1),
        IN_SET: Finding(kept=False, offending=1),
        MOSTLY: Finding(kept=True),
        ROWS: Finding(kept=False, observed=4),
        EXISTS: Finding(kept=False),
        MAXIMUM: Finding(kept=False),
    }
    gaps = {each: answers[each] for each in ALL if each not in found}
    assert {each: gap.cause for each, gap in gaps.items()} == {
        NO_KWARG: Cause.UNSUPPORTED,
        RAISES: Cause.BROKEN,
        NO_COLUMN: Cause.NO_COLUMN,
        BOMB: Cause.UNSUPPORTED,
    }
    assert "value_set: field required; valueset: extra fields not permitted" in gaps[NO_KWARG].reason
    assert "could take for ever" in gaps[BOMB].reason


def test_no_value_of_a_row_is_told_or_logged(loaded, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        answers = loaded("duckdb", {"orders": ORDERS}).ask(ALL)
    told = capfd.readouterr()
    assert "SECRET" not in repr(answers) + caplog.text + told.out + told.err
    assert told.err == ""


def test_the_rows_of_a_table_are_read_once_and_only_the_columns_that_are_named(loaded):
    warehouse = loaded("duckdb", {"orders": ORDERS})
    catalogue, rows = warehouse.explain((NOT_NULL, IN_SET, EXISTS))
    assert catalogue.questions == (EXISTS,)
    assert '"id",\n  "status"\nfrom' in rows.sql
    assert "amount" not in rows.sql
    warehouse.ask((NOT_NULL, IN_SET, EXISTS))
    assert warehouse.statements() == 2


def test_rows_that_are_only_counted_are_not_read(loaded):
    _, rows = loaded("duckdb", {"orders": ORDERS}).explain((ROWS,))
    assert rows.sql.startswith("select count(*) from")


def test_more_rows_than_memory_may_take_are_not_judged(loaded, monkeypatch):
    monkeypatch.setattr(_expectations, "MOST_VALUES", 3)
    answer = loaded("duckdb", {"orders": ORDERS}).ask((NOT_NULL,))[NOT_NULL]
    assert isinstance(answer, NotMeasured)
    assert "more than 3 rows" in answer.reason


@EVERY
def test_an_empty_table_keeps_what_is_said_of_its_rows(kind, loaded):
    warehouse = loaded(kind, {"orders": Data(ORDERS.columns, [])})
    answers = warehouse.ask((IN_SET, ROWS))
    assert answers[IN_SET].value == Finding(kept=True, offending=0)
    assert answers[ROWS].value == Finding(kept=False, observed=0)


@pytest.mark.parametrize(
    "regex", ["(a|b)+c", "(a*)*", "a*b*c*d*e", r"(a)\1", "a?" * 11 + "a", "(", "(?:a{1,9}){2}"]
)
def test_a_pattern_that_could_take_for_ever_is_refused(regex):
    with pytest.raises(_expectations.unsupported("").__class__):
        _expectations.check_patterns(Expectation("x", json.dumps({"regex_list": ["a", regex]})))


@pytest.mark.parametrize(
    "regex", [r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "^(new|paid)$", r"^\d{4}-\d{2}(?:\.\d+)?$"]
)
def test_an_ordinary_pattern_is_run(regex):
    _expectations.check_patterns(Expectation("x", json.dumps({"regex": regex})))


def test_every_expectation_that_is_installed_is_run_or_refused(loaded):
    loaded("duckdb", {"orders": ORDERS}).ask((ROWS,))
    registry = importlib.import_module("great_expectations.expectations.registry")

    assert set(registry.list_registered_expectation_implementations()) == {*KNOWN, *REFUSED}


ALONE = """
import json, os, sys
import floe_dagster.checks.quality, floe_dagster.warehouses.duckdb
from floe_dagster.warehouses import _gx
from floe_dagster.plan.metric import (Expectation)

before = "great_expectations" in sys.modules
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
import pandas
wanted = Expectation("expect_table_row_count_to_equal", '{"value": 2}')
answer = _gx.evaluate([wanted], pandas.DataFrame({"a": [1, 2]}), lambda each: json.loads(each.kwargs))[wanted]
enabled = _gx.context().config.analytics_enabled
print(json.dumps([before, answer.value.kept, os.environ["GX_ANALYTICS_ENABLED"], enabled, calls]))
"""


def test_it_is_imported_only_where_a_rule_needs_it_and_calls_nobody():
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, True, "false", False, []]


LIMITS = [
    column(
        "id",
        "integer",
        physicalName="id",
        required=True,
        unique=True,
        logicalTypeOptions={"minimum": 1, "exclusiveMaximum": 3},
    ),
    column(
        "status",
        "string",
        quality=[
            {
                "id": "valid",
                "metric": "invalidValues",
                "arguments": {"validValues": ["new", "paid"]},
                "mustBe": 0,
            },
            {"id": "shape", "metric": "invalidValues", "arguments": {"pattern": "^[a-z]+$"}, "mustBe": 0},
            {"id": "gaps", "metric": "missingValues", "arguments": {"missingValues": ["none"]}, "mustBe": 0},
            {"id": "half", "metric": "nullValues", "unit": "percent", "mustBeLessOrEqualTo": 50},
        ],
        logicalTypeOptions={"minLength": 3, "maxLength": 5},
    ),
    column("amount", "number", logicalTypeOptions={"minimum": -7, "maximum": 19.5}),
    column("Key", "string", unique=True),
]
COUNTS = [
    {"id": "some", "metric": "rowCount", "mustBeGreaterThan": 3},
    {"id": "exactly", "metric": "rowCount", "mustBe": 5},
    {"id": "within", "metric": "rowCount", "mustBeBetween": [1, 4]},
    {"id": "both", "metric": "duplicateValues", "arguments": {"properties": ["status", "Key"]}, "mustBe": 0},
]


@EVERY
@pytest.mark.parametrize("rows", [ORDERS.rows, [], ORDERS.rows[:2]], ids=["some", "none", "good"])
def test_both_engines_give_the_same_answers(kind, rows, loaded):
    """A contract exported to a suite, and read again as a rule, is kept exactly where its checks are."""
    native = plan(dataset("orders", *LIMITS, quality=COUNTS))
    (suite,) = suites_of(native)
    entries = suite.document["expectations"]
    theirs = [
        {"id": f"n{place}", "type": "custom", "engine": "greatExpectations", "implementation": each}
        for place, each in enumerate(entries)
    ]
    exported = plan(
        dataset("orders", *(column(each["name"], each["logicalType"]) for each in LIMITS), quality=theirs)
    )
    warehouse = loaded(kind, {"orders": Data(ORDERS.columns, rows)})

    def outcomes(of):
        return run(
            of,
            of.of(["quality"]),
            warehouse,
            server="db",
            tick="t",
            clock=Clock(),
            kinds=kinds(),
            grading=Grading(),
        )

    ours = {each.key.check: each for each in outcomes(native)}
    again = {each.key.check: each for each in outcomes(exported)}
    assert {each.status for each in again.values()} <= {Status.PASSED, Status.FAILED}
    of_check: dict[str, list] = {}
    for place, each in enumerate(entries):
        of_check.setdefault(each["meta"]["floe"]["check"], []).append(again[f"orders.n{place}"])
    assert set(of_check) == set(ours)
    assert {name: any(each.broken for each in found) for name, found in of_check.items()} == {
        name: each.broken for name, each in ours.items()
    }


def test_great_expectations_reads_an_exported_suite(loaded):
    loaded("duckdb", {"orders": ORDERS}).ask((ROWS,))
    (suite,) = suites_of(plan(dataset("orders", *LIMITS, quality=COUNTS)))
    document = json.loads(json.dumps(suite.document))

    read = importlib.import_module("great_expectations").ExpectationSuite(**document)

    assert [each.expectation_type for each in read.expectations] == [
        each["type"] for each in document["expectations"]
    ]
