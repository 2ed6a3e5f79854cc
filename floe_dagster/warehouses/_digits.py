"""Digits: how many a number has after the point, and how many a type of decimals keeps."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOO_LARGE, _TOO_SMALL = 3.4028235677973366e38, 7.006492321624085e-46
_DECIMAL = re.compile(r"(?:decimal|numeric)\((\d+), ?(\d+)\)", re.IGNORECASE)


def precision(type_: str) -> tuple[int, int] | None:
    """How many digits a type of decimals keeps in all, and after the point; None for every other type."""
    found = _DECIMAL.fullmatch(type_)
    return (int(found[1]), int(found[2])) if found else None


def digits_after_point(value: float | Decimal) -> int:
    """Of a number as it is written, without the zeros at its end."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return len(format(exact, "f").partition(".")[2].rstrip("0"))


def fits_single(value: float | Decimal) -> bool:
    """Whether four bytes hold a number but for rounding, and make neither zero nor infinity of it."""
    return value == 0 or _TOO_SMALL < abs(float(value)) < _TOO_LARGE


def rounded(value: float | Decimal, scale: int, round_: Callable[[Fraction], int]) -> Decimal:
    """A number with so many digits after the point, rounded up or down by `round_`."""
    return with_point(round_(Fraction(str(value)) * 10**scale), scale)


def with_point(unscaled: int, scale: int) -> Decimal:
    """`unscaled` / 10 ** `scale`, exactly, where arithmetic of decimals would round to 28 digits."""
    return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -scale))
