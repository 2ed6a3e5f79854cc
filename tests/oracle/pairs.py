"""Pairs: a small contract, as a document and as text, and tables that fit it more or less."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.oracle.judge import Document, Held, physical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Draw = Any

LOGICAL = {
    "text": "string",
    "integer": "integer",
    "double": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "zoned": "timestamp",
}

# as the standard lets one refer to them, and as databases may have them
LOGICAL_NAMES = ("id", "Name", "order", "select", "c_5", "from", "Total", "is")
PHYSICAL_NAMES = ("ID", "größe", "Mixed Case", 'q"uote', "percent %s", "a.b", "it's", "🦆", "group", "x" * 60)

NEPAL = timezone(timedelta(hours=5, minutes=45))
VALUES: dict[str, tuple[Any, ...]] = {
    "text": (
        *("a", "b", "A", "ab", "abc", "aé", "é", "e\u0301", "ß", "ss", "🦆", "🦆🦆", " ", "a ", "", "n/a", "NULL", "null", "1"),
        *("YWI=", "YWJj", "1.5", "true", "it's", '"', "\\", "%", "_", "a\nb", "a\r", "\t", "ABC", "xABCx", "a@b.c", "10.0.0.1", "::1"),
        *("x://y", "2024-01-01", "123e4567-e89b-12d3-a456-426614174000", "İ", "\u0131", "k", "\u00a0", "\ufeff", "x" * 300),
    ),
    "integer": (0, 1, -1, 2, 3, 5, 7, 10, 12, 100, 127, 128, -129, 255, 256, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)),
    "double": (0.0, -0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, -1.5, 2.0, 2.5, 10.0, 99.9, 1e15, -1e300, 5e-324, 1 / 3, float("inf"), float("-inf"), float("nan")),
    "decimal": tuple(
        map(Decimal, ("0", "0.01", "0.1", "0.3", "-0.5", "1", "1.5", "2.25", "10", "99.99", "0.0001", f"{'9' * 34}.9999", f"-{'9' * 34}.9999"))
    ),
    "boolean": (True, False),
    "date": (date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31), date(1969, 12, 31), date(1970, 1, 1), date(1, 1, 1), date(9999, 12, 31), date(1582, 10, 10)),
    "timestamp": tuple(
        datetime(*each)  # noqa: DTZ001  naive is what columns hold
        for each in (
            (2024, 1, 1), (2024, 1, 1, 0, 0, 0, 1), (2024, 3, 31, 2, 30), (2024, 10, 27, 2, 30), (1969, 12, 31, 23, 59, 59, 999999),
            (1970, 1, 1), (1900, 1, 1), (9999, 12, 31, 23, 59, 59, 999999),
        )
    ),
    "zoned": (
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 5, 45, tzinfo=NEPAL), datetime(2024, 3, 31, 0, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(1900, 1, 1, 0, 20, tzinfo=NEPAL),
    ),
}  # fmt: skip

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
    "NaN",
    1e300,
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
}


@dataclass(frozen=True)
class Pair:
    """A contract and its data.

    Attributes:
        document: the contract as a mapping.
        tables: by physical name; what the contract names may be absent.
    """

    document: Document
    tables: dict[str, Held]

    @property
    def text(self) -> str:
        """The contract as YAML."""
        return "".join(f"{line}\n" for line in yaml_lines(self.document))


def yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    """Block style, and every text in double quotes, which JSON and YAML escape alike."""
    entries = value.items() if isinstance(value, dict) else ((None, each) for each in value)
    for key, each in entries:
        head = indent + ("-" if key is None else f"{key}:")
        if isinstance(each, (dict, list)) and each:
            yield head
            yield from yaml_lines(each, indent + "  ")
        else:
            yield f"{head} {json.dumps(each, ensure_ascii=False)}"


@st.composite
def pairs(draw: Draw) -> Pair:
    """A contract of one or two datasets, and their tables."""
    pick = _picker(draw)
    version = pick(("v3.2.0", "v3.2.0", "v3.1.0"))
    tables: dict[str, Held] = {}
    parent = _dataset(pick, "parent", version, tables, ("integer", "text"), 1)
    kinds = [pick(tuple(LOGICAL)) for _ in range(pick((1, 2, 3, 4, 5)))]
    child = _dataset(pick, "Child", version, tables, ("integer", "text", *kinds), 3)
    _relate(pick, child, parent)
    document: Document = {
        "apiVersion": version, "kind": "DataContract", "id": "pair", "version": "1.0.0", "status": "active",
        "schema": [child, parent],
    }  # fmt: skip
    _choose(pick, document)
    _choose(pick, child)
    _lose(pick, document, tables)
    return Pair(document, tables)


def _picker(draw: Draw) -> Callable[[Any], Any]:
    """One of several; hypothesis makes it smaller towards the first."""

    def pick(options: Any) -> Any:
        return options[draw(st.integers(0, len(options) - 1))]

    return pick


def _dataset(
    pick: Any, name: str, version: str, tables: dict[str, Held], kinds: tuple[str, ...], rules: int
) -> Document:
    columns: list[Document] = []
    values: list[list[Any]] = []
    count = pick((4, 3, 0, 1, 2, 5, 8))
    for at, kind in enumerate(kinds):
        column: Document = {"name": LOGICAL_NAMES[at], "logicalType": LOGICAL[kind]}
        if pick((0, 1)):
            column["physicalName"] = PHYSICAL_NAMES[(at + pick((0, 2))) % len(PHYSICAL_NAMES)]
        if physical(column).casefold() in [physical(each).casefold() for each in columns]:
            column.pop("physicalName")
        pool = [pick(VALUES[kind]) for _ in range(pick((2, 3, 1)))]
        drawn = pick(("pool", "pool", "nulls", "distinct", "null"))
        values.append(_column_values(pick, kind, pool, drawn, count))
        _promises(pick, column, kind, [each for each in pool if each is not None], version)
        column["quality"] = [_column_rule(pick, kind, pool) for _ in range(pick(range(rules + 1)))]
        if not column["quality"]:
            del column["quality"]
        columns.append(column)
    dataset: Document = {"name": name, "properties": columns}
    if pick((0, 1)):
        dataset["physicalName"] = {"parent": "Parent Table", "Child": "order"}[name]
    _keys(pick, columns)
    dataset["quality"] = [_dataset_rule(pick, columns) for _ in range(pick((2, 1)))]
    rows = list(zip(*values, strict=True))
    tables[physical(dataset)] = Held({physical(c): k for c, k in zip(columns, kinds, strict=True)}, rows)
    return dataset


def _column_values(pick: Any, kind: str, pool: list[Any], how: str, count: int) -> list[Any]:
    match how:
        case "null":
            return [None] * count
        case "nulls":
            pool = [*pool, None]
        case "distinct":
            return [VALUES[kind][at % len(VALUES[kind])] for at in range(count)]
    return [pick(pool) for _ in range(count)]


def _promises(pick: Any, column: Document, kind: str, pool: list[Any], version: str) -> None:
    for promise in ("required", "unique"):
        if pick((0, 0, 1)):
            column[promise] = True
    if version == "v3.2.0" and pick((0, 0, 1)):
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
        case "integer" | "double" | "decimal":
            for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                yield bound, pick((_number(pick(pool)), 0, 1.5, 1e300, -1e20, 10**37))
            yield "multipleOf", pick((1, 2, 0.5, 0.25, 0.1, 3))
            yield "format", pick(WIDTHS if kind == "integer" else ("f32", "f64"))
        case "date" | "timestamp" | "zoned":
            for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                yield (
                    bound,
                    pick(
                        (str(pick(pool)), "2024-01-01", "2024-01-01T00:00:00Z", "2024-03-31T02:30:00+02:00")
                    ),
                )
            if kind != "date":
                yield "timezone", pick((True, False))
                yield "defaultTimezone", pick(("Europe/Berlin", "Asia/Kathmandu", "UTC"))


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
    return str(value) if isinstance(value, (date, Decimal)) else _number(value)


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


def _column_rule(pick: Any, kind: str, pool: list[Any]) -> Document:
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
    return _rule(pick, metric, arguments)


def _dataset_rule(pick: Any, columns: list[Document]) -> Document:
    if pick((0, 1)):
        return _rule(pick, "rowCount", {})
    names = list(dict.fromkeys(pick(columns)["name"] for _ in range(pick((2, 1)))))
    return _rule(pick, "duplicateValues", {"properties": names})


def _rule(pick: Any, metric: str, arguments: Document) -> Document:
    rule: Document = {"type": "library", "metric": metric}
    if arguments:
        rule["arguments"] = arguments
    percent = pick((False, False, True))
    if percent or pick((0, 1)):
        rule["unit"] = "percent" if percent else "rows"
    operator = pick(OPERATORS)
    promised = pick(PROMISED[percent])
    if operator.endswith("Between"):
        rule[operator] = [promised, promised + pick((1, 2.5, 50))]
    else:
        rule[operator] = promised
    if pick((0, 0, 1)):
        rule["severity"] = pick(("info", "warning", "error", "critical"))
    return rule


def _keys(pick: Any, columns: list[Document]) -> None:
    """No primary key, one of one column, or one of two in either order."""
    width = pick((0, 1, 2))
    chosen = [columns[0], columns[1]][:width]
    positions = pick(((1, 2), (2, 1), (None, None)))
    for column, position in zip(chosen, positions, strict=False):
        column["primaryKey"] = True
        if position is not None and (width == 2 or position == 1):
            column["primaryKeyPosition"] = position


def _relate(pick: Any, child: Document, parent: Document) -> None:
    """Foreign keys of the first two columns, which are of the types of the parent's first two."""
    own = [f"{child['name']}.{each['name']}" for each in child["properties"][:2]]
    to = [f"{parent['name']}.{each['name']}" for each in parent["properties"][:2]]
    for at in (0, 1):
        if pick((0, 1)):
            child["properties"][at]["relationships"] = [{"to": to[at]}]
    if pick((0, 1)):
        child["relationships"] = [{"from": own, "to": to}]


def _choose(pick: Any, element: Document) -> None:
    if pick((0, 0, 1)):
        names = [name for name in CHOICES if pick((0, 1))]
        value = {name: pick(CHOICES[name]) for name in names}
        element["customProperties"] = [{"property": "floe.interpretation", "value": value}]


def _lose(pick: Any, document: Document, tables: dict[str, Held]) -> None:
    """Now and then, a table or a column that the contract names is not there."""
    lost = pick((None, None, None, None, None, "column", "table"))
    child, parent = (physical(each) for each in document["schema"])
    if lost == "table":
        del tables[parent]
    elif lost == "column":
        held = tables[child]
        at = pick(range(len(held.columns)))
        columns = {name: kind for place, (name, kind) in enumerate(held.columns.items()) if place != at}
        tables[child] = Held(columns, [row[:at] + row[at + 1 :] for row in held.rows])
