from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.plan.check import Declined, Severity
from floe_dagster.plan.metric import Cause, LiveColumn, NotMeasured
from tests.checks.judging import check_of, judge
from tests.plan.contracts import SERVER, column, dataset, item, plan

pytestmark = pytest.mark.requirement("B-02")

ID = column("id", "integer", required=True)
NAME = column("name", "string")
LIVE_ID = LiveColumn("id", "BIGINT", "integer")
LIVE_NAME = LiveColumn("name", "VARCHAR", "string")


def schema(*columns, **more):
    return check_of("orders.schema", dataset("orders", *(columns or (ID, NAME))), **more)


def changes(verdict):
    return [
        (each.element, each.change, each.expected, each.actual, each.breaking) for each in verdict.differences
    ]


def test_columns_as_promised_are_kept():
    verdict = judge(schema(), (LIVE_ID, LIVE_NAME))

    assert (verdict.broken, verdict.actual, verdict.severity, verdict.differences) == (False, 0, None, ())
    assert verdict.message == "orders: 2 columns are as promised"


def test_the_order_of_columns_is_no_promise():
    assert not judge(schema(), (LIVE_NAME, LIVE_ID)).broken


def test_a_missing_column_breaks_the_promise():
    verdict = judge(schema(), (LIVE_ID,))

    assert verdict.broken
    assert changes(verdict) == [("name", "removed", "string", "nothing", True)]
    assert verdict.message == "orders: name is missing"


def test_a_column_of_another_type_breaks_the_promise():
    verdict = judge(schema(), (LiveColumn("id", "VARCHAR", "string"), LIVE_NAME))

    assert changes(verdict) == [("id", "type", "integer", "string (VARCHAR)", True)]
    assert verdict.message == "orders: id is string (VARCHAR), integer promised"
    assert verdict.actual == 1


def test_every_difference_is_counted_and_the_first_five_are_told():
    columns = [column(f"c{place}", "string") for place in range(8)]

    verdict = judge(schema(*columns), ())

    assert verdict.actual == 8
    assert verdict.message.endswith("c4 is missing and 3 more")


def test_a_dataset_that_is_not_there_breaks_the_promise():
    verdict = judge(schema(), NotMeasured(Cause.NO_DATASET, 'there is no table "orders" in main'))

    assert (verdict.broken, verdict.actual) == (True, 1)
    assert verdict.message == 'orders does not exist: there is no table "orders" in main'


def test_a_catalogue_that_cannot_be_read_is_unknown():
    verdict = judge(schema(), NotMeasured(Cause.DENIED, "the role reader may not read the catalogue"))

    assert not verdict.broken
    assert verdict.unknown.cause is Cause.DENIED


@pytest.mark.parametrize(
    ("choice", "broken", "severity", "count"),
    [("allow", False, None, 0), ("warn", False, Severity.WARNING, 0), ("fail", True, None, 1)],
)
def test_an_undeclared_column_is_what_the_contract_says(choice, broken, severity, count):
    check = schema(custom={"floe.undeclaredColumns": choice})

    verdict = judge(check, (LIVE_ID, LIVE_NAME, LiveColumn("extra", "DATE", "date")))

    assert (verdict.broken, verdict.severity, verdict.actual) == (broken, severity, count)
    assert ("extra (DATE) is not in the contract" in verdict.message) is (choice != "allow")


def test_an_undeclared_column_is_warned_of_unless_the_contract_says_otherwise():
    verdict = judge(schema(), (LIVE_ID, LIVE_NAME, LiveColumn("extra", "DATE", "date")))

    assert verdict.severity is Severity.WARNING
    assert changes(verdict) == [("extra", "added", "nothing", "DATE", False)]


def test_a_contract_that_declares_no_columns_has_no_undeclared_ones():
    verdict = judge(check_of("orders.schema", {"name": "orders"}), (LIVE_ID,))

    assert (verdict.broken, verdict.severity) == (False, None)


@pytest.mark.parametrize(
    ("choice", "broken", "severity"),
    [("ignore", False, None), ("warn", False, Severity.WARNING), ("fail", True, None)],
)
def test_a_required_column_that_may_be_null_is_what_the_contract_says(choice, broken, severity):
    check = schema(custom={"floe.interpretation": {"nullability": choice}})

    verdict = judge(check, (LIVE_ID, LIVE_NAME))

    assert (verdict.broken, verdict.severity) == (broken, severity)


