"""Samples: some of the rows that break a promise, out of any warehouse that is asked in SQL.

Only the columns that may be shown, or be shown as a hash, are selected, as text and cut to what is needed;
what an engine says of a failure may hold a value, and so only the kind of failure is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, Duplicates, NotMeasured, Offenders, Orphans
from floe_dagster.plan.sample import Sample, Wanted, sample_of
from floe_dagster.warehouses._offences import condition
from floe_dagster.warehouses._pattern import unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.plan.metric import LiveColumn, Offending
    from floe_dagster.warehouses._catalogue import Catalogue, LiveTable
    from floe_dagster.warehouses._dialect import Dialect

Reader = Callable[[Wanted], Sequence[Sequence[object]]]
"""Reads the rows of a sample: a value for each column that is read. It may raise anything."""

GONE = (Cause.UNREACHABLE, Cause.LOCKED, Cause.MISCONFIGURED, Cause.TIMEOUT)
"""After one of these, a server is not asked for another sample."""

_SAID = {
    Cause.UNREACHABLE: "the server does not answer any more",
    Cause.LOCKED: "somebody else holds the data",
    Cause.NO_DATASET: "the table is not there any more",
    Cause.NO_COLUMN: "one of its columns is not there",
    Cause.DENIED: "no permission to read the rows",
    Cause.TIMEOUT: "no answer within the timeout",
    Cause.UNSUPPORTED: "this warehouse cannot select such rows",
}
_BROKEN = "the engine could not read the rows"
_ENOUGH_SECONDS = 30.0
_SLOW = f"the samples before it took {_ENOUGH_SECONDS:g} s, and more they are not given"


def taken(
    wanted: Sequence[Wanted],
    opened: Callable[[Sequence[Wanted]], Reader],
    secret: bytes,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Sample, ...]:
    """Take each sample; once a server does not answer, or time is up, it is not asked for the others.

    Args:
        wanted: what to take.
        opened: connects, and looks up what is there; it may raise anything.
        secret: the key of the hashes.
        clock: seconds, from anywhere.
    """
    found: list[Sample] = []
    read: Reader | None = None
    gap: str | None = None
    until = clock() + _ENOUGH_SECONDS
    for each in wanted:
        if gap is None and clock() > until:
            gap = _SLOW
        if gap is not None:
            found.append(Sample(each.columns, gap=gap))
            continue
        try:
            read = read or opened(wanted)
            found.append(sample_of(each, read(each), secret))
        except Exception as error:  # noqa: BLE001  it may hold a value, and is told without it
            cause = Cause(error.cause) if isinstance(error, WarehouseError) else Cause.BROKEN
            said = _SAID.get(cause, _BROKEN)
            found.append(Sample(each.columns, gap=said))
            gap = said if read is None or cause in GONE else None
    return tuple(found)


def tables_in(wanted: Iterable[Wanted]) -> tuple[str, ...]:
    """Every table that samples are about, in their order."""
    names: dict[str, None] = {}
    for each in wanted:
        names[each.table.name] = None
        names |= {metric.to.name: None for metric in each.metrics if isinstance(metric, Orphans)}
    return tuple(names)


def statement(wanted: Wanted, catalogue: Catalogue, dialect: Dialect) -> str:
    """The statement that reads a sample.

    Raises:
        WarehouseError: something that it needs is not there, or the engine cannot do it.
    """
    return _Selection(_there(catalogue, wanted.table.name), catalogue, dialect).sql(wanted)


class _Selection:
    """Selects rows of one table that is there."""

    def __init__(self, table: LiveTable, catalogue: Catalogue, dialect: Dialect) -> None:
        self._table = table
        self._catalogue = catalogue
        self._dialect = dialect

    def sql(self, wanted: Wanted) -> str:
        cells = ", ".join(
            self._dialect.excerpt(self._column(each.physical_name), each.most) for each in wanted.read
        )
        source, limit = self._dialect.table(self._table), f"limit {int(wanted.most)}"
        match wanted.metrics:
            case (Orphans() as metric,):
                return f"{self._orphans(metric, cells)}\n{limit}"
            case metrics:
                where = " or ".join(f"({self._condition(each, wanted.most)})" for each in metrics)
                order = self._order(metrics)
                return f"select {cells}\nfrom {source}\nwhere {where}{order}\n{limit}"

    def _condition(self, metric: Offending, most: int) -> str:
        match metric:
            case Offenders(offence):
                return condition(offence, self._column, self._dialect)
            case Duplicates(columns):
                return self._duplicated(columns, most)
            case Orphans():
                raise unsupported("orphans stand alone")

    def _duplicated(self, columns: Sequence[ColumnRef], most: int) -> str:
        """The rows of some keys that occur more than once; of as many keys as rows are wanted."""
        keys = self._keys(columns)
        names = [self._dialect.identifier(self._column(each).name) for each in columns]
        given = " and ".join(f"{each} is not null" for each in names)
        key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
        groups = f"select {', '.join(keys)} from {self._dialect.table(self._table)} where {given}"  # noqa: S608  every part is quoted
        return f"{key} in ({groups} group by {', '.join(keys)} having count(*) > 1 limit {int(most)})"

    def _keys(self, columns: Sequence[ColumnRef]) -> list[str]:
        return [self._dialect.group_key(self._table, self._column(each)) for each in columns]

    def _order(self, metrics: Sequence[Offending]) -> str:
        """Rows of one key stand together."""
        keys = [key for each in metrics if isinstance(each, Duplicates) for key in self._keys(each.columns)]
        return f"\norder by {', '.join(keys)}" if keys else ""

    def _orphans(self, metric: Orphans, cells: str) -> str:
        parent = _there(self._catalogue, metric.to.name)
        keys = [self._dialect.identifier(self._column(each).name) for each in metric.columns]
        to_keys = [
            self._dialect.identifier(_column(self._catalogue, parent, each).name)
            for each in metric.to_columns
        ]
        tables = self._dialect.table(self._table), self._dialect.table(parent)
        return self._dialect.orphans(tables[0], keys, tables[1], to_keys, selected=cells)

    def _column(self, name: ColumnRef) -> LiveColumn:
        return _column(self._catalogue, self._table, name)


def _there(catalogue: Catalogue, name: str) -> LiveTable:
    found = catalogue.table(name)
    if isinstance(found, NotMeasured):
        raise WarehouseError(found.reason, cause=found.cause)
    return found


def _column(catalogue: Catalogue, table: LiveTable, name: ColumnRef) -> LiveColumn:
    if not isinstance(name, str):
        raise unsupported("a sample shows columns, and not what is nested in one")
    found = catalogue.column(table, name)
    if isinstance(found, NotMeasured):
        raise WarehouseError(found.reason, cause=found.cause)
    return found
