"""Structure: what has to come of the promise that the columns are there, by looking at each.

Written from docs/checks.md: a difference that breaks the promise counts, another is told or warned of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.ruling import DEFAULTS, Ruling, broken
from tests.oracle.values import Document, Held, NotMeasurableError, chosen, physical

if TYPE_CHECKING:
    from collections.abc import Mapping

# what a column of a type may be called
FITS = {
    "text": ("string",),
    "integer": ("integer", "number"),
    "boolean": ("boolean",),
    "date": ("date",),
    "time": ("time",),
    "array": ("array",),
    "object": ("object",),
    **dict.fromkeys(("double", "single", "decimal", "whole", "tiny", "numeric"), ("number",)),
    **dict.fromkeys(("timestamp", "zoned", "shown"), ("timestamp",)),
    **dict.fromkeys(("stamp", "day", "clock", "listing"), ("string",)),
}


def structure(document: Document, dataset: Document, tables: Mapping[str, Held]) -> Ruling:
    """The ruling on the columns of a dataset."""
    choices = DEFAULTS | chosen(document) | chosen(dataset)
    if physical(dataset) not in tables:
        return broken(choices["severity"], 1)
    held = tables[physical(dataset)]
    old = document["apiVersion"].startswith("v3.0")
    breaking = warned = 0
    declared = set[str]()
    for column in dataset["properties"]:
        try:
            name = held.at(physical(column))
        except NotMeasurableError:
            breaking += 1
            continue
        declared.add(name)
        wanted, kind = column.get("logicalType"), held.columns[name]
        was_date = old and wanted == "date" and "timestamp" in FITS[kind]
        breaking += wanted is not None and wanted not in FITS[kind] and not was_date
        if column.get("required"):  # no column of these tables is declared to be filled
            breaking += choices["nullability"] == "fail"
            warned += choices["nullability"] == "warn"
    undeclared = len(held.columns) - len(declared)
    breaking += undeclared if choices["undeclared_columns"] == "fail" else 0
    warned += undeclared if choices["undeclared_columns"] == "warn" else 0
    if breaking:
        return broken(choices["severity"], breaking)
    return Ruling("warned" if warned else "passed", 0)
