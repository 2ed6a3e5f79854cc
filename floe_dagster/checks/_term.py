"""Terms: how long is promised, by the calendar where it is promised in months or years.

Three years before 1 March 2027 is 1 March 2024, however many days that is. A month that is too short ends on
its last day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.checks._age import length, meant_unit
from floe_dagster.contract.duration import UNITS, duration
from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Promise

_MONTHS = {UNITS["mo"]: 1, UNITS["y"]: 12}
_FIRST = datetime.min.replace(tzinfo=UTC)
_WRITTEN = re.compile(r"([0-9]{1,6})\s*([A-Za-z]*)")
_ISO = re.compile(r"P(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A length of time.

    Attributes:
        months: by the calendar, a year being twelve.
        rest: what comes on top of them.
    """

    months: int = 0
    rest: timedelta = timedelta()

    def before(self, at: datetime) -> datetime:
        """The point in time that is this long before another; the first of all where there is none."""
        month = at.year * 12 + at.month - 1 - self.months
        year, index = divmod(month, 12)
        if year < 1:
            return _FIRST
        day = min(at.day, monthrange(year, index + 1)[1])
        try:
            return at.replace(year=year, month=index + 1, day=day) - self.rest
        except OverflowError:
            return _FIRST

    def __str__(self) -> str:
        """For people: `3 y`, `1 y 6 mo`, `90 d`."""
        years, months = divmod(self.months, 12)
        parts = [f"{number:,} {unit}" for number, unit in ((years, "y"), (months, "mo")) if number]
        if self.rest or not parts:
            parts.append(span(self.rest))
        return " ".join(parts)


def term(promise: Promise, choices: Mapping[str, str]) -> Term:
    """How long is promised.

    Raises:
        ValueError: it is no length of time; the message says why.
    """
    whole = length(promise, choices)
    text = str(promise.value).strip()
    if (iso := _ISO.fullmatch(text)) and (iso[1] or iso[2]):
        months = int(iso[1] or 0) * 12 + int(iso[2] or 0)
        return Term(months=months, rest=duration(f"P{iso[3]}") if iso[3] else timedelta())
    unit = (meant_unit(promise, choices) or "").strip().lower()
    written = _WRITTEN.fullmatch(text.removesuffix(".0"))
    per = _MONTHS.get(UNITS.get(((written[2] or unit) if written else unit).lower(), 0), 0)
    return replace(Term(), months=int(written[1]) * per) if written and per else Term(rest=whole)
