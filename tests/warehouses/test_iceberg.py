"""Iceberg: what metadata answers is exact, and is answered without opening a data file."""

# naive timestamps are what Iceberg calls timestamp
# ruff: noqa: DTZ001

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import FileScanTask
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import (
    Cause,
    Columns,
    Duplicates,
    LastChange,
    Measured,
    Newest,
    NotMeasured,
    Offenders,
    Oldest,
    Orphans,
    Probe,
    Query,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import AnyOf, Compares, ItemsCompare, NotIn, Null
from floe_dagster.warehouses._iceberg import IcebergSql
from floe_dagster.warehouses._iceberg_scan import IcebergSession, Scanned, _grouped
from tests.warehouses.lake import (
    ACCESS,
    ask,
    created,
    delete_by_vector,
    delete_equals,
    delete_positions,
    rewrite,
    say,
    without_data,
)
from tests.warehouses.tables import lake

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.requirement("B-01", "B-02", "B-03", "B-04")

OF_METADATA = (
    RowCount(),
    Columns(),
    LastChange(),
    Newest("at"),
    Oldest("at"),
    Newest("at", "Europe/Berlin"),
    Newest("day", "America/New_York"),
    Oldest("seen"),
    *(Offenders(Null(each)) for each in ("id", "name", "at", "day", "seen", "price")),
)


def rows(start: int = 0, some: int = 3) -> pa.Table:
    numbers = range(start, start + some)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "name": pa.array([None if each % 3 == 2 else f"n{each}" for each in numbers], pa.string()),
            "at": [datetime(1969, 12, 31, 23, 59, 59, 999999) + timedelta(days=each) for each in numbers],
            "day": [date(1900, 1, 1) + timedelta(days=each) for each in numbers],
            "seen": pa.array(
                [None if each else datetime(2024, 3, 31, 1, tzinfo=UTC) for each in numbers],
                pa.timestamp("us", "UTC"),
            ),
            "price": [float("nan") if each % 2 else each / 2 for each in numbers],
        }
    )


@pytest.fixture
def catalog(tmp_path: Path) -> Any:
    found = lake(tmp_path)
    yield found
    found.close()


@pytest.fixture
def warehouse(opened: Callable[..., Any]) -> Any:
    return opened("iceberg", namespace="sales", access=ACCESS)


def values(answers: list[Any]) -> list[Any]:
    return [each.value if isinstance(each, Measured) else each for each in answers]


def test_what_metadata_answers_stays_the_same_when_every_data_file_is_gone(
    tmp_path: Path, catalog: Any, warehouse: Any
) -> None:
    table = created(catalog, rows(), rows(3), rows(6))
    before = values(ask(warehouse, *OF_METADATA))
    assert without_data(tmp_path) == 3
    assert values(ask(warehouse, *OF_METADATA)) == before
    written = datetime.fromtimestamp(table.current_snapshot().timestamp_ms / 1000, UTC)
    newest = datetime(1970, 1, 8, 23, 59, 59, 999999, UTC)
    assert before[0] == 9
    assert before[2:] == [
        written,
        newest,
        datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
        newest - timedelta(hours=1),
        datetime(1900, 1, 9, 5, tzinfo=UTC),
        datetime(2024, 3, 31, 1, tzinfo=UTC),
        *(0, 3, 0, 0, 8, 0),
    ]
    assert warehouse.statements() == 2
    (took,) = ask(warehouse, Probe())
    assert 0 < took.value < 5


def test_a_scan_whose_files_are_gone_says_so_and_disturbs_no_other(
    tmp_path: Path, catalog: Any, warehouse: Any
) -> None:
    created(catalog, rows())
    without_data(tmp_path)
    created(catalog, rows(), name="visits")
    counted, first, second, query = ask(
        warehouse, RowCount(), Offenders(NotIn("name", ("x",))), Duplicates(("id",)), Query("select 1 + 1")
    )
    said = "a file of orders is not there; the table is damaged, or was cleaned up meanwhile"
    assert (counted.value, query.value) == (3, 2)
    assert first == second == NotMeasured(Cause.BROKEN, said)
    assert ask(warehouse, Duplicates(("id",)), table="visits")[0].value == 0


