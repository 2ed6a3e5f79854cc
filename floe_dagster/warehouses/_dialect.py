"""Dialect: how one engine spells names, values and the few functions that metrics need.

What is common to all engines stands here; an engine's file overrides what it says otherwise. Every name and
every value of a contract reaches SQL through `name` and the literals below, and through nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.warehouses._digits import digits_after_point, fits_single, precision
from floe_dagster.warehouses._fields import Reached
from floe_dagster.warehouses._iso import CLOCK, ENDS, NAIVE, WITH_ZONE, WITHOUT_ZONE, ZONED
from floe_dagster.warehouses._pattern import unsupported
from floe_dagster.warehouses._planners import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime, time

    from floe_dagster.plan.metric import LiveColumn
    from floe_dagster.warehouses._catalogue import LiveTable
    from floe_dagster.warehouses._fields import Piece, Said
    from floe_dagster.warehouses._planners import Planner


class Dialect(ABC):
    """SQL as the standard has it, with double quotes around names.

    Attributes:
        name: as sqlglot calls the dialect.
        statistics: counts and bounds are answered without a scan where a statement asks for nothing else.
        floating: the name of a number with eight bytes.
        exact: the type that holds the product of two integers of any size.
        exact_decimals: whether decimals are kept, and divided, exactly.
        single: the types of numbers with four bytes.
        default_schema: where unqualified names are looked for, for `explain`.
        planner: which statements read the rows of a table.
        most_cells: how many values one statement may select.
        array_type: a type of arrays, for `explain`.
        json_type: the type of JSON; empty where there is none.
        nests: columns with fields usually have types that tell of them, for `explain`; else they are JSON.
    """

    name = ""
    statistics = False
    floating = "double precision"
    exact = "numeric"
    exact_decimals = True
    single: tuple[str, ...] = ()
    most_cells = 500
    array_type = "integer[]"
    json_type = ""
    nests = False

    def __init__(self, default_schema: str = "", *, planner: Planner = plain) -> None:
        self.default_schema = default_schema
        self.planner = planner

    def identifier(self, text: str) -> str:
        """A name, in quotes."""
        return '"' + _clean(text).replace('"', '""') + '"'

    def value(self, column: LiveColumn) -> str:
        """The value of a column: its name, in quotes; of a field nested in one, the way to it."""
        return column.sql if isinstance(column, Reached) else self.identifier(column.name)

    def is_null(self, column: LiveColumn) -> str:
        """Whether a column is NULL, or a field is of something that is there."""
        return (isinstance(column, Reached) and column.null) or f"{self.value(column)} is null"

    def table(self, table: LiveTable) -> str:
        """Where to select from."""
        name = self.identifier(table.name)
        return f"{self.identifier(table.schema)}.{name}" if table.schema else name

    def text(self, value: str) -> str:
        """A text literal."""
        return "'" + _clean(value).replace("'", "''") + "'"

    def listed(self, values: Iterable[str]) -> str:
        """Text literals for a list; what no engine accepts is in no engine's catalogue, and left out."""
        return ", ".join(self.text(each) for each in values if not is_foreign(each)) or "null"

    def boolean(self, value: bool) -> str:  # noqa: FBT001  the value itself
        """A truth literal."""
        return "true" if value else "false"

    def number(self, value: float | Decimal) -> str:
        """A number literal; fractions are decimals, as they are written."""
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not exact.is_finite():
            raise WarehouseError(f"{value} is not a finite number")
        return str(value) if isinstance(value, int) else format(exact, "f")

    def number_like(self, value: float | Decimal, column: LiveColumn) -> str:
        """A number literal that is rounded as the column rounds."""
        if column.type.lower() in self.single:
            return f"cast({self.float_number(value)} as {column.type})"
        return self.number(value)

    def farthest(self, column: LiveColumn) -> int | None:
        """What every number of the column is below, and its negative above; None where that is not known.

        An engine may answer wrongly, or not at all, where it is asked of a number that no value can be.
        """
        kind = column.type.lower()
        if column.logical_type == "integer" and "big" not in kind.replace("bigint", ""):
            return 2**127 if kind == "hugeint" else 2**128 if kind == "uhugeint" else 2**64
        digits = precision(kind)
        return 10 ** (digits[0] - digits[1]) if digits else None

    def scale(self, column: LiveColumn) -> int | None:
        """How many digits a decimal has after the point; None where it is none, or is not kept exactly."""
        digits = precision(column.type) if self.exact_decimals else None
        return digits[1] if digits else None

    def can_hold(self, value: float | Decimal, column: LiveColumn) -> bool:
        """Whether a value of the column may equal a number; an engine may refuse to read one that cannot."""
        scale = self.scale(column)
        if scale is not None:
            return digits_after_point(value) <= scale
        return column.type.lower() not in self.single or fits_single(value)

    def is_beyond(self, value: float | Decimal, column: LiveColumn) -> bool:
        """Whether a number cannot be written as the column's type, and is held against it as eight bytes."""
        return column.type.lower() in self.single and not fits_single(value)

    def float_number(self, value: float | Decimal) -> str:
        """A number literal of eight bytes."""
        return f"cast({float(value)!r} as {self.floating})"

    def moment(self, at: datetime, column: LiveColumn) -> str:
        """A literal to hold a date or timestamp against; a column without a zone shows the clock of `at`."""
        if zoned(column):
            return f"timestamptz {self.text(at.isoformat(sep=' '))}"
        return f"timestamp {self.text(at.replace(tzinfo=None).isoformat(sep=' '))}"

    def day(self, at: date) -> str:
        """A date literal."""
        return f"date {self.text(at.isoformat())}"

    def clock(self, at: time) -> str:
        """A literal of a time of day."""
        return f"time {self.text(at.isoformat())}"

    def as_moment(self, column: LiveColumn) -> str:
        """A date or timestamp, to hold against `moment`."""
        return self.value(column)

    def as_wall(self, column: LiveColumn, zone: str) -> str:
        """The same, where what has no zone shows the clock of `zone`, and `moment` is given that clock."""
        del zone
        return self.as_moment(column)

    def keeps_zone(self, column: LiveColumn) -> bool:
        """Whether `as_moment` is a point in time, and not what a clock shows."""
        return zoned(column)

    def as_clock(self, column: LiveColumn) -> str:
        """A time of day, or text that holds one, to hold against `clock`; other text is an error."""
        if column.logical_type == "time":
            return self.value(column)
        text = self.as_text(column)
        return (
            f"case when {self.matches(text, CLOCK)} then cast({text} as time) "
            f"when {text} is not null then cast({self._refused(text)} as time) end"
        )

    def zone_differs(self, column: LiveColumn, *, should: bool) -> str:
        """Whether a stamp does not carry a zone as it should: by its type, or by its ISO 8601 text."""
        if column.logical_type == "string" or not column.type:
            wanted = WITH_ZONE if should else WITHOUT_ZONE + "$"
            return f"not {self.matches(self.as_text(column), wanted)}"
        return self.boolean(False) if zoned(column) is should else f"{self.value(column)} is not null"

    def as_text(self, column: LiveColumn) -> str:
        """The column's value as text."""
        name = self.value(column)
        return name if self.is_text(column) else f"cast({name} as varchar)"

    def excerpt(self, column: LiveColumn, most: int) -> str:
        """The first characters of the column's value as text."""
        return f"substr({self.as_text(column)}, 1, {int(most)})"

    def is_text(self, column: LiveColumn) -> bool:
        """Whether the engine itself holds it as text; an enumeration is none, and what is unknown is."""
        return column.type.lower().startswith(("varchar", "text", "char")) or not column.type

    def ordered_text(self, column: LiveColumn) -> str:
        """Text that compares by code points."""
        return self.as_text(column)

    def as_float(self, column: LiveColumn) -> str:
        """The column's value as a number of eight bytes."""
        return f"cast({self.value(column)} as {self.floating})"

    def length(self, sql: str) -> str:
        """The number of characters."""
        return f"length({sql})"

    def remainder(self, sql: str, divisor: str) -> str:
        """What is left of a division."""
        return f"{sql} % {divisor}"

    def greatest_or_least(self, function: str, column: LiveColumn, zone: str) -> str:
        """The newest (`max`) or oldest (`min`) point in time, as the engine's text."""
        name = self.value(column)
        if column.logical_type in ("date", "timestamp"):
            return self.shown(f"{function}({name})", column)
        return self.shown_utc(f"{function}({self.text_moment(column, zone)})")

    def text_moment(self, column: LiveColumn, zone: str) -> str:
        """ISO 8601 text as a point in time, in `zone` where it names no offset; other text is an error."""
        text = self.as_text(column)
        zoned, naive = self.matches(text, ZONED), self.matches(text, NAIVE)
        at, there = self._on_calendar(self.zoned_text(text)), self._on_calendar(self.naive_text(text, zone))
        return (
            f"case when {zoned} then {at} when {naive} then {there} "
            f"when {text} is not null then {self.zoned_text(self._refused(text))} end"
        )

    def _on_calendar(self, sql: str) -> str:
        """A point in time, or the end of the calendar that is nearest, as limits are read."""
        first, last = (f"timestamptz {self.text(each)}" for each in ENDS)
        return f"least(greatest({sql}, {first}), {last})"

    def _refused(self, text: str) -> str:
        """What is no time; no constant, which engines would work out, and fail on, before they see a row."""
        return f"'not ISO 8601: ' || {self.length(text)}"

    def text_moment_literal(self, at: datetime) -> str:
        """A literal to hold against `text_moment`."""
        return f"timestamptz {self.text(at.isoformat(sep=' '))}"

    def shown(self, sql: str, column: LiveColumn) -> str:
        """A date or timestamp as text, with its offset where the column has one."""
        return self.shown_utc(sql) if zoned(column) else f"cast({sql} as varchar)"

    def shown_utc(self, sql: str) -> str:
        """A timestamp with a zone, as text with its offset from UTC."""
        return f"cast({sql} as varchar)"

    def zoned_text(self, sql: str) -> str:
        """A text with an offset, as a timestamp with a zone."""
        return f"cast({sql} as timestamptz)"

    def naive_text(self, sql: str, zone: str) -> str:
        """A text without an offset, as a timestamp with a zone."""
        return f"timezone({self.text(zone)}, cast({sql} as timestamp))"

    def item_count(self, column: LiveColumn) -> str:
        """The number of items of an array; NULL where there is none."""
        raise self.no_nesting(column)

    def repeats_item(self, column: LiveColumn) -> str:
        """Whether an array holds an item twice."""
        raise self.no_nesting(column)

    def property_count(self, column: LiveColumn) -> str:
        """The number of properties of an object that hold a value; NULL where there is no object."""
        raise self.no_nesting(column)

    def has_property(self, column: LiveColumn, name: str) -> str:
        """Whether an object has a property that holds a value."""
        del name
        raise self.no_nesting(column)

    def field_of(self, column: LiveColumn, found: LiveColumn, step: str) -> Reached:
        """A field of an object, or the value of a map under the key `step`."""
        del found, step
        raise self.no_nesting(column)

    def any_item(self, column: LiveColumn, found: LiveColumn, alias: str, said: Said) -> str:
        """Whether something is so of any item of an array, or any key or value of a map.

        Args:
            column: the array or the map.
            found: its field `[]`, `[key]` or `[value]`.
            alias: a name for the item that no other has here.
            said: what is asked of it.
        """
        del found, alias, said
        raise self.no_nesting(column)

    def json_of(self, column: LiveColumn, step: str) -> Piece | None:
        """The JSON in which the next step is taken; None where it is not taken in JSON."""
        del column, step
        return None

    def text_of(self, sql: str, name: str) -> Reached:
        """Text, as a column of that name."""
        return Reached(name, "text", "string", sql=sql)

    def _check_kind(self, column: LiveColumn, *kinds: str) -> None:
        if column.logical_type not in kinds:
            raise self.no_nesting(column)

    def no_nesting(self, column: LiveColumn) -> WarehouseError:
        """The error for a column whose type has no items and no fields."""
        return unsupported(
            f'"{column.name}" is {column.type}, in which {self.name} sees no arrays and no objects'
        )

    @abstractmethod
    def matches(self, sql: str, pattern: str) -> str:
        """Whether the text holds a match of the pattern."""

    def group_key(self, table: LiveTable, column: LiveColumn) -> str:
        """What to group by so that equal values, and no others, fall together."""
        del table
        return self.value(column)

    def fingerprint(self, columns: Sequence[LiveColumn]) -> str:
        """A number that is the same wherever all these values are equal; empty where that is not certain."""
        del columns
        return ""

    def has_true_bounds(self, column: LiveColumn) -> bool:
        """Whether the bounds that are kept of a column hold for every value in it."""
        del column
        return True

    def orphans(
        self, child: str, keys: list[str], parent: str, to_keys: list[str], selected: str = "count(*)"
    ) -> str:
        """Counts the rows of `child` whose keys are complete and in no row of `parent`, or selects them."""
        pairs = " and ".join(f"p.{to} = c.{key}" for key, to in zip(keys, to_keys, strict=True))
        given = " and ".join(f"c.{key} is not null" for key in keys)
        found = f"select 1 from {parent} as p where {pairs}"  # noqa: S608  every part is quoted
        return f"select {selected} from {child} as c\nwhere {given}\n  and not exists ({found})"  # noqa: S608  every part is quoted

    @abstractmethod
    def catalogue(self, names: tuple[str, ...]) -> str:
        """The one statement that reads what there is of these tables."""


def zoned(column: LiveColumn) -> bool:
    """Whether the column's timestamps carry a zone."""
    return "with time zone" in column.type.lower() or "timestamptz" in column.type.lower()


def _clean(text: str) -> str:
    if is_foreign(text):
        raise WarehouseError(f"{text!r} holds a character that no engine accepts")
    return text


def is_foreign(text: str) -> bool:
    """Whether a text holds what no engine takes: the character 0, or half of a surrogate pair."""
    return "\x00" in text or any(0xD800 <= ord(each) <= 0xDFFF for each in text)
