"""Thresholds: whether a measured value keeps a promised one."""

from __future__ import annotations

import math

from floe_dagster.contract.model import Operator, Scalar, Threshold


def holds(threshold: Threshold, actual: Scalar, *, inclusive: bool = True) -> bool | None:
    """Whether the promise is kept; None where the two cannot be compared.

    Args:
        threshold: the promise.
        actual: what was measured.
        inclusive: whether the ends of a `between` belong to it.
    """
    match threshold:
        case Threshold(operator=Operator.EQUAL, value=promised):
            return _same(actual, promised)
        case Threshold(operator=Operator.NOT_EQUAL, value=promised):
            same = _same(actual, promised)
            return None if same is None else not same
        case Threshold(operator=operator, value=promised):
            return _compares(operator, actual, promised, inclusive=inclusive)


def as_number(value: object) -> int | float | None:
    """A number, or a text that is one; None for everything else, NaN and truth values among them."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
        value = int(value) if value.is_integer() else value
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return value


def numeric(threshold: Threshold) -> Threshold | None:
    """The threshold with numbers for its values; None where they are not numbers."""
    match threshold.value:
        case (low, high):
            ends = as_number(low), as_number(high)
            if ends[0] is None or ends[1] is None:
                return None
            return Threshold(operator=threshold.operator, value=(ends[0], ends[1]))
        case value:
            found = as_number(value)
            return None if found is None else Threshold(operator=threshold.operator, value=found)


def _same(actual: Scalar, promised: Scalar | tuple[float, float]) -> bool | None:
    if isinstance(promised, tuple) or actual is None:
        return None
    if isinstance(promised, bool) or isinstance(actual, bool):
        # an engine without truth values answers a condition with 0 or 1
        return bool(actual) == bool(promised) if actual in (0, 1) and promised in (0, 1) else None
    left, right = as_number(actual), as_number(promised)
    if isinstance(actual, str) and isinstance(promised, str):
        return actual == promised
    if left is None or right is None:
        return None
    return math.isclose(left, right, rel_tol=1e-12) if isinstance(left + right, float) else left == right


def _compares(
    operator: Operator, actual: Scalar, promised: Scalar | tuple[float, float], *, inclusive: bool
) -> bool | None:
    found = as_number(actual)
    if found is None:
        return None
    if isinstance(promised, tuple):
        low, high = promised
        inside = low <= found <= high if inclusive else low < found < high
        return inside if operator is Operator.BETWEEN else not inside
    limit = as_number(promised)
    if limit is None:
        return None
    match operator:
        case Operator.ABOVE:
            return found > limit
        case Operator.AT_LEAST:
            return found >= limit
        case Operator.BELOW:
            return found < limit
        case Operator.AT_MOST:
            return found <= limit
        case _:
            return None
