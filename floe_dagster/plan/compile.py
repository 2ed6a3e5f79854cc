"""Compilation: from a contract to its plan, in which every construct is dealt with exactly once.

A check's claim on a construct goes before that of a declined item, and that before a note's; among equals,
the first in the document has it. What nobody claims is declined, with a reason.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Column, Contract, CustomRule, Dataset
from floe_dagster.contract.properties import MEANWHILE, ZONE, zone_problem
from floe_dagster.plan.check import Check, CheckKind, Declined, Plan, PlanItem
from floe_dagster.plan.construct import Construct, constructs
from floe_dagster.plan.custom import ENGINE, called
from floe_dagster.plan.identity import item_id, snake, unique
from floe_dagster.plan.interpretation import nearest, profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_log = logging.getLogger(__name__)


def compile_contract(
    contract: Contract,
    kinds: Mapping[str, CheckKind],
    *,
    platform: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """What to ask of the datasets of a contract; the same arguments always give the same plan.

    A check kind that raises is a declined item of its dataset, and disturbs no other kind.

    Args:
        contract: what is promised.
        kinds: the check kinds, by name.
        platform: choices of interpretation that stand where the contract makes none.
    """
    declared = (*constructs(contract), *_refused_choices(contract), *_refused_zone(contract))
    found = _in_order(
        [each for dataset in contract.datasets for each in _items(contract, dataset, kinds, platform)],
        declared,
    )
    claimed = _claimed(found, {each.path for each in declared})
    taken = {path for each in claimed for path in each.covers}
    reasons = dict(_custom_reasons(contract, kinds))
    leftovers = [_leftover(each, reasons) for each in declared if each.path not in taken]
    items = tuple(unique(_in_order([*claimed, *leftovers], declared)))
    return Plan(
        contract=contract, items=items, checks=tuple(each for each in items if isinstance(each, Check))
    )


def _items(
    contract: Contract, dataset: Dataset, kinds: Mapping[str, CheckKind], platform: Mapping[str, str]
) -> Iterator[PlanItem]:
    choices, _ = profile(contract, dataset, platform=platform)
    for name, kind in kinds.items():
        try:
            yield from list(kind.compile(contract, dataset, choices))
        except Exception as error:  # noqa: BLE001 - a kind may be anybody's
            _log.exception(
                "the check kind %s could not compile %s of %s", name, dataset.name, contract.source
            )
            yield Declined(
                id=item_id(dataset.name, name, "not_compiled"),
                kind=name,
                dataset=dataset.name,
                path=dataset.path,
                line=dataset.line,
                title=f"{name} of {dataset.name}",
                reason=f'the check kind "{name}" failed: {type(error).__name__}: {error}',
            )


def _claimed(items: list[PlanItem], known: set[str]) -> list[PlanItem]:
    """The items with what each covers; a declined or noted one that has nothing left to cover goes."""
    taken = set[str]()
    covers = dict[int, tuple[str, ...]]()
    for place, each in sorted(enumerate(items), key=lambda pair: _strength(pair[1])):
        covers[place] = tuple(path for path in dict.fromkeys(each.covers) if path in known - taken)
        taken.update(covers[place])
    return [
        replace(each, covers=covers[place])
        for place, each in enumerate(items)
        if covers[place] or isinstance(each, Check) or not each.covers
    ]


def _strength(item: PlanItem) -> int:
    return 0 if isinstance(item, Check) else 1 if isinstance(item, Declined) else 2


def _in_order(items: list[PlanItem], declared: Iterable[Construct]) -> list[PlanItem]:
    order = dict[str, int]()
    for place, each in enumerate(declared):
        order.setdefault(each.path, place)
        order.setdefault(each.place, place)

    def position(item: PlanItem) -> int:
        return min((order[path] for path in (*item.covers, item.path) if path in order), default=len(order))

    return sorted(items, key=position)


def _leftover(construct: Construct, reasons: Mapping[str, str]) -> Declined:
    return Declined(
        id=item_id(
            construct.dataset or "contract",
            *(construct.parts or (construct.element,)),
            snake(construct.what),
        ),
        kind=construct.kind,
        dataset=construct.dataset,
        element=construct.element,
        path=construct.place,
        line=construct.line,
        covers=(construct.path,),
        title=f"{construct.what} of {construct.element or construct.dataset or 'the contract'}",
        reason=reasons.get(construct.path, construct.reason),
    )


def _refused_choices(contract: Contract) -> Iterator[Construct]:
    """Overrides of the interpretation that cannot be used, as constructs that nobody takes."""
    first = contract.datasets[0].name if contract.datasets else ""
    _, of_contract = profile(contract)
    places = [("customProperties", first, 0, of_contract)]
    for dataset in contract.datasets:
        _, found = profile(contract, dataset)
        own = tuple(each for each in found if each not in of_contract)
        places.append((f"{dataset.path}.customProperties", dataset.name, dataset.line, own))
    for place, name, line, refused in places:
        for each in refused:
            yield Construct(
                path=f"{place}.{each.name}",
                place=place,
                line=line,
                dataset=name,
                what=f"interpretation {each.name}",
                kind="interpretation",
                reason=f"{each.reason}; the default is used",
            )


def _refused_zone(contract: Contract) -> Iterator[Construct]:
    """A zone that cannot be used, as a construct that nobody takes."""
    if ZONE in contract.custom and (wrong := zone_problem(contract.custom[ZONE])):
        yield Construct(
            path=f"customProperties.{ZONE}",
            place="customProperties",
            line=0,
            dataset=contract.datasets[0].name if contract.datasets else "",
            what="zone",
            kind="interpretation",
            reason=f"{wrong}; {MEANWHILE}",
        )


def _custom_reasons(contract: Contract, kinds: Mapping[str, CheckKind]) -> Iterator[tuple[str, str]]:
    for dataset in contract.datasets:
        flat: list[Column] = [each for each in dataset.columns if not each.measure]
        for rule in (*dataset.rules, *(rule for column in flat for rule in column.rules)):
            if not isinstance(rule, CustomRule):
                continue
            name = called(rule)
            if name is None:
                yield rule.path, f'rules for the engine "{rule.engine}" are not run here; "{ENGINE}" is ours'
            elif not name:
                yield rule.path, "the implementation names no check; write it as {check: name}"
            elif name not in kinds:
                yield rule.path, f'there is no check "{name}"{nearest(name, dict.fromkeys(sorted(kinds)))}'
            else:
                yield (
                    rule.path,
                    f'the check "{name}" takes no such rule; it is a kind that contracts do not call',
                )