def test_metadata_says_what_a_scan_would(catalog: Any, warehouse: Any) -> None:
    created(catalog, rows(0, 5), rows(5, 4))
    table = 'from "orders"'
    asked = {
        f"select count(*) {table}": RowCount(),
        f"select count(*) - count(name) {table}": Offenders(Null("name")),
        f'select cast(max("at") as varchar) {table}': Newest("at"),
        f"select cast(min(day) as varchar) {table}": Oldest("day"),
    }
    scanned, known = values(ask(warehouse, *map(Query, asked))), values(ask(warehouse, *asked.values()))
    assert scanned[:2] == known[:2]
    assert [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in scanned[2:]] == known[2:]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))),
            min_size=1,
            max_size=4,
        ),
        max_size=3,
    )
)
def test_counts_and_bounds_are_exact_whatever_is_written(
    catalog: Any, warehouse: Any, parts: list[list[datetime | None]]
) -> None:
    if catalog.table_exists("sales.orders"):
        catalog.drop_table("sales.orders")
    schema = pa.schema([("at", pa.timestamp("us")), ("day", pa.date32())])
    made = [pa.table([each, [at and at.date() for at in each]], schema=schema) for each in parts]
    created(catalog, schema.empty_table(), *made)
    there = [each for part in parts for each in part if each is not None]
    asked = (RowCount(), Offenders(Null("at")), Newest("at"), Oldest("at"), Newest("day"))
    expected = [
        max(there, default=None),
        min(there, default=None),
        max((each.date() for each in there), default=None),
    ]
    given_answers = values(ask(warehouse, *asked))
    assert given_answers[:2] == [sum(map(len, parts)), sum(map(len, parts)) - len(there)]
    assert [each and each.replace(tzinfo=None) for each in given_answers[2:]] == [
        each if each is None or isinstance(each, datetime) else datetime.combine(each, time())
        for each in expected
    ]


def test_position_deletes_are_counted_by_a_scan_of_what_is_left(catalog: Any, warehouse: Any) -> None:
    table = created(catalog, rows(0, 4), rows(4, 4))
    files = {each.file.file_path: each.file for each in table.scan().plan_files()}
    last = max(files, key=lambda each: files[each].upper_bounds[1])  # by the largest id, in little-endian
    delete_positions(table, last, [1, 3])
    delete_positions(table, last, [3])
    counted, null, newest, limit = ask(
        warehouse, RowCount(), Offenders(Null("name")), Newest("at"), Offenders(Compares("id", ">", 4))
    )
    assert values([counted, null, limit]) == [6, 1, 1]
    assert newest.value == datetime(1970, 1, 6, 23, 59, 59, 999999, UTC)


def test_deletion_vectors_are_applied(catalog: Any, warehouse: Any) -> None:
    table = created(catalog, rows(0, 4), rows(4, 4))
    (last,) = [each.file for each in table.scan().plan_files() if each.file.upper_bounds[1][0] == 7]
    delete_by_vector(table, last.file_path, [0, 3])
    asked = (RowCount(), Newest("day"), Offenders(Null("name")), Duplicates(("id",)))
    assert values(ask(warehouse, *asked)) == [6, datetime(1900, 1, 7, tzinfo=UTC), 2, 0]


def test_deletes_that_pyiceberg_cannot_apply_are_said_to_be_and_never_passed_over(
    catalog: Any, warehouse: Any
) -> None:
    table = created(catalog, rows())
    delete_equals(table, 1, {"id": [1]})
    counted, duplicates, changed, columns, probe = ask(
        warehouse, RowCount(), Duplicates(("id",)), LastChange(), Columns(), Probe()
    )
    assert counted.cause is duplicates.cause is Cause.UNSUPPORTED
    assert "equality deletes" in counted.reason
    assert all(isinstance(each, Measured) for each in (changed, columns, probe))


def test_rows_that_pyiceberg_deletes_are_not_counted(catalog: Any, warehouse: Any) -> None:
    table = created(catalog, rows(0, 4), rows(4, 4))
    table.delete("id >= 3")
    table.overwrite(rows(100, 1), overwrite_filter="id == 0")
    assert values(ask(warehouse, RowCount(), Newest("day"), Duplicates(("id",)))) == [
        3, datetime(1900, 4, 11, tzinfo=UTC), 0,
    ]  # fmt: skip


