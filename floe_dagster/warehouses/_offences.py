"""Offences: what a row can do wrong, as a condition in SQL.

Which condition depends on what the column holds: values of a contract are read as the column's type first,
so that `validValues: [1, 2]` means the same for integers and for text, and a value that cannot be of that
type equals nothing. What makes no sense, such as a pattern on a number, is refused with a sentence and
never sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import LiveColumn
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    ItemsCompare,
    LacksProperty,
    Lag,
    LengthCompares,
    Literalish,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotNormalized,
    NotWritten,
    Null,
    Offence,
    PropertiesCompare,
    RepeatsItem,
    SingleOffence,
    ZoneDiffers,
)
from floe_dagster.warehouses._answers import instant, wall
from floe_dagster.warehouses._digits import digits_after_point, rounded, with_point
from floe_dagster.warehouses._fields import offending
from floe_dagster.warehouses._formats import LONGEST, PATTERNS
from floe_dagster.warehouses._lag import lag
from floe_dagster.warehouses._pattern import unsupported
from floe_dagster.warehouses._vector import not_normalized

if TYPE_CHECKING:
    from floe_dagster.warehouses._dialect import Dialect

ColumnOf = Callable[[str], LiveColumn]
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]|$)")
_ISO_TIME = re.compile(r"\d{2}:\d{2}")
_NUMBERS = ("integer", "number")
_LARGEST = 1.7976931348623157e308
_TIMES = ("date", "timestamp")


def condition(offence: Offence, column_of: ColumnOf, dialect: Dialect) -> str:
    """The rows that commit the offence.

    Args:
        offence: what is asked for.
        column_of: looks a column up, by its physical name; raises where there is none.
        dialect: the engine's.

    Raises:
        WarehouseError: the column's type makes no sense of it, or the engine cannot do it.
    """
    if isinstance(offence, AnyOf):
        parts = (f"({condition(each, column_of, dialect)})" for each in offence.offences)
        return " or ".join(parts) or dialect.boolean(False)  # a column may be called false
    if isinstance(offence, Lag):
        return lag(offence, column_of, dialect)
    where = offence.column
    if isinstance(where, Field):
        root = column_of(where.column)
        return offending(offence, where, root, dialect, lambda value: _single(offence, value, dialect))
    return _single(offence, column_of(where), dialect)


def _single(offence: SingleOffence, column: LiveColumn, dialect: Dialect) -> str:  # noqa: C901, PLR0912  one case an offence
    name = dialect.value(column)
    match offence:
        case Null():
            return dialect.is_null(column)
        case Missing():
            return _missing(offence, column, dialect)
        case NotIn():
            allowed = _values(offence.values, column, dialect)
            return (
                f"{_comparable(column, dialect)} not in ({', '.join(allowed)})"
                if allowed
                else f"{name} is not null"
            )
        case NotMatching():
            return f"not {dialect.matches(_text(column, dialect, 'a pattern'), offence.pattern)}"
        case Compares():
            return _compares(offence, column, dialect)
        case LengthCompares():
            text = _text(column, dialect, "a length")
            return f"{dialect.length(text)} {offence.operator} {int(offence.limit)}"
        case NotMultipleOf():
            return _not_multiple(offence, column, dialect)
        case NotFormat():
            return _not_format(offence, column, dialect)
        case NotWritten():
            return _not_written(offence, column, dialect)
        case ZoneDiffers(_, should):
            if column.logical_type not in (*_TIMES, "time", "string", None) or not _is_known(column):
                raise WarehouseError(f'"{column.name}" is {column.type}, which is no timestamp')
            return dialect.zone_differs(column, should=should)
        case ItemsCompare(_, operator, limit):
            return f"{dialect.item_count(column)} {operator} {int(limit)}"
        case RepeatsItem():
            return dialect.repeats_item(column)
        case NotNormalized():
            return not_normalized(column, dialect)
        case PropertiesCompare(_, operator, limit):
            return f"{dialect.property_count(column)} {operator} {int(limit)}"
        case LacksProperty(_, wanted):
            return f"not {dialect.has_property(column, wanted)}"


def _missing(offence: Missing, column: LiveColumn, dialect: Dialect) -> str:
    marks = _values(offence.values, column, dialect)
    null = offence.null or None in offence.values
    parts = [dialect.is_null(column)] if null else []
    if marks:
        parts.append(f"{_comparable(column, dialect)} in ({', '.join(marks)})")
    return " or ".join(parts) or dialect.boolean(False)


def _not_format(offence: NotFormat, column: LiveColumn, dialect: Dialect) -> str:
    if offence.format not in PATTERNS:
        raise unsupported(f'no check for the format "{offence.format}"; known: {", ".join(PATTERNS)}')
    text = _text(column, dialect, "a format")
    wrong = f"not {dialect.matches(text, PATTERNS[offence.format])}"
    longest = LONGEST.get(offence.format)
    return f"({wrong} or {dialect.length(text)} > {longest})" if longest else wrong


def _not_written(offence: NotWritten, column: LiveColumn, dialect: Dialect) -> str:
    if column.logical_type in (*_TIMES, "time"):
        raise unsupported(
            f'"{column.name}" is {column.type}, and no text: the format {offence.format} says how it is shown'
        )
    return f"not {dialect.matches(_text(column, dialect, 'a format'), offence.pattern)}"


def _is_known(column: LiveColumn) -> bool:
    """Whether there is a word for its type; in a plan without a connection no column has one."""
    return column.logical_type is not None or not column.type


def _text(column: LiveColumn, dialect: Dialect, what: str) -> str:
    if column.logical_type not in ("string", None) or not _is_known(column):
        raise WarehouseError(f'{what} needs text, and "{column.name}" is {column.type}')
    return dialect.as_text(column)


# Values of a contract, read as the column's type.


def _values(values: Iterable[Literalish], column: LiveColumn, dialect: Dialect) -> list[str]:
    read = (_value(each, column, dialect) for each in values if each is not None)
    return list(dict.fromkeys(each for each in read if each is not None))


def _comparable(column: LiveColumn, dialect: Dialect) -> str:
    """The column as something that `_value` can be held against."""
    match column.logical_type:
        case "integer" | "number" | "boolean":
            return dialect.value(column)
        case "time":
            return dialect.as_clock(column)
        case "date" | "timestamp":
            return dialect.as_moment(column)
        case "array" | "object" | "map":
            raise WarehouseError(f'"{column.name}" is {column.type}, whose values cannot be listed')
        case _:
            return dialect.as_text(column)


def _value(value: Literalish, column: LiveColumn, dialect: Dialect) -> str | None:
    """A literal, or None where no value of the column's type can equal it."""
    match column.logical_type:
        case "integer" | "number":
            number = _number(value)
            if number is None or _side(number, column, dialect) or not dialect.can_hold(number, column):
                return None
            return dialect.number_like(number, column)
        case "boolean":
            truth = {"true": True, "false": False}.get(str(value).lower())
            return None if truth is None else dialect.boolean(truth)
        case "date" | "timestamp" | "time":
            try:
                return _time_literal(str(value), column, dialect)
            except WarehouseError:
                return None
        case _:
            return dialect.text(str(value).lower() if isinstance(value, bool) else str(value))


