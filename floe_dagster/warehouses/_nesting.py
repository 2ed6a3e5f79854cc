"""Nesting: what is in arrays and objects, for the engines that have them.

A property that holds NULL counts as none, since a struct cannot tell the two apart. JSON that is no array has
no items, and that is no object has no properties; a JSON null is as NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.plan.field import ITEM, KEY, VALUE, spelled
from floe_dagster.warehouses._fields import Reached
from floe_dagster.warehouses._json import DuckdbJson, PostgresJson

if TYPE_CHECKING:
    from floe_dagster.plan.metric import LiveColumn
    from floe_dagster.warehouses._fields import Said


class DuckdbNesting(DuckdbJson):
    """Lists, fixed arrays, structs, maps and JSON of DuckDB."""

    nests = True

    def field_of(self, column: LiveColumn, found: LiveColumn, step: str) -> Reached:
        """Of a struct by its name, and of a map by its key."""
        value = self.value(column)
        of_map = found.name == VALUE
        taken = (
            f"{value}[{self.text(step)}]" if of_map else f"struct_extract({value}, {self.text(found.name)})"
        )
        null = f"({value} is not null and {taken} is null)"
        return _reached(column, found, step if of_map else found.name, taken, null)

    def any_item(self, column: LiveColumn, found: LiveColumn, alias: str, said: Said) -> str:
        """By a function of lists."""
        value = self.value(column)
        items = {ITEM: value, KEY: f"map_keys({value})", VALUE: f"map_values({value})"}[found.name]
        item = _reached(column, found, found.name, alias, f"{alias} is null")
        return f"(len(list_filter({items}, lambda {alias}: {said(item)})) > 0)"

    def item_count(self, column: LiveColumn) -> str:
        """Of a list, a fixed array or a JSON array."""
        name = self.value(column)
        if column.type.upper() == "JSON":
            return f"case when json_type({name}) <> 'NULL' then json_array_length({name}) end"
        self._check_array(column)
        return f"len({name})"

    def repeats_item(self, column: LiveColumn) -> str:
        """Of a list or a fixed array; the text of JSON items does not tell whether they are equal."""
        self._check_array(column)
        name = self.value(column)
        given = f"list_count({name})"
        return f"(len(list_distinct({name})) < {given} or len({name}) - {given} > 1)"

    def property_count(self, column: LiveColumn) -> str:
        """Of a struct, a map or a JSON object."""
        self._check_kind(column, "object", "map")
        value = f"to_json({self.value(column)})"
        there = f"len(json_keys(json_merge_patch('{{}}'::json, {value})))"
        kind = f"json_type({value})"
        return f"case when {kind} = 'OBJECT' then {there} when {kind} <> 'NULL' then 0 end"

    def has_property(self, column: LiveColumn, name: str) -> str:
        """By a JSON pointer (RFC 6901)."""
        self._check_kind(column, "object", "map")
        value = f"to_json({self.value(column)})"
        there = f"coalesce(json_type({value}, {self.pointer(name)}), 'NULL') <> 'NULL'"
        kind = f"json_type({value})"
        return f"case when {kind} = 'OBJECT' then {there} when {kind} <> 'NULL' then false end"

    def _check_array(self, column: LiveColumn) -> None:
        if not column.type.endswith("]"):
            raise self.no_nesting(column)


class PostgresNesting(PostgresJson):
    """Arrays, composites, hstore and JSON of PostgreSQL."""

    def is_null(self, column: LiveColumn) -> str:
        """A composite of nothing but NULLs is one, though it counts as NULL by itself."""
        composite = column.logical_type == "object" and column.fields and not isinstance(column, Reached)
        return f"{self.value(column)} is not distinct from null" if composite else super().is_null(column)

    def field_of(self, column: LiveColumn, found: LiveColumn, step: str) -> Reached:
        """Of a composite."""
        del step
        value = self.value(column)
        taken = f"({value}).{self.identifier(found.name)}"
        null = f"({value} is distinct from null and {taken} is not distinct from null)"
        return _reached(column, found, found.name, taken, null)

    def any_item(self, column: LiveColumn, found: LiveColumn, alias: str, said: Said) -> str:
        """By a set of the items, in which a composite stays one value."""
        null = f"{alias}.item is not distinct from null"
        item = _reached(column, found, found.name, f"{alias}.item", null)
        items = f"select unnest({self.value(column)}) as item"
        return f"exists (select 1 from ({items}) as {alias} where {said(item)})"  # noqa: S608  every part is quoted

    def item_count(self, column: LiveColumn) -> str:
        """Of an array, in its first dimension, or of a JSON array."""
        if self._is_json(column):
            value = self._jsonb(column)
            return _of_json(value, "array", f"jsonb_array_length({value})", "0")
        if column.logical_type == "vector":
            return f"vector_dims({self.value(column)})"
        self._check_kind(column, "array")
        name = self.value(column)
        return f"case when {name} is not null then coalesce(array_length({name}, 1), 0) end"

    def repeats_item(self, column: LiveColumn) -> str:
        """Of an array, in all its dimensions, or of a JSON array."""
        if self._is_json(column):
            value = self._jsonb(column)
            array = f"case jsonb_typeof({value}) when 'array' then {value} else '[]' end"
            return _repeats(f"jsonb_array_elements({array})")
        self._check_kind(column, "array")
        return _repeats(f"unnest({self.value(column)})")

    def property_count(self, column: LiveColumn) -> str:
        """Of a composite, of JSON or of an hstore."""
        self._check_kind(column, "object", "map")
        value = self._jsonb(column)
        keys = f"cardinality(array(select jsonb_object_keys(jsonb_strip_nulls({value}))))"
        return _of_json(value, "object", keys, "0")

    def has_property(self, column: LiveColumn, name: str) -> str:
        """By its key."""
        self._check_kind(column, "object", "map")
        value = self._jsonb(column)
        found = f"coalesce(jsonb_typeof({value} -> {self.text(name)}), 'null') <> 'null'"
        return _of_json(value, "object", found, "false")

    def _is_json(self, column: LiveColumn) -> bool:
        return column.type.lower() in ("json", "jsonb")

    def _jsonb(self, column: LiveColumn) -> str:
        name = self.value(column)
        if column.type.lower() == "jsonb":
            return name
        return f"cast({name} as jsonb)" if self._is_json(column) else f"to_jsonb({name})"


def _reached(column: LiveColumn, found: LiveColumn, name: str, sql: str, null: str) -> Reached:
    way = spelled((column.name, name))
    return Reached(way, found.type, found.logical_type, fields=found.fields, sql=sql, null=null)


def _of_json(value: str, kind: str, there: str, otherwise: str) -> str:
    is_kind, is_null = f"jsonb_typeof({value}) = '{kind}'", f"jsonb_typeof({value}) = 'null'"
    return f"case when {is_kind} then {there} when not {is_null} then {otherwise} end"


def _repeats(items: str) -> str:
    """Whether a set of items holds one twice."""
    distinct = f"select distinct item from {items} as u(item)"  # noqa: S608  every part is quoted
    return f"((select count(*) from {items}) > (select count(*) from ({distinct}) as d))"  # noqa: S608  as above
