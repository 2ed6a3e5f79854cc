"""Documents that are meant to hurt cost less than two seconds and end in a problem, or in a contract."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from floe_dagster.contract.document import read

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n"


def laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


def merges() -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 26)]
    return "\n".join(lines)


def nested(levels: int, around: Callable[[str], str], core: str = "{name: c, logicalType: string}") -> str:
    for _ in range(levels):
        core = around(core)
    return f"{HEAD}schema: [{{name: t, properties: [{core}]}}]"


def many(item: str, key: str, count: int) -> str:
    return f"{HEAD}{key}: [{','.join([item] * count)}]"


BOMBS: dict[str, Callable[[], str]] = {
    "billion laughs": laughs,
    "doubling merge keys": merges,
    "an alias of itself": lambda: "a: &a [*a]",
    "100,000 lists": lambda: "[" * 100_000,
    "100,000 mappings": lambda: "{a: " * 100_000,
    "100,000 lists on dashes": lambda: "- " * 100_000,
    "100,000 question marks": lambda: "? " * 100_000,
    "a staircase": lambda: "\n".join(" " * n + "a:" for n in range(1_300)),
    "100,000 lists, closed": lambda: "[" * 100_000 + "]" * 100_000,
    "lists and mappings by turns": lambda: "[{a: " * 60_000,
    "450,000 entries": lambda: "[" + "1," * 450_000 + "]",
    "90,000 keys": lambda: "\n".join(f"k{n}: 1" for n in range(90_000)),
    "more than a megabyte": lambda: "a: " + "x" * 2_000_000,
    "more than a megabyte of two-byte letters": lambda: "a: " + "ä" * 600_000,
    "a megabyte in one scalar": lambda: "a: " + "x" * 999_000,
    "a megabyte in one key": lambda: "x" * 999_000 + ": 1",
    "a megabyte of line ends": lambda: "\n" * 999_000,
    "a megabyte of comment": lambda: "#" * 999_000,
    "a megabyte of quotes": lambda: "'" * 999_000,
    "a megabyte of backslashes": lambda: '"' + "\\" * 900_000 + '"',
    "a megabyte of colons": lambda: ":" * 999_000,
    "a megabyte of exclamation marks": lambda: "!" * 999_000,
    "100,000 anchors": lambda: "&a " * 100_000,
    "100,000 documents": lambda: "---\n" * 100_000,
    "a number of a million digits": lambda: "a: " + "9" * 900_000,
    "NUL": lambda: "a: \x00",
    "a lone surrogate": lambda: "a: \ud800",
    "a python object": lambda: "!!python/object/apply:os.system ['true']",
    "29 nested properties": lambda: nested(
        29, lambda it: f"{{name: a, logicalType: object, properties: [{it}]}}"
    ),
    "28 nested properties without a type": lambda: nested(28, lambda it: f"{{name: a, properties: [{it}]}}"),
    "lists of objects of lists": lambda: nested(
        18, lambda it: f"{{name: a, logicalType: array, items: {{logicalType: object, properties: [{it}]}}}}"
    ),
    "7,000 columns": lambda: (
        f"{HEAD}schema: [{{name: t, properties: ["
        + ",".join(f"{{name: c{n}, logicalType: string}}" for n in range(7_000))
        + "]}]"
    ),
    "5,000 columns of one name": lambda: nested(0, str, ",".join(["{name: c}"] * 5_000)),
    "20,000 datasets of no name": lambda: many("{}", "schema", 20_000),
    "8,000 unknown servers": lambda: many("{server: a, type: x}", "servers", 8_000),
    "5,000 references to nowhere": lambda: many(
        "{property: ly, value: 1, unit: d, element: t.x}", "slaProperties", 5_000
    ),
    "24,000 unknown keys": lambda: HEAD + "\n".join(f"key{n}: 1" for n in range(24_000)),
    "a wide element": lambda: (
        f"{HEAD}schema: [{{name: t, properties: [{{name: c}}]}}]\nslaProperties:\n"
        f"- {{property: ly, value: 1, unit: d, element: '{','.join(['t.d'] * 100_000)}'}}"
    ),
    "a wide element of many names": lambda: (
        nested(0, str, ",".join(f"{{name: c{n}}}" for n in range(6_000)))
        + f"\nslaProperties:\n- {{property: ly, value: 1, unit: d, element: '{','.join(f't.d{n}' for n in range(50_000))}'}}"
    ),
    "many columns and many slips": lambda: (
        f"{HEAD}schema: [{{name: t, properties: ["
        + ",".join(f"{{name: column{n}}}" for n in range(6_000))
        + "], quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: ["
        + ",".join(f"colunm{n}" for n in range(6_000))
        + "]}}]}]"
    ),
    "a pattern of parentheses": lambda: nested(
        0, str, "{name: c, logicalType: string, logicalTypeOptions: {pattern: '" + "(" * 100_000 + "'}}"
    ),
    "a schedule of commas": lambda: (
        f"{HEAD}schema: [{{name: t, quality: [{{type: text, schedule: '{'*,' * 100_000}'}}]}}]"
    ),
}


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_soon_over(name: str) -> None:
    """Two seconds of CPU at most on a quiet machine; what explodes takes minutes, so the bound is generous."""
    text = BOMBS[name]()
    read(HEAD, "warm.odcs.yaml")
    start = time.process_time()
    reading = read(text, "bomb.odcs.yaml")
    assert time.process_time() - start < 10
    assert len(json.dumps([each.message for each in reading.problems])) < 3_000_000
    assert reading.valid == (not any(each.severity == "error" for each in reading.problems))


def test_there_are_enough_of_them() -> None:
    assert len(BOMBS) >= 25


@pytest.mark.parametrize("name", ["29 nested properties", "lists of objects of lists", "7,000 columns"])
def test_what_is_only_large_is_read(name: str) -> None:
    assert read(BOMBS[name](), "large.odcs.yaml").valid