def _number(value: Literalish) -> int | float | Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 400 else None


# Limits.


def _compares(offence: Compares, column: LiveColumn, dialect: Dialect) -> str:
    operator, limit = offence.operator, offence.limit
    match column.logical_type:
        case "integer" | "number":
            return _compares_number(offence, column, dialect)
        case "date" | "timestamp":
            at = _time_literal(str(limit), column, dialect, offence.zone)
            return f"{dialect.as_wall(column, offence.zone)} {operator} {at}"
        case "time":
            return f"{dialect.as_clock(column)} {operator} {_time_literal(str(limit), column, dialect)}"
        case "string" if isinstance(limit, str) and _ISO_DATE.match(limit):
            at = dialect.text_moment_literal(_moment(limit, column, offence.zone, instant))
            return f"{dialect.text_moment(column, offence.zone)} {operator} {at}"
        case "string" if isinstance(limit, str) and _ISO_TIME.match(limit):
            return f"{dialect.as_clock(column)} {operator} {dialect.clock(_clock(limit, column))}"
        case "string" if isinstance(limit, str):
            return f"{dialect.ordered_text(column)} {operator} {dialect.text(limit)}"
        case None if not column.type:
            shown = dialect.text(limit) if isinstance(limit, str) else dialect.number(limit)
            return f"{dialect.value(column)} {operator} {shown}"
        case _:
            raise WarehouseError(
                f'"{column.name}" is {column.type} and cannot be held against the limit {limit!r}'
            )


