"""Across: relationships whose target is in another contract, looked for among those that are watched.

Only contracts that were read already are looked at: a contract that names a file opens nothing. A target
counts where one engine can see both datasets; else the relationship says why it does not.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from floe_dagster.contract.loader import MAX_DEPTH
from floe_dagster.contract.model import Afar
from floe_dagster.contract.reference import Missing, known_of, resolve_column
from floe_dagster.contract.wording import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from floe_dagster.contract.model import Contract, Dataset, Relationship
    from floe_dagster.contract.reference import Known, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A contract among others.

    Attributes:
        contract: as it was read.
        file: where it was read, as an absolute path.
        engine: equal for two contracts whose data one engine sees; None where it names no server. It may
            hold secrets.
        schema: where unqualified tables are; empty where that is not said or has no meaning.
    """

    contract: Contract
    file: str
    engine: Hashable | None = field(repr=False)
    schema: str = ""


class Neighbourhood:
    """All contracts that are watched together, by file and by the names of their datasets."""

    def __init__(self, neighbours: Iterable[Neighbour], unreadable: Iterable[str] = ()) -> None:
        """Remember who is there; `unreadable` are the files that are watched but are no contract."""
        self._files: dict[str, Neighbour | None] = dict.fromkeys(map(os.path.normpath, unreadable))
        self._datasets: dict[str, dict[str, Neighbour]] = defaultdict(dict)
        self._known: dict[str, Known] = {}
        for each in neighbours:
            self._files[os.path.normpath(each.file)] = each
            for dataset in each.contract.datasets:
                for name in (dataset.name, dataset.physical_name):
                    self._datasets[name][each.contract.id] = each

    def resolved(self, one: Neighbour) -> Contract:
        """The contract, in which each relationship into another one has its target, or why it has none."""
        return replace(
            one.contract, datasets=tuple(self._dataset(one, each) for each in one.contract.datasets)
        )

    def _dataset(self, one: Neighbour, dataset: Dataset) -> Dataset:
        columns = tuple(
            replace(each, relationships=self._all(one, each.relationships))
            if any(link.elsewhere for link in each.relationships)
            else each
            for each in dataset.columns
        )
        return replace(dataset, columns=columns, relationships=self._all(one, dataset.relationships))

    def _all(self, one: Neighbour, links: tuple[Relationship, ...]) -> tuple[Relationship, ...]:
        return tuple(self._relationship(one, each) if each.elsewhere else each for each in links)

    def _relationship(self, one: Neighbour, link: Relationship) -> Relationship:
        found: list[tuple[Neighbour, Target]] = []
        for text in link.elsewhere:
            other = self._owner(one, text)
            target = other if isinstance(other, str) else self._in(other, text)
            if isinstance(other, str) or isinstance(target, str):
                return replace(link, unresolved=str(target))
            found.append((other, target))
        other, first = found[0]
        if len({(each.contract.id, target.dataset) for each, target in found}) > 1:
            return replace(link, unresolved="all columns must be of one dataset of one contract")
        if len(found) != len(link.columns):
            said = f"{len(found)} columns for {len(link.columns)}; name one for each, in the same order"
            return replace(link, unresolved=said)
        columns = tuple(target.column or "" for _, target in found)
        afar = _afar(one, other, first.dataset, columns, link.elsewhere[0])
        if isinstance(afar, str):
            return replace(link, unresolved=afar)
        return replace(link, to_dataset=first.dataset, to_columns=columns, afar=afar, unresolved=None)

    def _owner(self, one: Neighbour, text: str) -> Neighbour | str:
        """Who has what a reference points at, or why nobody is found."""
        outside, mark, _ = text.rpartition("#")
        return self._at(one, text, outside) if mark else self._named(one, text)

    def _at(self, one: Neighbour, text: str, outside: str) -> Neighbour | str:
        if "://" in outside:
            return f"{quoted(text)} is at an address, which is never followed; name the file of a contract"
        file = os.path.normpath(os.path.join(os.path.dirname(one.file), outside))  # noqa: PTH118, PTH120  text, no file
        if file not in self._files:
            return f"{quoted(text)}: no contract that is watched is this file; watch it too"
        return self._files[file] or f"{quoted(text)}: the file is watched, but is no valid contract; mend it"

    def _in(self, other: Neighbour, text: str) -> Target | str:
        """The column of a contract that a reference points at, or why there is none."""
        name, (_, mark, local) = other.contract.id, text.rpartition("#")
        if name not in self._known:
            self._known[name] = known_of(other.contract)
        found = resolve_column(local if mark else text, self._known[name])
        if isinstance(found, Missing):
            return f"in the contract {quoted(name)}, {found.message}"
        return found

    def _named(self, one: Neighbour, text: str) -> Neighbour | str:
        cut = len(text)
        for _ in range(MAX_DEPTH):
            owners = self._datasets.get(text[:cut], {})
            there = {name: each for name, each in owners.items() if name != one.contract.id}
            if len(there) > 1:
                return (
                    f"{quoted(text)}: several contracts that are watched have it, {listed(sorted(there))}; "
                    'write which one: "<file>#/schema/<id>/properties/<id>"'
                )
            if there:
                return next(iter(there.values()))
            if (cut := text.rfind(".", 0, cut)) < 0:
                break
        return f"{quoted(text)}: no such dataset in this contract, nor in another that is watched"


def _afar(one: Neighbour, other: Neighbour, name: str, columns: tuple[str, ...], text: str) -> Afar | str:
    """The physical target, or why one engine cannot be asked for both."""
    dataset = other.contract.dataset(name)
    found = [dataset.column(each) for each in columns] if dataset else []
    keys = tuple(each.physical_name for each in found if each)
    of = f"{quoted(text)} is of the contract {quoted(other.contract.id)}"
    if dataset is None or len(keys) < len(columns):
        return f"{of}, where it is a field nested in a column, to which nothing refers"
    if one.engine is None or other.engine is None:
        who = one if one.engine is None else other
        return f"{of}, and {quoted(who.contract.id)} names no server, so nobody can ask for both"
    if one.engine != other.engine:
        return f"{of}, which is on another server; one engine has to see both"
    table = dataset.physical_name
    if one.schema != other.schema and "." not in table:
        if not other.schema or "." in other.schema:
            return f"{of}, whose server does not say the schema; write it, or qualify physicalName"
        table = f"{other.schema}.{table}"
    return Afar(contract=other.contract.id, table=table, keys=keys)
