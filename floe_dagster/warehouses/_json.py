"""JSON: how engines look into a JSON value, piece by piece.

A piece is what a document holds at the end of some names. It is read as what the contract says it is, once
its kind has been looked at: what is of another kind may not be cast.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING

from floe_dagster.plan.field import ITEM, KEY
from floe_dagster.warehouses._dialect import Dialect
from floe_dagster.warehouses._fields import Piece, Reached
from floe_dagster.warehouses._pattern import unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from floe_dagster.plan.metric import LiveColumn

_PLAIN = re.compile(r"[A-Za-z0-9_ .:-]+")
_HOLDING = ("array", "object", "map", "vector")
_NUMBERS = ("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE")


class JsonSql(Dialect):
    """What engines with JSON have in common.

    Attributes:
        json_kinds: what the engine calls the kinds of JSON.
    """

    json_kinds: Mapping[str, tuple[str, ...]]

    @abstractmethod
    def json_kind(self, piece: Piece) -> str:
        """The kind of a piece of JSON, as one of `json_kinds`; NULL where there is none."""

    @abstractmethod
    def json_sql(self, piece: Piece) -> str:
        """A piece of JSON by itself."""

    @abstractmethod
    def json_any(self, piece: Piece, step: str, alias: str, said: Callable[[Piece], str]) -> str:
        """Whether something is so of any item of a JSON array, or of any key or value of an object.

        Args:
            piece: the array or the object.
            step: `[]`, `[key]` or `[value]`.
            alias: a name for the item that no other has here.
            said: what is asked of it; a key is given as the SQL of a text.
        """

    def json_null(self, piece: Piece) -> str:
        """Whether there is no piece, or only a null; what `json_is` says of nothing is NULL."""
        null = self.text(self.json_kinds["null"][0])
        return f"coalesce({self.json_kind(piece)}, {null}) = {null}"

    def json_is(self, piece: Piece, kind: str) -> str:
        """Whether a piece is of a kind: array, object, string, number, integer, boolean, scalar."""
        kinds = self.json_kinds[kind]
        given = self.json_kind(piece)
        return f"{given} = {self.text(kinds[0])}" if len(kinds) == 1 else f"{given} in ({self.listed(kinds)})"

    def json_whole(self, piece: Piece, name: str) -> Reached:
        """A piece of any kind, as a column of that name."""
        sql, null = self.json_sql(piece), self.json_null(piece)
        return Reached(name, self.json_type, "object", sql=sql, null=null)

    @abstractmethod
    def json_value(self, piece: Piece, kind: str, name: str) -> Reached:
        """A piece of a kind, as a column of that type and of that name."""

    @abstractmethod
    def json_key(self, piece: Piece, kind: str | None, name: str) -> str:
        """A piece as something that is equal exactly where the JSON is; NULL where that is null."""

    def piece(self, document: str, kind: str = "") -> Piece:
        """A whole document."""
        return Piece(document, self, kind=kind)


class DuckdbJson(JsonSql):
    """JSON of DuckDB, and structs that a contract calls maps."""

    json_type = "JSON"
    json_kinds: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {
            "null": ("NULL",),
            "array": ("ARRAY",),
            "object": ("OBJECT",),
            "string": ("VARCHAR",),
            "boolean": ("BOOLEAN",),
            "number": _NUMBERS,
            "integer": _NUMBERS,
            "scalar": ("VARCHAR", "BOOLEAN", *_NUMBERS),
        }
    )

    def json_of(self, column: LiveColumn, step: str) -> Piece | None:
        """Of a column of type JSON, and of a struct whose names are keys: those that hold a value."""
        value = self.value(column)
        if column.type.upper() == "JSON":
            return self.piece(value)
        if step.startswith("[") and step != ITEM and column.type.startswith("STRUCT"):
            return self.piece(f"json_merge_patch('{{}}'::json, to_json({value}))")
        return None

    def json_kind(self, piece: Piece) -> str:
        """By a JSON pointer (RFC 6901)."""
        return f"json_type({self._at(piece)})"

    def json_sql(self, piece: Piece) -> str:
        """By a JSON pointer."""
        return f"json_extract({self._at(piece)})" if piece.names else piece.document

    def json_any(self, piece: Piece, step: str, alias: str, said: Callable[[Piece], str]) -> str:
        """By a function of lists."""
        node = self.json_sql(piece)
        items = {ITEM: f"cast({node} as json[])", KEY: f"json_keys({node})"}
        found = items.get(step, f"json_extract({node}, '$.*')")
        return f"(len(list_filter({found}, lambda {alias}: {said(self.piece(alias))})) > 0)"

    def json_is(self, piece: Piece, kind: str) -> str:
        """By the type that DuckDB gives it; a number is an integer where 128 bits hold it."""
        held = super().json_is(piece, kind)
        if kind != "integer":
            return held
        double = f"try_cast({self.json_sql(piece)} as double)"
        return f"({held} and {double} = trunc({double}) and {self._hugeint(piece)} is not null)"

    def json_value(self, piece: Piece, kind: str, name: str) -> Reached:
        """Numbers have eight bytes, integers have sixteen."""
        node, null = self.json_sql(piece), self.json_null(piece)
        match kind:
            case "integer":
                return Reached(name, "HUGEINT", "integer", sql=self._hugeint(piece), null=null)
            case "number":
                return Reached(name, "DOUBLE", "number", sql=f"try_cast({node} as double)", null=null)
            case "boolean":
                return Reached(name, "BOOLEAN", "boolean", sql=f"try_cast({node} as boolean)", null=null)
            case _:
                at = self._at(piece) if piece.names else f"{node}, '$'"
                return Reached(name, "VARCHAR", "string", sql=f"json_extract_string({at})", null=null)

    def json_key(self, piece: Piece, kind: str | None, name: str) -> str:
        """Its text, where a whole number is written without a fraction."""
        _refuse_holding(kind, name, "DuckDB")
        node = self.json_sql(piece)
        return (
            f"case when {self.json_null(piece)} then null "
            f"when {self.json_is(piece, 'integer')} then cast({self._hugeint(piece)} as varchar) "
            f"when {self.json_is(piece, 'number')} then cast(try_cast({node} as double) as varchar) "
            f"else cast({node} as varchar) end"
        )

    def pointer(self, *names: str) -> str:
        """A pointer to what objects hold under names, as a literal."""
        return self.text("".join("/" + each.replace("~", "~0").replace("/", "~1") for each in names))

    def _at(self, piece: Piece) -> str:
        return f"{piece.document}, {self.pointer(*piece.names)}" if piece.names else piece.document

    def _hugeint(self, piece: Piece) -> str:
        return f"try_cast(cast({self.json_sql(piece)} as varchar) as hugeint)"


class PostgresJson(JsonSql):
    """json and jsonb of PostgreSQL; the one is read as the other."""

    json_type = "jsonb"
    json_kinds: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {
            **{each: (each,) for each in ("null", "array", "object", "string", "boolean", "number")},
            "integer": ("number",),
            "scalar": ("string", "number", "boolean"),
        }
    )

    def json_of(self, column: LiveColumn, step: str) -> Piece | None:
        """Of a column of type json or jsonb."""
        del step
        kind, value = column.type.lower(), self.value(column)
        if kind in ("json", "jsonb"):
            return self.piece(value if kind == "jsonb" else f"cast({value} as jsonb)")
        return None

    def json_kind(self, piece: Piece) -> str:
        """As PostgreSQL calls it."""
        return f"jsonb_typeof({self.json_sql(piece)})"

    def json_sql(self, piece: Piece) -> str:
        """By its keys."""
        return " -> ".join((piece.document, *(self.text(each) for each in piece.names)))

    def json_any(self, piece: Piece, step: str, alias: str, said: Callable[[Piece], str]) -> str:
        """By a set of its items or entries."""
        node = self.json_sql(piece)
        items = f"jsonb_array_elements({node}) as {alias}(item)"
        if step != ITEM:
            items = f"jsonb_each({node}) as {alias}(key, item)"
        found = self.piece(f"{alias}.key" if step == KEY else f"{alias}.item")
        return f"exists (select 1 from {items} where {said(found)})"  # noqa: S608  every part is quoted

    def json_is(self, piece: Piece, kind: str) -> str:
        """By the type that PostgreSQL gives it; a number without a fraction is an integer."""
        held = super().json_is(piece, kind)
        if kind != "integer":
            return held
        whole = f"mod({self.json_value(piece, 'number', '').sql}, 1) = 0"
        return f"case when {held} then {whole} else false end"

    def json_value(self, piece: Piece, kind: str, name: str) -> Reached:
        """Numbers are exact."""
        text, null = f"({self.json_sql(piece)} #>> '{{}}')", self.json_null(piece)
        match kind:
            case "integer" | "number":
                return Reached(name, "numeric", "number", sql=f"cast({text} as numeric)", null=null)
            case "boolean":
                return Reached(name, "boolean", "boolean", sql=f"cast({text} as boolean)", null=null)
            case _:
                return Reached(name, "text", "string", sql=text, null=null)

    def json_key(self, piece: Piece, kind: str | None, name: str) -> str:
        """As it is: jsonb compares by value."""
        del kind, name
        return f"nullif({self.json_sql(piece)}, 'null')"


class SqliteJson(JsonSql):
    """JSON in text, which is all that SQLite has; text that is no JSON is as a JSON string."""

    array_type = json_type = "json"
    json_kinds: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {
            "null": ("null",),
            "array": ("array",),
            "object": ("object",),
            "string": ("text",),
            "boolean": ("true", "false"),
            "number": ("integer", "real"),
            "integer": ("integer", "real"),
            "scalar": ("text", "true", "false", "integer", "real"),
        }
    )

    def json_of(self, column: LiveColumn, step: str) -> Piece | None:
        """Of a column of text, or one that is declared as JSON."""
        del step
        value = self.value(column)
        if isinstance(column, Reached):
            return self.piece(value) if column.type == self.json_type else None
        if not self.is_text(column) and "JSON" not in column.type.upper():
            return None
        return self.piece(f"case when json_valid({value}) then {value} else json_quote({value}) end")

    def json_kind(self, piece: Piece) -> str:
        """As SQLite calls it."""
        return self._taken(piece)[0]

    def json_sql(self, piece: Piece) -> str:
        """As a value of SQL; arrays and objects stay JSON."""
        return self._taken(piece)[1]

    def json_any(self, piece: Piece, step: str, alias: str, said: Callable[[Piece], str]) -> str:
        """By a table of its items or entries."""
        found = (
            self.piece(f"{alias}.key") if step == KEY else self.piece(f"{alias}.value", kind=f"{alias}.type")
        )
        items = _each(self.json_sql(piece), alias)
        return f"exists (select 1 from {items} where {said(found)})"  # noqa: S608  every part is quoted

    def json_is(self, piece: Piece, kind: str) -> str:
        """By the type that SQLite gives it; a number without a fraction is an integer."""
        held, value = super().json_is(piece, kind), self.json_sql(piece)
        return f"({held} and {value} = round({value}))" if kind == "integer" else held

    def json_value(self, piece: Piece, kind: str, name: str) -> Reached:
        """Numbers have eight bytes, as integers where those hold them."""
        value, null = self.json_sql(piece), self.json_null(piece)
        match kind:
            case "integer" | "number":
                return Reached(name, "numeric", "number", sql=value, null=null)
            case "boolean":
                return Reached(name, "boolean", "boolean", sql=value, null=null)
            case "scalar":
                given = self.json_kind(piece)
                text = f"case when {given} in ('true', 'false') then {given} else cast({value} as text) end"
                return Reached(name, "text", "string", sql=text, null=null)
            case _:
                return Reached(name, "text", "string", sql=value, null=null)

    def json_key(self, piece: Piece, kind: str | None, name: str) -> str:
        """Its value; text is quoted, so that it is not taken for anything else."""
        _refuse_holding(kind, name, "SQLite")
        value = self.json_sql(piece)
        return (
            f"case when {self.json_is(piece, 'number')} then {value} "
            f"when {self.json_is(piece, 'string')} then json_quote({value}) "
            f"when {self.json_is(piece, 'boolean')} then {self.json_kind(piece)} else {value} end"
        )

    def item_count(self, column: LiveColumn) -> str:
        """Of a JSON array; other JSON has none."""
        piece = self._piece(column)
        length = f"json_array_length({self.json_sql(piece)})"
        return f"case when {self.json_is(piece, 'array')} then {length} {self._else(piece, '0')}"

    def property_count(self, column: LiveColumn) -> str:
        """Of a JSON object; other JSON has none."""
        piece = self._piece(column)
        there = f"select count(*) from {_each(self.json_sql(piece), 'p')} where p.type <> 'null'"  # noqa: S608  every part is quoted
        return f"case when {self.json_is(piece, 'object')} then ({there}) {self._else(piece, '0')}"

    def has_property(self, column: LiveColumn, name: str) -> str:
        """By its key."""
        piece = self._piece(column)
        there = f"not ({self.json_null(piece.member(name))})"
        return f"case when {self.json_is(piece, 'object')} then {there} {self._else(piece, 'false')}"

    def _else(self, piece: Piece, otherwise: str) -> str:
        return f"when not ({self.json_null(piece)}) then {otherwise} end"

    def _piece(self, column: LiveColumn) -> Piece:
        piece = self.json_of(column, "")
        if piece is None:
            raise self.no_nesting(column)
        return piece

    def _taken(self, piece: Piece) -> tuple[str, str]:
        """The kind and the value of a piece.

        In a path SQLite reads only plain names as they are meant; others are looked for among the entries.
        """
        document, path = piece.document, "$"
        found = piece.kind or f"json_type({document})", document
        for each in piece.names:
            if _PLAIN.fullmatch(each):
                path += f'."{each}"'
                at = f"{document}, {self.text(path)}"
                found = f"json_type({at})", f"json_extract({at})"
            else:
                entries = f"from {_each(document, 'm', self.text(path))} where m.key = {self.text(each)}"
                found = f"(select m.type {entries} limit 1)", f"(select m.value {entries} limit 1)"
                document, path = f"(select m.value {entries} and m.type = 'object' limit 1)", "$"
        return found


def _each(document: str, alias: str, path: str = "'$'") -> str:
    """The entries of JSON in SQLite; a column that is called as one of theirs would be taken for it."""
    return f"(select {document} as json) as whole, json_each(whole.json, {path}) as {alias}"


def _refuse_holding(kind: str | None, name: str, engine: str) -> None:
    if kind in _HOLDING:
        raise unsupported(f'"{name}" is JSON, and {engine} does not tell whether two {kind}s of it are equal')
