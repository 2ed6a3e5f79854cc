"""Naming: from contracts to the names that Dagster accepts, with nothing lost on the way.

Dagster refuses some names by raising, which would take the whole code location down, and lets others
overwrite
each other silently (`a-b` and `a_b` in one op). So the mapping is total and its collisions are found here: a
dataset whose name does not fit is refused with a message, and everything else loads.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from floe_dagster.contract.model import Contract, Dataset
from floe_dagster.plan.check import Check, Plan
from floe_dagster.surroundings import Place

_PART = re.compile(r"[A-Za-z0-9_-]+")
_UNFIT = re.compile(r"[^A-Za-z0-9_]+")

OWN_PREFIX = "contract"
"""The first part of the keys of our own assets, one for each contract file."""

OWN = ("floe", "sla_report")
"""The first parts of the keys of our other assets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A dataset with the names that Dagster knows it and its checks by.

    Attributes:
        key: the parts of the asset's key.
        names: the check's name in Dagster, by the check's id.
    """

    plan: Plan
    dataset: Dataset
    key: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def place(self) -> Place:
        """The dataset without Dagster."""
        return self.plan.contract.id, self.dataset.name

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of this dataset."""
        return tuple(each for each in self.plan.checks if each.dataset == self.dataset.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """All datasets that Dagster can hold, and why it cannot hold the others, by contract file."""

    bound: tuple[Bound, ...]
    refused: Mapping[str, str]


def bind(plans: Iterable[Plan]) -> Binding:
    """Give every dataset of every plan its names; refuse the contracts whose names do not fit or collide."""
    plans = tuple(plans)
    refused: dict[str, str] = {}
    claims: dict[str, list[tuple[Plan, Dataset]]] = defaultdict(list)
    for plan in plans:
        for dataset in plan.contract.datasets:
            parts = key_parts(plan.contract, dataset)
            if problem := _problem(dataset, parts):
                refused.setdefault(plan.contract.source, problem)
            claims["__".join(parts).replace("-", "_")].append((plan, dataset))
    for holders in claims.values():
        refused |= _collision(holders)
    return Binding(bound=tuple(_bound(plans, refused)), refused=refused)


def key_parts(contract: Contract, dataset: Dataset) -> tuple[str, ...]:
    """The asset key: `floe.assetKey` of the dataset, or of a contract of one dataset, else its name."""
    given = dataset.custom.get("floe.assetKey")
    if given is None and len(contract.datasets) == 1:
        given = contract.custom.get("floe.assetKey")
    match given:
        case str() if given:
            return tuple(given.split("/"))
        case [*parts] if parts:
            return tuple(str(each) for each in parts)
        case _:
            return (dataset.name,)


def identifier(text: str) -> str:
    """The text as an identifier, as Dagster makes one of it: what does not fit becomes an underscore."""
    return _UNFIT.sub("_", text).strip("_") or "unnamed"


def op_name(text: str) -> str:
    """A unique op name for a text: readable, and told apart by a hash of the text itself."""
    return f"floe_{identifier(text)[:60]}_{_digest(text)}"


def check_names(dataset: str, ids: Iterable[str]) -> dict[str, str]:
    """A name in Dagster for each check id: without the dataset, fit, and unique."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for each in ids:
        name = identifier(each.removeprefix(f"{dataset}."))
        if name.lower() in taken:
            name = f"{name}_{_digest(each)}"
        taken.add(name.lower())
        names[each] = name
    return names


def contract_keys(sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """A key for each contract file: by its name, told apart where two folders hold files of one name."""
    keys: dict[str, tuple[str, ...]] = {}
    for source in sources:
        parts = (OWN_PREFIX, identifier(PurePath(source).name.partition(".")[0]))
        keys[source] = (
            parts if parts not in keys.values() else (*parts[:-1], f"{parts[-1]}_{_digest(source)}")
        )
    return keys


def _bound(plans: tuple[Plan, ...], refused: Mapping[str, str]) -> Iterable[Bound]:
    for plan in plans:
        if plan.contract.source in refused:
            continue
        for dataset in plan.contract.datasets:
            ids = (each.id for each in plan.checks if each.dataset == dataset.name)
            yield Bound(
                plan=plan,
                dataset=dataset,
                key=key_parts(plan.contract, dataset),
                names=check_names(dataset.name, ids),
            )


def _problem(dataset: Dataset, parts: tuple[str, ...]) -> str | None:
    if (parts[0] == OWN_PREFIX and len(parts) == 2) or parts[0] in OWN:
        return (
            f'{dataset.path} "{dataset.name}": the asset keys {parts[0]}/... are floe\'s own;'
            " set another one as floe.assetKey in the dataset's customProperties"
        )
    unfit = next((each for each in parts if not _PART.fullmatch(each)), None)
    if unfit is None:
        return None
    return (
        f'{dataset.path} "{dataset.name}": Dagster takes letters, digits, _ and - in an asset key, and'
        f' "{unfit}" is not so; set floe.assetKey in the dataset\'s customProperties, for example'
        f' "{identifier(unfit)}"'
    )


def _collision(holders: list[tuple[Plan, Dataset]]) -> dict[str, str]:
    if len(holders) < 2:
        return {}
    places = [f'{plan.contract.source}:{dataset.line} "{dataset.name}"' for plan, dataset in holders]
    return {
        plan.contract.source: (
            f'{dataset.path} "{dataset.name}": the same asset is claimed by {" and ".join(places)};'
            " set a different floe.assetKey in the customProperties of one of them"
        )
        for plan, dataset in holders
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
