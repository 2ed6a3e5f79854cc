"""Ages: what has to come of promises of freshness and retention, by looking at every stamp.

Written from docs/checks.md and docs/interpretation.md.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle.ruling import DEFAULTS, NOT_EXECUTABLE, NOT_MEASURED, Ruling, broken
from tests.oracle.values import Document, Held, NotMeasurableError, chosen, moment, physical, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "mo": 30 * 86_400, "y": 365 * 86_400}
MONTHS = {"mo": 1, "y": 12}
USUAL = ("updated_at", "loaded_at", "event_time", "created_at")
SKEW = timedelta(seconds=60)


def ages(document: Document, tables: Mapping[str, Held], now: datetime) -> Iterator[tuple[str, Ruling]]:
    """The ruling on every promise of an age, by where it stands and what it is made of."""
    for at, promise in enumerate(document.get("slaProperties", ())):
        for dataset, name in elements(document, promise):
            age = Age(document, dataset, promise, tables, now)
            column = age.column(name)
            element = column["name"] if column else ""
            yield f"slaProperties[{at}]#{dataset['name']}.{element}", age.ruling(column)


def elements(document: Document, promise: Document) -> Iterator[tuple[Document, str | None]]:
    """The datasets and columns of a promise: as named, each once, else every dataset."""
    by_name = {each["name"]: each for each in document["schema"]}
    text = promise.get("element") or document.get("slaDefaultElement")
    if text is None:
        yield from ((each, None) for each in document["schema"])
        return
    for each in dict.fromkeys(part.strip() for part in text.split(",")):
        dataset, _, column = each.partition(".")
        yield by_name[dataset], column or None


class Age:
    """One promise of one dataset."""

    def __init__(
        self,
        document: Document,
        dataset: Document,
        promise: Document,
        tables: Mapping[str, Held],
        now: datetime,
    ) -> None:
        self.choices = DEFAULTS | chosen(document) | chosen(dataset)
        self.dataset = dataset
        self.promise = promise
        self.tables = tables
        self.now = now

    def ruling(self, column: Document | None) -> Ruling:
        limit = self.limit()
        if limit is None:
            return NOT_EXECUTABLE
        if column is None and self.promise["property"] == "retention":
            return NOT_EXECUTABLE
        if column is None:  # nobody knows when a table of these engines was last written
            return NOT_EXECUTABLE if physical(self.dataset) in self.tables else NOT_MEASURED
        if column.get("logicalType") not in (None, "date", "timestamp"):
            return NOT_EXECUTABLE
        try:
            stamps = self.stamps(column)
        except (NotMeasurableError, ValueError):
            return NOT_MEASURED
        if self.promise["property"] == "retention":
            return self.retention(stamps, limit)
        return self.freshness(stamps, limit)

    def column(self, name: str | None) -> Document | None:
        """The column that is named, else one that is usually called so."""
        columns = self.dataset["properties"]
        if name is not None:
            return next(each for each in columns if each["name"] == name)
        times = [each for each in columns if each.get("logicalType") in ("date", "timestamp")]
        usual = USUAL[::-1] if self.promise["property"] == "retention" else USUAL
        return next((each for name in usual for each in times if each["name"] == name), None)

    def limit(self) -> timedelta | None:
        """How long is promised; None where that is no length of time."""
        value, unit = self.promise["value"], self.promise.get("unit", "")
        if unit == "m":
            by_property = "mo" if self.promise["property"] == "retention" else "min"
            unit = {"by_property": by_property, "minutes": "min", "months": "mo"}[self.choices["unit_m"]]
        found = re.fullmatch(r"P(\d+)D|PT(\d+)H|([0-9.]+) ?([a-z]*)", str(value))
        if found is None:
            return None
        if found[1] or found[2]:
            return timedelta(days=int(found[1] or 0), hours=int(found[2] or 0))
        unit = found[4] or unit
        if self.promise["property"] == "retention" and unit in MONTHS:
            return self.now - before(self.now, int(found[3]) * MONTHS[unit])
        seconds = SECONDS.get(unit, 0) * Fraction(found[3])
        return timedelta(seconds=float(seconds)) if seconds else None

    def stamps(self, column: Document) -> list[datetime]:
        """The stamps, in UTC, in the order of the column; stamps without a zone stand as a clock shows them."""
        name = physical(column)
        if physical(self.dataset) not in self.tables:
            raise NotMeasurableError(name)
        held = self.tables[physical(self.dataset)]
        kind, values = held.kind(name), [each for each in held.column(name) if each is not None]
        if kind not in ("date", "timestamp", "zoned", "shown", "stamp", "day", "text"):
            raise NotMeasurableError(kind)
        zone = column.get("logicalTypeOptions", {}).get("defaultTimezone", self.choices["naive_timestamps"])
        if kind in ("date", "timestamp"):
            values = sorted(values, key=read)
            return [moment(each, zone) for each in values]
        return sorted(moment(each, zone) for each in values)

    def freshness(self, stamps: list[datetime], limit: timedelta) -> Ruling:
        if not stamps:
            return self.broken(None) if self.choices["empty_dataset"] == "stale" else Ruling("passed")
        age = self.now - stamps[-1]
        if age < -SKEW:
            future = {
                "unknown": NOT_MEASURED,
                "fresh": Ruling("passed", seconds(age)),
                "broken": self.broken(seconds(age)),
            }
            return future[self.choices["future_stamps"]]
        age = max(age, timedelta(0))
        return self.aged(age, limit, kept=age <= limit)

    def retention(self, stamps: list[datetime], limit: timedelta) -> Ruling:
        at_least = self.choices["retention"] == "at_least"
        if not stamps:
            return self.broken(0) if at_least else Ruling("passed", 0)
        age = max(self.now - stamps[0], timedelta(0))
        if at_least:
            return Ruling("passed", seconds(age)) if age >= limit else self.broken(seconds(age))
        return self.aged(age, limit, kept=age <= limit)

    def aged(self, age: timedelta, limit: timedelta, *, kept: bool) -> Ruling:
        """From 80 % of the promise on it is warned of."""
        if not kept:
            return self.broken(seconds(age))
        return Ruling("warned" if age / limit >= 0.8 else "passed", seconds(age))

    def broken(self, actual: float | None) -> Ruling:
        return broken(self.choices["severity"], actual)


def before(now: datetime, months: int) -> datetime:
    """So many months of the calendar before; the last day of one that is shorter."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def seconds(age: timedelta) -> float:
    return round(age.total_seconds(), 3)
