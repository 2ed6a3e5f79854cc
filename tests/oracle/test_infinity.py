"""Stamps and numbers that have no end: what engines hold that no calendar and no number of eight bytes does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.pairs import written
from tests.oracle.rows import NOWS
from tests.oracle.test_agreement import compiled, ruled
from tests.warehouses.tables import quoted

if TYPE_CHECKING:
    from tests.oracle.engines import Engine
    from tests.oracle.ruling import Ruling

pytestmark = pytest.mark.requirement("B-03")

endless_engines = pytest.mark.parametrize(
    "engine", ["duckdb_here", pytest.param("postgres_here", marks=pytest.mark.postgres)]
)
KINDS = ("date", "timestamp", "timestamp with time zone")


def came(
    engine: Engine, kind: str, values: list[str], column: dict[str, Any], **more: Any
) -> dict[str, Ruling]:
    """What comes of promises about a column `a` of a table `t`, by where they stand."""
    engine.write("drop table if exists t", [])
    rows = ", ".join(f"(cast({'null' if each == 'null' else repr(each)} as {kind}))" for each in values)
    engine.write(f"create table t as select a from (values {rows}) as v(a)", [])
    choices = more.pop("choices", {})
    document = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "endless", "version": "1.0.0", "status": "active",
        "schema": [{"name": "t", "properties": [{"name": "a", **column}]}],
        "customProperties": [{"property": "floe.interpretation", "value": choices}],
        **more,
    }  # fmt: skip
    found = ruled(engine, compiled(written(document)), NOWS[0])
    engine.write(f"drop table {quoted('t')}", [])
    return {path.removeprefix("schema[0].properties[0]."): each for path, each in found.items()}


@endless_engines
def test_infinity_is_beyond_every_limit(engine: str, request: pytest.FixtureRequest) -> None:
    here = request.getfixturevalue(engine)
    options = {"minimum": "0001-01-01", "maximum": "9999-12-31"}
    values = ["infinity", "infinity", "-infinity", "2024-01-01", "null"]

    for kind in KINDS:
        column = {"logicalType": "date" if kind == "date" else "timestamp", "logicalTypeOptions": options}
        found = came(here, kind, values, column)
        bounds = {path.rpartition(".")[2]: each.actual for path, each in found.items() if "Options" in path}
        assert bounds == {"minimum": 1, "maximum": 2}, kind


@endless_engines
def test_infinity_lies_in_the_future(engine: str, request: pytest.FixtureRequest) -> None:
    here = request.getfixturevalue(engine)
    promises = [{"property": "freshness", "value": 1, "unit": "d", "element": "t.a"}]

    for kind in KINDS:
        for choice, status in (("unknown", "error"), ("fresh", "passed"), ("broken", "failed")):
            choices = {"future_stamps": choice}
            found = came(here, kind, ["infinity", "2024-01-01"], {}, slaProperties=promises, choices=choices)
            assert found["slaProperties[0]#t.a"].status == status, (kind, choice)


@endless_engines
def test_how_far_back_minus_infinity_goes_is_not_known(engine: str, request: pytest.FixtureRequest) -> None:
    """One such row would pass for a history that is not there."""
    here = request.getfixturevalue(engine)
    promises = [{"property": "retention", "value": 3, "unit": "y", "element": "t.a"}]

    for kind in KINDS:
        for choice in ("at_least", "at_most"):
            choices = {"retention": choice}
            found = came(here, kind, ["-infinity", "2024-01-01"], {}, slaProperties=promises, choices=choices)
            assert found["slaProperties[0]#t.a"].status == "error", (kind, choice)


@endless_engines
def test_the_ends_of_the_calendar_are_told_in_every_zone(engine: str, request: pytest.FixtureRequest) -> None:
    """In UTC they would be of the years 0 and 10000, which are not told."""
    here = request.getfixturevalue(engine)
    promises = [{"property": "retention", "value": 3, "unit": "y", "element": "t.a"}]

    for kind in KINDS:
        for zone in ("Pacific/Auckland", "America/Los_Angeles"):
            for day, status in (("0001-01-01", "passed"), ("9999-12-31", "failed")):
                found = came(
                    here, kind, [day], {}, slaProperties=promises, choices={"naive_timestamps": zone}
                )
                assert found["slaProperties[0]#t.a"].status == status, (kind, zone, day)


@pytest.mark.postgres
def test_numerics_without_an_end_are_above_every_number_and_multiples_of_none(postgres_here: Engine) -> None:
    options = {"maximum": 1e300, "minimum": -1e300, "multipleOf": 0.5, "format": "f64"}
    column = {"logicalType": "number", "logicalTypeOptions": options}

    found = came(postgres_here, "numeric", ["NaN", "Infinity", "-Infinity", "2.5", "null"], column)

    actual = {path.rpartition(".")[2]: each.actual for path, each in found.items() if "Options" in path}
    assert actual == {"maximum": 2, "minimum": 1, "multipleOf": 3, "format": 3}
