"""Changes: what is different between two versions of a contract, in words where that is easy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.report.words import clean, several

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.contract.model import Column, Contract, Dataset, Promise
    from floe_dagster.plan.check import Plan

MOST = 12
"""how many differences are told of one contract"""


def words_for(before: Plan, after: Plan) -> tuple[str, ...]:
    """What is different, the promises first; of very many the first, and how many more there are."""
    found = list(dict.fromkeys(_differences(before, after)))
    if len(found) > MOST:
        return (*found[:MOST], f"and {several(len(found) - MOST, 'more difference')}")
    return tuple(found) or ("only wording, tags or people",)


def _differences(before: Plan, after: Plan) -> Iterator[str]:
    yield from _promises(before.contract, after.contract)
    yield from _datasets(before.contract, after.contract)
    yield from _checks(before, after)
    for what in ("status", "owner", "domain"):
        old, new = getattr(before.contract, what), getattr(after.contract, what)
        if old != new:
            yield f"{what}: {clean(old or 'none')} to {clean(new or 'none')}"


def _promises(before: Contract, after: Contract) -> Iterator[str]:
    old, new = _by_name(before), _by_name(after)
    for name in old | new:
        was, now = old.get(name), new.get(name)
        if was is None and now is not None:
            yield f"{name} is promised: {_written(now)}"
        elif was is not None and now is None:
            yield f"{name} is no longer promised: it was {_written(was)}"
        elif was is not None and now is not None and _written(was) != _written(now):
            yield f"{name}: {_written(was)} to {_written(now)}"


def _by_name(contract: Contract) -> dict[str, Promise]:
    return {_called(each): each for each in contract.promises}


def _called(promise: Promise) -> str:
    about = ", ".join(".".join(filter(None, each)) for each in promise.elements)
    driver = f" ({promise.driver})" if promise.driver else ""
    return clean(f"{promise.property} of {about}{driver}" if about else f"{promise.property}{driver}")


def _written(promise: Promise) -> str:
    extent = "" if promise.value_ext is None else f" to {promise.value_ext}"
    return clean(f"{promise.value}{extent} {promise.unit or ''}")


def _datasets(before: Contract, after: Contract) -> Iterator[str]:
    old = {each.name: each for each in before.datasets}
    new = {each.name: each for each in after.datasets}
    for name in old | new:
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            yield f"dataset {clean(name)} {'was added' if was is None else 'was removed'}"
        else:
            yield from _columns(was, now)


def _columns(before: Dataset, after: Dataset) -> Iterator[str]:
    old = {each.name: each for each in before.columns}
    new = {each.name: each for each in after.columns}
    for name in old | new:
        was, now, called = old.get(name), new.get(name), clean(f"{after.name}.{name}")
        if was is None or now is None:
            yield f"column {called} {'was added' if was is None else 'was removed'}"
        elif _shape(was) != _shape(now):
            yield f"column {called}: {_shape(was)} to {_shape(now)}"


def _shape(column: Column) -> str:
    said = (
        column.physical_type or column.logical_type or "any type",
        "required" if column.required else "",
        "unique" if column.unique else "",
    )
    return clean(" ".join(filter(None, said)))


def _checks(before: Plan, after: Plan) -> Iterator[str]:
    old = {each.id: each for each in before.checks}
    new = {each.id: each for each in after.checks}
    for name in old | new:
        was, now = old.get(name), new.get(name)
        if was is None and now is not None:
            yield f"new check: {clean(now.title)}, {clean(now.expected)}"
        elif was is not None and now is None:
            yield f"no longer checked: {clean(was.title)}"
        elif was is not None and now is not None and was.expected != now.expected:
            yield f"{clean(now.title)}: {clean(was.expected)} to {clean(now.expected)}"
