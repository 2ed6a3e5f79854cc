"""Judge: what has to come of every promise about rows, by reading the document and looking at row after row.

Written from docs/interpretation.md and docs/checks.md, slow and obvious on purpose. It shares no code with what
it judges: it reads the document as a mapping, counts in lists, and compares shares as fractions.
"""

from __future__ import annotations

import re
import sys
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.warehouses.oracle import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Document = dict[str, Any]
Value = Any

DEFAULTS = {
    "between": "inclusive",
    "duplicates": "excess",
    "missing_includes_null": "yes",
    "percent_of": "rows",
    "pattern": "search",
    "severity": "error",
}


@dataclass(frozen=True)
class Held:
    """A table as an engine holds it: its columns with their types, and its rows.

    Types: text, integer, double, decimal, boolean, date, timestamp, zoned.
    """

    columns: dict[str, str]
    rows: list[tuple[Value, ...]]

    def column(self, name: str) -> list[Value]:
        if name not in self.columns:
            raise NotMeasurableError(name)
        at = list(self.columns).index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True)
class Ruling:
    """What has to come of a promise: a status, and the number that was measured where one was."""

    status: str
    actual: float | None = None


LARGEST = {"f32": (2 - 2**-23) * 2.0**127, "f64": sys.float_info.max}


class NotMeasurableError(Exception):
    """A table or column that the contract names and that is not there, or a rule that its type makes no sense of."""


NOT_MEASURED = Ruling("error")
NOT_EXECUTABLE = Ruling("not_executable")
FOR_PEOPLE = Ruling("informational")


def judge(document: Document, tables: Mapping[str, Held]) -> dict[str, Ruling]:
    """The ruling on every promise about rows, by where it stands in the document.

    Args:
        document: the contract.
        tables: by physical name.
    """
    return {
        path: ruling
        for at, dataset in enumerate(document["schema"])
        for path, ruling in Judge(document, dataset, f"schema[{at}]", tables).rulings()
    }


