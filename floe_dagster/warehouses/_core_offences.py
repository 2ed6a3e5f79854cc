"""Core offences: what a row can do wrong, as a condition of SQLAlchemy, where all databases agree on it.

Values of a contract are parameters, read as the column's type first, as in every other warehouse. Patterns,
formats and multiples, the order of texts, and texts that are times mean something else in each database.
"""

from __future__ import annotations

import math
import operator
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import types

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.field import ColumnRef, Field
from floe_dagster.plan.metric import Cause, LiveColumn, NotMeasured
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    LengthCompares,
    Literalish,
    Missing,
    NotIn,
    Null,
    Offence,
)
from floe_dagster.warehouses._answers import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from floe_dagster.warehouses._core_catalogue import CoreTable

_OPERATORS: dict[str, Callable[[Any, Any], sa.ColumnElement[bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SINGLE_BITS = 24
_MOST = 2**63
"""Drivers take no integer beyond eight bytes; beyond them a fraction compares as well."""


def condition(offence: Offence, table: CoreTable, dialect: str) -> sa.ColumnElement[bool]:
    """The rows that commit the offence.

    Args:
        offence: what is asked for.
        table: whose columns it looks at.
        dialect: as SQLAlchemy calls it.

    Raises:
        WarehouseError: the column's type makes no sense of it, or databases do not agree on it.
    """
    if isinstance(offence, AnyOf):
        return sa.or_(sa.false(), *(condition(each, table, dialect) for each in offence.offences))
    live, column = column_of(table, offence.column)
    match offence:
        case Null():
            return column.is_(None)
        case Missing(_, values, null):
            marks = _values(values, live, column, dialect)
            gone = [column.is_(None)] if null or None in values else []
            return sa.or_(sa.false(), *gone, *([_comparable(column).in_(marks)] if marks else []))
        case NotIn(_, values):
            allowed = _values(values, live, column, dialect)
            return _comparable(column).not_in(allowed) if allowed else column.is_not(None)
        case Compares():
            return _compares(offence, live, column, dialect)
        case LengthCompares(_, sign, limit):
            if live.logical_type != "string":
                raise WarehouseError(f'a length needs text, and "{live.name}" is {live.type}')
            return _OPERATORS[sign](sa.func.char_length(_comparable(column)), int(limit))
        case _:
            raise never(f"look for {_SAID.get(type(offence).__name__, type(offence).__name__)}")


_SAID = {
    "NotMatching": "patterns, which each database spells in its own way",
    "NotFormat": "formats, which are patterns, which each database spells in its own way",
    "Lag": "the time between two columns, which each database works out in its own way",
    "NotMultipleOf": "multiples, which databases do not work out alike",
}


def never(what: str) -> WarehouseError:
    """What databases do not agree on."""
    return WarehouseError(f"the generic warehouse cannot {what}", cause=Cause.UNSUPPORTED)


def column_of(table: CoreTable, name: ColumnRef) -> tuple[LiveColumn, sa.ColumnElement[Any]]:
    """A column, as the catalogue and as SQLAlchemy have it.

    Raises:
        WarehouseError: there is none, or it is a field nested in one.
    """
    if isinstance(name, Field):
        raise never(f"look into columns for nested fields such as {name}")
    found = table.column(name)
    if isinstance(found, NotMeasured):
        raise WarehouseError(found.reason, cause=found.cause)
    return found, table.core(found.name)


def times_of(live: LiveColumn, dialect: str) -> None:
    """Whether its times can be compared.

    Raises:
        WarehouseError: it holds none, or holds them as text.
    """
    match live.logical_type:
        case "timestamp" | "time" if dialect == "sqlite":
            raise never(
                f'compare the times of "{live.name}", which SQLite keeps as text; '
                "set type: sqlite, which has a warehouse of its own"
            )
        case "string":
            raise never(f'read the text of "{live.name}" as times')
        case "date" | "timestamp" | "time":
            return
        case _ if live.type:
            raise WarehouseError(f'"{live.name}" is {live.type}, which is neither a date nor a timestamp')


# Values of a contract, read as the column's type.


def _comparable(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column as something that values can be held against; what only looks like text becomes text."""
    return sa.cast(column, sa.String()) if isinstance(column.type, types.Enum | types.Uuid) else column


def _values(
    values: Iterable[Literalish], live: LiveColumn, column: sa.ColumnElement[Any], dialect: str
) -> list[Any]:
    if live.logical_type in (None, "array", "object", "map") and live.type:
        raise never(f'hold lists of values against "{live.name}", which is {live.type}')
    if live.logical_type in ("timestamp", "time"):
        times_of(live, dialect)
    read = (_value(each, live, column) for each in values if each is not None)
    return [each for each in read if each is not None]


def _value(value: Literalish, live: LiveColumn, column: sa.ColumnElement[Any]) -> Any:
    """A parameter, or None where no value of the column's type can equal it."""
    match live.logical_type:
        case "integer" | "number":
            number = _number(value)
            whole = number is not None and number % 1 == 0
            return (
                None
                if number is None or (live.logical_type == "integer" and not whole)
                else _bound(number, live, column)
            )
        case "boolean":
            truth = {"true": True, "false": False}.get(str(value).lower())
            return None if truth is None else sa.literal(truth, column.type)
        case "time":
            try:
                return sa.literal(_clock(str(value), live), types.Time())
            except WarehouseError:
                return None
        case "date" | "timestamp":
            try:
                at = _instant(str(value), live, "UTC")
            except WarehouseError:
                return None
            if live.logical_type == "date":
                return sa.literal(at.date(), types.Date()) if _is_midnight(at) else None
            return _stamp(at, column, "UTC")
        case _:
            return sa.literal(str(value).lower() if isinstance(value, bool) else str(value), types.String())


def _number(value: Literalish) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 309 else None


def _bound(number: Decimal, live: LiveColumn, column: sa.ColumnElement[Any]) -> Any:
    kind = column.type
    if live.logical_type == "integer" and abs(number) < _MOST:
        return sa.literal(int(number), types.BigInteger())
    if live.logical_type == "integer":
        return sa.literal(float(number), types.Float())
    if isinstance(kind, types.Float):
        single = isinstance(kind, types.REAL) or (kind.precision or 53) <= _SINGLE_BITS
        bound = sa.literal(float(number), types.Float())
        return sa.cast(bound, kind) if single else bound
    return sa.literal(number, types.Numeric(asdecimal=True))


# Limits.


def _compares(
    offence: Compares, live: LiveColumn, column: sa.ColumnElement[Any], dialect: str
) -> sa.ColumnElement[bool]:
    compare, limit = _OPERATORS[offence.operator], offence.limit
    match live.logical_type:
        case "integer" | "number":
            return compare(column, _numeric_limit(offence, live, column))
        case "date":
            return _compares_day(offence, live, column)
        case "timestamp":
            times_of(live, dialect)
            return compare(column, _stamp(_instant(str(limit), live, offence.zone), column, offence.zone))
        case "time":
            times_of(live, dialect)
            return compare(column, sa.literal(_clock(str(limit), live), types.Time()))
        case "string" if isinstance(limit, str):
            raise never(f'compare the texts of "{live.name}", which each database orders in its own way')
        case None if not live.type:
            return compare(column, sa.literal(limit))
        case _:
            raise WarehouseError(
                f'"{live.name}" is {live.type} and cannot be held against the limit {limit!r}'
            )


def _numeric_limit(offence: Compares, live: LiveColumn, column: sa.ColumnElement[Any]) -> Any:
    number = _number(offence.limit)
    if number is None:
        raise WarehouseError(f'"{live.name}" is {live.type}, and the limit {offence.limit!r} is no number')
    if live.logical_type == "integer":
        number = Decimal((math.ceil if offence.operator in ("<", ">=") else math.floor)(number))
    return _bound(number, live, column)


def _compares_day(
    offence: Compares, live: LiveColumn, column: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    """A date is its first instant; a limit within the day lies above it and below the next."""
    at = _instant(str(offence.limit), live, "UTC")
    sign = offence.operator
    if not _is_midnight(at):
        sign = ">" if sign in (">", ">=") else "<="
    return _OPERATORS[sign](column, sa.literal(at.date(), types.Date()))


def _stamp(at: datetime, column: sa.ColumnElement[Any], zone: str) -> Any:
    """A moment as the column keeps it: with its zone, or by the clock of `zone`."""
    if getattr(column.type, "timezone", False):
        return sa.literal(at, types.DateTime(timezone=True))
    return sa.literal(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), types.DateTime())


def _instant(text: str, live: LiveColumn, zone: str) -> datetime:
    try:
        return instant(text, zone)
    except (ValueError, OverflowError):
        raise _no_value(text, live) from None


def _clock(text: str, live: LiveColumn) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError:
        raise _no_value(text, live) from None


def _no_value(text: str, live: LiveColumn) -> WarehouseError:
    return WarehouseError(f'"{live.name}" is {live.type}, and "{text[:40]}" is no ISO 8601 value of it')


def _is_midnight(at: datetime) -> bool:
    return at == datetime.combine(date(at.year, at.month, at.day), time(), UTC)
