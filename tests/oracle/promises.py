"""Promises: what a contract may say of columns, datasets and ages."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.oracle.queries import (
    NUMBERS_OF_INTEGERS,
    NUMBERS_OF_ROWS,
    NUMBERS_OF_VALUES,
    REFUSED,
    TEXTS_OF_ROWS,
    TRUTHS_OF_ROWS,
    TRUTHS_OF_VALUES,
    UNFILLED,
)
from tests.oracle.rows import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.values import Document

PATTERNS = (
    *("a", "^[a-z]+$", "^.$", "^.*$", "\\w", "^\\d+$", "\\s", "^\\W", "é|🦆", "[^a]$", "[A-Z]{3}", "^$", "a|b", "^a|b$", "\\.", "a.b", "(a|b)c", "x{2,}", "(?i)a|B", "(?i)^[a-c]+$"),
)  # fmt: skip
TEXT_FORMATS = ("email", "uuid", "uri", "hostname", "ipv4", "ipv6", "password", "byte", "binary")
WIDTHS = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "i128", "u128")
OPERATORS = (
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo"),
    *("mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"),
)
PROMISED = {False: (0, 0, 1, 2, 3, 4, 0.5), True: (0, 0, 10, 12.5, 20, 25, 40, 50, 75, 100)}
LIMITS = (
    *("2024-01-01", "2024-01-01T00:00:00Z", "2024-03-31T02:30:00+02:00", "2024-10-27T02:30:00", "2024-10-27T01:30:00Z"),
    *("0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999", "1969-12-31T23:59:59Z"),
)  # fmt: skip
MARKS = (
    "",
    "n/a",
    0,
    1,
    -1,
    "1",
    0.5,
    True,
    "false",
    None,
    "2024-01-01",
    "20240101",
    "02:30",
    "NaN",
    1e300,
    1e-300,
    -(10**37),
    f"{'9' * 36}.5",
)
CHOICES = {
    "between": ("inclusive", "exclusive"),
    "duplicates": ("excess", "groups", "rows"),
    "missing_includes_null": ("yes", "no"),
    "percent_of": ("rows", "present"),
    "pattern": ("search", "full"),
    "severity": ("info", "warning", "error", "critical"),
    "naive_timestamps": ("Europe/Berlin", "America/New_York", "UTC"),
    "future_stamps": ("unknown", "fresh", "broken"),
    "empty_dataset": ("stale", "fresh"),
    "retention": ("at_least", "at_most"),
    "unit_m": ("by_property", "minutes", "months"),
    "undeclared_columns": ("allow", "warn", "fail"),
    "nullability": ("ignore", "warn", "fail"),
}
LENGTHS = (
    *((4, "h"), (1, "d"), (30, "m"), (6, "m"), (3, "y"), (60, "y"), (0.5, "d"), ("P1D", None), ("PT36H", None)),
    *(("4h", None), ("15 min", None), (0, "h"), (2, "mo"), (1, "s")),
)  # fmt: skip


def promises(pick: Any, column: Document, kind: str, pool: list[Any], version: str) -> None:
    """Promises of a column, at the column."""
    for promise in ("required", "unique"):
        if pick((0, 0, 1)) and (promise, kind) != ("unique", "object"):
            column[promise] = True
    if version == "v3.2.0" and kind not in ("array", "object") and pick((0, 0, 1)):
        column["enum"] = [{"value": each} for each in _distinct(_marks(pick, pool))] or [{"value": None}]
    options = {name: value for name, value in _options(pick, kind, pool) if pick((0, 1))}
    if options:
        column["logicalTypeOptions"] = options


def _options(pick: Any, kind: str, pool: list[Any]) -> Iterator[tuple[str, Any]]:
    match kind:
        case "text":
            yield "minLength", pick((0, 1, 2))
            yield "maxLength", pick((3, 1, 0))
            yield "pattern", pick(PATTERNS)
            yield "format", pick(TEXT_FORMATS)
        case "integer" | "double" | "single" | "decimal" | "whole" | "tiny":
            for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                yield bound, pick((_number(pick(pool)), 0, 1.5, 1e300, 1e-300, -1e20, 10**37))
            yield "multipleOf", pick((1, 2, 0.5, 0.25, 0.1, 3))
            yield "format", pick(WIDTHS if kind == "integer" else ("f32", "f64"))
        case "date" | "timestamp" | "zoned" | "stamp" | "day":
            for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                yield (
                    bound,
                    pick((*LIMITS, str(pick(pool)) if kind in ("date", "timestamp", "zoned") else LIMITS[0])),
                )
            yield "format", pick(FORMATS.get(kind, FORMATS["typed"]))
            if kind not in ("date", "day"):
                yield "timezone", pick((True, False))
                yield "defaultTimezone", pick(("Europe/Berlin", "Asia/Kathmandu", "UTC", "America/New_York"))
        case "time" | "clock":
            for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                yield bound, pick(("00:00", "02:30:00", "12:00", "23:59:59.999999"))
            yield "format", pick(FORMATS.get(kind, FORMATS["typed"]))
        case "array":
            yield "minItems", pick((1, 2, 0))
            yield "maxItems", pick((1, 2, 0))
            yield "uniqueItems", pick((True, True, False))
        case "object":
            yield "minProperties", pick((1, 2, 0))
            yield "maxProperties", pick((1, 2, 0))
            yield "required", pick((["a"], ["a", "b"], ["c'\"/~", "A"]))


def _number(value: Any) -> Any:
    """As a contract may write it; what is not finite cannot be written, nor can more digits than a double has."""
    if isinstance(value, int):
        return value
    number = float(value)
    return number if abs(number) < 1e15 else 10


def _written(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\ufeff", "")  # which is refused in a contract
    if isinstance(value, bool):
        return value
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return str(value) if isinstance(value, (date, time, Decimal)) else _number(value)


def _marks(pick: Any, pool: list[Any]) -> list[Any]:
    """What a contract lists: some of what the column holds, and some that it may list by mistake."""
    return [_written(pick(pool)) if pick((0, 0, 1)) == 0 else pick(MARKS) for _ in range(pick((1, 2, 3)))]


def _distinct(values: list[Any]) -> list[Any]:
    """Without what JSON takes for the same, as it does 0 and -0.0."""
    return list(
        {
            json.dumps(each if isinstance(each, (bool, str, type(None))) else float(each) + 0.0): each
            for each in values
        }.values()
    )


def column_rule(pick: Any, kind: str, pool: list[Any]) -> Document:
    """A rule of a column."""
    if pick((0, 0, 0, 1)):
        numbers = [*NUMBERS_OF_VALUES, *NUMBERS_OF_ROWS, *(NUMBERS_OF_INTEGERS if kind == "integer" else ())]
        return _query(pick, numbers, list(TRUTHS_OF_VALUES))
    if kind in ("array", "object"):
        return _library(pick, pick(("nullValues", "rowCount")), {})
    metric = pick(("invalidValues", "missingValues", "nullValues", "duplicateValues", "rowCount"))
    arguments: Document = {}
    match metric:
        case "missingValues":
            arguments["missingValues"] = _marks(pick, pool)
        case "invalidValues":
            if pick((1, 0, 1)):
                arguments["validValues"] = _marks(pick, pool)
            if not arguments or pick((0, 0, 1)):
                arguments["pattern"] = pick(PATTERNS)
    return _library(pick, metric, arguments)


def dataset_rule(pick: Any, columns: list[Document]) -> Document:
    """A rule of a dataset."""
    keys = [each["name"] for each in columns if each["logicalType"] not in ("array", "object")]
    match pick(
        ("duplicateValues", "duplicateValues", "rowCount", "rowCount", "sql", "sql", "custom", "text")
    ):
        case "rowCount":
            return _library(pick, "rowCount", {})
        case "sql":
            return _query(
                pick, [*NUMBERS_OF_ROWS, *UNFILLED, *REFUSED, *NUMBERS_OF_VALUES], list(TRUTHS_OF_ROWS)
            )
        case "custom":
            return _custom(pick, columns)
        case "text":
            return {"type": "text", "description": "Is looked at by people."}
        case _:
            names = list(dict.fromkeys(pick(keys) for _ in range(pick((2, 1, 3)))))
            return _library(pick, "duplicateValues", {"properties": names})


def _query(pick: Any, numbers: list[str], truths: list[str]) -> Document:
    rule: Document = {"type": "sql"}
    match pick(("number", "number", "number", "number", "truth", "text")):
        case "number":
            rule["query"] = pick(numbers)
            _promise(pick, rule, PROMISED[pick((True, False))])
        case "truth":
            rule["query"] = pick(truths)
            rule[pick(("mustBe", "mustNotBe"))] = pick((True, False))
        case "text":
            rule["query"] = pick(list(TEXTS_OF_ROWS))
            rule[pick(("mustBe", "mustNotBe"))] = pick(("many", "few", "it's %s"))
    if pick((0, 0, 1)):
        rule["unit"] = "percent"
    return rule


def _custom(pick: Any, columns: list[Document]) -> Document:
    check = pick(
        (
            {"check": "weekend_volume", "weekday": pick((3, 4)), "weekend": pick((0, 1, 2)), "zone": pick(("Pacific/Auckland", "UTC"))},
            {"check": "fill_rate", "columns": [pick(columns)["name"], columns[0]["name"]], "at_least": pick((50, 100, 12.5, 0))},
            {"check": "fill_rate", "columns": [], "at_least": 50},
            {"check": "nobody_knows_it"},
        )
    )  # fmt: skip
    if check.get("columns"):
        check["columns"] = list(dict.fromkeys(check["columns"]))
    rule = {"type": "custom", "engine": pick(("floe", "floe", "floe", "soda")), "implementation": check}
    return {**rule, **({"severity": "warning"} if pick((0, 1)) else {})}


def _library(pick: Any, metric: str, arguments: Document) -> Document:
    rule: Document = {"type": "library", "metric": metric}
    if arguments:
        rule["arguments"] = arguments
    percent = pick((False, False, True))
    if percent or pick((0, 1)):
        rule["unit"] = "percent" if percent else "rows"
    _promise(pick, rule, PROMISED[percent])
    return rule


def _promise(pick: Any, rule: Document, numbers: tuple[float, ...]) -> None:
    operator = pick(OPERATORS)
    promised = pick(numbers)
    if operator.endswith("Between"):
        rule[operator] = [promised, promised + pick((1, 2.5, 50))]
    else:
        rule[operator] = promised
    if pick((0, 0, 1)):
        rule["severity"] = pick(("info", "warning", "error", "critical"))


def relate(pick: Any, child: Document, parent: Document) -> None:
    """Foreign keys of the first two columns, which are of the types of the parent's first two, and to the own key."""
    own = [f"{child['name']}.{each['name']}" for each in child["properties"][:2]]
    to = [f"{parent['name']}.{each['name']}" for each in parent["properties"][:2]]
    for at in (0, 1):
        if pick((0, 1)):
            child["properties"][at]["relationships"] = [{"to": to[at]}]
    if pick((0, 1)):
        child["relationships"] = [{"from": own, "to": to}]
    for each in child["properties"][2:]:
        if each["logicalType"] == "integer":
            each["relationships"] = [{"to": own[0]}]
            if pick((0, 1)):
                pair = [f"{child['name']}.{each['name']}", own[1]]
                child.setdefault("relationships", []).append({"from": pair, "to": own})


