"""Bulk: many rows in few statements, on either database.

What a mapper does for each value of each row costs several times what the database itself needs, so values
are made column by column here. PostgreSQL is sent one array for each column and makes rows of them; SQLite
runs one prepared statement for each row, which is the fastest that it can be told.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, Text, any_, cast, column, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from floe_dagster.state.types import Moment, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table

    from floe_dagster.state.rows import Values

Item = TypeVar("Item")
Statement = postgresql.Insert | sqlite.Insert

BATCH = 1000
"""how many values one statement looks for"""


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """The distinct items, so many at a time, in their order."""
    every = list(dict.fromkeys(items))
    return (every[start : start + size] for start in range(0, len(every), size))


def among(connection: Connection, one: Column[str], texts: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column is one of these texts, of which there may be any number in one statement."""
    sent = _made(one, list(texts))
    if connection.dialect.name == "sqlite":
        values = func.json_each(json.dumps(sent)).table_valued(column("value", Text()))
        return one.in_(select(values.c.value))
    return one == any_(cast(literal(_array(sent), Text()), ARRAY(Text())))


def add(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows, with a value for each column; none of them is there yet."""
    if rows:
        _run(connection, table, rows, lambda statement: statement)


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
    key = itemgetter(*names)
    latest = {key(row): row for row in rows}

    def changing(statement: Statement) -> Statement:
        new = statement.excluded
        rest = {each.name: new[each.name] for each in table.columns if each.name not in names}
        return statement.on_conflict_do_update(
            index_elements=names, set_=change(new) if change else rest, where=where(new) if where else None
        )

    if latest:
        _run(connection, table, list(latest.values()), changing)


def _run(
    connection: Connection,
    table: Table,
    rows: Sequence[Values],
    changing: Callable[[Statement], Statement],
) -> None:
    made = [_made(each, list(map(itemgetter(each.name), rows)), connection.dialect) for each in table.columns]
    if connection.dialect.name == "sqlite":
        names = table.columns.keys()
        compiled = changing(sqlite.insert(table)).compile(dialect=connection.dialect, column_keys=names)
        connection.exec_driver_sql(str(compiled), list(zip(*made, strict=True)))
        return
    sent = {f"sent_{place}": _array(each) for place, each in enumerate(made)}
    statement = postgresql.insert(table).from_select(table.columns.keys(), _sent(table, connection.dialect))
    connection.execute(changing(statement), sent)


def _sent(table: Table, dialect: Dialect) -> Any:
    arrays = ", ".join(
        f"CAST(:sent_{place} AS {each.type.compile(dialect)}[])" for place, each in enumerate(table.columns)
    )
    return text(f"SELECT * FROM unnest({arrays})").columns(*table.columns)  # noqa: S608  our own types


def _made(one: Column[Any], values: list[Any], dialect: Dialect | None = None) -> list[Any]:
    """The values of a column, as its type sends them."""
    match one.type:
        case Words() as words:
            return words.kept(values)
        case Moment() as moment if dialect is not None:
            return moment.sent(values, dialect)
    return values


def _array(values: Sequence[Any]) -> str:
    """An array as PostgreSQL writes one."""
    if all(isinstance(each, str) for each in values):
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * len(values) - 2:
            return f'{{"{joined}"}}' if values else "{}"
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
    return str(value)
