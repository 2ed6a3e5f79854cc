"""Exactness: rows and arguments for Great Expectations, so that it counts what the databases would count.

It holds numbers as floats, takes NaN for missing and runs patterns with Python's `re`. What it would
therefore count otherwise is refused here, by the type of a column or by what is found in it, and somebody
else counts.
Values of a contract are read as the column's type, as the databases read them.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from floe_dagster.errors import WarehouseError
from floe_dagster.warehouses._answers import instant, wall
from floe_dagster.warehouses._flavour import PYTHON, write
from floe_dagster.warehouses._pattern import parse, unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame, Series

    from floe_dagster.plan.metric import Expectation, LiveColumn

_KEYS = frozenset({"string", "integer", "number", "boolean", "date", "timestamp"})
_ORDERED = frozenset({"integer", "number", "date", "timestamp"})
_TEXT = frozenset({"string"})
_READS: Mapping[str, frozenset[str]] = {
    "expect_column_values_to_be_unique": _KEYS,
    "expect_compound_columns_to_be_unique": _KEYS,
    "expect_column_values_to_be_in_set": _KEYS,
    "expect_column_values_to_not_be_in_set": _KEYS,
    "expect_column_values_to_be_between": _ORDERED,
    "expect_column_value_lengths_to_be_between": _TEXT,
    "expect_column_values_to_match_regex": _TEXT,
}
"""Of which logical types the columns have to be; those of any other expectation may be of any."""

_PLAIN = re.compile(r"(n?varchar|text|clob|character varying|string)(\(\d+\))?")
_STAMPS = re.compile(r"date|datetime|timestamp(tz|\(\d\))?( with(out)? time zone)?")
_SINGLE = ("real", "float", "float4")
_HELD = ("expect_column_values_to_be_between", "expect_column_values_to_be_in_set")
_FARTHEST = 400
"""Numbers of more digits than these are told from none, and would take for ever to hold against one."""

_WHOLE = 2**53
"""Up to here every whole number is a float of eight bytes."""


@dataclass(frozen=True, slots=True)
class Held:
    """Rows as they can be counted exactly.

    Attributes:
        frame: by column; of one in `odd` only whether there is a value.
        columns: as the catalogue has them.
        odd: what cannot be counted exactly about a column, by its name.
    """

    frame: DataFrame
    columns: Mapping[str, LiveColumn] = field(default_factory=dict)
    odd: Mapping[str, str] = field(default_factory=dict)

    def arguments(self, wanted: Expectation) -> dict[str, Any]:
        """The kwargs of an expectation, its values read as the column's type.

        Raises:
            WarehouseError: it would not count as the databases do.
        """
        given = dict(json.loads(wanted.kwargs))
        if wanted.type not in _READS:
            return given
        for name in wanted.columns:
            if name in self.odd:
                raise unsupported(self.odd[name])
        if "regex" in given:
            given["regex"] = spelled(given["regex"])
        column = self.columns[wanted.columns[0]]
        if "value_set" in given:
            read = (_value(each, column) for each in given["value_set"])
            given["value_set"] = [each for each in read if each is not None]
        if wanted.type == "expect_column_values_to_be_between":
            for side in ("min", "max"):
                if f"{side}_value" in given:
                    strict = bool(given.get(f"strict_{side}"))
                    given[f"{side}_value"] = _limit(given[f"{side}_value"], column, side, strict=strict)
        return given


def check_types(wanted: Expectation, columns: Mapping[str, LiveColumn]) -> None:
    """Refuse what cannot be counted exactly, whatever is in the columns.

    Raises:
        WarehouseError: a column's type, or the pattern, is not plain enough.
    """
    accepted = _READS.get(wanted.type)
    if accepted is None:
        return
    if wanted.type == "expect_column_values_to_match_regex":
        spelled(json.loads(wanted.kwargs)["regex"])
    for each in columns.values():
        if each.type and not _is_plain(each, wanted, accepted):
            raise unsupported(f'"{each.name}" is {each.type}, which Great Expectations may count otherwise')


def _is_plain(column: LiveColumn, wanted: Expectation, accepted: frozenset[str]) -> bool:
    kind = column.type.lower()
    if column.logical_type not in accepted:
        return False
    match column.logical_type:
        case "string":
            return _PLAIN.fullmatch(kind) is not None
        case "date" | "timestamp":
            return _STAMPS.fullmatch(kind) is not None
        case "number":  # of four bytes, it may be rounded or not
            return not (kind in _SINGLE and (wanted.type in _HELD or "value_set" in wanted.kwargs))
        case _:
            return True


def spelled(pattern: str) -> str:
    """A pattern as Python's `re` writes what all engines here mean.

    Raises:
        WarehouseError: Python has no such construct.
    """
    written = write(parse(pattern), PYTHON)
    try:
        re.compile(written)
    except (re.error, OverflowError, RecursionError) as error:
        raise unsupported(f"Python cannot read the pattern {pattern[:80]}: {error}") from error
    return written


def held(columns: Mapping[str, LiveColumn], values: Mapping[str, Sequence[Any]], rows: int) -> Held:
    """Rows, column by column, as far as they can be counted exactly."""
    import pandas as pd

    found: dict[str, Series[Any]] = {}
    odd: dict[str, str] = {}
    for name, each in values.items():
        try:
            found[name] = _series(each, columns[name])
        except WarehouseError as error:
            odd[name] = error.message
            found[name] = pd.Series([None if one is None else True for one in each], dtype="object")
    return Held(pd.DataFrame(found, index=range(rows)), columns, odd)


def _series(values: Sequence[Any], column: LiveColumn) -> Series[Any]:
    import pandas as pd

    kinds = set(map(type, values)) - {type(None)}
    match column.logical_type:
        case "integer" if kinds <= {int}:
            return _integers(values)
        case "number":
            if kinds <= {float}:
                _check_nan(values, column)
                return pd.Series(values, dtype="float64")
            read = [None if each is None else _float(each, column) for each in values]
            return pd.Series(read, dtype="float64")
        case "date" | "timestamp":
            stamps = [None if each is None else _stamp(each, column) for each in values]
            return pd.Series(stamps, dtype="datetime64[us]")
        case "string" if kinds <= {str}:
            return pd.Series(values, dtype="object")
        case "boolean" if kinds <= {bool} or (kinds <= {bool, int} and set(values) <= {None, 0, 1}):
            return pd.Series(values, dtype="object")
        case _:
            raise _no_plain(column)


def _integers(values: Sequence[Any]) -> Series[Any]:
    import pandas as pd

    if any(abs(each) > _WHOLE for each in values if each is not None):
        return pd.Series(values, dtype="object")
    return pd.Series(values, dtype="Int64" if None in values else "int64")


def _check_nan(values: Sequence[Any], column: LiveColumn) -> None:
    if any(each is not None and math.isnan(each) for each in values):
        raise _not_apart(column)


def _float(value: Any, column: LiveColumn) -> float:
    """A number as a float that is as near to it as to no other number in question."""
    match value:
        case bool():
            raise _no_plain(column)
        case float() if not math.isnan(value):
            return value
        case int() | Decimal() if _is_float(value):
            return float(value)
        case _:
            raise _not_apart(column)


def _is_float(value: int | Decimal) -> bool:
    """Whether a number comes back from a float of eight bytes as it went there."""
    exact = Decimal(value)
    return exact.is_finite() and Decimal(repr(float(exact))) == exact


def _stamp(value: Any, column: LiveColumn) -> datetime:
    """A point in time in UTC, or what the clock shows where there is no zone; without its zone."""
    if isinstance(value, str) and _is_zoned(column):
        try:
            return instant(value, "UTC").replace(tzinfo=None)
        except (ValueError, OverflowError):
            raise _no_plain(column) from None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  as all of them
    raise _no_plain(column)


def _is_zoned(column: LiveColumn) -> bool:
    from floe_dagster.warehouses._dialect import zoned  # noqa: PLC0415  dialects know of plans, and plans of us

    return zoned(column)


def _no_plain(column: LiveColumn) -> WarehouseError:
    if not column.type:
        return unsupported(f'"{column.name}" has no type that Great Expectations could be told')
    return unsupported(
        f'"{column.name}" is {column.type}, and holds what Great Expectations may count otherwise'
    )


def _not_apart(column: LiveColumn) -> WarehouseError:
    return unsupported(
        f'"{column.name}" holds numbers that Great Expectations takes for missing, or for one another'
    )


# Values of a contract, read as the column's type.


def _value(value: Any, column: LiveColumn) -> Any:
    """The value that a listed one stands for, or None where no value of the column's type can equal it."""
    match column.logical_type:
        case "integer" | "number":
            return _number_of(value, column)
        case "boolean":
            return {"true": True, "false": False}.get(str(value).lower())
        case "date" | "timestamp":
            try:
                return _moment(str(value), column)
            except (ValueError, OverflowError):
                return None
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _number_of(value: Any, column: LiveColumn) -> int | float | None:
    number = _number(value)
    if number is None:
        return None
    if column.logical_type == "integer":
        return int(number) if number == number.to_integral_value() else None
    if not _is_float(number):
        raise unsupported(f"{number} has more digits than Great Expectations can tell apart")
    return float(number)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _FARTHEST else None


def _limit(limit: Any, column: LiveColumn, side: str, *, strict: bool) -> Any:
    """A limit, which Great Expectations makes a float of."""
    if column.logical_type in ("date", "timestamp"):
        try:
            return _moment(str(limit), column)
        except (ValueError, OverflowError):
            raise unsupported(f"{limit!r} is no ISO 8601 value") from None
    number = _number(limit)
    if number is not None and column.logical_type == "integer":
        # the next whole number that is still on the same side
        number = Decimal(math.ceil(number) if (side == "min") is not strict else math.floor(number))
        exact = Decimal(float(number)) == number
    else:
        exact = number is not None and _is_float(number)
    if number is None or not exact:
        raise unsupported(f"{limit!r} is no limit that Great Expectations holds exactly")
    return float(number)


def _moment(text: str, column: LiveColumn) -> datetime:
    read = instant if _is_zoned(column) else wall
    return read(text, "UTC").replace(tzinfo=None)
