from __future__ import annotations

import pytest

from floe_dagster.checks._types import fits, same, split
from floe_dagster.plan.metric import LiveColumn

pytestmark = pytest.mark.requirement("B-02")


def live(logical, engine="X"):
    return LiveColumn("a", engine, logical)


@pytest.mark.parametrize(
    ("promised", "found", "expected"),
    [
        ("integer", live("integer", "BIGINT"), True),
        ("number", live("integer", "BIGINT"), True),
        ("number", live("number", "DECIMAL(10,2)"), True),
        ("integer", live("number", "DECIMAL(10,2)"), False),
        ("integer", live("number", "NUMBER(38,0)"), True),
        ("string", live("integer", "BIGINT"), False),
        ("date", live("timestamp", "TIMESTAMP"), False),
        ("timestamp", live("date", "DATE"), False),
        ("map", live("object", "STRUCT(a INTEGER)"), True),
        ("boolean", live(None, "BIT"), None),
    ],
)
def test_a_logical_type_is_kept_by_those_that_it_holds(promised, found, expected):
    assert fits(promised, found) is expected


def test_before_v3_1_a_date_could_be_a_timestamp():
    assert fits("date", live("timestamp"), dates_are_timestamps=True) is True


@pytest.mark.parametrize(
    ("promised", "found", "expected"),
    [
        ("integer", "INT4", True),
        ("varchar", "TEXT", True),
        ("varchar(18)", "character varying(18)", True),
        ("varchar(18)", "VARCHAR(20)", False),
        ("varchar(18)", "VARCHAR", None),
        ("varchar", "VARCHAR(20)", True),
        ("numeric(10, 2)", "DECIMAL(10,2)", True),
        ("numeric(10, 2)", "DECIMAL(12,2)", False),
        ("int", "BIGINT", False),
        ("timestamp with time zone", "TIMESTAMPTZ", True),
        ("timestamp(6) with time zone", "TIMESTAMPTZ", None),
        ("GEOGRAPHY", "geography", True),
        ("GEOGRAPHY", "VARCHAR", False),
        ("our_own_type", "VARCHAR", None),
    ],
)
def test_a_physical_type_is_the_same_under_any_of_its_names(promised, found, expected):
    assert same(promised, found) is expected


def test_a_type_is_split_into_its_name_and_arguments():
    assert split("decimal( 10 , 2 )") == ("DECIMAL", ("10", "2"))
    assert split("timestamp(6) with time zone") == ("TIMESTAMP WITH TIME ZONE", ("6",))
    assert split("struct(a integer, b map(varchar, integer))") == (
        "STRUCT(A INTEGER, B MAP(VARCHAR, INTEGER))",
        (),
    )
