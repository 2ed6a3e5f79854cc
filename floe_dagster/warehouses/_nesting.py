"""Nesting: what is in arrays and objects, for the engines that have them.

A property that holds NULL counts as none, since a struct cannot tell the two apart. JSON that is no array has
no items, and that is no object has no properties; a JSON null is as NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.warehouses._dialect import Dialect

if TYPE_CHECKING:
    from floe_dagster.plan.metric import LiveColumn


class DuckdbNesting(Dialect):
    """Lists, fixed arrays, structs, maps and JSON of DuckDB."""

    def item_count(self, column: LiveColumn) -> str:
        """Of a list, a fixed array or a JSON array."""
        name = self.identifier(column.name)
        if column.type.upper() == "JSON":
            return f"case when json_type({name}) <> 'NULL' then json_array_length({name}) end"
        self._check_array(column)
        return f"len({name})"

    def repeats_item(self, column: LiveColumn) -> str:
        """Of a list or a fixed array; the text of JSON items does not tell whether they are equal."""
        self._check_array(column)
        name = self.identifier(column.name)
        given = f"list_count({name})"
        return f"(len(list_distinct({name})) < {given} or len({name}) - {given} > 1)"

    def property_count(self, column: LiveColumn) -> str:
        """Of a struct, a map or a JSON object."""
        self._check_kind(column, "object", "map")
        value = f"to_json({self.identifier(column.name)})"
        there = f"len(json_keys(json_merge_patch('{{}}'::json, {value})))"
        kind = f"json_type({value})"
        return f"case when {kind} = 'OBJECT' then {there} when {kind} <> 'NULL' then 0 end"

    def has_property(self, column: LiveColumn, name: str) -> str:
        """By a JSON pointer (RFC 6901)."""
        self._check_kind(column, "object", "map")
        value = f"to_json({self.identifier(column.name)})"
        pointer = self.text("/" + name.replace("~", "~0").replace("/", "~1"))
        there = f"coalesce(json_type({value}, {pointer}), 'NULL') <> 'NULL'"
        kind = f"json_type({value})"
        return f"case when {kind} = 'OBJECT' then {there} when {kind} <> 'NULL' then false end"

    def _check_array(self, column: LiveColumn) -> None:
        if not column.type.endswith("]"):
            raise self._no_nesting(column)


class PostgresNesting(Dialect):
    """Arrays, composites, hstore and JSON of PostgreSQL."""

    def item_count(self, column: LiveColumn) -> str:
        """Of an array, in its first dimension, or of a JSON array."""
        if self._is_json(column):
            value = self._jsonb(column)
            return _of_json(value, "array", f"jsonb_array_length({value})", "0")
        self._check_kind(column, "array")
        name = self.identifier(column.name)
        return f"case when {name} is not null then coalesce(array_length({name}, 1), 0) end"

    def repeats_item(self, column: LiveColumn) -> str:
        """Of an array, in all its dimensions, or of a JSON array."""
        if self._is_json(column):
            value = self._jsonb(column)
            array = f"case jsonb_typeof({value}) when 'array' then {value} else '[]' end"
            return _repeats(f"jsonb_array_elements({array})")
        self._check_kind(column, "array")
        return _repeats(f"unnest({self.identifier(column.name)})")

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
        name = self.identifier(column.name)
        return f"cast({name} as jsonb)" if self._is_json(column) else f"to_jsonb({name})"


def _of_json(value: str, kind: str, there: str, otherwise: str) -> str:
    is_kind, is_null = f"jsonb_typeof({value}) = '{kind}'", f"jsonb_typeof({value}) = 'null'"
    return f"case when {is_kind} then {there} when not {is_null} then {otherwise} end"


def _repeats(items: str) -> str:
    """Whether a set of items holds one twice."""
    distinct = f"select distinct item from {items} as u(item)"  # noqa: S608  every part is quoted
    return f"((select count(*) from {items}) > (select count(*) from ({distinct}) as d))"  # noqa: S608  as above
