"""Ages: what promises about time have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from floe_dagster.contract.duration import duration
from floe_dagster.plan.nested import found_in, is_of_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Column, Dataset, Promise

_TIMES = (None, "date", "timestamp")

_USUAL_NAMES = (
    "updated_at", "modified_at", "last_updated", "last_updated_at", "last_modified", "last_modified_at",
    "loaded_at", "ingested_at", "inserted_at", "_loaded_at", "_ingested_at", "load_timestamp",
    "ingestion_time", "event_time", "event_timestamp", "event_at", "occurred_at", "created_at",
    "timestamp", "ts",
)  # fmt: skip


def length(promise: Promise, choices: Mapping[str, str]) -> timedelta:
    """How long is promised.

    Raises:
        ValueError: it is no length of time; the message says why.
    """
    found = duration(promise.value, meant_unit(promise, choices))
    if found <= timedelta(0):
        raise ValueError(
            f"{promise.property} of {promise.value} {promise.unit or ''}".rstrip() + " is no time at all"
        )
    return found


def meant_unit(promise: Promise, choices: Mapping[str, str]) -> str | None:
    """The unit of a promise, where `m` is what the interpretation says."""
    if promise.unit != "m":
        return promise.unit
    months = "months" if promise.property == "retention" else "minutes"
    return months if choices["unit_m"] == "by_property" else choices["unit_m"]


def unit_choice(promise: Promise, choices: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """How `m` was read, where it was."""
    return (("unit_m", choices["unit_m"]),) if promise.unit == "m" else ()


def detected(dataset: Dataset) -> Column | None:
    """The column that says when a row was last touched, by its usual names; None where there is none."""
    return _usual(dataset, _USUAL_NAMES)


def of_history(dataset: Dataset) -> Column | None:
    """The column that says how far back a dataset goes; None where there is none.

    The first partition that is a date or a timestamp, else by its usual names: when a row came about goes
    before when it was last touched, which is never as old as the data.
    """
    partitions = [each for each in _times(dataset) if each.partition is not None]
    first = min(partitions, key=lambda each: each.partition or 0, default=None)
    return first or _usual(dataset, _USUAL_NAMES[::-1])


def _usual(dataset: Dataset, names: tuple[str, ...]) -> Column | None:
    by_name = {each.name.lower(): each for each in reversed(_times(dataset))}
    return next((by_name[each] for each in names if each in by_name), None)


def _times(dataset: Dataset) -> list[Column]:
    return [
        each for each in dataset.columns if each.logical_type in ("date", "timestamp") and not each.measure
    ]


def unfit(dataset: Dataset, name: str, *, nested: bool = False) -> str | None:
    """Why a column's age cannot be told, or that of a field nested in one; None where it can."""
    column = found_in(dataset, name) if nested else dataset.column(name)
    if column is None or is_of_items(column):
        return f'"{name}" is no column of {dataset.name} itself, and only the age of such a one can be asked'
    if column.logical_type not in _TIMES:
        return f'"{name}" is of type {column.logical_type}, and an age needs a date or a timestamp'
    return None


def zone(column: Column, choices: Mapping[str, str]) -> str:
    """The zone in which stamps without one are read."""
    own = next((each.value for each in column.constraints if each.name == "default_timezone"), None)
    return str(own) if own else choices["naive_timestamps"]
