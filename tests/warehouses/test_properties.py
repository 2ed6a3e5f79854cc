"""Whatever small tables hold, every engine gives the answers of the oracle."""

from __future__ import annotations

import contextlib
import os
import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb
import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floe_dagster.plan.metric import (
    Count,
    Duplicates,
    Measured,
    Metric,
    Newest,
    Offenders,
    Oldest,
    Orphans,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    Null,
)
from floe_dagster.warehouses import open_warehouse
from floe_dagster.warehouses._formats import PATTERNS
from tests.warehouses.oracle import Data, answer
from tests.warehouses.tables import fill_duckdb, fill_postgres, fill_sqlite, server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.requirement("B-03")

EXAMPLES = int(os.environ.get("FLOE_EXAMPLES", "60"))

TEXT = st.one_of(
    st.sampled_from(
        ["a", "b", "A", "ab", "1", "1.5", "true", "ß", "é", "🦆", "it's", '"', "\\", "a@b.c", "10.0.0.1"]
    ),
    st.text(st.characters(min_codepoint=1, blacklist_categories=("Cs",)), min_size=1, max_size=6),
)
WHOLE = st.one_of(st.integers(-9, 9), st.integers(-(2**31), 2**31 - 1))
DOUBLE = st.one_of(
    st.integers(-20, 20).map(lambda each: each / 10),
    st.floats(allow_nan=False, allow_infinity=False, width=64),
).filter(lambda each: abs(each) < 1e300 and (each == 0 or abs(each) > 1e-300))
DECIMAL = st.decimals(-99999, 99999, places=2, allow_nan=False, allow_infinity=False)
DAY = st.one_of(
    st.sampled_from([date(2024, 1, 1), date(2024, 1, 2), date(1969, 12, 31)]),
    st.dates(date(1, 1, 3), date(9999, 12, 29)),
)
MOMENT = st.one_of(
    st.sampled_from([datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30), datetime(1970, 1, 1)]),  # noqa: DTZ001  naive is what columns hold
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT, "integer": WHOLE, "double": DOUBLE, "decimal": DECIMAL, "boolean": st.booleans(), "date": DAY, "timestamp": MOMENT,
}  # fmt: skip
COLUMNS = {
    "t": "text", "u": "text", "i": "integer", "j": "integer", "f": "double", "d": "decimal", "b": "boolean", "day": "date", "at": "timestamp",
}  # fmt: skip
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])


def tables() -> st.SearchStrategy[dict[str, Data]]:
    def of(columns: dict[str, str], most: int) -> st.SearchStrategy[Data]:
        row = st.tuples(*(st.one_of(st.none(), VALUES[kind], VALUES[kind]) for kind in columns.values()))
        return st.lists(row, max_size=most).map(lambda rows: Data(columns, rows))

    return st.fixed_dictionaries({"one": of(COLUMNS, 8), "two": of({"i": "integer", "t": "text"}, 5)})


def listed(kind: str) -> st.SearchStrategy[Any]:
    """What a contract may list for a column of this kind, and what it may list by mistake."""
    right = VALUES[kind].map(
        lambda each: (
            str(each) if isinstance(each, date) else float(each) if isinstance(each, Decimal) else each
        )
    )
    return st.lists(st.one_of(right, right, st.sampled_from(["a", 1, 0.5, True, "1", None])), max_size=4).map(
        tuple
    )


def limit(kind: str) -> st.SearchStrategy[Any]:
    return {
        "integer": st.one_of(WHOLE, DOUBLE), "double": DOUBLE, "decimal": st.one_of(WHOLE, DECIMAL.map(float)),
        "date": st.one_of(DAY, MOMENT).map(str), "timestamp": st.one_of(DAY, MOMENT).map(str),
    }[kind]  # fmt: skip


def of_kind(*kinds: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, kind in COLUMNS.items() if kind in kinds])


def compares() -> st.SearchStrategy[Compares]:
    columns = of_kind("integer", "double", "decimal", "date", "timestamp")
    operators = st.sampled_from(["<", "<=", ">", ">="])
    return columns.flatmap(lambda name: st.builds(Compares, st.just(name), operators, limit(COLUMNS[name])))


def offences() -> st.SearchStrategy[Any]:
    name = st.sampled_from(list(COLUMNS))
    single = st.one_of(
        name.map(Null),
        name.flatmap(lambda each: st.builds(Missing, st.just(each), listed(COLUMNS[each]), st.booleans())),
        name.flatmap(lambda each: st.builds(NotIn, st.just(each), listed(COLUMNS[each]))),
        compares(),
        st.builds(
            NotMatching,
            of_kind("text"),
            st.sampled_from(["a", "^[a-z]+$", "^.$", "\\w", "\\d", "^\\W", "é|🦆", "[^a]$"]),
        ),
        st.builds(LengthCompares, of_kind("text"), st.sampled_from(["<", ">"]), st.integers(0, 4)),
        st.builds(
            NotMultipleOf, of_kind("integer", "decimal"), st.sampled_from([1, 2, 3, 0.5, 0.25, 0.1, 2.5])
        ),
        st.builds(NotFormat, of_kind("text"), st.sampled_from(list(PATTERNS))),
    )
    return st.one_of(single, single, st.lists(single, max_size=3).map(lambda each: AnyOf(tuple(each))))


