"""Catalogue: what a server holds, read in one statement for all tables, and how names are found in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from floe_dagster.plan.metric import Cause, LiveColumn, NotMeasured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Folding = Literal["lower", "any"]
"""How a name that is not there as written is looked for: as if it were unquoted, or in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTable:
    """A table that is there.

    Attributes:
        schema: where it is.
        name: as the engine spells it.
        columns: in the engine's order.
        bytewise: text columns of which two values are equal exactly when their bytes are.
        assumed: nothing is known of it, and every column is taken to be there (`explain`).
    """

    schema: str
    name: str
    columns: tuple[LiveColumn, ...] = ()
    bytewise: frozenset[str] = frozenset()
    assumed: bool = False


class Row(NamedTuple):
    """A row of an engine's catalogue, ordered by table and position; no column where the table has none."""

    schema: str
    table: str
    column: str | None
    type: str | None
    logical_type: str | None
    nullable: bool
    primary_key: int
    bytewise: bool
    fields: tuple[LiveColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What was found of the tables that were asked for, by the name they were asked by.

    Attributes:
        seconds: how long reading it took.
    """

    tables: Mapping[str, LiveTable | NotMeasured] = field(default_factory=dict)
    folding: Folding = "any"
    seconds: float = 0.0

    def table(self, name: str) -> LiveTable | NotMeasured:
        """The table, or why there is none."""
        return self.tables[name]

    def column(self, table: LiveTable, name: str) -> LiveColumn | NotMeasured:
        """The column, or why there is none."""
        names = [each.name for each in table.columns]
        found = _find(name, names, self.folding) or _find(name, names, "any")
        if found is not None:
            return next(each for each in table.columns if each.name == found)
        if table.assumed:
            return LiveColumn(name=name, type="", logical_type=None)
        return NotMeasured(
            Cause.NO_COLUMN, f'no column "{name}" in {table.name}{_hint(name, names) or _those(names)}'
        )


def catalogue(
    asked: Iterable[str],
    rows: Iterable[Row],
    *,
    default_schema: str,
    folding: Folding,
    seconds: float = 0.0,
) -> Catalogue:
    """The catalogue of the tables asked for, out of the rows that the engine gave."""
    live = {
        (schema, name): _table(schema, name, tuple(columns))
        for (schema, name), columns in groupby(rows, key=lambda row: (row.schema, row.table))
    }
    found = {name: _resolve(name, live, default_schema, folding) for name in asked}
    return Catalogue(tables=found, folding=folding, seconds=seconds)


def qualified(name: str) -> tuple[str, str] | None:
    """The schema and the table of `schema.table`, or of the last two parts of a longer name."""
    parts = name.split(".")
    return (parts[-2], parts[-1]) if len(parts) > 1 else None


def told_by(columns: Iterable[LiveColumn], engine: str) -> tuple[LiveColumn, ...]:
    """The columns, which say whose types theirs are, and those of their fields."""
    return tuple(replace(each, engine=engine, fields=told_by(each.fields, engine)) for each in columns)


def _table(schema: str, name: str, rows: Sequence[Row]) -> LiveTable:
    columns = tuple(
        LiveColumn(
            name=row.column,
            type=row.type or "",
            logical_type=row.logical_type,
            nullable=row.nullable,
            primary_key=row.primary_key,
            fields=row.fields,
        )
        for row in rows
        if row.column is not None
    )
    bytewise = frozenset(row.column for row in rows if row.column is not None and row.bytewise)
    return LiveTable(schema=schema, name=name, columns=columns, bytewise=bytewise)


def _resolve(
    name: str, live: Mapping[tuple[str, str], LiveTable], default_schema: str, folding: Folding
) -> LiveTable | NotMeasured:
    places = [(default_schema, name)]
    if (split := qualified(name)) is not None:
        places.append(split)
    for schema, table in places:
        in_schema = _find(schema, {each for each, _ in live}, folding)
        found = _find(table, [each for at, each in live if at == in_schema], folding)
        if in_schema is not None and found is not None:
            return live[in_schema, found]
    schema, table = places[-1]
    names = [each for at, each in live if at == schema]
    return NotMeasured(
        Cause.NO_DATASET, f'no table "{table}" in schema "{schema}"{_hint(table, names) or _those(names)}'
    )


def _find(name: str, names: Iterable[str], folding: Folding) -> str | None:
    """The name as it is there: as written, else by the engine's own folding where that names exactly one."""
    there = list(names)
    if name in there:
        return name
    if folding == "lower":
        return name.lower() if name.lower() in there else None
    same = [each for each in there if each.casefold() == name.casefold()]
    return same[0] if len(same) == 1 else None


def _hint(name: str, names: Sequence[str]) -> str:
    by_fold = {each.casefold(): each for each in names}
    near = get_close_matches(name.casefold(), by_fold, n=1)
    return f'; did you mean "{by_fold[near[0]]}"?' if near else ""


def _those(names: Sequence[str]) -> str:
    if not names:
        return "; there are none"
    shown = ", ".join(sorted(names)[:5])
    return f"; there are: {shown}" + (f" and {len(names) - 5} more" if len(names) > 5 else "")