def test_a_name_is_found_in_another_case_where_no_column_has_it_exactly():
    assert not judge(
        schema(), (LiveColumn("ID", "INT", "integer"), LiveColumn("Name", "TEXT", "string"))
    ).differences


def test_two_columns_that_differ_in_case_only_are_each_found_exactly():
    check = schema(column("a", "string"), column("A", "integer"))

    live = LiveColumn("A", "INT", "integer"), LiveColumn("a", "TEXT", "string")

    assert not judge(check, live).differences


def test_the_physical_name_is_looked_for():
    check = schema(column("id", "integer", physicalName="order_id"))

    assert not judge(check, (LiveColumn("order_id", "INT", "integer"),)).broken
    assert changes(judge(check, (LIVE_ID,)))[0][:2] == ("id", "removed")


def test_a_physical_type_is_compared_where_one_is_declared():
    check = schema(column("name", "string", physicalType="varchar(18)"))

    assert not judge(check, (LiveColumn("name", "VARCHAR(18)", "string"),)).differences
    assert changes(judge(check, (LiveColumn("name", "VARCHAR(20)", "string"),))) == [
        ("name", "physical type", "varchar(18)", "VARCHAR(20)", True)
    ]


def test_a_type_that_cannot_be_compared_is_told_and_breaks_nothing():
    check = schema(column("name", "string", physicalType="varchar(18)"), column("spot", "string"))

    verdict = judge(check, (LiveColumn("name", "VARCHAR", "string"), LiveColumn("spot", "GEOMETRY", None)))

    assert changes(verdict) == [
        ("name", "physical type", "varchar(18)", "VARCHAR, which cannot be compared", False),
        ("spot", "type", "string", "GEOMETRY", False),
    ]
    assert (verdict.broken, verdict.severity) == (False, None)


def test_files_of_text_keep_no_physical_types():
    server = {"server": "files", "type": "local", "path": "orders.csv", "format": "csv"}
    found = plan(dataset("orders", column("id", "integer", physicalType="int4")), servers=[server])

    declined = item(found, "orders.id.physicalType")
    assert isinstance(declined, Declined)
    assert item(found, "orders.schema").terms.columns[0].physical_type is None
    both = plan(dataset("orders", column("id", "integer", physicalType="int4")), servers=[server, SERVER])
    assert item(both, "orders.schema").terms.columns[0].physical_type == "int4"


def test_another_primary_key_breaks_the_promise_and_none_does_not():
    check = schema(column("id", "integer", primaryKey=True), NAME)

    assert not judge(check, (LIVE_ID, LIVE_NAME)).differences
    verdict = judge(check, (LIVE_ID, LiveColumn("name", "VARCHAR", "string", primary_key=1)))
    assert changes(verdict) == [("id", "key", "id", "name", True)]
    assert verdict.message == "orders: the primary key is name, id promised"


def test_before_v3_1_a_date_could_be_a_timestamp():
    check = schema(column("at", "date"), api_version="v3.0.2")

    assert not judge(check, (LiveColumn("at", "TIMESTAMP", "timestamp"),)).broken


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abcABC"), unique=True), st.lists(st.sampled_from("abcABC"), unique=True))
def test_what_is_promised_is_there_exactly_when_nothing_was_removed(promised, live):
    check = (
        schema(*[column(each) for each in promised])
        if promised
        else check_of("orders.schema", {"name": "orders"})
    )

    verdict = judge(check, tuple(LiveColumn(each, "INT", "integer") for each in live))

    removed = [each.element for each in verdict.differences if each.change == "removed"]
    added = [each.element for each in verdict.differences if each.change == "added"]
    assert not set(removed) & set(live)
    assert len(promised) - len(removed) == len(live) - len(added) or not promised


STREET, ZIP = column("street", "string"), column("zip", "integer")
LINES = column(
    "lines",
    "array",
    items={"logicalType": "object", "properties": [column("sku", "string"), column("qty", "integer")]},
)


def live(name, kind, logical_type, *fields):
    return LiveColumn(name, kind, logical_type, fields=fields)


def lines(*fields):
    return live("lines", "STRUCT[]", "array", live("[]", "STRUCT", "object", *fields))


LIVE_SKU, LIVE_QTY = live("sku", "VARCHAR", "string"), live("qty", "BIGINT", "integer")


def test_fields_as_promised_are_kept():
    assert not judge(schema(LINES), (lines(LIVE_QTY, LIVE_SKU),)).differences


