"""References: what a text such as `orders.customer_id` points at (ODCS, references between elements).

Three forms are read: the shorthand `dataset.column` with any number of nested fields, the fully qualified
`/schema/<id>/properties/<id>`, and, for service levels, a dataset or column alone. Names may be logical or
physical. A reference into another document is not followed here; `across` looks for it among what is watched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.loader import MAX_DEPTH
from floe_dagster.contract.wording import listed, meant, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from floe_dagster.contract.model import Column, Contract
    from floe_dagster.contract.node import Node

# as alike as this is a slip of the pen; less alike is more likely a dataset of another contract
_SLIP = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Something that can be pointed at: the contract, a dataset in it, a column in that.

    Attributes:
        name: its logical name.
        parts: what is inside of it, in the order of the document.
        by_name: the same, by logical and by physical name.
        by_id: the same, by stable id, and by logical name where there is none.
    """

    name: str
    parts: tuple[Known, ...]
    by_name: Mapping[str, Known]
    by_id: Mapping[str, Known]


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
        elsewhere: the message for a relationship, where another contract may have the target.
    """

    message: str
    certain: bool
    elsewhere: str = ""


def known_in(contract: Node) -> Known:
    """Every dataset of a contract, with its columns."""
    return _known(contract, contract.children("schema"))


def _known(node: Node, inner: Sequence[Node]) -> Known:
    parts = [
        (each.text("id"), each.text("physicalName"), _known(each, each.children("properties")))
        for each in inner
    ]
    return _gathered(node.text("name") or "", parts)


def _gathered(name: str, parts: Sequence[tuple[str | None, str | None, Known]]) -> Known:
    by_name = {physical: part for _, physical, part in reversed(parts) if physical}
    by_name |= {part.name: part for _, _, part in reversed(parts) if part.name}
    by_id: dict[str, Known] = {}
    for id_, _, part in parts:
        by_id.setdefault(id_ or part.name, part)
    return Known(name=name, parts=tuple(part for _, _, part in parts), by_name=by_name, by_id=by_id)


def known_of(contract: Contract) -> Known:
    """The same, of a contract that was read before."""
    inner = [(each.id, each.physical_name, _known_of(each.name, each.columns)) for each in contract.datasets]
    return _gathered("", inner)


def _known_of(name: str, columns: Sequence[Column]) -> Known:
    return _gathered(
        name, [(each.id, each.physical_name, _known_of(each.name, each.columns)) for each in columns]
    )


def resolve_column(text: str, contract: Known) -> Target | Missing:
    """A reference that must end at a column, as in a relationship."""
    found = _by_ids(text, contract) if "/" in text or "#" in text else _by_names(text, contract)
    if isinstance(found, Target) and found.column is None:
        return Missing(f'{quoted(text)} names a dataset; write "dataset.column"', certain=True)
    return found


def resolve_element(text: str, contract: Known) -> Target | Missing:
    """The element of a service level: a column, a dataset, or a column alone where there is one dataset."""
    if "/" in text or "#" in text:
        return _by_ids(text, contract)
    if len(contract.parts) == 1 and not _first(text, contract):
        only = contract.parts[0]
        if column := _column(text, only):
            return Target(only.name, column)
        if "." not in text:
            return _no_column(text, text, only)
    return _by_names(text, contract)


def _by_names(text: str, contract: Known) -> Target | Missing:
    found = _first(text, contract)
    if found is None:
        return _no_dataset(text, contract)
    dataset, rest = found
    if not rest:
        return Target(dataset.name, None)
    column = _column(rest, dataset)
    return Target(dataset.name, column) if column else _no_column(text, rest, dataset)


def _first(text: str, whole: Known) -> tuple[Known, str] | None:
    """The part that a text begins with, and the rest; the longest name wins, since a name may have dots."""
    cut = len(text)
    for _ in range(MAX_DEPTH):
        if cut < 0:
            return None
        if part := whole.by_name.get(text[:cut]):
            return part, text[cut + 1 :]
        cut = text.rfind(".", 0, cut)
    return None


def _column(text: str, dataset: Known) -> str | None:
    """The logical name of a column, nested fields joined by dots."""
    names: list[str] = []
    whole, rest = dataset, text
    while rest:
        found = _first(rest, whole)
        if found is None:
            return None
        whole, rest = found
        names.append(whole.name)
    return ".".join(names) or None


def _no_dataset(text: str, contract: Known) -> Missing:
    name = text.split(".", maxsplit=1)[0]
    names = [each.name for each in contract.parts if each.name]
    if not names:
        return Missing(
            f"{quoted(text)}: this contract has no datasets, so nothing is measured", certain=False
        )
    if close := nearest(name, names, _SLIP):
        return Missing(f"{quoted(text)}: no such dataset; did you mean {quoted(close)}?", certain=True)
    message = (
        f"{quoted(text)}: no such dataset in this contract, so nothing is measured; it has {listed(names)}"
    )
    afar = (
        f"{quoted(text)}: no such dataset in this contract, which has {listed(names)}; it is measured only "
        "where one other contract that is watched has it, on the same server"
    )
    return Missing(message, certain=False, elsewhere=afar)


def _no_column(text: str, name: str, dataset: Known) -> Missing:
    if not dataset.parts:
        message = f"{quoted(text)}: {quoted(dataset.name)} declares no columns, so nothing is measured"
        return Missing(message, certain=False)
    names = (each.name for each in dataset.parts if each.name)
    return Missing(f"{quoted(text)}: no such column{meant(name, names)}", certain=True)


def _by_ids(text: str, contract: Known) -> Target | Missing:
    outside, _, local = text.rpartition("#")
    sections, ids = local.strip("/").split("/")[::2], local.strip("/").split("/")[1::2]
    if len(sections) != len(ids) or sections != ["schema", *["properties"] * (len(ids) - 1)]:
        form = f"{outside}#/schema/<id>/properties/<id>" if outside else "/schema/<id>/properties/<id>"
        return Missing(f"{quoted(text)} is no reference; write {quoted(form)}", certain=True)
    if outside:
        message = f"{quoted(text)} is in another document, which is not followed"
        afar = (
            f"{quoted(text)} is in another document; it is measured only where that contract is watched too, "
            "on the same server"
        )
        return Missing(message, certain=False, elsewhere=afar)
    names: list[str] = []
    whole = contract
    for each in ids:
        if each not in whole.by_id:
            message = f"{quoted(text)}: no such id {quoted(each)}{meant(each, whole.by_id)}"
            return Missing(message, certain=True)
        whole = whole.by_id[each]
        names.append(whole.name)
    if len(names) == 1:
        return Target(names[0], None)
    return Target(names[0], ".".join(names[1:]))
