"""Core samples: some of the rows that break a promise, as statements of SQLAlchemy.

Values are read as the driver gives them: databases do not agree on how a value becomes a text.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import types

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Duplicates, NotMeasured, Offenders, Orphans
from floe_dagster.warehouses._core_offences import column_of, condition, never

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.plan.metric import Offending
    from floe_dagster.plan.sample import Wanted
    from floe_dagster.warehouses._core_catalogue import CoreTable, Tables

LOGGED_AS = "floe"
"""What an engine is called in the names of SQLAlchemy's loggers."""


def statement(wanted: Wanted, tables: Tables, dialect: str) -> sa.Select[Any]:
    """The statement that reads a sample.

    Raises:
        WarehouseError: something that it needs is not there, or databases do not agree on it.
    """
    table = _there(tables, wanted.table.name)
    names = [column_of(table, each.physical_name)[0].name for each in wanted.read]
    match wanted.metrics:
        case (Orphans() as metric,):
            found = _orphans(metric, names, table, tables)
        case metrics:
            where = (_condition(each, table, dialect, wanted.most) for each in metrics)
            found = _selected(names, table.source).where(sa.or_(sa.false(), *where))
    return found.limit(wanted.most)


def keep_rows_out_of_logs() -> None:
    """SQLAlchemy writes the rows that it reads to a log that is told to take everything; ours it does not."""
    logging.getLogger(f"sqlalchemy.engine.Engine.{LOGGED_AS}").addFilter(_is_no_row)


def _is_no_row(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _selected(names: Iterable[str], source: sa.FromClause) -> sa.Select[Any]:
    raw = (sa.type_coerce(source.c[name], types.NullType()) for name in names)
    labelled = (each.label(f"c{n}") for n, each in enumerate(raw))
    return sa.select(*labelled).select_from(source)


def _condition(metric: Offending, table: CoreTable, dialect: str, most: int) -> sa.ColumnElement[bool]:
    match metric:
        case Offenders(offence):
            return condition(offence, table, dialect)
        case Duplicates():
            return _duplicated(metric, table, most)
        case Orphans():
            raise never("look for orphans beside anything else")


def _duplicated(metric: Duplicates, table: CoreTable, most: int) -> sa.ColumnElement[bool]:
    """The rows of some keys that occur more than once; of as many keys as rows are wanted."""
    inner = table.source.alias("i")
    names = [column_of(table, each)[0].name for each in metric.columns]
    keys = [inner.c[each].label(f"k{n}") for n, each in enumerate(names)]
    grouped = sa.select(*keys).where(*(inner.c[each].is_not(None) for each in names))
    grouped = grouped.group_by(*(inner.c[each] for each in names)).having(sa.func.count() > 1)
    groups = grouped.limit(most).subquery("duplicated")
    pairs = (groups.c[f"k{n}"] == table.source.c[each] for n, each in enumerate(names))
    return (
        sa.select(sa.literal_column("1")).select_from(groups).where(*pairs).correlate(table.source).exists()
    )


def _orphans(metric: Orphans, names: Iterable[str], table: CoreTable, tables: Tables) -> sa.Select[Any]:
    parent = _there(tables, metric.to.name)
    child, other = table.source.alias("c"), parent.source.alias("p")
    keys = [child.c[column_of(table, each)[0].name] for each in metric.columns]
    to_keys = [other.c[column_of(parent, each)[0].name] for each in metric.to_columns]
    pairs = (to == key for key, to in zip(keys, to_keys, strict=True))
    found = sa.select(sa.literal_column("1")).select_from(other).where(*pairs).correlate(child).exists()
    return _selected(names, child).where(*(each.is_not(None) for each in keys), ~found)


def _there(tables: Tables, name: str) -> CoreTable:
    found = tables[name]
    if isinstance(found, NotMeasured):
        raise WarehouseError(found.reason, cause=found.cause)
    return found
