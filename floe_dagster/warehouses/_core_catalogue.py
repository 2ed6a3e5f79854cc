"""Core catalogue: which tables and columns there are, as SQLAlchemy's inspector of any dialect tells."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import types
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from floe_dagster.plan.metric import Cause, LiveColumn, NotMeasured, Orphans
from floe_dagster.warehouses._catalogue import Catalogue, LiveTable, Row, catalogue, qualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.engine import Connection, Inspector

    from floe_dagster.plan.metric import Question

_WORDS: tuple[tuple[tuple[type[types.TypeEngine[Any]], ...], str], ...] = (
    ((types.Boolean,), "boolean"),
    ((types.Integer,), "integer"),
    ((types.Numeric,), "number"),
    ((types.DateTime,), "timestamp"),
    ((types.Date,), "date"),
    ((types.Time,), "time"),
    ((types.JSON,), "object"),
    ((types.ARRAY,), "array"),
    ((types.Enum, types.String, types.Uuid), "string"),
)
_ASSUMED: dict[str | None, types.TypeEngine[Any]] = {
    "string": types.String(),
    "integer": types.BigInteger(),
    "number": types.Float(),
    "boolean": types.Boolean(),
    "timestamp": types.DateTime(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreTable:
    """A table that is there.

    Attributes:
        live: as every warehouse tells of it.
        source: as SQLAlchemy selects from it.
        known: looks names up as they were asked for.
    """

    live: LiveTable
    source: sa.TableClause
    known: Catalogue

    def column(self, name: str) -> LiveColumn | NotMeasured:
        """The column, or why there is none."""
        return self.known.column(self.live, name)

    def core(self, name: str) -> sa.ColumnElement[Any]:
        """The column as SQLAlchemy has it, by the name that the engine gives it."""
        found = self.source.c.get(name)
        return sa.column(name) if found is None else found


Tables = dict[str, CoreTable | NotMeasured]
_Columns = dict[str, list[tuple[LiveColumn, types.TypeEngine[Any]]]]


def logical_type(kind: types.TypeEngine[Any]) -> str | None:
    """The contract's word for a type."""
    return next((word for classes, word in _WORDS if isinstance(kind, classes)), None)


def tables_there(connection: Connection, names: tuple[str, ...], schema: str) -> Tables:
    """The tables by the names that they are asked by, or why there are none."""
    inspector = sa.inspect(connection)
    default = schema or inspector.default_schema_name or ""
    others = {split[0] for name in names if (split := qualified(name)) is not None}
    schemas = [default, *sorted(others - {default})]
    rows = [row for each in schemas for row in _names(inspector, each, default, schema)]
    found = catalogue(names, rows, default_schema=default, folding="any")
    live: dict[str, LiveTable | NotMeasured] = {name: found.table(name) for name in names}
    there = [each for each in live.values() if isinstance(each, LiveTable)]
    columns: dict[str, _Columns] = {}
    for each in sorted({table.schema for table in there}):
        names_there = [table.name for table in there if table.schema == each]
        columns[each] = _columns_or_none(connection, _inner(each, default, schema), names_there)
    return {
        name: each
        if isinstance(each, NotMeasured)
        else _core(
            each,
            _inner(each.schema, default, schema),
            columns[each.schema].get(each.name),
            found,
            connection.dialect,
        )
        for name, each in live.items()
    }


def assumed_tables(tables: Mapping[str, LiveTable | NotMeasured], questions: Iterable[Question]) -> Tables:
    """The same of a catalogue that is only assumed, in which the keys of relationships are columns too."""
    keys: dict[str, set[str]] = {name: set() for name in tables}
    for each in questions:
        if isinstance(each.metric, Orphans):
            keys[each.table.name] |= set(each.metric.columns)
            keys[each.metric.to.name] |= set(each.metric.to_columns)
    known = Catalogue(tables=tables)
    found: Tables = {}
    for name, live in tables.items():
        if isinstance(live, LiveTable):
            types_of = dict.fromkeys(sorted(keys[name])) | {
                each.name: each.logical_type for each in live.columns
            }
            columns: list[sa.ColumnClause[Any]] = [
                sa.column(column, _ASSUMED.get(word, types.NullType())) for column, word in types_of.items()
            ]
            source = sa.table(live.name, *columns, schema=live.schema or None)
            found[name] = CoreTable(live=live, source=source, known=known)
        else:
            found[name] = live
    return found


