"""References: what a text such as `orders.customer_id` points at (ODCS, references between elements).

Three forms are read: the shorthand `dataset.column` with any number of nested fields, the fully qualified
`/schema/<id>/properties/<id>`, and, for service levels, a dataset or column alone. Names may be logical or
physical. A reference into another document is not followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.wording import listed, meant, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.contract.node import Node

# as alike as this is a slip of the pen; less alike is more likely a dataset of another contract
_SLIP = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A dataset or column that can be pointed at."""

    name: str
    physical_name: str
    id: str | None
    columns: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What was pointed at, by logical name; the column is None for a dataset as a whole."""

    dataset: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a reference could not be followed.

    Attributes:
        message: what is wrong, and what to do.
        certain: whether the contract contradicts itself; else the target may be somewhere else.
    """

    message: str
    certain: bool


def known_in(contract: Node) -> tuple[Known, ...]:
    """Every dataset of a contract, with its columns."""
    return tuple(_known(each) for each in contract.children("schema"))


def _known(node: Node) -> Known:
    name = node.text("name") or ""
    return Known(
        name=name,
        physical_name=node.text("physicalName") or name,
        id=node.text("id"),
        columns=tuple(_known(each) for each in node.children("properties")),
    )


def resolve_column(text: str, datasets: Sequence[Known]) -> Target | Missing:
    """A reference that must end at a column, as in a relationship."""
    if "/" in text or "#" in text:
        return _by_ids(text, datasets)
    found = _by_names(text, datasets)
    if isinstance(found, Target) and found.column is None:
        return Missing(f'{quoted(text)} names a dataset; write "dataset.column"', certain=True)
    return found


def resolve_element(text: str, datasets: Sequence[Known]) -> Target | Missing:
    """The element of a service level: a column, a dataset, or a column alone where there is one dataset."""
    if "/" in text or "#" in text:
        return _by_ids(text, datasets)
    if (
        len(datasets) == 1
        and _dataset(text, datasets) is None
        and (column := _column(text, datasets[0].columns))
    ):
        return Target(datasets[0].name, column)
    if len(datasets) == 1 and "." not in text and _dataset(text, datasets) is None:
        return _no_column(text, text, datasets[0])
    return _by_names(text, datasets)


def _by_names(text: str, datasets: Sequence[Known]) -> Target | Missing:
    dataset = _dataset(text, datasets)
    if dataset is None:
        return _no_dataset(text, datasets)
    names = {dataset.name, dataset.physical_name}
    if text in names:
        return Target(dataset.name, None)
    rest = next(
        text[len(each) + 1 :] for each in sorted(names, key=len, reverse=True) if text.startswith(f"{each}.")
    )
    column = _column(rest, dataset.columns)
    return Target(dataset.name, column) if column else _no_column(text, rest, dataset)


def _dataset(text: str, datasets: Sequence[Known]) -> Known | None:
    """The dataset that a text begins with; the longest name wins, since a name may have dots."""
    fits = [
        (len(name), each)
        for each in datasets
        for name in (each.name, each.physical_name)
        if name and (text == name or text.startswith(f"{name}."))
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def _column(text: str, columns: Sequence[Known]) -> str | None:
    """The logical name of a column, nested fields joined by dots."""
    for each in columns:
        for name in (each.name, each.physical_name):
            if name and text == name:
                return each.name
            if (
                name
                and text.startswith(f"{name}.")
                and (inner := _column(text[len(name) + 1 :], each.columns))
            ):
                return f"{each.name}.{inner}"
    return None


def _no_dataset(text: str, datasets: Sequence[Known]) -> Missing:
    name = text.split(".", maxsplit=1)[0]
    names = [each.name for each in datasets if each.name]
    if not names:
        return Missing(
            f"{quoted(text)}: this contract has no datasets, so nothing is measured", certain=False
        )
    if close := nearest(name, names, _SLIP):
        return Missing(f"{quoted(text)}: no such dataset; did you mean {quoted(close)}?", certain=True)
    message = (
        f"{quoted(text)}: no such dataset in this contract, so nothing is measured; it has {listed(names)}"
    )
    return Missing(message, certain=False)


def _no_column(text: str, name: str, dataset: Known) -> Missing:
    if not dataset.columns:
        message = f"{quoted(text)}: {quoted(dataset.name)} declares no columns, so nothing is measured"
        return Missing(message, certain=False)
    names = [each.name for each in dataset.columns if each.name]
    return Missing(f"{quoted(text)}: no such column{meant(name, names)}", certain=True)


def _by_ids(text: str, datasets: Sequence[Known]) -> Target | Missing:
    outside, _, local = text.rpartition("#")
    if outside:
        return Missing(f"{quoted(text)} is in another document, which is not followed", certain=False)
    match local.strip("/").split("/"):
        case ["schema", dataset_id]:
            steps = [dataset_id]
        case ["schema", dataset_id, *rest] if (
            rest[::2] == ["properties"] * (len(rest) // 2) and len(rest) % 2 == 0
        ):
            steps = [dataset_id, *rest[1::2]]
        case _:
            return Missing(
                f'{quoted(text)} is no reference; write "/schema/<id>/properties/<id>"', certain=True
            )
    names: list[str] = []
    level: Sequence[Known] = datasets
    for step in steps:
        found = next((each for each in level if step in (each.id, each.name)), None)
        if found is None:
            ids = [each.id or each.name for each in level]
            return Missing(f"{quoted(text)}: no such id {quoted(step)}{meant(step, ids)}", certain=True)
        names.append(found.name)
        level = found.columns
    return Target(names[0], ".".join(names[1:]) or None)
