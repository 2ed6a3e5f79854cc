"""Queries: what an author may ask in SQL, and the same in Python.

A rule of type `sql` holds one of these texts, and the judge looks up what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOT_ONE = object()
"""No row, or more than one value: nothing that could be held against a promise."""


def given(values: list[Any]) -> list[Any]:
    return [each for each in values if each is not None]


def share(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None


NUMBERS_OF_ROWS: Mapping[str, Callable[[int], Any]] = {
    "select count(*) from {object}": lambda rows: rows,
    "SELECT count(*) AS n\nFROM ${table} AS t -- all of them": lambda rows: rows,
    "with found as (select 1 as one from {model}) select sum(one) from found;": lambda rows: rows or None,
    "select 1 from {object}": lambda rows: 1 if rows == 1 else NOT_ONE,
    "select max(1.5) from {object} where 1 = 0": lambda _: None,
    "select count(*), 1 from {object}": lambda _: NOT_ONE,
    "select count(*) / 4.0 from {object}": lambda rows: rows / 4,
}
"""By text, with the number of rows."""

NUMBERS_OF_VALUES: Mapping[str, Callable[[list[Any]], Any]] = {
    "select count({property}) from {object}": lambda values: len(given(values)),
    "select count(*) from ${object} where ${column} is null": lambda values: len(values) - len(given(values)),
    "select count(*) - count({object}.{column}) from {table}": lambda values: (
        len(values) - len(given(values))
    ),
    "select 100.0 * count({property}) / nullif(count(*), 0) from {object}": lambda values: share(
        len(given(values)), len(values)
    ),
}
"""By text, with the column's values."""

NUMBERS_OF_INTEGERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "select max({property}) from {object}": lambda values: max(given(values), default=None),
    "select min({property}) from {object}": lambda values: min(given(values), default=None),
    "select count(distinct {property}) from {object}": lambda values: len(set(given(values))),
    "select count(*) from {object} where {property} between -1 and 12": lambda values: sum(
        -1 <= each <= 12 for each in given(values)
    ),
}
"""By text, with the values of a column of whole numbers."""

TRUTHS_OF_ROWS: Mapping[str, Callable[[int], Any]] = {
    "select count(*) > 2 from {object}": lambda rows: rows > 2,
}
TRUTHS_OF_VALUES: Mapping[str, Callable[[list[Any]], Any]] = {
    "select count(*) > count({property}) from {object}": lambda values: None in values,
}
TEXTS_OF_ROWS: Mapping[str, Callable[[int], Any]] = {
    "select case when count(*) > 3 then 'many' else 'few' end from ${model}": lambda rows: (
        "many" if rows > 3 else "few"
    ),
    "select 'it''s %s' from (select count(*) as n from {object}) as q": lambda _: "it's %s",
}

OF_ROWS = {**NUMBERS_OF_ROWS, **TRUTHS_OF_ROWS, **TEXTS_OF_ROWS}
OF_VALUES = {**NUMBERS_OF_VALUES, **NUMBERS_OF_INTEGERS, **TRUTHS_OF_VALUES}
UNFILLED = ("select count(*) from {objekt}", "select count(*) from {schema}.{object}")
"""With a placeholder that nothing can fill."""
REFUSED = ("delete from {object}", "select 1; select 2", "select pg_sleep(10)")
"""What is not one query that only reads."""
