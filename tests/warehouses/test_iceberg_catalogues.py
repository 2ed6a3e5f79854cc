"""Iceberg catalogues: opened as the operator says, hostile whatever they and contracts say, and never written."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from floe_dagster import warehouses
from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Cause,
    Columns,
    Duplicates,
    LastChange,
    Probe,
    Query,
    Question,
    RowCount,
    Table,
)
from floe_dagster.warehouses._iceberg_files import Files, ForbiddenFileError, handed_out
from tests.warehouses.lake import ACCESS, ask, created
from tests.warehouses.rest import Rest, served
from tests.warehouses.tables import lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.requirement("B-03", "B-04")

ROWS = pa.table({"id": pa.array([1, 2, 2], pa.int64())})
INSTANTIATED: list[object] = []


class Hostile:
    """What a table asks to be imported and called."""

    def __init__(self, properties: object) -> None:
        INSTANTIATED.append(properties)


HOSTILE = f"{__name__}.Hostile"


@pytest.fixture(autouse=True)
def nothing_instantiated() -> None:
    INSTANTIATED.clear()


@pytest.fixture
def catalog(tmp_path: Path) -> Any:
    found = lake(tmp_path)
    yield found
    found.close()


@pytest.fixture
def rest(catalog: Any) -> Iterator[Rest]:
    table = created(catalog, ROWS)

    def loaded() -> tuple[str, dict[str, Any]]:
        table.refresh()
        path = table.metadata_location.removeprefix("file://")
        return table.metadata_location, json.loads(Path(path).read_text())

    with served(Rest(loaded)) as found:
        yield found


def over_rest(opened: Callable[..., Any], rest: Rest, timeout: float = 10, **access: Any) -> Any:
    ours = {"catalogUrl": rest.url, "warehouse": "lake", **access}
    return opened("iceberg", namespace="sales", access=ours, timeout=timeout)


def test_a_table_is_read_over_rest(rest: Rest, opened: Callable[..., Any]) -> None:
    warehouse = over_rest(opened, rest, token="s3cret")
    counted, doubled, probe = ask(warehouse, RowCount(), Duplicates(("id",)), Probe())
    assert (counted.value, doubled.value) == (3, 1)
    assert 0 < probe.value < 5
    assert {said for _, said in rest.asked} == {"Bearer s3cret"}
    assert ask(warehouse, RowCount(), table="order")[0].reason == (
        'no table "order" in namespace "sales"; did you mean "orders"?'
    )


def test_all_answers_of_a_round_are_of_one_snapshot(
    catalog: Any, rest: Rest, opened: Callable[..., Any]
) -> None:
    table, plain = catalog.load_table("sales.orders"), rest.metadata

    def written_meanwhile() -> tuple[str, dict[str, Any]]:
        found = plain()
        table.append(ROWS)
        return found

    rest.metadata = written_meanwhile
    asked = (
        Question(Table("orders"), RowCount()),
        Question(Table("sales.orders"), RowCount()),
        Question(Table("orders"), Query("select count(*) from sales.orders")),
        Question(Table("orders"), Query("select count(*) from orders, (select 1) as one")),
    )
    answers = over_rest(opened, rest).ask(asked)
    assert [answers[each].value for each in asked] == [3, 3, 3, 3]
    assert ask(over_rest(opened, rest), RowCount())[0].value > 3


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, Cause.DENIED),
        (403, Cause.DENIED),
        (503, Cause.UNREACHABLE),
        (500, Cause.UNREACHABLE),
        (418, Cause.BROKEN),
    ],
)
def test_what_a_catalogue_refuses_is_told_without_its_words(
    status: int, cause: Cause, rest: Rest, opened: Callable[..., Any]
) -> None:
    warehouse = over_rest(opened, rest, token="s3cret")
    rest.status = status
    (at_first,) = ask(warehouse, RowCount())
    rest.status = 200
    assert ask(warehouse, RowCount())[0].value == 3
    rest.status = status
    (later,) = ask(warehouse, RowCount())
    assert at_first.cause is later.cause is cause
    for each in (at_first, later):
        assert each.reason.startswith('the Iceberg catalogue of server "here" ')
        assert "s3cret" not in each.reason
        assert "127.0.0.1" not in each.reason


def test_a_catalogue_that_is_not_there_or_does_not_answer_is_said_to_be(
    rest: Rest, opened: Callable[..., Any]
) -> None:
    (gone,) = ask(opened("iceberg", namespace="sales", access={"catalogUrl": "http://127.0.0.1:9"}), Probe())
    assert gone.cause is Cause.UNREACHABLE
    rest.slow_seconds = 2
    start = time.monotonic()
    (late,) = ask(over_rest(opened, rest, timeout=0.3), Probe())
    assert time.monotonic() - start < 1.5
    assert (late.cause, "within the timeout" in late.reason) == (Cause.TIMEOUT, True)


def test_tables_that_do_not_answer_are_waited_for_a_bounded_time(
    rest: Rest, opened: Callable[..., Any]
) -> None:
    warehouse = over_rest(opened, rest, timeout=0.4)
    ask(warehouse, Probe())
    rest.slow_seconds = 2
    start = time.monotonic()
    answers = warehouse.ask(tuple(Question(Table(f"t{each}"), Probe()) for each in range(9)))
    assert time.monotonic() - start < 2
    assert {each.cause for each in answers.values()} == {Cause.TIMEOUT}


def test_no_word_of_a_catalogue_or_a_table_names_what_is_imported_or_where_keys_go(
    catalog: Any, rest: Rest, opened: Callable[..., Any]
) -> None:
    evil = {"py-io-impl": HOSTILE, "s3.endpoint": "http://evil", "s3.retry-strategy-impl": HOSTILE}
    where = catalog.load_table("sales.orders").metadata_location
    path = Path(where.removeprefix("file://"))
    path.write_text(json.dumps({**json.loads(path.read_text()), "properties": evil}))
    rest.metadata = lambda: (where, json.loads(path.read_text()))
    rest.config = {"defaults": evil, "overrides": evil}
    rest.lent = evil
    over = over_rest(opened, rest, **{"s3.access-key-id": "mine"})
    direct = opened("iceberg", namespace="sales", access=ACCESS)
    for each in (over, direct):
        assert [one.value for one in ask(each, RowCount(), Duplicates(("id",)))] == [3, 1]
        (table,) = each._loaded(("orders",)).values()
        assert isinstance(table.table.io, Files)
        assert not set(evil) & set(table.table.io.properties)
    assert INSTANTIATED == []


def test_files_of_this_machine_are_read_below_the_operators_folder_only(
    tmp_path: Path, catalog: Any, opened: Callable[..., Any]
) -> None:
    created(catalog, ROWS)
    (tmp_path / "other").mkdir()
    refused = (
        {"catalogUrl": ACCESS["catalogUrl"]},
        {"catalogUrl": ACCESS["catalogUrl"], "warehouse": "other"},
        {"catalogUrl": ACCESS["catalogUrl"], "warehouse": "s3://bucket/lake"},
    )
    for access in refused:
        warehouse = opened("iceberg", namespace="sales", warehouse="lake", access=access)
        for each in ask(warehouse, RowCount(), Columns(), LastChange()):
            assert each.cause is Cause.DENIED
            assert each.reason == (
                "the metadata of orders is on this machine, outside of the folder that is set as warehouse"
            )
    full = {**ACCESS, "warehouse": (tmp_path / "lake").as_uri()}
    assert ask(opened("iceberg", namespace="sales", access=full), RowCount())[0].value == 3


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "lake" / "link").symlink_to(tmp_path / "secret")
    files = Files({"floe.folder": str(tmp_path / "lake")})
    for each in (
        f"{tmp_path}/lake/link",
        f"file://{tmp_path}/lake/../secret",
        "hdfs://host/x",
        "http://host/x",
    ):
        with pytest.raises(ForbiddenFileError):
            files.new_input(each)
    with pytest.raises(ForbiddenFileError):
        files.new_output(f"{tmp_path}/lake/new")
    with pytest.raises(ForbiddenFileError):
        files.delete(f"{tmp_path}/lake/link")


def test_credentials_for_files_are_lent_whole_or_not_at_all_and_never_beside_the_operators() -> None:
    keys = {"s3.access-key-id": "a", "s3.secret-access-key": "b"}
    lent = {
        **keys,
        "s3.session-token": "c",
        "s3.endpoint": "http://store",
        "client.region": "eu",
        "py-io-impl": "x.Y",
    }
    expected = {each: lent[each] for each in lent if each != "py-io-impl"}
    assert handed_out(lent, {}) == expected
    assert handed_out(lent, {"s3.region": "us"}) == {**expected, "s3.region": "us"}
    for own in ({"s3.access-key-id": "mine"}, {"client.role-arn": "mine"}, {"s3.endpoint": "http://mine"}):
        assert handed_out(lent, own) == {}
    assert handed_out({"s3.endpoint": "http://evil", "s3.region": "x"}, {}) == {}
    assert handed_out({"gcs.service.host": "http://evil", "gcs.oauth2.token": "t"}, {}) == {
        "gcs.oauth2.token": "t"
    }


@pytest.mark.parametrize(
    "options",
    [
        {"catalogUrl": "sqlite:///lake.db"},
        {"catalogUrl": "http://evil", "token": "x", "py-catalog-impl": HOSTILE, "py-io-impl": HOSTILE},
    ],
)
def test_a_contract_does_not_say_which_catalogue_is_asked(
    options: dict[str, str], catalog: Any, opened: Callable[..., Any]
) -> None:
    with pytest.raises(WarehouseError, match=r"write it as connections\.here\.catalogUrl"):
        opened("iceberg", namespace="sales", **options)
    created(catalog, ROWS)
    beside = {"s3.endpoint": "http://evil", "catalogType": "glue", "init_catalog_tables": "true", **options}
    warehouse = opened("iceberg", namespace="sales", access=ACCESS, **beside)
    assert ask(warehouse, RowCount())[0].value == 3
    assert warehouse._lake.properties == {}
    assert INSTANTIATED == []


def test_a_contract_says_which_namespace_and_which_name_the_catalogue_has(
    catalog: Any, opened: Callable[..., Any]
) -> None:
    created(catalog, ROWS)
    assert ask(opened("iceberg", access=ACCESS), RowCount(), table="sales.orders")[0].value == 3
    unnamed = ask(opened("iceberg", access=ACCESS), RowCount())[0]
    assert (unnamed.cause, 'set "namespace"' in unnamed.reason) == (Cause.MISCONFIGURED, True)
    other = opened("iceberg", access=ACCESS, namespace="sales", catalog="other")
    assert ask(other, RowCount())[0].cause is Cause.NO_DATASET
    assert ask(opened("iceberg", access=ACCESS), RowCount(), table="default.sales.orders")[0].value == 3


@pytest.mark.parametrize(
    ("access", "said"),
    [
        ({"catalogUrl": "nowhere:///x"}, 'there is no dialect "nowhere" of SQLAlchemy'),
        ({"catalogUrl": "http://x", "catalogType": "folder"}, "write one of rest, sql, glue, hive"),
        ({"catalogUrl": "http://x", "py-io-impl": HOSTILE}, "no such option"),
        ({"catalogUrl": "http://x", "s3.retry-strategy-impl": HOSTILE}, "no such option"),
        ({"catalogUrl": "http://x", "namespac": "sales"}, 'did you mean "namespace"'),
        ({"catalogType": "glue"}, 'install "pyiceberg[glue]"'),
        ({"catalogUrl": "thrift://127.0.0.1:9"}, 'install "pyiceberg[hive]"'),
    ],
)
def test_what_cannot_be_opened_says_what_to_write(
    access: dict[str, str], said: str, opened: Callable[..., Any]
) -> None:
    def asked() -> None:
        (found,) = ask(opened("iceberg", namespace="sales", access=access), Probe())
        raise WarehouseError(found.reason, found.cause)

    with pytest.raises(WarehouseError) as raised:
        asked()
    assert (said in raised.value.message, raised.value.cause) == (True, Cause.MISCONFIGURED)


def test_a_database_without_a_catalogue_is_said_to_be_none_and_gets_none(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (missing,) = ask(opened("iceberg", namespace="sales", access=ACCESS), Probe())
    assert (missing.cause, "no SQLite file lake.db" in missing.reason) == (Cause.UNREACHABLE, True)
    assert not (tmp_path / "lake.db").exists()
    sqlite3.connect(tmp_path / "lake.db").execute("create table x (y)").connection.close()
    (empty,) = ask(opened("iceberg", namespace="sales", access=ACCESS), Probe())
    assert (empty.cause, "without the table iceberg_tables" in empty.reason) == (Cause.MISCONFIGURED, True)
    found = sqlite3.connect(tmp_path / "lake.db").execute("select count(*) from sqlite_master").fetchone()
    assert found == (1,)


def test_nothing_is_written_to_the_catalogue_or_beside_it(
    tmp_path: Path, catalog: Any, opened: Callable[..., Any]
) -> None:
    created(catalog, ROWS)
    catalog.close()

    def state() -> dict[str, str]:
        return {
            str(each): hashlib.sha256(each.read_bytes()).hexdigest()
            for each in tmp_path.rglob("*")
            if each.is_file()
        }

    before = state()
    warehouse = opened("iceberg", namespace="sales", access=ACCESS)
    ask(warehouse, RowCount(), Duplicates(("id",)), Columns(), Query("select 1"))
    ask(warehouse, RowCount(), table="nobody")
    assert state() == before


def test_metadata_that_is_damaged_is_a_gap_of_its_table_alone(
    tmp_path: Path, catalog: Any, opened: Callable[..., Any]
) -> None:
    created(catalog, ROWS)
    for name, text in (("broken", "{"), ("odd", '{"secret-value": 1}'), ("gone", None)):
        table = created(catalog, ROWS, name=name)
        path = Path(table.metadata_location.removeprefix("file://"))
        path.write_text(text) if text else path.unlink()
    warehouse = opened("iceberg", namespace="sales", access=ACCESS)
    answers = warehouse.ask(
        tuple(Question(Table(each), RowCount()) for each in ("broken", "odd", "gone", "orders"))
    )
    *lost, whole = answers.values()
    assert [each.cause for each in lost] == [Cause.BROKEN, Cause.BROKEN, Cause.UNREACHABLE]
    assert lost[2].reason.startswith("the metadata of gone is not there")
    assert not any("secret" in each.reason or str(tmp_path) in each.reason for each in lost)
    assert whole.value == 3


def test_without_pyiceberg_a_plan_is_shown_and_asking_says_what_to_install(
    opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in [name for name in sys.modules if "iceberg_" in name or name.startswith("pyiceberg")]:
        if not each.startswith("tests."):
            monkeypatch.delitem(sys.modules, each)
    monkeypatch.delattr(warehouses, "_iceberg_catalogue", raising=False)
    monkeypatch.setitem(sys.modules, "pyiceberg", None)
    warehouse = opened("iceberg", namespace="sales", access=ACCESS)
    first, scan = warehouse.explain(
        tuple(Question(Table("orders"), each) for each in (RowCount(), Columns(), Duplicates(("id",))))
    )
    assert [each.metric for each in first.questions] == [RowCount(), Columns()]
    assert "group by" in scan.sql
    (found,) = ask(warehouse, Probe())
    assert (found.cause, 'install "floe-dagster[iceberg]"' in found.reason) == (Cause.MISCONFIGURED, True)