def _inner(schema: str, default: str, asked: str) -> str | None:
    """The schema as SQLAlchemy wants it: none for the connection's own."""
    return None if schema == default and not asked else schema


def _names(inspector: Inspector, schema: str, default: str, asked: str) -> Iterator[Row]:
    inner = _inner(schema, default, asked)
    names = [*inspector.get_table_names(inner), *inspector.get_view_names(inner)]
    with suppress(NotImplementedError):  # SQLAlchemy's own, of dialects that know no such views
        names += inspector.get_materialized_view_names(inner)
    for name in sorted(set(names)):
        yield Row(schema, name, None, None, None, nullable=True, primary_key=0, bytewise=False)


def _columns_or_none(connection: Connection, schema: str | None, names: list[str]) -> _Columns:
    """The columns of tables; one by one where one cannot be read, which then has none."""
    try:
        return _columns(sa.inspect(connection), schema, names)
    except sa.exc.SQLAlchemyError:
        connection.rollback()
        parts = (_columns_or_none(connection, schema, [each]) for each in names) if len(names) > 1 else ()
        return {table: found for part in parts for table, found in part.items()}


def _columns(inspector: Inspector, schema: str | None, names: list[str]) -> _Columns:
    """The columns of all tables of a schema that are asked for, at once where the dialect can."""
    options: dict[str, Any] = {
        "schema": schema,
        "filter_names": names,
        "kind": ObjectKind.ANY,
        "scope": ObjectScope.ANY,
    }
    keys = {table: pk["constrained_columns"] for (_, table), pk in _keys(inspector, options)}
    return {
        table: [_column(each, keys.get(table) or [], inspector.dialect) for each in columns]
        for (_, table), columns in inspector.get_multi_columns(**options).items()
    }


def _keys(inspector: Inspector, options: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    with suppress(NotImplementedError):  # SQLAlchemy's own, of dialects that know no keys
        return [pair for pair in inspector.get_multi_pk_constraint(**options).items() if pair[1]]
    return []


def _column(raw: Any, key: list[str], dialect: sa.Dialect) -> tuple[LiveColumn, types.TypeEngine[Any]]:
    name, kind = str(raw["name"]), raw["type"]
    place = key.index(name) + 1 if name in key else 0
    nullable = bool(raw.get("nullable", True)) and not place
    live = LiveColumn(
        name=name,
        type=_type_name(kind, dialect),
        logical_type=logical_type(kind),
        nullable=nullable,
        primary_key=place,
    )
    return live, kind


def _type_name(kind: types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    try:
        return kind.compile(dialect=dialect).partition(" COLLATE ")[0]
    except (sa.exc.CompileError, NotImplementedError):  # SQLAlchemy raises either, for a type without a name
        return type(kind).__name__


def _core(
    live: LiveTable,
    schema: str | None,
    columns: list[tuple[LiveColumn, types.TypeEngine[Any]]] | None,
    known: Catalogue,
    dialect: sa.Dialect,
) -> CoreTable | NotMeasured:
    if columns is None:
        said = f"the columns of {live.name} cannot be read; mend the view, or grant what it selects from"
        return NotMeasured(Cause.BROKEN, said)

    def quoted(name: str) -> str:
        # dialects know not all of their reserved words; where case is folded, quoting would change the name
        return name if dialect.requires_name_normalize else sa.quoted_name(name, quote=True)

    clauses: list[sa.ColumnClause[Any]] = [sa.column(quoted(each.name), kind) for each, kind in columns]
    source = sa.table(quoted(live.name), *clauses, schema=schema and quoted(schema))
    there = replace(live, columns=tuple(each for each, _ in columns))
    return CoreTable(live=there, source=source, known=replace(known, tables={}))
