"""Whatever a planner makes of questions, its answers are those of the plain one, on every engine."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floe_dagster.plan.metric import (
    Answer,
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
from floe_dagster.plan.offence import AnyOf, Compares, LengthCompares, Missing, NotIn, NotMatching, Null
from floe_dagster.warehouses._planners import by_columns, by_rows, in_one_pass, plain
from tests.warehouses.oracle import Data
from tests.warehouses.tables import fill_duckdb, fill_postgres, fill_sqlite, quoted
from tests.warehouses.test_properties import COLUMNS, VALUES, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = int(os.environ.get("FLOE_EXAMPLES", "10"))
PLANNERS = (by_rows, by_columns, in_one_pass)
FLOATS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.5, float("nan"), float("inf"), float("-inf")]), VALUES["double"]
)
KINDS = {name: FLOATS if kind == "double" else VALUES[kind] for name, kind in COLUMNS.items()}
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def tables() -> st.SearchStrategy[dict[str, Data]]:
    row = st.tuples(*(st.one_of(st.none(), each) for each in KINDS.values()))
    # the same rows over again, so that there are duplicates
    rows = st.lists(row, max_size=6).flatmap(
        lambda few: st.lists(st.sampled_from(few), max_size=9) if few else st.just([])
    )
    return rows.map(lambda each: {"one": Data(COLUMNS, each), "two": Data({"i": "integer"}, [(1,), (None,)])})


def metrics() -> st.SearchStrategy[Metric]:
    name = st.sampled_from(list(COLUMNS))
    number = st.sampled_from(["i", "j", "f", "d"])
    operator = st.sampled_from(["<", "<=", ">", ">="])
    single = st.one_of(
        name.map(Null),
        st.builds(Compares, number, operator, st.integers(-3, 3)),
        st.builds(Compares, st.sampled_from(["day", "at"]), operator, st.just("2024-01-01T00:00:00Z")),
        # text that is no date is an error of the engine's, and every other question has to be answered
        st.builds(Compares, st.sampled_from(["t", "u"]), operator, st.just("2024-01-01")),
        st.builds(NotIn, number, st.lists(st.integers(-3, 3), min_size=1, max_size=3).map(tuple)),
        st.builds(Missing, name, st.just(("a", 1)), st.booleans()),
        st.builds(
            LengthCompares, st.sampled_from(["t", "u"]), st.sampled_from(["<", ">"]), st.integers(0, 3)
        ),
        st.builds(NotMatching, st.sampled_from(["t", "u", "i"]), st.just("^[a-z]")),
        st.just(Null("nowhere")),
    )
    columns = st.lists(name, min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(
        st.just(RowCount()),
        single.map(Offenders),
        st.lists(single, max_size=3).map(lambda each: Offenders(AnyOf(tuple(each)))),
        st.builds(Duplicates, columns, st.sampled_from(Count)),
        st.builds(Duplicates, columns, st.sampled_from(Count)),
        st.builds(Newest, st.sampled_from(["day", "at", "t"])),
        st.builds(Oldest, st.sampled_from(["day", "at"])),
        st.just(Orphans(("i",), Table("two"), ("i",))),
    )


QUESTIONS = st.lists(metrics(), min_size=1, max_size=14, unique=True).map(
    lambda each: tuple(Question(Table("one"), one) for one in each)
)


def meant(answer: Answer) -> object:
    return answer.value if isinstance(answer, Measured) else answer.cause


def disagreements(warehouse: Any, questions: tuple[Question, ...]) -> dict[str, object]:
    """What a planner answers otherwise than the plain one, by its name."""
    inner = getattr(warehouse, "_inner", warehouse)

    def answers(planner: Callable[..., Any]) -> dict[Question, object]:
        inner.dialect.planner = planner
        return {each: meant(answer) for each, answer in warehouse.ask(questions).items()}

    expected = answers(plain)
    assert list(expected) == list(questions)
    return {each.__name__: found for each in PLANNERS if (found := answers(each)) != expected}


@contextlib.contextmanager
def filled(kind: str, folder: str, data: dict[str, Data]) -> Iterator[Any]:
    match kind:
        case "duckdb":
            fill_duckdb(f"{folder}/x.duckdb", data).close()
            options = {"kind": "duckdb", "database": "x.duckdb"}
        case "sqlite":
            fill_sqlite(f"{folder}/x.sqlite", data)
            options = {"kind": "sqlite", "database": "x.sqlite"}
        case _:
            with contextlib.closing(fill_duckdb(":memory:", data)) as connection:
                for name in data:
                    connection.execute(f"copy {quoted(name)} to '{folder}/{name}.{kind}'")
            options = {"kind": "local", "path": "{model}." + kind, "format": kind}
    with opened(options.pop("kind"), folder, **options) as warehouse:
        yield warehouse


@pytest.mark.requirement("B-03")
@pytest.mark.parametrize("kind", ["duckdb", "parquet", "csv", "sqlite"])
def test_every_planner_gives_the_answers_of_the_plain_one(kind: str) -> None:
    @given(data=tables(), questions=QUESTIONS)
    @quick
    def agrees(data: dict[str, Data], questions: tuple[Question, ...]) -> None:
        with tempfile.TemporaryDirectory() as folder, filled(kind, folder, data) as warehouse:
            assert disagreements(warehouse, questions) == {}

    agrees()


@pytest.mark.postgres
def test_every_planner_gives_the_answers_of_the_plain_one_on_postgres(postgres_url: str) -> None:
    @given(data=tables(), questions=QUESTIONS)
    @settings(quick, max_examples=max(10, EXAMPLES // 2))
    def agrees(data: dict[str, Data], questions: tuple[Question, ...]) -> None:
        fill_postgres(postgres_url, data)
        try:
            with opened("postgres", ".", access={"url": postgres_url}) as warehouse:
                assert disagreements(warehouse, questions) == {}
        finally:
            connection = psycopg2.connect(postgres_url)
            connection.cursor().execute("drop table one, two")
            connection.commit()
            connection.close()

    agrees()
