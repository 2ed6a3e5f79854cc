"""Tables of Iceberg for tests: what pyiceberg writes, and what other engines write and it cannot."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
from pyiceberg.typedef import Record
from pyroaring import BitMap

from floe_dagster.plan.metric import Question, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ACCESS = {"catalogUrl": "sqlite:///lake.db", "warehouse": "lake"}
_IDS = count(10_000)


def ask(warehouse: Any, *metrics: Any, table: str = "orders") -> list[Any]:
    return list(warehouse.ask(tuple(Question(Table(table), each) for each in metrics)).values())


def created(catalog: Any, rows: pa.Table, *more: pa.Table, name: str = "orders", **properties: str) -> Any:
    """The table, with a snapshot for each of several parts."""
    table = catalog.create_table(("sales", name), rows.schema, properties=properties)
    for each in (rows, *more):
        table.append(each)
    return table


def without_data(folder: Path) -> int:
    """Deletes every data file; how many there were."""
    files = list((folder / "lake").rglob("data/**/*.parquet"))
    for each in files:
        each.unlink()
    return len(files)


def delete_positions(table: Any, file: str, positions: Iterable[int]) -> None:
    """Deletes rows of a data file by their positions, as engines do that merge on read."""
    where = f"{table.location()}/data/deletes-{next(_IDS)}.parquet"
    rows = pa.table({"file_path": [file] * len(list(positions)), "pos": pa.array(positions, pa.int64())})
    schema = pa.schema(
        [
            pa.field("file_path", pa.string(), nullable=False, metadata={b"PARQUET:field_id": b"2147483546"}),
            pa.field("pos", pa.int64(), nullable=False, metadata={b"PARQUET:field_id": b"2147483545"}),
        ]
    )
    pq.write_table(rows.cast(schema), where.removeprefix("file://"))
    _add_deletes(table, where, len(rows), DataFileContent.POSITION_DELETES)


def delete_by_vector(table: Any, file: str, positions: Iterable[int]) -> None:
    """Deletes rows of a data file by a deletion vector, as engines do of tables of version 3."""
    where = f"{table.location()}/data/vector-{next(_IDS)}.puffin"
    rows = BitMap(positions)
    vector = (1).to_bytes(8, "little") + (0).to_bytes(4, "little") + rows.serialize()
    framed = bytes.fromhex("d1d33964") + vector
    blob = len(framed).to_bytes(4, "big") + framed + crc32(framed).to_bytes(4, "big")
    told = {
        "type": "deletion-vector-v1",
        "fields": [],
        "snapshot-id": -1,
        "sequence-number": -1,
        "offset": 4,
        "length": len(blob),
        "properties": {"referenced-data-file": file, "cardinality": str(len(rows))},
    }
    footer = json.dumps({"blobs": [told]}).encode()
    end = b"PFA1" + footer + len(footer).to_bytes(4, "little") + bytes(4) + b"PFA1"
    Path(where.removeprefix("file://")).write_bytes(b"PFA1" + blob + end)
    _add_deletes(table, where, len(rows), DataFileContent.POSITION_DELETES, kind=FileFormat.PUFFIN)


def delete_equals(table: Any, column: int, values: Mapping[str, list[Any]]) -> None:
    """Deletes the rows that equal, which pyiceberg cannot apply."""
    where = f"{table.location()}/data/deletes-{next(_IDS)}.parquet"
    rows = pa.table(values)
    pq.write_table(rows, where.removeprefix("file://"))
    _add_deletes(table, where, len(rows), DataFileContent.EQUALITY_DELETES, [column])


def rewrite(table: Any) -> None:
    """A snapshot that holds the same data, as a compaction leaves."""
    _commit(table, table.current_snapshot().manifests(table.io), Operation.REPLACE)


def say(table: Any, **summary: str) -> None:
    """A snapshot of the same data, whose summary says what it likes."""
    _commit(table, table.current_snapshot().manifests(table.io), Operation.APPEND, **summary)


class _Deletes(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def _add_deletes(
    table: Any,
    where: str,
    rows: int,
    content: DataFileContent,
    columns: list[int] | None = None,
    *,
    kind: FileFormat = FileFormat.PARQUET,
) -> None:
    snapshot = next(_IDS)
    file = DataFile.from_args(
        content=content,
        file_path=where,
        file_format=kind,
        partition=Record(),
        record_count=rows,
        file_size_in_bytes=1000,
        equality_ids=columns,
    )
    file.spec_id = 0
    manifest = f"{table.location()}/metadata/deletes-{snapshot}.avro"
    output = table.io.new_output(manifest)
    with _Deletes(table.spec(), table.schema(), output, snapshot, "null") as writer:
        writer.add_entry(
            ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=snapshot, data_file=file)
        )
    there = table.current_snapshot().manifests(table.io)
    _commit(table, [*there, writer.to_manifest_file()], Operation.DELETE, snapshot=snapshot)


def _commit(
    table: Any, manifests: list[Any], operation: Operation, *, snapshot: int = 0, **summary: str
) -> None:
    identity = snapshot or next(_IDS)
    parent, number = table.current_snapshot().snapshot_id, table.metadata.next_sequence_number()
    listed = f"{table.location()}/metadata/snap-{identity}.avro"
    with write_manifest_list(2, table.io.new_output(listed), identity, parent, number, "null") as writer:
        writer.add_manifests(manifests)
    added = Snapshot(
        snapshot_id=identity,
        parent_snapshot_id=parent,
        manifest_list=listed,
        sequence_number=number,
        timestamp_ms=table.current_snapshot().timestamp_ms + 3_600_000,
        summary=Summary(operation, **summary),
        schema_id=table.metadata.current_schema_id,
    )
    to_main = SetSnapshotRefUpdate(
        snapshot_id=identity, parent_snapshot_id=parent, ref_name="main", type="branch"
    )
    table.catalog.commit_table(table, (), (AddSnapshotUpdate(snapshot=added), to_main))
    table.refresh()