def _compares_number(offence: Compares, column: LiveColumn, dialect: Dialect) -> str:
    number = _number(offence.limit)
    if number is None:
        raise WarehouseError(
            f'"{column.name}" is {column.type}, and the limit {offence.limit!r} is no number'
        )
    name, scale = dialect.value(column), dialect.scale(column)
    nearest = math.ceil if offence.operator in ("<", ">=") else math.floor
    if scale is not None and digits_after_point(number) > scale:
        number = rounded(number, scale, nearest)
    if side := _side(number, column, dialect):
        above = (side > 0) is offence.operator.startswith("<")
        return f"{name} is not null" if above else dialect.boolean(False)
    if dialect.is_beyond(number, column):
        return f"{dialect.as_float(column)} {offence.operator} {dialect.float_number(number)}"
    if column.logical_type == "integer":
        return f"{name} {offence.operator} {nearest(number)}"
    return f"{name} {offence.operator} {dialect.number_like(number, column)}"


def _side(number: float | Decimal, column: LiveColumn, dialect: Dialect) -> int:
    """1 for a number that every value of the column is below, -1 where they are above it, else 0."""
    farthest = dialect.farthest(column)
    # not by abs(), which rounds decimals to 28 digits
    if farthest is None or -farthest < number < farthest:
        return 0
    return 1 if number > 0 else -1


def _time_literal(text: str, column: LiveColumn, dialect: Dialect, zone: str = "UTC") -> str:
    if column.logical_type == "time":
        return dialect.clock(_clock(text, column))
    at = _moment(text, column, zone, instant if dialect.keeps_zone(column) else wall)
    if column.logical_type == "date" and _is_midnight(at):
        return dialect.day(at.date())
    return dialect.moment(at, column)


def _moment(text: str, column: LiveColumn, zone: str, read: Callable[[str, str], datetime]) -> datetime:
    try:
        return read(text, zone)
    except ZoneInfoNotFoundError:
        raise WarehouseError(f'there is no time zone "{zone}"; write it as "Europe/Berlin"') from None
    except (ValueError, OverflowError):
        raise _no_value(text, column) from None


def _clock(text: str, column: LiveColumn) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError:
        raise _no_value(text, column) from None


def _no_value(text: str, column: LiveColumn) -> WarehouseError:
    return WarehouseError(f'"{column.name}" is {column.type}, and "{text[:40]}" is no ISO 8601 value of it')


def _is_midnight(at: datetime) -> bool:
    return at == datetime.combine(date(at.year, at.month, at.day), time(), UTC)


# Multiples.


def _not_multiple(offence: NotMultipleOf, column: LiveColumn, dialect: Dialect) -> str:
    """Integers and decimals exactly; binary fractions within what eight bytes can tell apart."""
    if column.logical_type not in (*_NUMBERS, None):
        raise WarehouseError(f'a multiple needs a number, and "{column.name}" is {column.type}')
    if not math.isfinite(offence.divisor) or offence.divisor == 0:
        raise WarehouseError(f"nothing is a multiple of {offence.divisor}")
    name, divisor = dialect.value(column), abs(offence.divisor)
    if column.logical_type == "integer":
        fraction = Fraction(repr(divisor))
        scaled = (
            name
            if fraction.denominator == 1
            else f"(cast({name} as {dialect.exact}) * {fraction.denominator})"
        )
        return f"{dialect.remainder(scaled, str(fraction.numerator))} <> 0"
    if column.type.lower().startswith(("decimal", "numeric")) and dialect.exact_decimals:
        least = _least_multiple(divisor, dialect.scale(column))
        if _side(least, column, dialect):
            return f"{name} <> 0"
        return f"{dialect.remainder(name, dialect.number_like(least, column))} <> 0"
    about = _is_about_multiple(divisor, column, dialect)
    return f"({name} is not null and not coalesce({about}, {dialect.boolean(False)}))"


def _least_multiple(divisor: float, scale: int | None) -> float | Decimal:
    """The smallest multiple with so many digits after the point: all others are multiples of that one."""
    if scale is None:
        return divisor
    fraction = Fraction(repr(divisor))
    unscaled = fraction.numerator * 10**scale
    return with_point(unscaled // math.gcd(unscaled, fraction.denominator), scale)


def _is_about_multiple(divisor: float, column: LiveColumn, dialect: Dialect) -> str:
    """Only what lies between is divided: a quotient may be too small or too large for engines to give it."""
    value, by = dialect.as_float(column), dialect.float_number(divisor)
    small = dialect.float_number(1e-10 * divisor)
    large = dialect.float_number(min(2.0**53 * divisor, _LARGEST))
    close = f"abs({value} / {by} - round({value} / {by})) <= 1e-9 + 1e-15 * abs({value} / {by})"
    # NaN and infinity are above the largest number, and a multiple of nothing
    finite = f"abs({value}) <= {dialect.float_number(_LARGEST)}"
    return (
        f"case when abs({value}) <= {small} then {dialect.boolean(True)} "
        f"when abs({value}) >= {large} then {finite} else {close} end"
    )