def metrics() -> st.SearchStrategy[Metric]:
    columns = st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(
        st.just(RowCount()),
        offences().map(Offenders),
        offences().map(Offenders),
        st.builds(Duplicates, columns, st.sampled_from(Count)),
        st.builds(Orphans, st.just(("i",)), st.just(Table("two")), st.just(("i",))),
        st.builds(Orphans, st.just(("i", "t")), st.just(Table("two")), st.just(("i", "t"))),
        st.builds(Newest, of_kind("date", "timestamp"), ZONES),
        st.builds(Oldest, of_kind("date", "timestamp"), ZONES),
    )


def engine_of_its_own(
    answer_of: Any, asked: tuple[Question, ...], data: dict[str, Data]
) -> dict[Question, tuple]:
    """Every question whose answer is not the oracle's."""
    expected = {each: answer(each, data) for each in asked}
    return {
        each: (expected[each], given)
        for each, given in answer_of.items()
        if not isinstance(given, Measured) or given.value != expected[each]
    }


def decimals_are_doubles(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """SQLite keeps decimals as doubles: what is a multiple of a fraction is then a matter of rounding."""
    return tuple(each for each in questions if "NotMultipleOf(column='d'" not in str(each.metric))


@contextlib.contextmanager
def opened(kind: str, folder: str, **options: Any) -> Iterator[Any]:
    with contextlib.closing(
        open_warehouse(
            server(kind, **options), root=Path(folder), timeout_seconds=10, access=options.pop("access", {})
        )
    ) as warehouse:
        yield warehouse


QUESTIONS = st.lists(metrics(), min_size=1, max_size=12).map(
    lambda each: tuple(Question(Table("one"), m) for m in dict.fromkeys(each))
)
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@given(data=tables(), questions=QUESTIONS)
@quick
def test_duckdb_agrees_with_the_oracle(data: dict[str, Data], questions: tuple[Question, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fill_duckdb(f"{folder}/x.duckdb", data).close()
        with opened("duckdb", folder, database="x.duckdb") as warehouse:
            assert engine_of_its_own(warehouse.ask(questions), questions, data) == {}


@given(data=tables(), questions=QUESTIONS)
@quick
def test_sqlite_agrees_with_the_oracle(data: dict[str, Data], questions: tuple[Question, ...]) -> None:
    questions = decimals_are_doubles(questions)
    with tempfile.TemporaryDirectory() as folder:
        fill_sqlite(f"{folder}/x.sqlite", data)
        with opened("sqlite", folder, database="x.sqlite") as warehouse:
            assert engine_of_its_own(warehouse.ask(questions), questions, data) == {}


@pytest.mark.postgres
def test_postgres_agrees_with_the_oracle(postgres_url: str) -> None:
    @given(data=tables(), questions=QUESTIONS)
    @settings(quick, max_examples=max(20, EXAMPLES // 3))
    def agrees(data: dict[str, Data], questions: tuple[Question, ...]) -> None:
        fill_postgres(postgres_url, data)
        try:
            with opened("postgres", ".", access={"url": postgres_url}) as warehouse:
                assert engine_of_its_own(warehouse.ask(questions), questions, data) == {}
        finally:
            connection = psycopg2.connect(postgres_url)
            connection.cursor().execute("drop table one, two")
            connection.commit()
            connection.close()

    agrees()


def test_the_plan_of_many_and_of_one_give_the_same(tmp_path: Path) -> None:
    """A hundred questions of one table are as many as one statement answers by counts of their own."""
    data = {"one": Data({"i": "integer"}, [(each,) for each in range(100)])}
    fill_duckdb(str(tmp_path / "x.duckdb"), data).close()
    questions = tuple(Question(Table("one"), Offenders(Compares("i", "<", each))) for each in range(1200))
    with opened("duckdb", str(tmp_path), database="x.duckdb") as warehouse:
        answers = warehouse.ask(questions)
        assert warehouse.statements() == 1 + 12
    assert [answers[each].value for each in questions] == [min(each, 100) for each in range(1200)]


def test_a_thousand_columns_are_one_scan(tmp_path: Path) -> None:
    columns = {f"c{each} {uuid4().hex[:4]}": "integer" for each in range(1000)}
    connection = duckdb.connect(str(tmp_path / "x.duckdb"))
    connection.execute("create table one as select " + ", ".join(f'1 as "{each}"' for each in columns))
    connection.close()
    questions = tuple(Question(Table("one"), Offenders(Null(each))) for each in columns)
    with opened("duckdb", str(tmp_path), database="x.duckdb") as warehouse:
        assert {each.value for each in warehouse.ask(questions).values()} == {0}
        assert warehouse.statements() == 3
