"""DataFrames in memory are asked as they are: their types, what is missing in them, and no copy."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from floe_dagster.plan.metric import (
    Cause,
    Columns,
    Duplicates,
    LastChange,
    Newest,
    NotMeasured,
    Offenders,
    Orphans,
    Probe,
    Query,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import Compares, NotIn, NotMatching, Null
from floe_dagster.warehouses._frames import FramesWarehouse
from floe_dagster.warehouses._series import prepared

pytestmark = pytest.mark.requirement("B-03")


def objects(*values: object) -> pd.Series:
    return pd.Series(values, dtype=object)


def ask(frame: pd.DataFrame, metric: Any, name: str = "orders") -> Any:
    question = Question(Table(name), metric)
    return FramesWarehouse({name: frame}).ask((question,))[question]


def column(values: pd.Series) -> tuple[str, str | None]:
    (found,) = ask(pd.DataFrame({"c": values}), Columns()).value
    return found.type, found.logical_type


@pytest.mark.parametrize(
    ("values", "dtype", "word"),
    [
        (pd.Series(["a", None], dtype="str"), "str", "string"),
        (pd.Series(["a", None], dtype="string"), "string", "string"),
        (pd.Series([1, 2]), "int64", "integer"),
        (pd.Series([1, None], dtype="Int64"), "Int64", "integer"),
        (pd.Series([1, None]), "float64", "number"),
        (pd.Series([1.5, None], dtype="Float32"), "Float32", "number"),
        (pd.Series([True, None], dtype="boolean"), "boolean", "boolean"),
        (pd.Series([True, False]), "bool", "boolean"),
        (pd.Series([2**64 - 1], dtype="uint64"), "uint64", "integer"),
        (pd.Series(["2024-01-01"], dtype="datetime64[ns]"), "datetime64[ns]", "timestamp"),
        (pd.Series(["2024-01-01"], dtype="datetime64[s]"), "datetime64[s]", "timestamp"),
        (
            pd.Series([datetime(2024, 1, 1, tzinfo=UTC)], dtype="datetime64[ns, Europe/Berlin]"),
            "datetime64[ns, Europe/Berlin]",
            "timestamp",
        ),
        (pd.Series(["a", "b"], dtype="category"), "category of str", "string"),
        (pd.Series([1, 2], dtype="category"), "category of int64", "integer"),
        (pd.Series([1.0, np.nan]).astype("Sparse[float]"), "Sparse[float64, nan]", "number"),
        (objects("a", None), "object of str", "string"),
        (objects(1, None), "object of int", "integer"),
        (objects(1, 2.5), "object of float, int", "number"),
        (objects(np.int64(1), 2), "object of int", "integer"),
        (objects(True, None), "object of bool", "boolean"),
        (objects(Decimal("1.50"), None), "object of decimal", "number"),
        (objects(date(2024, 1, 1), None), "object of date", "date"),
        (objects(datetime(2024, 1, 1, tzinfo=UTC), pd.NaT), "object of datetime", "timestamp"),
        (objects(time(1), None), "object of time", "time"),
        (objects(UUID(int=1)), "object of UUID", "string"),
        (objects([1, 2], None), "object of list", "array"),
        (objects({"a": 1}, None), "object of dict", "object"),
        (objects(None, np.nan, pd.NA), "object", None),
        (objects(1, "a"), "object of int, str", "mixed"),
        (objects(*[1] * 50_000, "a"), "object of int, str", "mixed"),
        (objects(True, 1), "object of bool, int", "mixed"),
        (
            objects(datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),  # noqa: DTZ001
            "object of datetime, datetime without a zone",
            "mixed",
        ),
        (pd.Series(pd.period_range("2024-01", periods=2, freq="M")), "period[M]", None),
        (pd.Series([1j]), "complex128", None),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_type_is_told_as_pandas_has_it(values: pd.Series, dtype: str, word: str | None) -> None:
    assert column(values) == (dtype, word)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1.0, np.nan, np.inf]),
        pd.Series(["a", None, ""], dtype="str"),
        pd.Series([1, None, 2], dtype="Int64"),
        pd.Series([datetime(2024, 1, 1, tzinfo=UTC), None, datetime(2024, 1, 1, tzinfo=UTC)]),
        objects("a", np.nan, "b"),
        objects(1, pd.NA, 2),
        objects(Decimal(1), Decimal("NaN"), Decimal(2)),
        objects(1, float("nan"), "x"),
        pd.Series(["a", None, "b"], dtype="category"),
        pd.Series([1.0, np.nan, 2.0]).astype("Sparse[float]"),
    ],
)
def test_what_is_missing_to_pandas_is_null(values: pd.Series) -> None:
    frame = pd.DataFrame({"c": values})
    assert ask(frame, Offenders(Null("c"))).value == 1
    assert ask(frame, Columns()).value[0].nullable


def test_a_column_without_anything_missing_is_not_nullable() -> None:
    assert not ask(pd.DataFrame({"c": ["a"]}), Columns()).value[0].nullable


def test_a_column_of_several_kinds_is_counted_but_no_pattern_is_run_on_it() -> None:
    frame = pd.DataFrame({"c": objects(1, "a", None)})
    assert ask(frame, Offenders(NotIn("c", ("a",)))).value == 1
    refused = ask(frame, Offenders(NotMatching("c", "a")))
    assert (refused.cause, "object of int, str" in refused.reason) == (Cause.BROKEN, True)


def test_a_column_of_nothing_breaks_no_promise_of_values() -> None:
    frame = pd.DataFrame({"c": objects(None, None)})
    for each in (
        NotIn("c", ("a",)),
        NotMatching("c", "a"),
        Compares("c", ">", 3),
        Compares("c", ">", "2024-01-01"),
    ):
        assert ask(frame, Offenders(each)).value == 0, each
    assert ask(frame, Newest("c")).value is None


def test_nanoseconds_are_held_against_limits_that_they_cannot_reach() -> None:
    frame = pd.DataFrame({"at": pd.Series(["2024-01-01T00:00:00.123456789", None], dtype="datetime64[ns]")})
    assert ask(frame, Offenders(Compares("at", "<", "9999-12-31"))).value == 1
    assert ask(frame, Newest("at")).value == datetime(2024, 1, 1, 0, 0, 0, 123456, UTC)


def test_columns_that_sql_cannot_tell_apart_are_refused_and_other_frames_are_not() -> None:
    twins = pd.DataFrame([[1, 2]], columns=["a", "A"])
    bad, good = (Question(Table(each), RowCount()) for each in ("twins", "orders"))
    answers = FramesWarehouse({"twins": twins, "orders": pd.DataFrame({"a": [1]})}).ask((bad, good))
    assert 'more than one column is named "a"' in answers[bad].reason
    assert answers[good].value == 1


def test_names_may_be_numbers_reserved_or_quoted() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=[7, "select", 'a"b'])
    assert [each.name for each in ask(frame, Columns()).value] == ["7", "select", 'a"b']
    assert ask(frame, Duplicates(("7", 'a"b'))).value == 0


@pytest.mark.parametrize(
    "name", ["shop.orders", "Besuche & Co", "main.orders", "temp.orders", "a.b.c", "select"]
)
def test_a_frame_is_found_by_its_physical_name(name: str) -> None:
    assert ask(pd.DataFrame({"a": [1, 2]}), RowCount(), name).value == 2


def test_a_query_of_the_author_names_the_frame_as_a_table() -> None:
    assert ask(pd.DataFrame({"a": [1, 2]}), Query("select sum(a) from shop.orders"), "shop.orders").value == 3


def test_a_query_reaches_no_variable_and_no_file(tmp_path: Any) -> None:
    secret = pd.DataFrame({"a": [1]})
    (tmp_path / "a.csv").write_text("a\n1\n")
    for sql in ("select count(*) from secret", f"select count(*) from '{tmp_path / 'a.csv'}'"):
        assert isinstance(ask(pd.DataFrame({"a": [1]}), Query(sql)), NotMeasured)
    assert len(secret) == 1


def test_what_only_a_server_knows_is_said_to_be_unknown() -> None:
    frame = pd.DataFrame({"a": [1]})
    assert {ask(frame, each).cause for each in (Probe(), LastChange())} == {Cause.UNSUPPORTED}
    orphans = ask(frame, Orphans(("a",), Table("customers"), ("id",)))
    assert orphans == NotMeasured(Cause.UNSUPPORTED, 'no DataFrame "customers" is given; there are: orders')


def test_a_frame_that_is_not_given_is_no_dataset() -> None:
    warehouse = FramesWarehouse({"orders": pd.DataFrame({"a": [1]})})
    questions = tuple(Question(Table("order"), each) for each in (RowCount(), Probe()))
    assert {each.cause for each in warehouse.ask(questions).values()} == {Cause.NO_DATASET}


def test_a_frame_is_neither_changed_nor_copied() -> None:
    frame = pd.DataFrame({"n": [1, 2], "o": objects(1, "a"), "f": [1.0, np.nan]})
    before = frame.copy(deep=True)
    ask(frame, RowCount())
    pd.testing.assert_frame_equal(frame, before)
    ours = prepared(frame).frame
    assert np.shares_memory(ours["c0"].to_numpy(), frame["n"].to_numpy())
    assert np.shares_memory(ours["c2"].to_numpy(), frame["f"].to_numpy())


def test_an_empty_frame_has_no_rows_and_its_types() -> None:
    frame = pd.DataFrame({"a": pd.Series([], dtype="Int64"), "b": pd.Series([], dtype="str")})
    assert ask(frame, RowCount()).value == 0
    assert [each.type for each in ask(frame, Columns()).value] == ["Int64", "str"]
    assert "it has no columns" in ask(pd.DataFrame(), RowCount()).reason
