"""Rows: what columns are called, what they hold, and tables of it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.oracle.values import single

LOGICAL = {
    "text": "string",
    "integer": "integer",
    "double": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "zoned": "timestamp",
    "stamp": "timestamp",
    "time": "time",
    "array": "array",
    "object": "object",
    "day": "date",
    "clock": "time",
    "single": "number",
    "whole": "number",
    "tiny": "number",
}

# as the standard lets one refer to them, and as databases may have them
LOGICAL_NAMES = ("id", "Name", "order", "select", "c_5", "from", "Total", "is", "user")
USUAL_NAMES = ("updated_at", "created_at", "loaded_at")
PHYSICAL_NAMES = (
    *("ID", "größe", "Mixed Case", 'q"uote', "percent %s", "a.b", "it's", "🦆", "group", "x" * 60, "e\u0301", "é"),
    *("table", "user", "where", "null", "true", "current_date", "primary", "Straße", "שלום", "\u202eevil", "naïve\u200d"),
    *(" padded ", "tab\there", "semi;colon", "-- comment", "/* c */", "back\\slash", "{object}", "$1", ":name", "?", "1st"),
    *("[x]", "`tick`", "camelCase", "UPPER", "ü" * 31, "ü" * 32, "long_" * 20, "count(*)", "rowid", "oid", "key", "value", "type", "path", "whole"),
)  # fmt: skip
TABLE_NAMES = (
    None,
    None,
    "order",
    "Parent Table",
    "camelTable",
    "größe",
    'q"t',
    "a.b",
    "select",
    "🦆s",
    "100%",
    "t" * 63,
)

NEPAL = timezone(timedelta(hours=5, minutes=45))
TIMES = (
    (2024, 1, 1), (2024, 1, 1, 0, 0, 0, 1), (2024, 3, 31, 2, 30), (2024, 10, 27, 2, 30), (1969, 12, 31, 23, 59, 59, 999999),
    (1970, 1, 1), (1900, 1, 1), (9999, 12, 31, 23, 59, 59, 999999), (1, 1, 1), (2024, 10, 27, 3), (2024, 3, 31, 3),
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "text": (
        *("a", "b", "A", "ab", "abc", "aé", "é", "e\u0301", "ß", "ss", "🦆", "🦆🦆", " ", "a ", "", "n/a", "NULL", "null", "1"),
        *("YWI=", "YWJj", "1.5", "true", "it's", '"', "\\", "%", "_", "a\nb", "a\r", "\t", "ABC", "xABCx", "a@b.c", "10.0.0.1", "::1"),
        *("x://y", "2024-01-01", "123e4567-e89b-12d3-a456-426614174000", "İ", "\u0131", "k", "\u00a0", "\ufeff", "x" * 300),
    ),
    "integer": (0, 1, -1, 2, 3, 5, 7, 10, 12, 100, 127, 128, -129, 255, 256, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)),
    "double": (
        *(0.0, -0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, -1.5, 2.0, 2.5, 10.0, 99.9, 1e15, -1e300, 5e-324, -5e-324, 1 / 3),
        *(2.2250738585072014e-308, sys.float_info.max, -sys.float_info.max, float("inf"), float("-inf"), float("nan")),
    ),
    "single": (
        *map(single, (0.0, -0.0, 0.1, 0.5, -1.5, 1 / 3, 16777217.0, 3.4028234663852886e38, 1e-45)),
        *(float("inf"), float("-inf"), float("nan")),
    ),
    "decimal": tuple(
        map(Decimal, ("0", "0.01", "0.1", "0.3", "-0.5", "1", "1.5", "2.25", "10", "99.99", "0.0001", f"{'9' * 34}.9999", f"-{'9' * 34}.9999"))
    ),
    "whole": tuple(map(Decimal, ("0", "1", "-1", "7", "9007199254740993", "9" * 38, "-" + "9" * 38, "1" + "0" * 37))),
    "tiny": tuple(map(Decimal, ("0", "0.5", "-0.5", "0.1", "0." + "9" * 38, "-0." + "9" * 38, "0." + "0" * 37 + "1"))),
    "boolean": (True, False),
    "date": (date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31), date(1969, 12, 31), date(1970, 1, 1), date(1, 1, 1), date(9999, 12, 31), date(1582, 10, 10)),
    "timestamp": tuple(datetime(*each) for each in TIMES),  # noqa: DTZ001  naive is what columns hold
    "zoned": (
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 5, 45, tzinfo=NEPAL), datetime(2024, 3, 31, 0, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(1900, 1, 1, 0, 20, tzinfo=NEPAL),
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC),
    ),
    "time": (time(), time(2, 30), time(2, 30, 0, 1), time(12), time(23, 59, 59, 999999)),
    "stamp": (
        *("2024-01-01T00:00:00Z", "2024-01-01 00:00:00", "2024-10-27T02:30:00", "2024-10-27T02:30:00+02:00", "2024-03-31T02:30", "2024-02-29"),
        *("1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2024-01-01T05:45:00+0545", "2024-01-01T01:00:00+01", "2024-01-01 00:00"),
        *("2024-01-01T00:00:00.5-08:00", "n/a", "2024-02-30T00:00:00", "", "31.12.2024", "2024-01-01T00:00:00 Z"),
    ),
    "day": (
        *("2024-12-31", "31.12.2024", "1.2.2024", "01.02.2024", "31.12.24", "31 Dec 2024", "Tuesday, 31 December 2024", "366/2024", "20241231"),
        *("2024-02-31", "32.12.2024", "2024-13-01", "31 dec 2024", "", "2024-12-31 ", "2024\u066012-31"),
    ),
    "clock": ("10:30", "09:05:59", "9:05", "10:30 AM", "00:30 AM", "24:00", "10:30:00.123", "23:59:59.999999", "", "10.30", "02:30"),
    "array": ([], [1], [1, 2], [1, 1], [2, 1, 3], [None], [None, None], [1, None], [2**63 - 1, -(2**63), 0]),
    "object": ({}, {"a": 1}, {"a": None}, {"a": 1, "b": None}, {"a": 0, "b": "", "c'\"/~": False}, {"b": {"a": None}}, {"a": [None], "A": 2}),
}  # fmt: skip
FORMATS = {
    "stamp": ("yyyy-MM-dd'T'HH:mm:ssX", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm[:ss[.S]][XXX]", "yyyy-MM-dd['T'HH:mm:ss.SSSSSSXX]", "VV"),
    "day": ("yyyy-MM-dd", "dd.MM.yyyy", "d.M.yyyy", "dd.MM.yy[yy]", "d MMM uuuu", "EEEE, d MMMM yyyy", "DDD/yyyy", "yyyyMMdd", "QQQ yyyy"),
    "clock": ("HH:mm", "H:mm", "hh:mm a", "HH:mm[:ss[.SSS]]", "HH.mm", "HH:mm:ss.SSSSSS", "KK:mm"),
    "typed": ("yyyy-MM-dd", "HH:mm", "dd.MM.yyyy"),
}  # fmt: skip
"""Of dates and times, for columns of text; the last of each has letters that are not read."""
NOWS = (
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    datetime(2024, 1, 2, 0, 30, tzinfo=UTC),
    datetime(2024, 3, 31, 1, 15, tzinfo=UTC),
    datetime(2024, 10, 27, 1, 0, 30, tzinfo=UTC),
    datetime(2024, 10, 28, 23, 30, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 30, 12, tzinfo=UTC),
)
