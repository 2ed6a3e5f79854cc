"""Iceberg, known: what the metadata of a table answers exactly, without opening a data file.

Rows, NULLs and bounds are counted file by file, and files with deletes are not counted so: what is deleted
of them is only found by reading them. Where anything is missing or could be inexact there is no answer here,
and the table is scanned. Bounds are believed of Parquet alone, where those of dates and timestamps are exact;
what ORC keeps of timestamps is rounded.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyiceberg.manifest import DataFile, FileFormat, ManifestContent
from pyiceberg.table.snapshots import Operation
from pyiceberg.types import DateType, IcebergType, TimestampType, TimestamptzType

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Columns,
    LastChange,
    Measured,
    Metric,
    Newest,
    NotMeasured,
    Offenders,
    Oldest,
    Probe,
    RowCount,
)
from floe_dagster.plan.offence import Null
from floe_dagster.warehouses._answers import moment

if TYPE_CHECKING:
    from pyiceberg.types import NestedField

    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.warehouses._iceberg_tables import LakeTable

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  what has no zone keeps none
_WIDTHS: dict[IcebergType, int] = {DateType(): 4, TimestampType(): 8, TimestamptzType(): 8}
"""The types of which bounds are believed, and how many bytes a bound of each has."""


def answer(metric: Metric, table: LakeTable) -> Answer | None:
    """What the metadata of a table says; None where it does not, and the table has to be scanned."""
    start = time.perf_counter()
    try:
        match metric:
            case Columns():
                return Measured(table.columns, table.took)
            case Probe():
                return Measured(table.took, table.took)
            case LastChange():
                return _last_change(table)
            case RowCount():
                found = _rows(table)
            case Offenders(Null(column)):
                found = _nulls(table, column)
            case Newest() | Oldest():
                return _extreme(table, metric, start)
            case _:
                return None
    except WarehouseError as error:
        return NotMeasured(Cause(error.cause), error.message)
    return None if found is None else Measured(found, time.perf_counter() - start)


def _rows(table: LakeTable) -> int | None:
    """The rows of all data files, by the list of manifests where nothing is deleted, else file by file."""
    manifests = table.manifests
    if not any(each.content == ManifestContent.DELETES for each in manifests):
        counts = [(each.added_rows_count, each.existing_rows_count) for each in manifests]
        if all(added is not None and existing is not None for added, existing in counts):
            return sum((added or 0) + (existing or 0) for added, existing in counts)
    files = _whole_files(table)
    return None if files is None else sum(each.record_count for each in files)


def _whole_files(table: LakeTable) -> list[DataFile] | None:
    """The data files; None where something is deleted of any."""
    tasks = table.tasks
    return None if any(each.delete_files for each in tasks) else [each.file for each in tasks]


def _nulls(table: LakeTable, name: ColumnRef) -> int | None:
    """How many rows hold NULL, where every file counted them."""
    field = table.field(name)
    files = _whole_files(table) if field is not None and field.field_type.is_primitive else None
    if field is None or files is None:
        return None
    counts = [_nulls_of(each, field) for each in files if each.record_count]
    known = [each for each in counts if each is not None]
    return sum(known) if len(known) == len(counts) else None


def _nulls_of(file: DataFile, field: NestedField) -> int | None:
    return (file.null_value_counts or {}).get(field.field_id)


def _extreme(table: LakeTable, metric: Newest | Oldest, start: float) -> Answer | None:
    """The newest or oldest value, where every file that holds any has its bounds."""
    field = table.field(metric.column)
    files = _whole_files(table) if field is not None and field.field_type in _WIDTHS else None
    if field is None or files is None or not _is_zone(metric.zone):
        return None
    newest = isinstance(metric, Newest)
    bounds = [
        _bound(each, field, upper=newest)
        for each in files
        if each.record_count and _nulls_of(each, field) != each.record_count
    ]
    known = [each for each in bounds if each is not None]
    if len(known) < len(bounds):
        return None
    try:
        raw = _shown((max if newest else min)(known), field) if known else None
    except OverflowError:  # a year that Python does not have
        return None
    return Measured(moment(raw, metric.zone), time.perf_counter() - start)


def _bound(file: DataFile, field: NestedField, *, upper: bool) -> int | None:
    """Days or microseconds since 1970; none where the file does not tell, or was of another type."""
    raw = ((file.upper_bounds if upper else file.lower_bounds) or {}).get(field.field_id)
    if raw is None or len(raw) != _WIDTHS[field.field_type] or file.file_format != FileFormat.PARQUET:
        return None
    return int.from_bytes(raw, "little", signed=True)


def _shown(count: int, field: NestedField) -> int | str:
    """What `moment` reads: text without an offset where the column has none."""
    match field.field_type:
        case TimestamptzType():
            _EPOCH + timedelta(microseconds=count)
            return count
        case DateType():
            return (_EPOCH + timedelta(days=count)).date().isoformat()
        case _:
            return (_EPOCH + timedelta(microseconds=count)).isoformat(sep=" ")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _last_change(table: LakeTable) -> Answer:
    """The time of the newest snapshot that wrote data; one that only rewrote files did not."""
    snapshot = table.snapshot
    if snapshot is None:
        said = f"{table.name} has no snapshot: nothing was ever written to it"
        return NotMeasured(Cause.BROKEN, said)
    while snapshot is not None and snapshot.summary and snapshot.summary.operation == Operation.REPLACE:
        parent = snapshot.parent_snapshot_id
        snapshot = None if parent is None else table.table.metadata.snapshot_by_id(parent)
    if snapshot is None:
        said = f"the snapshots left of {table.name} only rewrote its files; name a column, whose age is asked"
        return NotMeasured(Cause.BROKEN, said)
    return Measured(moment(snapshot.timestamp_ms * 1000, "UTC"), table.took)