def test_what_a_summary_says_of_rows_is_not_believed(catalog: Any, warehouse: Any) -> None:
    say(created(catalog, rows()), **{"total-records": "77", "total-delete-files": "0"})
    assert ask(warehouse, RowCount())[0].value == 3


def test_rewriting_files_is_no_change_and_hides_no_dead_pipeline(catalog: Any, warehouse: Any) -> None:
    table = created(catalog, rows())
    written = datetime.fromtimestamp(table.current_snapshot().timestamp_ms / 1000, UTC)
    rewrite(table)
    rewrite(table)
    assert table.current_snapshot().timestamp_ms / 1000 > written.timestamp() + 7000
    assert ask(warehouse, LastChange())[0].value == written
    older = [each.snapshot_id for each in table.metadata.snapshots][:1]
    with table.maintenance.expire_snapshots() as expire:
        expire.by_ids(older)
    (lost,) = ask(warehouse, LastChange())
    assert (lost.cause, "name a column" in lost.reason) == (Cause.BROKEN, True)


def test_a_table_that_nothing_was_written_to_is_empty_and_has_no_last_change(
    catalog: Any, warehouse: Any
) -> None:
    catalog.create_table(("sales", "orders"), rows().schema)
    *zeros, newest, changed = ask(
        warehouse, RowCount(), Offenders(Null("id")), Duplicates(("id",)), Newest("at"), LastChange()
    )
    assert values(zeros) == [0, 0, 0]
    assert newest.value is None
    assert changed.reason == "orders has no snapshot: nothing was ever written to it"


def test_a_column_is_found_by_its_identity_when_it_is_renamed_widened_or_added(
    catalog: Any, warehouse: Any
) -> None:
    first = pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["x", None], "gone": [1, 2]})
    table = created(catalog, first)
    with table.update_schema() as schema:
        schema.rename_column("b", "Label")
        schema.update_column("a", LongType())
        schema.add_column("more", TimestampType())
        schema.delete_column("gone")
    before = values(ask(warehouse, RowCount(), Offenders(Null("more")), Newest("more"), Columns()))
    assert before[:3] == [2, 2, None]
    assert [(each.name, each.type) for each in before[3]] == [
        ("a", "long"), ("Label", "string"), ("more", "timestamp"),
    ]  # fmt: skip
    at = datetime(2024, 1, 1)
    table.append(pa.table({"a": [2**40], "Label": ["z"], "more": [at]}))
    asked = (
        Offenders(Null("more")), Newest("more"), Offenders(NotIn("label", ("x",))), Offenders(Compares("a", ">", 2**33)),
        Offenders(Null("gone")),
    )  # fmt: skip
    *found, gone = ask(warehouse, *asked)
    assert values(found) == [2, at.replace(tzinfo=UTC), 1, 1]
    assert gone.cause is Cause.NO_COLUMN


EVERY = Schema(
    NestedField(1, "flag", BooleanType(), required=True),
    NestedField(2, "small", IntegerType()),
    NestedField(3, "large", LongType()),
    NestedField(4, "single", FloatType()),
    NestedField(5, "double", DoubleType()),
    NestedField(6, "amount", DecimalType(38, 2)),
    NestedField(7, "day", DateType()),
    NestedField(8, "clock", TimeType()),
    NestedField(9, "at", TimestampType()),
    NestedField(10, "seen", TimestamptzType()),
    NestedField(11, "text", StringType()),
    NestedField(12, "uid", UUIDType()),
    NestedField(13, "fix", FixedType(3)),
    NestedField(14, "bytes", BinaryType()),
    NestedField(
        15,
        "lines",
        ListType(20, StructType(NestedField(21, "sku", StringType(), required=True)), element_required=False),
    ),
    NestedField(16, "tags", MapType(22, StringType(), 23, LongType(), value_required=True)),
    NestedField(17, "inner", StructType(NestedField(24, "street", StringType()))),
    NestedField(18, "key", LongType(), required=True),
    identifier_field_ids=[18],
)
LARGEST = Decimal("999999999999999999999999999999999999.99")


