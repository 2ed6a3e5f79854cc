from __future__ import annotations

import pytest

from floe_dagster.checks.vector import element_of
from floe_dagster.plan.metric import Cause, Columns, LiveColumn, NotMeasured
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("B-02")


def vector(element="float32", **more):
    options = {"dimensions": 3, "elementType": element}
    said = column("v", "vector", logicalTypeOptions=options, **more)
    return check_of("docs.v.element_type", dataset("docs", said), api_version="v3.2.0")


def live(kind, engine="duckdb", name="v"):
    return (LiveColumn(name, kind, "array", engine=engine),)


def test_the_type_of_the_column_says_what_its_numbers_are():
    check = vector()

    assert (check.kind, check.metrics, check.expected) == ("vector", (Columns(),), "float32")
    assert check.covers == ("schema[0].properties[0].logicalTypeOptions.elementType",)
    assert not judge(check, live("FLOAT[3]")).broken
    assert judge(check, live("DOUBLE[3]")).message == (
        "docs.v is DOUBLE[3], which holds float64; float32 promised"
    )


@pytest.mark.parametrize(
    ("kind", "engine", "element"),
    [
        ("FLOAT[3]", "duckdb", "float32"),
        ("FLOAT[]", "duckdb", "float32"),
        ("DOUBLE[]", "duckdb", "float64"),
        ("TINYINT[4]", "duckdb", "int8"),
        ("UTINYINT[4]", "duckdb", "uint8"),
        ("BIT", "duckdb", "binary"),
        ("VARCHAR[]", "duckdb", None),
        ("VARCHAR", "duckdb", None),
        ("vector(3)", "postgres", "float32"),
        ("halfvec(3)", "postgres", "float16"),
        ("bit(3)", "postgres", "binary"),
        ("real[]", "postgres", "float32"),
        ("double precision[]", "postgres", "float64"),
        ("", "sqlite", None),
    ],
)
def test_what_its_numbers_are(kind, engine, element):
    assert element_of(live(kind, engine)[0]) == element


def test_a_type_that_does_not_say_so_is_not_executable():
    assert judge(vector(), live("JSON")).unknown.cause is Cause.UNSUPPORTED


def test_a_column_that_is_not_there_is_unknown():
    assert judge(vector(), live("FLOAT[3]", name="w")).unknown.cause is Cause.NO_COLUMN
    assert judge(vector(), NotMeasured(Cause.LOCKED, "held")).unknown.cause is Cause.LOCKED
    assert not judge(vector(physicalName="V"), live("FLOAT[3]")).unknown
