from __future__ import annotations

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.metric import Cause, NotMeasured, Query
from tests.checks.judging import check_of, judge
from tests.plan.contracts import SERVER, column, dataset

pytestmark = pytest.mark.requirement("B-03")


def sql(query="select count(*) from {object}", under=None, physical="orders", servers=(SERVER,), **operator):
    rule = {"id": "it", "type": "sql", "query": query, **(operator or {"mustBe": 0})}
    made = column("a", physicalName="col_a", quality=[rule] if under else [])
    return check_of(
        "orders.it",
        dataset("orders", made, physicalName=physical, quality=() if under else [rule]),
        servers=servers,
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("select 1 from {object}", "select 1 from orders"),
        ("select 1 from ${table}", "select 1 from orders"),
        ("select 1 from {model}", "select 1 from orders"),
        ("select 1 from {schema}.{object}", "select 1 from main.orders"),
        ("select max({property}) from {object}", "select max(col_a) from orders"),
        ("select max(${column}) from ${object}", "select max(col_a) from orders"),
        ("select {'a': 1}", "select {'a': 1}"),
        ("select 'a{3}'", "select 'a{3}'"),
    ],
)
def test_placeholders_are_filled_with_physical_names(written, expected):
    assert sql(written, under="a").metrics == (Query(expected),)


@pytest.mark.parametrize(
    ("physical", "expected"),
    [
        ("sales.orders", "sales.orders"),
        ('orders"; drop table x', '"orders""; drop table x"'),
        ("order items", '"order items"'),
        ("data/orders.csv", '"data/orders.csv"'),
    ],
)
def test_a_name_that_is_no_plain_word_is_quoted(physical, expected):
    assert sql("from {object}", physical=physical).metrics == (Query(f"from {expected}"),)


def test_the_names_of_the_table_and_the_column_are_left_to_who_knows_how_they_are_spelled():
    (query,) = sql("select max(${column}) from {schema}.{model}", under="a", physical="Order").metrics

    assert (query.template, query.column) == ("select max({property}) from main.{object}", "col_a")


def test_a_table_that_is_called_like_a_placeholder_is_filled_in():
    assert sql("from {object}", physical="{objekt}").metrics == (Query('from "{objekt}"'),)


@pytest.mark.parametrize(
    ("query", "servers", "reason"),
    [
        (
            "select {property} from {object}",
            (SERVER,),
            "{property} in the query cannot be filled: the rule stands under no column",
        ),
        (
            "select 1 from {schema}.x",
            (SERVER, SERVER | {"server": "other", "schema": "else"}),
            "{schema} in the query cannot be filled: the servers do not agree on one schema",
        ),
    ],
)
def test_a_placeholder_that_cannot_be_filled_is_declined(query, servers, reason):
    found = sql(query, servers=servers)

    assert isinstance(found, Declined)
    assert found.reason == reason


def test_a_number_is_held_against_the_promise():
    check = sql(mustBeLessThan=100)

    assert check.expected == "less than 100"
    assert judge(check, 42).message == "orders: the query of it returned 42; less than 100 promised"
    assert judge(check, 100).broken


def test_a_condition_is_held_against_true():
    check = sql(mustBe=True)

    assert not judge(check, True).broken
    assert not judge(check, 1).broken
    assert judge(check, False).broken


def test_nothing_at_all_breaks_the_promise():
    verdict = judge(sql(), None)

    assert verdict.broken
    assert verdict.message == "orders: the query of it returned nothing; 0 promised"


def test_a_text_is_compared_and_never_repeated():
    check = sql(mustBe="EUR")

    assert not judge(check, "EUR").broken
    verdict = judge(check, "somebody@example.com")
    assert (verdict.broken, verdict.actual) == (True, None)
    assert "somebody" not in verdict.message


def test_what_cannot_be_compared_is_unknown():
    assert judge(sql(mustBeLessThan=5), "many").unknown.cause is Cause.BROKEN
    assert judge(sql(mustBeLessThan=5), float("nan")).unknown.cause is Cause.BROKEN


def test_a_query_that_was_refused_is_unknown_with_the_reason():
    verdict = judge(sql(), NotMeasured(Cause.UNSUPPORTED, "the query is not run: it writes"))

    assert verdict.unknown.cause is Cause.UNSUPPORTED
    assert verdict.message == "orders: the query of it could not be measured: the query is not run: it writes"


@pytest.mark.parametrize(("unit", "expected"), [("percent", "at most 5 %"), ("rows", "at most 5 rows")])
def test_the_unit_of_a_query_is_told(unit, expected):
    assert sql(mustBeLessOrEqualTo=5, unit=unit).expected == expected
