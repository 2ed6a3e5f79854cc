"""Series: the columns of a DataFrame, made ready for DuckDB to read, with what pandas says of each.

What DuckDB reads as it is stays as it is. A column of Python objects has the type of its values, all of which
are looked at: of one kind it is read as that; of several it is read as text, and has a type that no promise
fits; of none it has no type. Types that DuckDB does not know are read as text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any
from uuid import UUID

from floe_dagster.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import DataFrame, Series

MIXED = "mixed"
"""The logical type of a column with several kinds of values; no word of a contract fits it."""

_UNKNOWN_TO_DUCKDB = ("period", "interval", "complex")
_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((str,), "str"),
    ((bool,), "bool"),
    ((Integral,), "int"),
    ((Real,), "float"),
    ((Decimal,), "decimal"),
    ((datetime,), "datetime"),
    ((date,), "date"),
    ((time,), "time"),
    ((timedelta,), "timedelta"),
    ((bytes, bytearray), "bytes"),
    ((UUID,), "UUID"),
    ((list, tuple), "list"),
    ((dict,), "dict"),
)
_READ_AS_THEY_ARE = {frozenset({kind}) for _, kind in _KINDS} | {frozenset({"int", "float"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameColumn:
    """A column as pandas has it.

    Attributes:
        name: as text, as which a column that is named by a number is known too.
        dtype: pandas' own name for the type; of objects with the kinds of their values.
        nullable: whether anything in it is missing.
        kinds: of the values of a column of objects; None of any other.
        as_text: its values are of no type that DuckDB reads.
    """

    name: str
    dtype: str
    nullable: bool
    kinds: frozenset[str] | None = None
    as_text: bool = False

    @property
    def untyped(self) -> bool:
        """Whether it is a column of objects that holds none."""
        return self.kinds == frozenset()

    @property
    def mixed(self) -> bool:
        """Whether it holds objects of several kinds."""
        return self.as_text and self.kinds is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A DataFrame that DuckDB can read, its columns named c0, c1, ...

    Attributes:
        frame: shares the values of every column that is read as it is.
        columns: in the order of the frame.
    """

    frame: DataFrame
    columns: tuple[FrameColumn, ...]


def prepared(frame: DataFrame) -> Prepared:
    """The frame as DuckDB can read it; the frame that is given is not changed.

    Raises:
        WarehouseError: it has no columns, or two of them have names that SQL cannot tell apart.
    """
    names = [str(each) for each in frame.columns]
    if not names:
        raise WarehouseError("it has no columns; give it those of the contract, even where it has no rows")
    _refuse_twins(names)
    ours = frame.copy(deep=False)
    ours.columns = [f"c{n}" for n in range(len(names))]
    columns = []
    for own, name in zip(ours.columns, names, strict=True):
        column, series = _column(name, ours[own])
        columns.append(column)
        if series is not None:
            ours[own] = series
    return Prepared(frame=ours, columns=tuple(columns))


def _refuse_twins(names: Iterable[str]) -> None:
    twins = [name for name, times in Counter(each.casefold() for each in names).items() if times > 1]
    if twins:
        raise WarehouseError(
            f'more than one column is named "{twins[0]}", in one case or another; rename one'
        )


def _column(name: str, series: Series[Any]) -> tuple[FrameColumn, Series[Any] | None]:
    """What pandas says of a column, and what to read instead where it cannot be read as it is."""
    import pandas as pd

    dtype, missing = str(series.dtype), bool(series.isna().any())
    if series.dtype == object:
        return _objects(name, series)
    if isinstance(series.dtype, pd.SparseDtype):
        return FrameColumn(name=name, dtype=dtype, nullable=missing), series.sparse.to_dense()
    if isinstance(series.dtype, pd.CategoricalDtype):
        dtype = f"category of {series.dtype.categories.dtype}"
    elif dtype.startswith(_UNKNOWN_TO_DUCKDB):
        return FrameColumn(name=name, dtype=dtype, nullable=missing, as_text=True), _as_text(series)
    return FrameColumn(name=name, dtype=dtype, nullable=missing), None


def _objects(name: str, series: Series[Any]) -> tuple[FrameColumn, Series[Any] | None]:
    series = _of_python(series)
    there = series.dropna()
    missing = len(there) < len(series)
    kinds = _kinds_of(there)
    dtype = f"object of {', '.join(sorted(kinds))}" if kinds else "object"
    odd = bool(kinds) and kinds not in _READ_AS_THEY_ARE
    column = FrameColumn(name=name, dtype=dtype, nullable=missing, kinds=kinds, as_text=odd)
    if odd:
        return column, _as_text(series)
    return column, series.where(series.notna(), None)


def _of_python(series: Series[Any]) -> Series[Any]:
    """The same with Python's own numbers, since DuckDB reads a number of numpy among objects as text."""
    import numpy as np  # noqa: PLC0415  as heavy as pandas, which brings it

    if not any(issubclass(each, np.generic) for each in set(map(type, series))):
        return series
    values = [each.item() if isinstance(each, np.generic) else each for each in series]
    return type(series)(values, dtype=object, index=series.index)


def _kinds_of(values: Series[Any]) -> frozenset[str]:
    types = set(map(type, values))
    kinds = {_kind(each) for each in types}
    if (
        "datetime" in kinds
        and len({each.tzinfo is None for each in values if isinstance(each, datetime)}) > 1
    ):
        kinds.add("datetime without a zone")
    return frozenset(kinds)


def _kind(of: type) -> str:
    return next((kind for types, kind in _KINDS if issubclass(of, types)), of.__name__)


def _as_text(series: Series[Any]) -> Series[Any]:
    return series.astype(object).map(str, na_action="ignore").astype("string")