@dataclass(frozen=True)
class Judge:
    """Rules on one dataset."""

    document: Document
    dataset: Document
    path: str
    tables: Mapping[str, Held]

    def rulings(self) -> Iterator[tuple[str, Ruling]]:
        yield from self.primary_key()
        for at, column in enumerate(self.dataset["properties"]):
            yield from self.of_column(column, f"{self.path}.properties[{at}]")
        for at, each in enumerate(self.dataset.get("relationships", ())):
            path = f"{self.path}.relationships[{at}]"
            pairs = list(zip(listed(each["from"]), listed(each["to"]), strict=True))
            yield path, self.none(lambda pairs=pairs: self.orphans(pairs))
        for at, rule in enumerate(self.dataset.get("quality", ())):
            yield f"{self.path}.quality[{at}]", self.rule(rule, None)

    @property
    def choices(self) -> dict[str, str]:
        return DEFAULTS | chosen(self.document) | chosen(self.dataset)

    @property
    def held(self) -> Held:
        return self.tables_of(self.dataset)

    def tables_of(self, dataset: Document) -> Held:
        name = physical(dataset)
        if name not in self.tables:
            raise NotMeasurableError(name)
        return self.tables[name]

    def of_column(self, column: Document, path: str) -> Iterator[tuple[str, Ruling]]:
        name = physical(column)
        if column.get("required"):
            yield f"{path}.required", self.none(lambda: self.held.column(name).count(None))
        if column.get("unique"):
            yield f"{path}.unique", self.none(lambda: excess(self.keys([column])))
        if "enum" in column:
            allowed = [each["value"] for each in column["enum"]]
            yield (
                f"{path}.enum",
                self.none(
                    lambda: self.offending(column, lambda v, k: not any(same(v, a, k) for a in allowed))
                )
                if any(each is not None for each in allowed)
                else NOT_EXECUTABLE,
            )
        for option, value in column.get("logicalTypeOptions", {}).items():
            yield f"{path}.logicalTypeOptions.{option}", self.option(column, option, value)
        for at, each in enumerate(column.get("relationships", ())):
            pairs = [(f"{self.dataset['name']}.{column['name']}", each["to"])]
            yield f"{path}.relationships[{at}]", self.none(lambda pairs=pairs: self.orphans(pairs))
        for at, rule in enumerate(column.get("quality", ())):
            yield f"{path}.quality[{at}]", self.rule(rule, column)

    # What is counted.

    def offending(self, column: Document, offends: Callable[[Value, str], bool]) -> int:
        """Rows whose value offends; NULL offends nothing but what says so."""
        name = physical(column)
        values = self.held.column(name)
        return sum(offends(each, self.held.columns[name]) for each in values if each is not None)

    def keys(self, columns: list[Document]) -> list[tuple[Value, ...]]:
        """The complete keys: a row with a NULL in it repeats no other."""
        values = [self.held.column(physical(each)) for each in columns]
        return [each for each in zip(*values, strict=True) if None not in each]

    def primary_key(self) -> Iterator[tuple[str, Ruling]]:
        key = [(at, each) for at, each in enumerate(self.dataset["properties"]) if each.get("primaryKey")]
        if not key:
            return
        key.sort(key=lambda pair: pair[1].get("primaryKeyPosition", 99))

        def offenders() -> int:
            columns = [each for _, each in key]
            return len(self.held.rows) - len(self.keys(columns)) + excess(self.keys(columns))

        yield f"{self.path}.properties[{key[0][0]}].primaryKey", self.none(offenders)

    def orphans(self, pairs: list[tuple[str, str]]) -> int:
        own = [self.resolve(one)[1] for one, _ in pairs]
        targets = [self.resolve(other) for _, other in pairs]
        there = self.tables_of(targets[0][0])
        found = set(zip(*(there.column(physical(column)) for _, column in targets), strict=True))
        return sum(each not in found for each in self.keys(own))

    def resolve(self, reference: str) -> tuple[Document, Document]:
        dataset, _, column = reference.partition(".")
        owner = next(each for each in self.document["schema"] if each["name"] == dataset)
        return owner, next(each for each in owner["properties"] if each["name"] == column)

    # What is promised.

    def none(self, count: Callable[[], int], severity: str | None = None) -> Ruling:
        return self.held_against(count, lambda found: found == 0, severity)

    def held_against(
        self, count: Callable[[], float | Fraction], keeps: Callable[[Any], bool], severity: str | None
    ) -> Ruling:
        try:
            found = count()
        except NotMeasurableError:
            return NOT_MEASURED
        if keeps(found):
            return Ruling("passed", float(found) if isinstance(found, Fraction) else found)
        severe = (severity or self.choices["severity"]) in ("error", "critical")
        return Ruling(
            "failed" if severe else "warned", float(found) if isinstance(found, Fraction) else found
        )

    def option(self, column: Document, option: str, value: Value) -> Ruling:
        zone = column.get("logicalTypeOptions", {}).get("defaultTimezone", "UTC")
        match option:
            case "minLength":
                return self.none(lambda: self.offending(column, lambda v, _: len(v) < value))
            case "maxLength":
                return self.none(lambda: self.offending(column, lambda v, _: len(v) > value))
            case "pattern":
                return self.none(lambda: self.offending(column, lambda v, _: not self.matches(v, value)))
            case "minimum":
                return self.none(lambda: self.offending(column, lambda v, k: order(v, value, k, zone) < 0))
            case "maximum":
                return self.none(lambda: self.offending(column, lambda v, k: order(v, value, k, zone) > 0))
            case "exclusiveMinimum":
                return self.none(lambda: self.offending(column, lambda v, k: order(v, value, k, zone) <= 0))
            case "exclusiveMaximum":
                return self.none(lambda: self.offending(column, lambda v, k: order(v, value, k, zone) >= 0))
            case "multipleOf":
                return self.none(lambda: self.offending(column, lambda v, _: not multiple(v, value)))
            case "format":
                return self.format(column, value)
            case "timezone":
                return self.none(lambda: self.offending(column, lambda _, k: (k == "zoned") is not value))
            case "defaultTimezone":
                return FOR_PEOPLE
        return NOT_EXECUTABLE

    def format(self, column: Document, name: str) -> Ruling:
        if name in FORMATS:
            return self.none(lambda: self.offending(column, lambda v, _: not FORMATS[name](v)))
        if name == "byte":
            return self.none(lambda: self.offending(column, lambda v, _: not is_base64(v)))
        if name in ("password", "binary"):
            return FOR_PEOPLE
        if name in LARGEST:
            return self.none(lambda: self.offending(column, lambda v, _: not abs(v) <= LARGEST[name]))
        width = re.fullmatch("([iu])(8|16|32|64|128)", name)
        if width is None:
            return NOT_EXECUTABLE
        bits = int(width[2])
        low, high = (0, 2**bits - 1) if width[1] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return self.none(lambda: self.offending(column, lambda v, _: not low <= v <= high))

    def matches(self, value: str, pattern: str) -> bool:
        """ASCII classes, no line break for a dot, and `$` at the very end, as docs/checks.md says of patterns."""
        spelled = pattern.replace("$", r"\Z")
        spelled = re.sub(r"(?<!\\)\.", r"[^\\n\\r]", spelled)
        find = re.fullmatch if self.choices["pattern"] == "full" else re.search
        return find(spelled, value, re.ASCII) is not None

    def rule(self, rule: Document, column: Document | None) -> Ruling:
        percent = rule.get("unit", "rows") in ("percent", "%")
        if rule["metric"] == "rowCount" and percent:
            return NOT_EXECUTABLE
        count = self.counted(rule, column)
        if count is None:
            return NOT_EXECUTABLE

        def number() -> int | Fraction:
            found = count()
            return self.share(found, rule, column) if percent else found

        return self.held_against(number, lambda found: self.keeps(rule, found), rule.get("severity"))

    def counted(self, rule: Document, column: Document | None) -> Callable[[], int] | None:
        """What a library rule counts; None where it says nothing that can be counted."""
        arguments = rule.get("arguments", {})
        match rule["metric"]:
            case "rowCount":
                return lambda: len(self.held.rows)
            case "duplicateValues":
                names = arguments.get("properties")
                return lambda: self.duplicates(self.named(names) if names else [column])
        assert column is not None
        match rule["metric"]:
            case "nullValues":
                return lambda: self.held.column(physical(column)).count(None)
            case "missingValues":
                return self.missing(column, arguments.get("missingValues", []))
            case "invalidValues" if "validValues" in arguments or "pattern" in arguments:
                return lambda: self.invalid(column, arguments)
        return None

    def invalid(self, column: Document, arguments: Document) -> int:
        if "pattern" in arguments and self.held.columns.get(physical(column)) != "text":
            raise NotMeasurableError("a pattern is of text")
        return self.offending(column, lambda v, k: not self.valid(arguments, v, k))

    def named(self, names: list[str]) -> list[Document]:
        return [next(c for c in self.dataset["properties"] if c["name"] == name) for name in names]

    def missing(self, column: Document, marks: list[Value]) -> Callable[[], int] | None:
        with_null = self.choices["missing_includes_null"] == "yes" or None in marks
        if not with_null and not marks:
            return None

        def count() -> int:
            nulls = self.held.column(physical(column)).count(None) if with_null else 0
            return nulls + self.offending(column, lambda v, k: any(same(v, each, k) for each in marks))

        return count

    def valid(self, arguments: Document, value: Value, kind: str) -> bool:
        listed_ok = "validValues" not in arguments or any(
            same(value, each, kind) for each in arguments["validValues"]
        )
        pattern = arguments.get("pattern")
        matched = pattern is None or self.matches(value, pattern)
        return listed_ok and matched

    def duplicates(self, columns: list[Document]) -> int:
        sizes = [size for size in Counter(map(countable, self.keys(columns))).values() if size > 1]
        return {"groups": len(sizes), "excess": sum(sizes) - len(sizes), "rows": sum(sizes)}[
            self.choices["duplicates"]
        ]

    def share(self, count: int, rule: Document, column: Document | None) -> Fraction:
        """Of all rows, or of those with a value where the rule is about values and the contract chose so."""
        total = len(self.held.rows)
        names = rule.get("arguments", {}).get("properties")
        about = self.named(names) if names else [column]
        if self.choices["percent_of"] == "present" and rule["metric"] in ("invalidValues", "duplicateValues"):
            total = len(self.keys(about)) if len(about) == 1 else total
        return Fraction(100 * count, total) if total else Fraction(0)

    def keeps(self, rule: Document, found: float | Fraction) -> bool:
        exact = Fraction(found)
        inclusive = self.choices["between"] == "inclusive"

        def inside(low: float, high: float) -> bool:
            low, high = Fraction(repr(low)), Fraction(repr(high))
            return low <= exact <= high if inclusive else low < exact < high

        for operator, keeps in (
            ("mustBe", lambda promised: exact == Fraction(str(promised))),
            ("mustNotBe", lambda promised: exact != Fraction(str(promised))),
            ("mustBeGreaterThan", lambda promised: exact > Fraction(repr(promised))),
            ("mustBeGreaterOrEqualTo", lambda promised: exact >= Fraction(repr(promised))),
            ("mustBeLessThan", lambda promised: exact < Fraction(repr(promised))),
            ("mustBeLessOrEqualTo", lambda promised: exact <= Fraction(repr(promised))),
            ("mustBeBetween", lambda promised: inside(*promised)),
            ("mustNotBeBetween", lambda promised: not inside(*promised)),
        ):
            if operator in rule:
                return keeps(rule[operator])
        raise AssertionError(rule)


