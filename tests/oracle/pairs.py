"""Pairs: a small contract, as a document and as text, and tables that fit it more or less."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.oracle.promises import ages, choices, column_rule, dataset_rule, promises, relate
from tests.oracle.rows import LOGICAL, LOGICAL_NAMES, NOWS, PHYSICAL_NAMES, TABLE_NAMES, USUAL_NAMES, VALUES
from tests.oracle.values import Document, Held, physical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

Draw = Any
_BYTES = 512
_COMMON = ("text", "integer", "double", "decimal", "boolean", "date", "timestamp", "zoned", "stamp")
_KINDS = (*LOGICAL, *_COMMON)


@dataclass(frozen=True)
class Pair:
    """A contract and its data.

    Attributes:
        document: the contract as a mapping.
        tables: by physical name; what the contract names may be absent.
        now: when it is judged.
    """

    document: Document
    tables: dict[str, Held]
    now: datetime

    @property
    def text(self) -> str:
        """The contract as YAML."""
        return written(self.document)


def written(document: Document) -> str:
    """A document as YAML."""
    return "".join(f"{line}\n" for line in yaml_lines(document))


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
def pairs(draw: Draw, versions: tuple[str, ...] = ("v3.2.0", "v3.2.0", "v3.1.0")) -> Pair:
    """A contract of two datasets, and their tables."""
    pick = picker(draw)
    version = pick(versions)
    tables: dict[str, Held] = {}
    parent = _dataset(pick, "parent", version, tables, ("integer", "text"), 1)
    kinds = [pick(_KINDS) for _ in range(pick((1, 2, 3, 4, 5)))]
    child = _dataset(pick, "Child", version, tables, ("integer", "text", *kinds), 3)
    relate(pick, child, parent)
    document: Document = {
        "apiVersion": version, "kind": "DataContract", "id": "pair", "version": "1.0.0", "status": "active",
        "schema": [child, parent],
    }  # fmt: skip
    ages(pick, document)
    choices(pick, document)
    choices(pick, child)
    _lose(pick, document, tables)
    return Pair(document, tables, pick(NOWS))


def picker(draw: Draw) -> Callable[[Any], Any]:
    """One of several; hypothesis makes it smaller towards the first.

    Two bytes decide, and many are drawn at once: a draw costs as much as a query does.
    """
    left: Iterator[int] = iter(())

    def byte() -> int:
        nonlocal left
        found = next(left, None)
        if found is None:
            left = iter(draw(st.binary(min_size=_BYTES, max_size=_BYTES)))
            found = next(left)
        return found

    def pick(options: Any) -> Any:
        return options[(byte() * 256 + byte()) % len(options)]

    return pick


def _dataset(
    pick: Any, name: str, version: str, tables: dict[str, Held], kinds: tuple[str, ...], rules: int
) -> Document:
    columns: list[Document] = []
    values: list[list[Any]] = []
    count = pick((4, 3, 0, 1, 2, 5, 8))
    for at, kind in enumerate(kinds):
        column: Document = {"name": LOGICAL_NAMES[at], "logicalType": LOGICAL[kind]}
        if LOGICAL[kind] in ("date", "timestamp") and pick((0, 1)):
            column["name"] = USUAL_NAMES[at % len(USUAL_NAMES)]
        taken = {part for each in columns for part in (each["name"].casefold(), physical(each).casefold())}
        if column["name"] in taken:
            column["name"] = LOGICAL_NAMES[at]
        wanted = pick(PHYSICAL_NAMES)
        taken |= {_shortened(each) for each in (*taken, *LOGICAL_NAMES)}
        if pick((0, 1)) and _shortened(wanted) not in taken:
            column["physicalName"] = wanted
        pool = [pick(VALUES[kind]) for _ in range(pick((2, 3, 1)))]
        drawn = pick(("pool", "pool", "nulls", "distinct", "null"))
        values.append(_column_values(pick, kind, pool, drawn, count))
        promises(pick, column, kind, [each for each in pool if each is not None], version)
        column["quality"] = [column_rule(pick, kind, pool) for _ in range(pick(range(rules + 1)))]
        if not column["quality"]:
            del column["quality"]
        columns.append(column)
    dataset: Document = {"name": name, "properties": columns}
    if table := pick(TABLE_NAMES):
        dataset["physicalName"] = table if name == "Child" else f"{table[:62]}_"
    _keys(pick, columns)
    dataset["quality"] = [dataset_rule(pick, columns) for _ in range(pick((2, 1)))]
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


def _keys(pick: Any, columns: list[Document]) -> None:
    """No primary key, one of one column, or one of two in either order."""
    width = pick((0, 1, 2))
    chosen = [columns[0], columns[1]][:width]
    positions = pick(((1, 2), (2, 1), (None, None)))
    for column, position in zip(chosen, positions, strict=False):
        column["primaryKey"] = True
        if position is not None and (width == 2 or position == 1):
            column["primaryKeyPosition"] = position


def _lose(pick: Any, document: Document, tables: dict[str, Held]) -> None:
    """Now and then a table or a column that the contract names is not there, in another case, or one too many."""
    child, parent = (physical(each) for each in document["schema"])
    match pick((None, None, None, None, None, "column", "table", "case", "more")):
        case "table":
            del tables[parent]
        case "column":
            held = tables[child]
            at = pick(range(len(held.columns)))
            columns = {name: kind for place, (name, kind) in enumerate(held.columns.items()) if place != at}
            tables[child] = Held(columns, [row[:at] + row[at + 1 :] for row in held.rows])
        case "case":
            held = tables[child]
            columns = {_other_case(name): kind for name, kind in held.columns.items()}
            tables[child] = Held(columns, held.rows)
        case "more":
            held = tables[child]
            tables[child] = Held({**held.columns, "undeclared": "text"}, [(*row, "x") for row in held.rows])


def _shortened(name: str) -> str:
    """As no two names of one table may be the same to any engine: in any case, and as far as PostgreSQL reads."""
    return name.encode()[:63].decode(errors="ignore").casefold()


def _other_case(name: str) -> str:
    """Only of what every engine knows to have a case."""
    return name.swapcase() if name.isascii() else name