def test_every_type_is_told_in_the_words_of_iceberg_and_can_be_asked_about(
    catalog: Any, warehouse: Any
) -> None:
    table = catalog.create_table(("sales", "orders"), EVERY)
    row = {
        "flag": True, "small": -(2**31), "large": 2**63 - 1, "single": 0.1, "double": float("nan"), "amount": LARGEST,
        "day": date(1, 1, 1), "clock": time(23, 59, 59, 999999), "at": datetime(9999, 12, 31, 23, 59, 59, 999999),
        "seen": datetime(1, 1, 1, tzinfo=UTC), "text": "é🦆", "uid": UUID(int=7).bytes, "fix": b"abc", "bytes": b"",
        "lines": [{"sku": "a"}, {"sku": "a"}], "tags": [("k", 1)], "inner": {"street": None}, "key": 1,
    }  # fmt: skip
    table.append(pa.Table.from_pylist([row, {"flag": False, "key": 2}], schema=table.schema().as_arrow()))
    (columns,) = values(ask(warehouse, Columns()))
    assert [(each.name, each.type, each.logical_type) for each in columns] == [
        ("flag", "boolean", "boolean"), ("small", "int", "integer"), ("large", "long", "integer"),
        ("single", "float", "number"), ("double", "double", "number"), ("amount", "decimal(38,2)", "number"),
        ("day", "date", "date"), ("clock", "time", "time"), ("at", "timestamp", "timestamp"),
        ("seen", "timestamptz", "timestamp"), ("text", "string", "string"), ("uid", "uuid", "string"),
        ("fix", "fixed(3)", None), ("bytes", "binary", None), ("lines", "list<struct<sku: string>>", "array"),
        ("tags", "map<string, long>", "map"), ("inner", "struct<street: string>", "object"), ("key", "long", "integer"),
    ]  # fmt: skip
    assert [each.name for each in columns if not each.nullable] == ["flag", "key"]
    assert [each.name for each in columns if each.primary_key] == ["key"]
    (item,) = columns[14].fields
    assert (item.name, item.nullable, item.fields[0].name, item.fields[0].nullable) == (
        "[]",
        True,
        "sku",
        False,
    )
    assert [(each.name, each.type, each.nullable) for each in columns[15].fields] == [
        ("[key]", "string", False), ("[value]", "long", False),
    ]  # fmt: skip
    names = [each.name for each in columns if each.name != "lines"]
    nulls = ask(warehouse, *(Offenders(Null(each)) for each in names))
    assert values(nulls) == [0, *[1] * 15, 0]
    assert values(ask(warehouse, *(Duplicates((each,)) for each in names))) == [0] * 17
    limits = (
        Compares("large", ">", 2**62), Compares("double", ">", 1e300),
        Compares("at", ">", "9999-12-31T23:59:59.999998"), Compares("day", "<", "0001-01-02"),
    )  # fmt: skip
    found = ask(warehouse, *(Offenders(each) for each in limits))
    assert values(found) == [1, 1, 1, 1]
    newest, oldest, first = ask(warehouse, Newest("at"), Oldest("seen"), Newest("day"))
    assert newest.value == datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)
    assert oldest.value == first.value == datetime(1, 1, 1, tzinfo=UTC)


def test_a_null_that_pyiceberg_reads_as_an_empty_list_is_not_asked_about(
    catalog: Any, warehouse: Any
) -> None:
    lines = pa.list_(pa.struct([("sku", pa.string())]))
    kind = pa.schema([("id", pa.int64()), ("lines", lines), ("deep", pa.struct([("lines", lines)]))])
    created(catalog, pa.table([[1, 2], [[{"sku": "a"}, {"sku": None}], None], [None, None]], schema=kind))
    asked = (
        Offenders(Null("lines")),
        Offenders(AnyOf((Null("id"), ItemsCompare("LINES", "<", 1)))),
        Duplicates(("id", "lines")),
        Offenders(Null(Field("deep", ("lines",)))),
        Query("select count(*) from orders where lines is null"),
    )
    declined = ask(warehouse, *asked)
    assert {each.cause for each in declined} == {Cause.UNSUPPORTED}
    assert all("is not told from empty" in each.reason for each in declined)
    fine = (Duplicates(("id",)), Query("select count(*) from orders where id > 1"))
    assert values(ask(warehouse, *fine, Offenders(Null(Field("lines", ("[]", "sku")))))) == [0, 1, 1]


