"""Items: what is promised of arrays, objects and vectors: how many of what, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from floe_dagster.checks._asked import Asked, Refused, Remark
from floe_dagster.plan.nested import ref_of
from floe_dagster.plan.offence import (
    AnyOf,
    ItemsCompare,
    LacksProperty,
    NotNormalized,
    PropertiesCompare,
    RepeatsItem,
)
from floe_dagster.plan.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Column, Scalar

_SIZES: Mapping[str, tuple[type[ItemsCompare | PropertiesCompare], Literal["<", ">"], str, str, str]] = {
    "min_items": (ItemsCompare, "<", "fewer than", "at least", "item"),
    "max_items": (ItemsCompare, ">", "more than", "at most", "item"),
    "min_properties": (PropertiesCompare, "<", "fewer than", "at least", "field"),
    "max_properties": (PropertiesCompare, ">", "more than", "at most", "field"),
}
_SAID = {
    "distance_metric": "says how vectors are compared, not what they hold",
    "embedding_model": "says what made the vectors, not what they hold",
    "embedding_model_version": "says what made the vectors, not what they hold",
}


def about_items(column: Column, name: str, value: Scalar) -> Asked | Refused | Remark | None:
    """What to ask about an option of an array, an object or a vector; None for any other."""
    if name in _SIZES:
        return _size(column, name, value)
    if name in _SAID:
        return Remark(f"{value} {_SAID[name]}")
    match name:
        case "unique_items":
            return _unique_items(column, value)
        case "required":
            return _property(column, str(value))
        case "dimensions":
            return _dimensions(column, value)
        case "element_type":
            return Refused(
                "the type of the numbers is looked at in columns; physicalType can say it of a field"
            )
        case "normalized":
            return _normalized(column, value)
        case _:
            return None


def _size(column: Column, name: str, value: Scalar) -> Asked | Refused:
    offence, operator, words, title, noun = _SIZES[name]
    if isinstance(value, bool) or not isinstance(value, int):
        return Refused(f"{name} is {value}, and a number of {noun}s is a whole number")
    return Asked(
        offence=offence(ref_of(column), operator, value),
        words=f"with {words} {counted(value, noun)}",
        title=f"{column.name} has {title} {counted(value, noun)}",
    )


def _unique_items(column: Column, value: Scalar) -> Asked | Remark:
    if value is not True:
        return Remark("items may repeat")
    return Asked(
        offence=RepeatsItem(ref_of(column)),
        words="repeating an item",
        title=f"{column.name} repeats no item",
    )


def _normalized(column: Column, value: Scalar) -> Asked | Remark:
    if value is not True:
        return Remark("vectors may have any length")
    return Asked(
        offence=NotNormalized(ref_of(column)),
        words="not of the length 1",
        title=f"{column.name} has the length 1",
    )


def _property(column: Column, name: str) -> Asked:
    return Asked(
        offence=LacksProperty(ref_of(column), name),
        words=f"without {name}",
        title=f"{column.name} has {name}",
    )


def _dimensions(column: Column, value: Scalar) -> Asked | Refused:
    if isinstance(value, bool) or not isinstance(value, int):
        return Refused(f"dimensions is {value}, and a number of dimensions is a whole number")
    sides: tuple[Literal["<", ">"], ...] = ("<", ">")
    return Asked(
        offence=AnyOf(tuple(ItemsCompare(ref_of(column), each, value) for each in sides)),
        words=f"not of {counted(value, 'dimension')}",
        title=f"{column.name} has {counted(value, 'dimension')}",
    )
