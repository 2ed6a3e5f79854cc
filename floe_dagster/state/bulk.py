"""Bulk: many rows in few statements, on either database.

What a mapper does for each value of each row costs several times what the database itself needs, so values
are made column by column here; where there are thousands, they should come so. PostgreSQL is sent one array
for each column and makes rows of them; SQLite runs one prepared statement for each row, which is the fastest
that it can be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, Text, any_, cast, column, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from floe_dagster.state.types import Moment, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table

    from floe_dagster.state.rows import Columns, Values

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


def add(connection: Connection, table: Table, rows: Iterable[Values] | Columns) -> None:
    """Insert rows, with a value for each column; none of them is there yet."""
    _run(connection, table, _columns(table, rows), lambda statement: statement)


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Values] | Columns,
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

    def changing(statement: Statement) -> Statement:
        new = statement.excluded
        rest = {each.name: new[each.name] for each in table.columns if each.name not in names}
        return statement.on_conflict_do_update(
            index_elements=names, set_=change(new) if change else rest, where=where(new) if where else None
        )

    _run(connection, table, _latest(_columns(table, rows), names), changing)


def _columns(table: Table, rows: Iterable[Values] | Columns) -> Columns:
    if isinstance(rows, Mapping):
        return rows
    every = list(rows)
    return {each.name: list(map(itemgetter(each.name), every)) for each in table.columns}


def _latest(columns: Columns, names: Sequence[str]) -> Columns:
    """Of several rows with one key the last."""
    keys = list(zip(*(columns[each] for each in names), strict=True))
    last = dict(zip(keys, range(len(keys)), strict=True))
    if len(last) == len(keys):
        return columns
    return {name: [values[place] for place in last.values()] for name, values in columns.items()}


def _run(
    connection: Connection, table: Table, columns: Columns, changing: Callable[[Statement], Statement]
) -> None:
    made = [_made(each, columns[each.name], connection.dialect) for each in table.columns]
    if not made[0]:
        return
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
    """An array as PostgreSQL writes one, of texts or of numbers."""
    if any(isinstance(each, str) for each in values):
        return f"{{{','.join(['NULL' if each is None else _quoted(each) for each in values])}}}"
    return f"{{{','.join(['NULL' if each is None else str(each) for each in values])}}}"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