def test_a_nested_field_that_is_missing_or_of_another_type_is_told_with_the_way_to_it():
    verdict = judge(schema(LINES), (lines(live("qty", "VARCHAR", "string")),))

    assert changes(verdict) == [
        ("lines[].sku", "removed", "string", "nothing", True),
        ("lines[].qty", "type", "integer", "string (VARCHAR)", True),
    ]
    assert verdict.message == (
        "orders: lines[].sku is missing; lines[].qty is string (VARCHAR), integer promised"
    )


def test_a_physical_type_of_a_nested_field_is_held_against_what_is_there():
    address = column("address", "object", properties=[column("zip", "integer", physicalType="SMALLINT")])

    verdict = judge(schema(address), (live("address", "STRUCT", "object", live("zip", "BIGINT", "integer")),))

    assert changes(verdict) == [("address.zip", "physical type", "SMALLINT", "BIGINT", True)]


@pytest.mark.parametrize(("choice", "expected"), [("allow", []), ("warn", [False]), ("fail", [True])])
def test_an_undeclared_field_is_what_the_contract_says(choice, expected):
    verdict = judge(
        schema(LINES, custom={"floe.undeclaredColumns": choice}),
        (lines(LIVE_SKU, LIVE_QTY, live("note", "VARCHAR", "string")),),
    )

    assert [(each.element, each.change) for each in verdict.differences] == [("lines[].note", "added")] * len(
        expected
    )
    assert [each.breaking for each in verdict.differences] == expected


def test_a_column_whose_fields_are_not_declared_promises_nothing_of_them():
    verdict = judge(
        schema(column("address", "object"), custom={"floe.undeclaredColumns": "fail"}),
        (live("address", "STRUCT", "object", live("street", "VARCHAR", "string")),),
    )

    assert not verdict.differences


def test_items_keys_and_values_have_types():
    prices = column(
        "prices", "map", map={"key": {"logicalType": "string"}, "value": {"logicalType": "number"}}
    )
    tags = column("tags", "array", items={"logicalType": "string"})
    found = (
        live("prices", "MAP", "map", live("[key]", "DATE", "date"), live("[value]", "VARCHAR", "string")),
        live("tags", "DATE[]", "array", live("[]", "DATE", "date")),
    )

    verdict = judge(schema(prices, tags, api_version="v3.2.0"), found)

    assert [each.element for each in verdict.differences] == ["prices[key]", "prices[value]", "tags[]"]


@pytest.mark.parametrize(
    "found",
    [
        live("lines", "jsonb", "object"),
        live("lines", "JSON", "object"),
        live("lines", "object of list", "array"),
    ],
)
def test_a_type_that_does_not_tell_what_is_in_a_column_is_said_so_and_breaks_nothing(found):
    verdict = judge(schema(LINES), (found,))

    assert changes(verdict) == [("lines", "unseen", "what is in it", found.type, False)]
    assert not verdict.broken
    assert verdict.message == ("orders: 1 column is as promised; what is in lines cannot be seen in its type")


def test_json_may_hold_the_array_that_is_promised_and_a_column_of_text_does_not():
    array = column("lines", "array")

    unseen = judge(schema(array), (live("lines", "jsonb", "object"),))
    broken = judge(schema(LINES), (live("lines", "TEXT", "string"),))

    assert changes(unseen) == [("lines", "unseen", "what is in it", "jsonb", False)]
    assert changes(broken) == [("lines", "type", "array", "string (TEXT)", True)]


def test_the_keys_of_a_map_are_in_the_rows_and_not_in_its_type():
    address = column("address", "object", properties=[STREET, ZIP])
    found = live(
        "address", "MAP", "map", live("[key]", "VARCHAR", "string"), live("[value]", "VARCHAR", "string")
    )

    assert changes(judge(schema(address), (found,))) == [("address", "unseen", "what is in it", "MAP", False)]


def test_nested_fields_count_as_executed():
    found = plan(dataset("orders", LINES))

    check = item(found, "orders.schema")

    assert [each for each in check.covers if "items" in each] == [
        "schema[0].properties[0].items",
        "schema[0].properties[0].items.logicalType",
        "schema[0].properties[0].items.properties[0]",
        "schema[0].properties[0].items.properties[0].logicalType",
        "schema[0].properties[0].items.properties[1]",
        "schema[0].properties[0].items.properties[1].logicalType",
    ]
