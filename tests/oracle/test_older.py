"""A contract in the words of v3.0.2 is ruled on as the same contract in those of v3.1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from tests.oracle.engines import Engine, as_held
from tests.oracle.judge import judge
from tests.oracle.older import older, sayable
from tests.oracle.pairs import Pair, pairs, written
from tests.oracle.rows import NOWS
from tests.oracle.test_agreement import compiled, ruled, rulings_differ, settled
from tests.oracle.values import Held

if TYPE_CHECKING:
    from tests.oracle.values import Document

pytestmark = [pytest.mark.requirement("A-01"), pytest.mark.requirement("B-03")]


def hold(engine: Engine, share: float) -> None:
    @given(pair=pairs(versions=("v3.1.0",)))
    @settled(share)
    def is_the_same(pair: Pair) -> None:
        new = sayable(pair.document)
        old, moved = older(new)
        tables = as_held(engine.name, pair.tables)
        engine.fill(tables)
        said = ruled(engine, compiled(written(new)), pair.now)
        came = ruled(engine, compiled(written(old)), pair.now)
        assert rulings_differ(engine, judge(new, tables, pair.now), said) == {}
        assert (
            rulings_differ(engine, {moved.get(path, path): each for path, each in said.items()}, came) == {}
        )

    is_the_same()


def test_older_words_rule_the_same_on_sqlite(sqlite_here: Engine) -> None:
    hold(sqlite_here, 0.05)


def test_older_words_rule_the_same_on_duckdb(duckdb_here: Engine) -> None:
    hold(duckdb_here, 0.01)


@pytest.mark.postgres
def test_older_words_rule_the_same_on_postgres(postgres_here: Engine) -> None:
    hold(postgres_here, 0.01)


def column(**said: object) -> Document:
    return {
        "apiVersion": "v3.1.0",
        "schema": [{"name": "t", "properties": [{"name": "a", "logicalType": "integer", **said}]}],
    }


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (
            {"logicalTypeOptions": {"exclusiveMinimum": 5}},
            {"logicalTypeOptions": {"minimum": 5, "exclusiveMinimum": True}, "quality": []},
        ),
        (
            {"quality": [{"metric": "nullValues", "mustBe": 0}]},
            {"quality": [{"rule": "nullCount", "mustBe": 0}]},
        ),
        (
            {"quality": [{"metric": "invalidValues", "arguments": {"validValues": [1]}, "mustBe": 0}]},
            {"quality": [{"rule": "validValues", "validValues": [1], "mustBe": 0}]},
        ),
    ],
)
def test_each_old_word_is_used(new: Document, old: Document) -> None:
    found, _ = older(sayable(column(**new)))

    assert found["schema"][0]["properties"][0] == {"name": "a", "logicalType": "integer", **old}
    assert isinstance(found["team"], list)


def of_one_row(engine: Engine, rule: Document) -> dict[str, str]:
    """What comes of a rule of v3.0.2 about a column that holds 7, once."""
    document = column(quality=[rule])
    required = {"kind": "DataContract", "id": "old", "version": "1.0.0", "status": "active"}
    engine.fill({"t": Held({"a": "integer"}, [(7,)])})
    found = ruled(engine, compiled(written({**document, **required, "apiVersion": "v3.0.2"})), NOWS[0])
    return {path: each.status for path, each in found.items() if ".quality" in path}


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"rule": "nullCheck"}, "passed"),
        ({"rule": "uniqueCheck"}, "passed"),
        ({"rule": "validValues", "validValues": [7]}, "passed"),
        ({"rule": "validValues", "validValues": [8]}, "failed"),
        ({"rule": "countCheck", "mustBe": 1}, "passed"),
        ({"rule": "rowCount"}, "not_executable"),
    ],
)
def test_an_old_check_says_what_must_hold(rule: Document, status: str, sqlite_here: Engine) -> None:
    """As its name says none is NULL, all are unique, all are valid; a count promises nothing by itself."""
    assert of_one_row(sqlite_here, rule) == {"schema[0].properties[0].quality[0]": status}


def test_several_operators_in_one_old_rule_are_one_rule_each(sqlite_here: Engine) -> None:
    path = "schema[0].properties[0].quality[0]"

    found = of_one_row(sqlite_here, {"rule": "rowCount", "mustBeGreaterThan": 0, "mustBeLessThan": 1})

    assert found == {f"{path}.mustBeGreaterThan": "passed", f"{path}.mustBeLessThan": "failed"}
