"""Whatever a table and its columns are called, every engine finds them, and finds no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.engines import Engine, as_held
from tests.oracle.judge import judge
from tests.oracle.pairs import written
from tests.oracle.rows import NOWS, PHYSICAL_NAMES, TABLE_NAMES
from tests.oracle.test_agreement import compiled, ruled, rulings_differ
from tests.oracle.values import Document, Held

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.requirement("B-03")

every_engine = pytest.mark.parametrize(
    "engine", ["sqlite_here", "duckdb_here", pytest.param("postgres_here", marks=pytest.mark.postgres)]
)
RESERVED = (
    *("all", "and", "as", "between", "by", "case", "check", "column", "create", "default", "delete", "desc", "distinct"),
    *("else", "end", "exists", "false", "for", "foreign", "from", "group", "having", "in", "index", "inner", "insert"),
    *("into", "is", "join", "left", "limit", "natural", "not", "null", "offset", "on", "or", "order", "primary"),
    *("references", "select", "set", "table", "then", "to", "true", "union", "unique", "update", "user", "using"),
    *("values", "when", "where", "window", "with", "n", "d", "c", "p", "asked", "duplicated", "excluded", "rowid"),
)  # fmt: skip


def contract(tables: dict[str, Iterable[str]]) -> Document:
    """Every column of every table is promised to be there, to be unique, to hold 1, and is asked for in SQL."""
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "names", "version": "1.0.0", "status": "active",
        "schema": [
            {
                "name": f"t{at}",
                "physicalName": table,
                "properties": [_column(place, name) for place, name in enumerate(names)],
                "quality": [{"type": "sql", "query": "select count(*) from {object}", "mustBe": 3}],
            }
            for at, (table, names) in enumerate(tables.items())
        ],
    }  # fmt: skip


def _column(place: int, name: str) -> Document:
    rules = [
        {"type": "library", "metric": "invalidValues", "arguments": {"validValues": [1]}, "mustBe": 0},
        {"type": "sql", "query": "select count({property}) from {object}", "mustBe": 3},
    ]
    return {
        "name": f"c{place}", "physicalName": name, "logicalType": "integer", "required": True, "unique": True,
        "logicalTypeOptions": {"multipleOf": 0.5}, "quality": rules,
    }  # fmt: skip


def hold(engine: Engine, document: Document, tables: dict[str, Held]) -> dict[str, str]:
    """Every promise has to come out as the judge says; the statuses, by where they stand."""
    held = as_held(engine.name, tables)
    engine.fill(held)
    came = ruled(engine, compiled(written(document)), NOWS[0])
    assert rulings_differ(engine, judge(document, held, NOWS[0]), came) == {}
    return {path: each.status for path, each in came.items()}


def one_to_three(names: Iterable[str]) -> Held:
    """1, 2 and NULL in every column."""
    columns = dict.fromkeys(names, "integer")
    return Held(columns, [tuple(each for _ in columns) for each in (1, 2, None)])


@every_engine
def test_any_name_is_found(engine: str, request: pytest.FixtureRequest) -> None:
    here: Engine = request.getfixturevalue(engine)
    taken: dict[str, str] = {}
    for each in (*PHYSICAL_NAMES, *RESERVED):  # one of those that are the same name to some engine
        taken.setdefault(each.encode()[:63].decode(errors="ignore").casefold(), each)
    names = [each for each in taken.values() if len(each.encode()) < 64]

    found = hold(here, contract({"names": names}), {"names": one_to_three(names)})

    assert list(found.values()).count("failed") == 3 * len(names)  # it is required, to hold 1, and asked for
    assert "error" not in found.values()


@every_engine
def test_any_table_is_found(engine: str, request: pytest.FixtureRequest) -> None:
    here: Engine = request.getfixturevalue(engine)
    names = [*filter(None, TABLE_NAMES), "table", "user", "e\u0301", "שלום", "--", "{object}"]
    columns = ["id", "e\u0301"]

    found = hold(here, contract(dict.fromkeys(names, columns)), dict.fromkeys(names, one_to_three(columns)))

    assert "error" not in found.values()


@every_engine
def test_a_name_in_another_case_is_found_where_there_is_one(
    engine: str, request: pytest.FixtureRequest
) -> None:
    here: Engine = request.getfixturevalue(engine)
    live = ["CustomerID", "orderId", "UPPER", "lower"]

    found = hold(
        here,
        contract({"Orders": ["customerid", "ORDERID", "upper", "LOWER"]}),
        {"Orders": one_to_three(live)},
    )

    assert "error" not in found.values()


@pytest.mark.postgres
def test_names_that_differ_in_case_alone_are_kept_apart(postgres_here: Engine) -> None:
    """Of "Id", "ID" and "iD" none is meant by "id", and each by itself."""
    live = Held(
        {"Id": "integer", "ID": "integer", "iD": "integer"}, [(1, None, 2), (1, 1, None), (1, None, None)]
    )
    document = contract({"cases": ["ID", "iD", "Id", "id"]})

    found = hold(postgres_here, document, {"cases": live})

    statuses = [found[f"schema[0].properties[{at}].required"] for at in range(4)]
    assert statuses == ["failed", "failed", "passed", "error"]


@pytest.mark.postgres
def test_what_postgres_cuts_off_is_not_found_by_its_whole_name(postgres_here: Engine) -> None:
    """63 bytes are kept: "ü" * 32 is one character too long, and its column is there under a shorter name."""
    names = ["ü" * 31, "x" * 63, "y" * 64, "🦆" * 16]
    document = contract({"long": names})

    found = hold(postgres_here, document, {"long": one_to_three(names)})

    statuses = [found[f"schema[0].properties[{at}].required"] for at in range(4)]
    assert statuses == ["failed", "failed", "error", "error"]
    assert found["schema[0]"] == "failed"  # two columns are missing


@every_engine
def test_a_thousand_columns_take_few_statements(engine: str, request: pytest.FixtureRequest) -> None:
    here: Engine = request.getfixturevalue(engine)
    names = [f"column {at} ü" for at in range(1000)]
    document = contract({"wide": names})
    for column in document["schema"][0]["properties"]:  # one statement for each key and each query otherwise
        del column["unique"], column["logicalTypeOptions"]
        column["quality"] = column["quality"][:1]
    before = here.warehouse.statements()

    found = hold(here, document, {"wide": one_to_three(names)})

    assert len(found) == 2002
    assert here.warehouse.statements() - before < 100
