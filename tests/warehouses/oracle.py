"""Oracle: every metric, evaluated row by row in plain Python; slow, obvious, and right by definition."""

from __future__ import annotations

import re
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from floe_dagster.plan.metric import (
    MOST_GAPS,
    Arrivals,
    Count,
    Duplicates,
    Gaps,
    Newest,
    Offenders,
    Oldest,
    Orphans,
    Question,
    RowCount,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    ItemsCompare,
    LacksProperty,
    Lag,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotWritten,
    Null,
    PropertiesCompare,
    RepeatsItem,
    ZoneDiffers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Data:
    """A table: its columns with their types, the primary key, and its rows.

    Types: text, integer, double, decimal, boolean, date, timestamp, time, array (of integers), object.
    """

    columns: dict[str, str]
    rows: list[tuple]
    key: tuple[str, ...] = ()

    def column(self, name: str) -> list:
        at = list(self.columns).index(name)
        return [row[at] for row in self.rows]

    def keys(self, names: tuple[str, ...]) -> list[tuple]:
        """The complete keys; a row with a NULL in it has none."""
        keys = zip(*(self.column(each) for each in names), strict=True)
        return [each for each in keys if None not in each]


def answer(question: Question, tables: Mapping[str, Data]) -> object:
    data = tables[question.table.name]
    match question.metric:
        case RowCount():
            return len(data.rows)
        case Offenders(offence):
            return sum(offends(offence, data, row) for row in data.rows)
        case Duplicates(columns, how):
            sizes = [size for size in Counter(data.keys(columns)).values() if size > 1]
            return {Count.GROUPS: len(sizes), Count.EXCESS: sum(sizes) - len(sizes), Count.ROWS: sum(sizes)}[
                how
            ]
        case Orphans(columns, to, to_columns):
            there = set(tables[to.name].keys(to_columns))
            return sum(each not in there for each in data.keys(columns))
        case Gaps(column, apart, within, zone):
            return arrivals(
                [moment(each, zone) for each in data.column(column) if each is not None], apart, within
            )
        case Newest(column, zone) | Oldest(column, zone):
            moments = [moment(each, zone) for each in data.column(column) if each is not None]
            pick = max if isinstance(question.metric, Newest) else min
            return pick(moments) if moments else None
    raise AssertionError(question)


def arrivals(moments: list[datetime], apart: float, within: float | None) -> Arrivals | None:
    """The distinct values of the window and the last one before it, and the stretches between neighbours."""
    if not moments:
        return None
    newest = max(moments)
    first = min(moments) if within is None else newest - timedelta(seconds=within)
    before = [each for each in moments if each < first]
    looked_at = sorted({each for each in moments if each >= first} | {max(before, default=newest)})
    pairs = [
        (since, until) for since, until in pairwise(looked_at) if until - since > timedelta(seconds=apart)
    ]
    return Arrivals(newest=newest, gaps=tuple(sorted(pairs, reverse=True)[:MOST_GAPS]))


def moment(value: date | datetime | str, zone: str) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value.tzinfo is None:
        # what a clock shows twice, or skips, is the later of both
        return max(value.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    return value.astimezone(UTC)


def wall(value: date, zone: str) -> datetime:
    """What a clock in the zone shows."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if value.tzinfo else value


def offends(offence, data: Data, row: tuple) -> bool:
    if isinstance(offence, AnyOf):
        return any(offends(each, data, row) for each in offence.offences)
    value = row[list(data.columns).index(offence.column)]
    kind = data.columns[offence.column]
    if isinstance(offence, Lag):
        until = row[list(data.columns).index(offence.to)]
        if value is None or until is None:
            return False
        lag = moment(until, offence.to_zone) - moment(value, offence.zone)
        return lag > timedelta(seconds=offence.seconds)
    match offence:
        case Null():
            return value is None
        case Missing(_, values, null):
            if value is None:
                return null or None in values
            return any(same(value, each, kind) for each in values)
    if value is None:
        return False
    match offence:
        case NotIn(_, values):
            return not any(same(value, each, kind) for each in values)
        case NotMatching(_, pattern):
            return re.search(pattern.replace("$", "\\Z"), value, re.ASCII) is None
        case Compares(_, operator, limit, zone):
            return compare(value, operator, limit, zone)
        case LengthCompares(_, operator, limit):
            return len(value) < limit if operator == "<" else len(value) > limit
        case NotMultipleOf(_, divisor):
            return not multiple(value, divisor)
        case NotFormat(_, name):
            return not FORMATS[name](value)
        case NotWritten(_, pattern):
            return re.search(pattern.replace("$", "\\Z"), value, re.ASCII) is None
        case ZoneDiffers(_, zoned):
            return is_zoned(value) is not zoned
        case ItemsCompare(_, operator, limit) | PropertiesCompare(_, operator, limit):
            size = len(value) if isinstance(value, list) else len(given(value))
            return size < limit if operator == "<" else size > limit
        case RepeatsItem():
            return any(value.count(each) > 1 for each in value)
        case LacksProperty(_, name):
            return name not in given(value)
    raise AssertionError(offence)


def given(value: dict) -> dict:
    """The properties of an object that hold a value."""
    return {name: each for name, each in value.items() if each is not None}


def is_zoned(value: object) -> bool | None:
    """None for text that is no timestamp, which offends either way."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return getattr(value, "tzinfo", None) is not None


def same(value: object, listed: object, kind: str) -> bool:
    """Whether a value equals one of a contract's list, read as the column's type."""
    if listed is None:
        return False
    if kind == "text":
        return value == (str(listed).lower() if isinstance(listed, bool) else str(listed))
    if kind == "boolean":
        return {"true": True, "false": False}.get(str(listed).lower()) is value
    if kind in ("date", "timestamp"):
        try:
            return moment(value, "UTC") == moment(str(listed), "UTC")
        except ValueError:
            return False
    if kind == "time":
        try:
            return value == time.fromisoformat(str(listed))
        except ValueError:
            return False
    if isinstance(listed, bool):
        return False
    try:
        number = Decimal(repr(listed)) if isinstance(listed, float) else Decimal(str(listed))
    except ArithmeticError:
        return False
    return value == (float(number) if isinstance(value, float) else number)


def compare(value: object, operator: str, limit: object, zone: str = "UTC") -> bool:
    if isinstance(value, date):
        value, limit = wall(value, zone), wall(datetime.fromisoformat(str(limit)), zone)
    elif isinstance(value, time):
        limit = time.fromisoformat(str(limit))
    elif isinstance(value, Decimal) and isinstance(limit, float):
        limit = Decimal(repr(limit))
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[operator]


def multiple(value: float | Decimal, divisor: float) -> bool:
    """Exact for integers and decimals; a double is one where its quotient is a whole number but for rounding."""
    if isinstance(value, float):
        quotient = value / divisor
        return abs(quotient - round(quotient)) <= 1e-9 + 1e-15 * abs(quotient)
    return Decimal(value) % Decimal(repr(divisor)) == 0


def ip(kind: type) -> object:
    def holds(text: str) -> bool:
        try:
            kind(text)
        except (AddressValueError, ValueError):
            return False
        return "%" not in text

    return holds


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def is_hostname(text: str) -> bool:
    labels = text.split(".")
    return len(text) <= 253 and all(
        0 < len(each) < 64
        and each.isascii()
        and each.replace("-", "a").isalnum()
        and each[0] != "-" != each[-1]
        for each in labels
    )


def is_email(text: str) -> bool:
    local, at, host = text.rpartition("@")
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-")
    return bool(at and local) and set(local) <= allowed and is_hostname(host) and len(text) <= 320


def is_uri(text: str) -> bool:
    scheme, colon, rest = text.partition(":")
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~:/?#[]@!$&'()*+,;=-")
    hexadecimal = set("0123456789abcdefABCDEF")
    escapes = rest.split("%")[1:]
    return (
        bool(colon)
        and scheme[:1].isascii()
        and scheme[:1].isalpha()
        and set(scheme) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
        and set(rest.replace("%", "")) <= allowed
        and all(len(each) >= 2 and set(each[:2]) <= hexadecimal for each in escapes)
    )


def is_base64(text: str) -> bool:
    try:
        return b64decode(text.encode("ascii"), validate=True) is not None
    except ValueError:
        return False


FORMATS = {
    "byte": is_base64,
    "email": is_email,
    "hostname": is_hostname,
    "ipv4": ip(IPv4Address),
    "ipv6": ip(IPv6Address),
    "uri": is_uri,
    "uuid": is_uuid,
}