def test_a_partitioned_table_is_one_dataset(catalog: Any, warehouse: Any) -> None:
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "day", DateType()))
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "day"))
    table = catalog.create_table(("sales", "orders"), schema, partition_spec=spec)
    days = [date(2024, 1, each) for each in (1, 2, 2, 3)]
    table.append(pa.table({"id": [1, 2, 3, 3], "day": days}))
    assert values(ask(warehouse, RowCount(), Newest("day"), Duplicates(("id",)))) == [
        4,
        datetime(2024, 1, 3, tzinfo=UTC),
        1,
    ]


def test_columns_whose_names_differ_in_case_only_can_be_told_and_not_asked_about(
    catalog: Any, warehouse: Any
) -> None:
    created(catalog, pa.table({"a": [1], "A": [2], "b": [3]}))
    columns, counted, refused = ask(warehouse, Columns(), RowCount(), Duplicates(("b",)))
    assert [each.name for each in columns.value] == ["a", "A", "b"]
    assert counted.value == 1
    assert 'more than one column is named "a"' in refused.reason


def test_reading_is_bounded_in_files_and_in_time(catalog: Any, warehouse: Any) -> None:
    sizes = (60, 3, 2, 200, 1, 1)
    tasks = [FileScanTask(DataFile.from_args(file_size_in_bytes=each * 2**20)) for each in sizes]
    groups = [[each.file.file_size_in_bytes // 2**20 for each in group] for group in _grouped(tasks)]
    assert groups == [[60, 3], [2], [200], [1, 1]]
    created(catalog, rows())
    tables = warehouse._loaded(("orders",))
    tables["orders"].limit = 1e-9
    session = IcebergSession(tables, IcebergSql("main", statistics=False), 10)
    with pytest.raises(WarehouseError, match="cannot be read within the timeout") as raised:
        session.rows("select count(*) filter (where name = 'x') from orders")
    session.close()
    assert raised.value.cause is Cause.TIMEOUT


def test_a_scan_reads_the_columns_that_are_asked_for_and_no_others(catalog: Any, warehouse: Any) -> None:
    created(catalog, rows())
    (table,) = warehouse._loaded(("orders",)).values()
    scanned = Scanned(table, [])
    filtered = scanned.scanner(columns=["c0"], filter=(pc.field("c1") == "n1") & pc.field("c2").is_valid())
    assert filtered.to_table().to_pydict() == {"c0": [1]}
    assert scanned.scanner(columns=["c5", "c0"]).to_table().schema.names == ["c5", "c0"]
    assert scanned.scanner(columns=[]).to_table().num_rows == 3
    assert scanned.scanner().to_table().num_columns == 6


def test_tables_of_other_namespaces_are_named_with_them(catalog: Any, warehouse: Any) -> None:
    created(catalog, rows())
    catalog.create_namespace("crm.eu")
    catalog.create_table("crm.eu.people", rows().schema).append(rows(0, 5))
    assert ask(warehouse, RowCount(), table="crm.eu.people")[0].value == 5
    orphans, joined, away = ask(
        warehouse,
        Orphans(("id",), Table("crm.eu.people"), ("id",)),
        Query("select count(*) from sales.orders as o, orders as p where o.id = p.id"),
        Query("select count(*) from sales.nowhere"),
    )
    assert values([orphans, joined]) == [0, 3]
    assert away.cause is Cause.BROKEN
    reasons = [
        ask(warehouse, RowCount(), table=each)[0].reason
        for each in ("Order", "sale.orders", "a/b", "crm.eu.nobody")
    ]
    assert reasons == [
        'no table "Order" in namespace "sales"; did you mean "orders"?',
        'no namespace "sale" in the catalogue; did you mean "sales"?',
        '"a/b" names no table of a namespace; set "namespace", or change physicalName',
        'no table "nobody" in namespace "crm.eu"; there are: people',
    ]
    assert ask(warehouse, RowCount(), table="ORDERS")[0].value == 3
