"""Vectors: whether one has the length 1, in the engines that hold vectors or arrays of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.warehouses._pattern import unsupported

if TYPE_CHECKING:
    from floe_dagster.plan.metric import LiveColumn
    from floe_dagster.warehouses._dialect import Dialect

_CLOSE = "1e-6"
"""How far the sum of squares may be from 1: numbers of four bytes are rounded to seven digits."""


def not_normalized(column: LiveColumn, dialect: Dialect) -> str:
    """Whether the sum of the squares of a vector's numbers is not 1; of nothing it is 0.

    Raises:
        WarehouseError: the engine holds no vectors, or the column none.
    """
    value = dialect.value(column)
    match dialect.name:
        case "duckdb" if column.logical_type == "array" and column.type.endswith("]"):
            squares = f"list_transform(cast({value} as double[]), lambda v: v * v)"
            total = f"coalesce(list_sum({squares}), 0)"
        case "postgres" if column.logical_type == "vector":
            total = f"vector_norm({value}) * vector_norm({value})"
        case "postgres" if column.logical_type == "array":
            items = f"unnest(cast({value} as double precision[])) as u(v)"
            total = f"coalesce((select sum(v * v) from {items}), 0)"  # noqa: S608  every part is quoted
        case _:
            raise unsupported(f'"{column.name}" is {column.type}, in which {dialect.name} sees no vector')
    return f"({value} is not null and abs({total} - 1) > {_CLOSE})"
