"""Numbers at the limits of what columns hold, and beyond; each of these was answered wrongly once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from floe_dagster.plan.metric import Cause, NotMeasured, Offenders, Question, RowCount, Table
from floe_dagster.plan.offence import Compares, Missing, NotIn, NotMultipleOf
from floe_dagster.warehouses._catalogue import Row, catalogue
from floe_dagster.warehouses._plan import plan
from floe_dagster.warehouses.sqlite import SqliteSql
from tests.warehouses.oracle import Data
from tests.warehouses.tables import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

ENGINES = ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
LONG = f"{'9' * 34}.9999"
NAN, INFINITY = float("nan"), float("inf")


def asked(warehouse: Any, *offences: Any) -> list[int]:
    questions = [Question(Table("one"), Offenders(each)) for each in offences]
    answers = warehouse.ask(tuple(questions))
    return [answers[each].value for each in questions]


@pytest.mark.parametrize("kind", ENGINES)
def test_a_listed_number_of_many_digits_disturbs_nobody(kind: str, loaded: Callable[..., Any]) -> None:
    tables = {"one": Data({"d": "decimal", "i": "integer"}, [(Decimal("1.50"), 1), (None, 2)])}

    found = asked(loaded(kind, tables), NotIn("d", (LONG,)), Missing("i", (LONG, 1)), NotIn("d", ("1.5",)))

    assert found == [1, 1, 0]


@pytest.mark.parametrize("number", [1e300, 10.0**20, 10**38, 2**127, 2**130])
@pytest.mark.parametrize("column", ["i", "d"])
@pytest.mark.parametrize("kind", ENGINES)
def test_a_number_beyond_every_value_equals_none_and_is_above_all(
    kind: str, column: str, number: float, loaded: Callable[..., Any]
) -> None:
    tables = {"one": Data({"i": "integer", "d": "decimal"}, [(0, Decimal(0)), (5, Decimal(5)), (None, None)])}
    warehouse = loaded(kind, tables)

    assert asked(warehouse, NotIn(column, (number,)), Missing(column, (number,), null=False)) == [2, 0]
    for operator, below, above in (("<", 2, 0), ("<=", 2, 0), (">", 0, 2), (">=", 0, 2)):
        compared = asked(warehouse, Compares(column, operator, number), Compares(column, operator, -number))
        assert compared == [below, above], operator


def test_decimals_are_held_against_a_limit_that_they_reach(loaded: Callable[..., Any]) -> None:
    """Ten digits, two of them after the point: a hundred million is beyond, and a cent less is not."""
    tables = {"one": Data({"d": "decimal"}, [(Decimal("99999999.99"),)])}

    assert asked(loaded("duckdb", tables), Compares("d", "<", 10**8), Compares("d", "<", 99999999.99)) == [
        1,
        0,
    ]


@pytest.mark.parametrize("kind", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_nan_and_infinity_are_multiples_of_nothing(kind: str, loaded: Callable[..., Any]) -> None:
    tables = {"one": Data({"f": "double"}, [(NAN,), (INFINITY,), (-INFINITY,), (1.0,), (None,)])}

    assert asked(loaded(kind, tables), NotMultipleOf("f", 0.5)) == [3]


@pytest.mark.parametrize("kind", ENGINES)
def test_quotients_that_no_engine_can_give_are_judged(kind: str, loaded: Callable[..., Any]) -> None:
    tables = {"one": Data({"f": "double"}, [(5e-324,), (1.7e308,), (0.0,), (0.5,)])}

    assert asked(loaded(kind, tables), NotMultipleOf("f", 3), NotMultipleOf("f", 0.01)) == [1, 0]


@pytest.mark.parametrize(
    ("type_", "values", "offences", "expected"),
    [
        ("decimal(38,38)", [f"0.{'9' * 38}", "0.5", "0"], [NotMultipleOf("d", 0.5), NotMultipleOf("d", 1)], [1, 2]),
        ("decimal(38,38)", [f"0.{'9' * 38}"], [NotIn("d", (f"0.{'9' * 38}",)), Compares("d", "<", 1)], [0, 1]),
        ("decimal(38,0)", ["1" + "0" * 37, "7"], [NotMultipleOf("d", 0.1), NotMultipleOf("d", 1.5)], [0, 2]),
        ("decimal(38,0)", ["9" * 38, "2", "1"], [Compares("d", "<", 1.5), Compares("d", ">=", 1.5)], [1, 2]),
        ("decimal(38,0)", ["9" * 38, "1"], [NotIn("d", (0.5, 1)), Missing("d", ("9" * 38, 0.25), null=False)], [1, 1]),
        ("real", ["0.1", "1e-45"], [NotIn("d", (1e300, 0.1)), Compares("d", ">", 1e-300), Compares("d", "<", 1e300)], [1, 2, 2]),
        ("real", ["3.4028235e38", "1e-45"], [NotIn("d", (3.4028235e38, 1.401298464324817e-45)), Compares("d", "<", 1e-45)], [0, 0]),
        ("real", ["0", "0.1"], [NotIn("d", (1e-300,)), Compares("d", "<", 1e-300)], [2, 1]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_number_that_no_type_holds_beside_the_columns_own_is_judged_exactly(
    kind: str,
    type_: str,
    values: list[str],
    offences: list[Any],
    expected: list[int],
    loaded: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(TYPES, "decimal", type_)

    assert (
        asked(loaded(kind, {"one": Data({"d": "decimal"}, [(each,) for each in values])}), *offences)
        == expected
    )


@pytest.mark.parametrize("kind", ENGINES)
def test_a_column_may_be_called_true_or_false(kind: str, loaded: Callable[..., Any]) -> None:
    tables = {
        "one": Data({"true": "text", "false": "text", "f": "double"}, [("x", "y", 0.0), ("x", "y", 0.3)])
    }

    assert asked(loaded(kind, tables), NotMultipleOf("f", 1), Missing("f", ("x",), null=False)) == [1, 0]


@pytest.mark.parametrize("kind", ENGINES)
def test_one_and_true_are_two_questions(kind: str, loaded: Callable[..., Any]) -> None:
    """As are 1 and 1.0: Python takes them for the same, and texts and truth values do not."""
    tables = {"one": Data({"b": "boolean", "t": "text"}, [(True, "1"), (False, "1.0"), (None, None)])}

    found = asked(
        loaded(kind, tables),
        *(Missing("b", (each,), null=False) for each in (1, True)),
        *(NotIn("t", (each, "1.0")) for each in (1, 1.0)),
    )

    assert found == [0, 1, 0, 1]


def test_a_question_that_cannot_even_be_planned_disturbs_no_other() -> None:
    class Broken(SqliteSql):
        def number(self, value: Any) -> str:
            raise ArithmeticError("no such number")

    row = Row("main", "one", "i", "bigint", "integer", nullable=True, primary_key=0, bytewise=True)
    there = catalogue(("one",), [row], default_schema="main", folding="any")
    broken, count = Question(Table("one"), Offenders(NotIn("i", (1,)))), Question(Table("one"), RowCount())
    agenda = plan((broken, count), there, Broken())

    assert agenda.settled == {broken: NotMeasured(Cause.BROKEN, "ArithmeticError: no such number")}
    assert len(agenda.planned) == 1
