"""Words: how numbers, times and the text of others are written, the same in every format."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from floe_dagster.contract.model import Scalar

NO_DATA = "no data"
LONGEST = 600
# not strftime's, which follow the locale of the process
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Controls (ANSI escapes begin with one), the marks that turn the direction of writing round, lone surrogates,
# the byte order mark, and the invisible tag characters; joiners stay, since several scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_BREAK = re.compile("[\\s\u2028\u2029]+")


def clean(text: str, limit: int = LONGEST) -> str:
    """Foreign text on one line, without what cannot be seen, at most `limit` characters long."""
    seen = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", _BREAK.sub(" ", _ANSI.sub("", text))))
    line = " ".join(unicodedata.normalize("NFC", seen).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def percent(ratio: float | None) -> str:
    """A share as a percentage, rounded towards zero: what is not all is never written as 100 %."""
    if ratio is None:
        return NO_DATA
    if ratio >= 1:
        return "100 %"
    hundredths = math.floor(ratio * 10_000 + 1e-9)
    if hundredths == 0:
        return "< 0.01 %" if ratio > 0 else "0 %"
    return f"{hundredths / 100:.2f} %"


def duration(seconds: float) -> str:
    """A length of time in its two largest units."""
    left = round(seconds)
    if left < 1:
        return "under 1 s" if seconds > 0 else "0 s"
    parts: list[tuple[int, str]] = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def between(start: datetime, end: datetime) -> str:
    """The time between two instants."""
    return duration(max(end - start, timedelta()).total_seconds())


def when(instant: datetime | None) -> str:
    """An instant in UTC, to the minute."""
    if instant is None:
        return "never"
    utc = instant.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def day(local: date) -> str:
    """A date."""
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def minutes(seconds: float) -> str:
    """A length of time in minutes, as budgets are kept."""
    return f"{seconds / 60:,.0f} min" if seconds >= 600 or not seconds else f"{seconds / 60:,.1f} min"


def short(instant: datetime) -> str:
    """An instant in UTC for narrow places."""
    utc = instant.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc:%H:%M}"


def amount(value: Scalar, kind: str) -> str:
    """What a kind of check measured, in its unit, for people."""
    match kind, value:
        case _, bool():
            return number(value)
        case (("freshness" | "frequency" | "retention"), int() | float()):
            return span(value)
        case "availability", int() | float():
            return span(value / 1000)
        case _:
            return number(value)


def number(value: Scalar) -> str:
    """What was measured, for people."""
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.6g}" if math.isfinite(value) else str(value)
        case _:
            return clean(value)


def several(count: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


# what came of a check, and why something was not measured
STATUS = {
    "passed": "passed",
    "failed": "failed",
    "warned": "warned",
    "error": "unknown",
    "not_executable": "not executable",
    "informational": "for people",
    "unmeasured": "not yet measured",
    "forgotten": "no longer on record",
    "unreadable": "not readable",
}
