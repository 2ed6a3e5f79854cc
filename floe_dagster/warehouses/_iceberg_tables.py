"""Iceberg tables: one table at one time: its metadata, and the files that its current snapshot is made of."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from floe_dagster.plan.metric import LiveColumn
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable
from floe_dagster.warehouses._deadline import within
from floe_dagster.warehouses._iceberg_errors import of_file
from floe_dagster.warehouses._iceberg_types import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyiceberg.manifest import ManifestFile
    from pyiceberg.table import FileScanTask, Table
    from pyiceberg.table.snapshots import Snapshot
    from pyiceberg.types import NestedField

    from floe_dagster.plan.field import ColumnRef

T = TypeVar("T")


class LakeTable:
    """A table of a catalogue, of which the metadata is loaded and nothing else.

    Args:
        name: as it was asked for.
        table: as pyiceberg has it.
        took: the seconds that loading it took.
        limit: the seconds that reading one more piece of metadata may take.
    """

    def __init__(self, name: str, table: Table, *, took: float, limit: float) -> None:
        self.name = name
        self.table = table
        self.took = took
        self.limit = limit
        self.identifier = tuple(str(each) for each in table.name())
        self.columns = columns(table.schema())
        self._live = LiveTable(schema="", name=name, columns=self.columns)

    @property
    def snapshot(self) -> Snapshot | None:
        """What it holds now; none where nothing was ever written."""
        return self.table.current_snapshot()

    @cached_property
    def manifests(self) -> Sequence[ManifestFile]:
        """What the current snapshot is made of, by the one file that lists it.

        Raises:
            WarehouseError: that file cannot be read.
        """
        snapshot = self.snapshot
        return self._read(lambda: snapshot.manifests(self.table.io)) if snapshot else []

    @cached_property
    def tasks(self) -> Sequence[FileScanTask]:
        """Its data files with what is deleted of each, by its manifests.

        Raises:
            WarehouseError: they cannot be read, or hold what pyiceberg cannot apply.
        """
        return self._read(lambda: list(self.table.scan().plan_files()))

    def column(self, name: str) -> LiveColumn | None:
        """The column of a contract's name, in whichever case; none where there is none."""
        found = Catalogue().column(self._live, name)
        return found if isinstance(found, LiveColumn) else None

    def field(self, name: ColumnRef) -> NestedField | None:
        """The same as pyiceberg has it; none for what is nested."""
        found = self.column(name) if isinstance(name, str) else None
        if found is None:
            return None
        return next(each for each in self.table.schema().fields if each.name == found.name)

    def _read(self, call: Callable[[], list[T]]) -> list[T]:
        try:
            return within(self.limit, call)
        except Exception as error:
            raise of_file(error, f"the metadata of {self.name}") from error
