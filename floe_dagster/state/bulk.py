"""Bulk: many rows in few statements, on either database.

PostgreSQL is sent all rows as one JSON text, which costs a fifth of what a statement with a parameter for
each value costs; SQLite has the same statement run for each row, which is the fastest that it can be told.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Float, text
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Dialect, Table
    from sqlalchemy.types import TypeEngine

    from floe_dagster.state.rows import Values

Item = TypeVar("Item")
Statement = postgresql.Insert | sqlite.Insert

BATCH = 1000
"""how many values one statement looks for"""


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """The distinct items, so many at a time, in their order."""
    every = list(dict.fromkeys(items))
    return (every[start : start + size] for start in range(0, len(every), size))


def add(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows, with a value for each column; none of them is there yet."""
    if rows:
        statement, values = _insert(connection, table, rows)
        connection.execute(statement, values)


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Values],
    change: Callable[[Any], dict[str, Any]] | None = None,
    where: Callable[[Any], ColumnElement[bool]] | None = None,
) -> None:
    """Insert rows, or change those that are there; of several rows with one key the last counts.

    Args:
        connection: in a writing transaction.
        table: with a primary key.
        rows: with a value for each column.
        change: from the row that was to be inserted, what to set; everything where it is None.
        where: from the row that was to be inserted, whether to change what is there.
    """
    names = [each.name for each in table.primary_key.columns]
    latest = {tuple(row[name] for name in names): row for row in rows}
    if not latest:
        return
    statement, values = _insert(connection, table, list(latest.values()))
    new = statement.excluded
    rest = {each.name: new[each.name] for each in table.columns if each.name not in names}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=names, set_=change(new) if change else rest, where=where(new) if where else None
        ),
        values,
    )


def _insert(connection: Connection, table: Table, rows: Sequence[Values]) -> tuple[Statement, Any]:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table), rows
    names = table.columns.keys()
    columns = ", ".join(f'"{name}"' for name in names)
    sent = text(
        f"SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, CAST(:sent AS json))"  # noqa: S608  our names
    ).columns(*table.columns)
    return postgresql.insert(table).from_select(names, sent), {"sent": _json(table, rows, connection.dialect)}


def _json(table: Table, rows: Sequence[Values], dialect: Dialect) -> str:
    makers = [(each.name, _maker(each.type, dialect)) for each in table.columns]
    plain = [{name: make(row[name]) if make else row[name] for name, make in makers} for row in rows]
    return json.dumps(plain, default=datetime.isoformat)


def _maker(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], object] | None:
    if isinstance(type_, Float):
        return _float
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _float(value: float | None) -> str | None:
    """As text, which PostgreSQL reads exactly; JSON has no word for what is not a finite number."""
    return None if value is None else repr(value)