# Values.


def physical(element: Document) -> str:
    return element.get("physicalName") or element["name"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def chosen(element: Document) -> dict[str, str]:
    return {
        name: choice
        for each in element.get("customProperties", ())
        if each["property"] == "floe.interpretation"
        for name, choice in each["value"].items()
    }


def excess(keys: list[tuple[Value, ...]]) -> int:
    """The rows that repeat the key of another, which stood before."""
    return len(keys) - len(set(map(countable, keys)))


def countable(key: tuple[Value, ...]) -> tuple[Value, ...]:
    """The key with its NaN equal to each other, as databases group them."""
    return tuple("NaN" if isinstance(each, float) and isnan(each) else each for each in key)


def moment(value: Value, zone: str = "UTC") -> datetime:
    """A point in time: a date is its first instant, and what names no zone is read in this one."""
    if isinstance(value, str):
        if not re.match(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError(value)
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))


def order(value: Value, limit: Value, kind: str, zone: str) -> int:
    """-1 below the limit, 0 at it, 1 above it; NaN is above every number, as databases sort it."""
    if kind == "date":
        left, right = moment(value), moment(limit)
    elif kind in ("timestamp", "zoned"):
        left, right = moment(value, zone), moment(limit, zone)
    elif isinstance(value, float) and not isfinite(value):
        return -1 if value == float("-inf") else 1
    elif isinstance(value, float):
        left, right = value, float(limit)
    else:
        left, right = Fraction(value), Fraction(str(limit))
    return (left > right) - (left < right)


def is_base64(value: str) -> bool:
    try:
        return value.isascii() and b64encode(b64decode(value, validate=True)).decode() == value
    except ValueError:
        return False


def multiple(value: Value, divisor: float) -> bool:
    """Exactly for whole numbers and decimals; for doubles where the quotient is whole to nine decimal places."""
    if isinstance(value, float):
        if not isfinite(value):
            return False
        quotient = value / divisor
        return abs(quotient - round(quotient)) <= max(1e-9, abs(quotient) * 1e-15)
    return Fraction(value) % Fraction(repr(divisor)) == 0


def same(value: Value, mark: Value, kind: str) -> bool:
    """Whether a value is one of a contract's list, read as the column's type; what is of no such type is not."""
    if mark is None:
        return False
    try:
        match kind:
            case "text":
                return value == (str(mark).lower() if isinstance(mark, bool) else str(mark))
            case "boolean":
                return value is {"true": True, "false": False}.get(str(mark).lower())
            case "date" | "timestamp" | "zoned":
                return moment(value) == moment(str(mark))
        if isinstance(mark, bool):
            return False
        number = Decimal(str(mark))
        return value == (float(number) if isinstance(value, float) else number)
    except (ValueError, ArithmeticError):
        return False
