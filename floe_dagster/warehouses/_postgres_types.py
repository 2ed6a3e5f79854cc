"""Types of PostgreSQL: the contract's words for them, and what is nested in arrays, composites and domains.

Of composites and domains the catalogue is asked in a statement of its own, where a column is of one. A domain
is told of as the type that it restricts, which is how its values are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from floe_dagster.plan.field import ITEM
from floe_dagster.plan.metric import LiveColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOGICAL = {
    **dict.fromkeys(("text", "character varying", "character", "name", "citext", "uuid", '"char"'), "string"),
    **dict.fromkeys(("smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("numeric", "real", "double precision"), "number"),
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "time without time zone": "time",
    "time with time zone": "time",
    **dict.fromkeys(("json", "jsonb"), "object"),
    "hstore": "map",
    **dict.fromkeys(("vector", "halfvec"), "vector"),
}
_MADE = ("c", "d")


def logical_type(name: str, kind: str) -> str | None:
    """The contract's word for a type.

    Args:
        name: as `format_type` writes it.
        kind: `pg_type.typtype`: b for base types, c for composites, e for enumerations.
    """
    if name.endswith("[]"):
        return "array"
    if kind in ("e", "c"):
        return "string" if kind == "e" else "object"
    head, _, tail = name.partition("(")
    return _LOGICAL.get((head + tail.partition(")")[2]).strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeUse:
    """A type as a column or an attribute uses it.

    Attributes:
        oid: of the type.
        name: as `format_type` writes it, with its arguments.
        kind: `pg_type.typtype`.
        item: the oid of what an array holds, or 0.
        item_kind: `pg_type.typtype` of that; empty where there is none.
    """

    oid: int
    name: str
    kind: str
    item: int = 0
    item_kind: str = ""

    @property
    def is_made(self) -> bool:
        """Whether it is a composite or a domain, or an array of such, which takes another statement."""
        return self.kind in _MADE or self.item_kind in _MADE


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A composite with its attributes, or a domain with the type that it restricts."""

    parts: tuple[tuple[str, TypeUse], ...]


Types = Mapping[int, Made]
"""Composites and domains, by oid."""


def statement(oids: Sequence[int]) -> str:
    """The statement that reads composites and domains, and those that they are made of."""
    listed = ", ".join(str(int(each)) for each in oids)
    return (
        "with recursive parts as (\n"  # noqa: S608  numbers only
        "  select t.oid as owner, a.attnum as place, a.attname as name,\n"
        "    a.atttypid as part, a.atttypmod as mod\n"
        "  from pg_type as t join pg_attribute as a on a.attrelid = t.typrelid\n"
        "  where t.typtype = 'c' and a.attnum > 0 and not a.attisdropped\n"
        "  union all\n"
        "  select t.oid, 0, '', t.typbasetype, t.typtypmod from pg_type as t where t.typtype = 'd'\n"
        "), reached as (\n"
        f"  select oid from pg_type where oid in ({listed})\n"
        "  union\n"
        "  select unnest(array[p.part, t.typelem]) from reached as r\n"
        "  join parts as p on p.owner = r.oid join pg_type as t on t.oid = p.part\n"
        ")\n"
        "select p.owner, p.name, p.part, format_type(p.part, p.mod), t.typtype, e.oid, e.typtype\n"
        "from reached as r join parts as p on p.owner = r.oid\n"
        "join pg_type as t on t.oid = p.part\n"
        "left join pg_type as e on e.oid = t.typelem and t.typcategory = 'A'\n"
        "order by p.owner, p.place"
    )


def types_of(rows: Sequence[Sequence[Any]]) -> Types:
    """Composites and domains, out of what the statement gave."""
    return {
        owner: Made(parts=tuple((str(name), use_of(*use)) for _, name, *use in parts))
        for owner, parts in groupby(rows, key=lambda row: int(row[0]))
    }


def use_of(oid: int, name: str, kind: str, item: int | None, item_kind: str | None) -> TypeUse:
    """A type as the catalogue tells of it."""
    return TypeUse(oid=oid, name=name, kind=kind, item=item or 0, item_kind=item_kind or "")


def live(name: str, use: TypeUse, types: Types) -> LiveColumn:
    """A column or a field of a type, with what is nested in it."""
    made = types.get(use.oid)
    if use.kind == "d" and made is not None:
        return live(name, made.parts[0][1], types)
    fields: tuple[LiveColumn, ...] = ()
    if use.name.endswith("[]"):
        fields = (live(ITEM, TypeUse(oid=use.item, name=use.name[:-2], kind=use.item_kind), types),)
    elif made is not None:
        fields = tuple(live(part, each, types) for part, each in made.parts)
    return LiveColumn(name=name, type=use.name, logical_type=logical_type(use.name, use.kind), fields=fields)
