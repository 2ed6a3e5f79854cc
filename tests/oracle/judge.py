"""Judge: what has to come of every promise, by reading the document and looking at row after row.

Written from docs/interpretation.md and docs/checks.md, slow and obvious on purpose. It shares no code with what
it judges: it reads the document as a mapping, counts in lists, and compares shares as fractions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.oracle.ages import ages
from tests.oracle.ground import NotExecutableError
from tests.oracle.rules import TEXTS, Rules
from tests.oracle.ruling import FOR_PEOPLE, NOT_EXECUTABLE, Ruling
from tests.oracle.structure import structure
from tests.oracle.values import (
    LARGEST,
    Document,
    Held,
    NotMeasurableError,
    Value,
    excess,
    is_base64,
    listed,
    multiple,
    order,
    physical,
    same,
)
from tests.oracle.written import is_written, readable
from tests.warehouses.oracle import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime


def judge(document: Document, tables: Mapping[str, Held], now: datetime) -> dict[str, Ruling]:
    """The ruling on every promise, by where it stands in the document; those of an age also by their dataset.

    Args:
        document: the contract.
        tables: by physical name.
        now: when it is judged.
    """
    found = dict(ages(document, tables, now))
    for at, dataset in enumerate(document["schema"]):
        found[f"schema[{at}]"] = structure(document, dataset, tables)
        found |= Judge(document, dataset, f"schema[{at}]", tables, now).rulings()
    return found


class Judge(Rules):
    """Rulings on one dataset: on its columns, and through its rules."""

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
            place = f"{path}.logicalTypeOptions.{option}"
            if option == "required":
                for at, each in enumerate(value):
                    yield (
                        f"{place}[{at}]",
                        self.nested(column, "object", lambda v, each=each: not given(v, each)),
                    )
            else:
                yield place, self.option(column, option, value)
        for at, each in enumerate(column.get("relationships", ())):
            pairs = [(f"{self.dataset['name']}.{column['name']}", each["to"])]
            yield f"{path}.relationships[{at}]", self.none(lambda pairs=pairs: self.orphans(pairs))
        for at, rule in enumerate(column.get("quality", ())):
            yield f"{path}.quality[{at}]", self.rule(rule, column)

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

    def option(self, column: Document, option: str, value: Value) -> Ruling:
        match option:
            case "minLength":
                return self.none(lambda: self.offending(column, lambda v, _: len(v) < value))
            case "maxLength":
                return self.none(lambda: self.offending(column, lambda v, _: len(v) > value))
            case "pattern":
                return self.none(lambda: self.offending(column, lambda v, _: not self.matches(v, value)))
            case "minimum":
                return self.bound(column, value, lambda side: side < 0)
            case "maximum":
                return self.bound(column, value, lambda side: side > 0)
            case "exclusiveMinimum":
                return self.bound(column, value, lambda side: side <= 0)
            case "exclusiveMaximum":
                return self.bound(column, value, lambda side: side >= 0)
            case "minItems":
                return self.nested(column, "array", lambda v: len(v) < value)
            case "maxItems":
                return self.nested(column, "array", lambda v: len(v) > value)
            case "uniqueItems" if not value:
                return FOR_PEOPLE
            case "uniqueItems":
                return self.nested(column, "array", lambda v: len(set(v)) < len(v), of_text=False)
            case "minProperties":
                return self.nested(column, "object", lambda v: len(filled(v)) < value)
            case "maxProperties":
                return self.nested(column, "object", lambda v: len(filled(v)) > value)
            case "multipleOf":
                return self.none(lambda: self.offending(column, lambda v, k: not multiple(v, value, k)))
            case "format":
                return self.format(column, value)
            case "timezone":
                return self.none(lambda: self.offending(column, lambda v, k: is_zoned(v, k) is not value))
            case "defaultTimezone":
                return FOR_PEOPLE
        return NOT_EXECUTABLE

    def bound(self, column: Document, limit: Value, beyond: Callable[[int], bool]) -> Ruling:
        """Stamps without a zone, in the column or in the limit, are read in the column's zone."""
        zone = column.get("logicalTypeOptions", {}).get("defaultTimezone", self.choices["naive_timestamps"])
        if column["logicalType"] != "timestamp":
            zone = "UTC"

        def count() -> int:
            try:
                return self.offending(column, lambda v, k: beyond(order(v, limit, k, zone)))
            except ValueError as error:  # text that is no ISO 8601 is refused
                raise NotMeasurableError(physical(column)) from error

        return self.none(count)

    def nested(
        self, column: Document, kind: str, offends: Callable[[Value], bool], *, of_text: bool = True
    ) -> Ruling:
        """What is in arrays and objects; fields nested in a column would be ruled on here, too.

        Whether two items are equal cannot be told from the text of JSON.
        """

        def count() -> int:
            here = self.held.kind(physical(column))
            if here != kind and not (of_text and (kind, here) == ("array", "listing")):
                raise NotExecutableError
            return self.offending(column, lambda v, _: offends(v))

        return self.none(count)

    def format(self, column: Document, name: str) -> Ruling:
        if column["logicalType"] in ("date", "timestamp", "time"):
            return self.date_format(column, name)
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

    def date_format(self, column: Document, name: str) -> Ruling:
        def count() -> int:
            if self.held.kind(physical(column)) not in TEXTS:
                raise NotExecutableError
            return self.offending(column, lambda v, _: not is_written(v, name))

        return self.none(count) if readable(name) else NOT_EXECUTABLE


def filled(value: dict[str, Value]) -> list[str]:
    """The properties that hold a value."""
    return [name for name, each in value.items() if each is not None]


def given(value: dict[str, Value], name: str) -> bool:
    return name in filled(value)


def is_zoned(value: Value, kind: str) -> bool | None:
    """Whether a zone was written; None for text that is no timestamp, which offends either way."""
    if kind in ("zoned", "shown"):
        return True
    if kind not in TEXTS:
        return False
    stamp = r"(\d{4}-\d{2}-\d{2}[T ])?\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?"
    found = re.fullmatch(stamp, value, re.ASCII)
    return None if found is None else found[4] is not None