def ages(pick: Any, document: Document) -> None:
    """Promises of freshness and retention, of one column, of several, or of whatever says how old a row is."""
    columns = [
        f"{dataset['name']}.{each['name']}"
        for dataset in document["schema"]
        for each in dataset["properties"]
    ]
    times = [
        f"{dataset['name']}.{each['name']}"
        for dataset in document["schema"]
        for each in dataset["properties"]
        if each["logicalType"] in ("date", "timestamp")
    ]
    found = []
    for _ in range(pick((0, 1, 2, 3))):
        value, unit = pick(LENGTHS)
        promise: Document = {"property": pick(("freshness", "retention", "latency")), "value": value}
        if unit:
            promise["unit"] = unit
        element = pick((*(times or columns), *(times or columns), pick(columns), "Child", None))
        if element:
            promise["element"] = element
        found.append(promise)
    if found:
        document["slaProperties"] = found
        if times and pick((0, 0, 1)):
            document["slaDefaultElement"] = times[0]


def choices(pick: Any, element: Document) -> None:
    """What a contract or a dataset chooses where the standard is silent."""
    if pick((0, 1)):
        names = [name for name in CHOICES if pick((0, 0, 1))]
        value = {name: pick(CHOICES[name]) for name in names}
        element["customProperties"] = [{"property": "floe.interpretation", "value": value}]
