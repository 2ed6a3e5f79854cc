"""Lag: the time between two columns of a row, and between the values of one, in every engine that we speak.

Dates, timestamps and ISO 8601 text become points in time first: a clock without a zone is read in the zone
that is asked for, so that a night in which clocks change is as long as it was. What SQLite has for a point in
time is a number of microseconds, and the others have intervals and infinity.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import MOST_GAPS, Arrivals
from floe_dagster.warehouses._dialect import zoned

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.plan.metric import Gaps, LiveColumn
    from floe_dagster.plan.offence import Lag
    from floe_dagster.warehouses._dialect import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = {
    # of infinity DuckDB gives none, which would hide it
    "duckdb": "case when isfinite({0}) then epoch_us({0}) else 9223372036854775807 end",
    "postgres": "cast(extract(epoch from {0}) * 1000000 as bigint)",
    "sqlite": "{0}",
}
"""A point in time as whole microseconds since 1970."""


def lag(offence: Lag, column_of: Callable[[str], LiveColumn], dialect: Dialect) -> str:
    """The rows in which more time than that lies between the two columns.

    Raises:
        WarehouseError: a column is not there, or holds no times; or a zone is none.
    """
    sides = ((column_of(offence.column), offence.zone), (column_of(offence.to), offence.to_zone))
    in_utc = all(_is_in_utc(column, zone) for column, zone in sides)
    since, until = (_instant(column, zone, dialect, in_utc=in_utc) for column, zone in sides)
    if dialect.name == "sqlite":
        return f"{until} - {since} > {_microseconds(offence.seconds)}"
    return f"{until} > {since} + interval '{offence.seconds:.6f} seconds'"


def gaps(metric: Gaps, source: str, column: LiveColumn, dialect: Dialect) -> str:
    """A statement of one text: the newest value, and the stretches between others, in microseconds.

    Raises:
        WarehouseError: the column holds no times, or the zone is none.
    """
    name = dialect.identifier(column.name)
    at = _MICROSECONDS[dialect.name].format(
        _instant(column, metric.zone, dialect, in_utc=_is_in_utc(column, metric.zone))
    )
    pairs = "cast(since as varchar(20)) || '/' || cast(until as varchar(20))"
    listed = f"group_concat({pairs}, ',')" if dialect.name == "sqlite" else f"string_agg({pairs}, ',')"
    return (
        f"with seen as (\n  select {at} as t from {source} where {name} is not null\n"  # noqa: S608  every part is quoted
        "), newest as (\n  select max(t) as t from seen\n"
        f"), arrived as (\n{_arrived(metric.within_seconds)}\n"
        "), steps as (\n  select lag(t) over (order by t) as since, t as until from arrived\n"
        "), gaps as (\n  select since, until from steps\n"
        f"  where until - since > {_microseconds(metric.apart_seconds)}\n"
        f"  order by until desc limit {MOST_GAPS}\n"
        f")\nselect cast(t as varchar(20)) || ';' || coalesce((select {listed} from gaps), '') from newest"
    )


def arrivals(raw: object) -> Arrivals | None:
    """What the statement returned, as an answer.

    Raises:
        WarehouseError: it is no time that Python can hold.
    """
    if raw is None:
        return None
    newest, _, listed = str(raw).partition(";")
    pairs = [each.split("/") for each in listed.split(",") if each]
    try:
        found = sorted(((_moment(since), _moment(until)) for since, until in pairs), reverse=True)
        return Arrivals(newest=_moment(newest), gaps=tuple(found))
    except (ValueError, OverflowError) as error:
        raise WarehouseError(
            "the column holds what is not a time on the calendar, such as infinity"
        ) from error


def _arrived(within_seconds: float | None) -> str:
    """The distinct values that are looked at, with the last one before them."""
    if within_seconds is None:
        return "  select distinct t from seen"
    first = f"n.t - {_microseconds(within_seconds)}"
    return (
        f"  select s.t from seen as s, newest as n where s.t >= {first}\n  union\n"  # noqa: S608  numbers only
        f"  select max(s.t) from seen as s, newest as n where s.t < {first} having max(s.t) is not null"
    )


def _is_in_utc(column: LiveColumn, zone: str) -> bool:
    """Whether its clock is that of UTC, so that its stamps need no zone to be told apart."""
    return column.logical_type in ("date", "timestamp") and not zoned(column) and zone == "UTC"


def _instant(column: LiveColumn, zone: str, dialect: Dialect, *, in_utc: bool) -> str:
    """A column as a point in time; where all are in UTC without a zone, which engines convert slowly."""
    if column.logical_type not in ("date", "timestamp", "string") and column.type:
        raise WarehouseError(f'"{column.name}" is {column.type}, which is neither a date nor a timestamp')
    _check_zone(zone)
    if dialect.name == "sqlite" or column.logical_type == "string":
        return dialect.text_moment(column, zone)
    name = dialect.identifier(column.name)
    if in_utc:
        return f"cast({name} as timestamp)"
    return name if zoned(column) else dialect.naive_text(name, zone)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WarehouseError(f'there is no time zone "{zone}"; write it as "Europe/Berlin"') from None


def _microseconds(seconds: float) -> int:
    return timedelta(seconds=seconds) // timedelta(microseconds=1)


def _moment(microseconds: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(microseconds))
