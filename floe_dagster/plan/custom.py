"""Custom rules of our own engine: how a contract calls a check kind that you wrote.

    quality:
      - type: custom
        engine: floe
        implementation: {check: weekend_volume, weekday: 300000, weekend: 100000}

A kind of that name finds its rules with `house_rules`, and makes its items from each rule's `place`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.model import AnyRule, Column, CustomRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.plan.place import Place, Scope

ENGINE = "floe"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRule:
    """A rule that calls a check kind by name.

    Attributes:
        place: where it stands; make the check from it.
        column: the column that it stands under; None for a rule of the dataset.
        arguments: everything in the implementation but the check's name.
    """

    place: Place
    column: Column | None
    arguments: Mapping[str, object]


def house_rules(scope: Scope, title: str) -> Iterator[HouseRule]:
    """The rules of a dataset, its columns' among them, that call the check kind of the scope.

    Args:
        scope: the dataset, and the check kind's own name.
        title: what such a check is about, for lists; a rule's own name goes before it.
    """
    dataset = scope.dataset
    places: list[tuple[Column | None, AnyRule]] = [(None, each) for each in dataset.rules]
    places += [(column, each) for column in dataset.columns if not column.measure for each in column.rules]
    for column, rule in places:
        if isinstance(rule, CustomRule) and called(rule) == scope.kind:
            place = scope.rule(column, rule, what=scope.kind, title=title)
            yield HouseRule(place=place, column=column, arguments=_arguments(rule))


def called(rule: CustomRule) -> str | None:
    """The check kind that a rule calls; empty where it names none, None where another engine is meant."""
    if rule.engine.lower() != ENGINE:
        return None
    match rule.implementation:
        case str() as name:
            return name.strip()
        case implementation:
            return str(implementation.get("check") or "")


def _arguments(rule: CustomRule) -> Mapping[str, object]:
    if isinstance(rule.implementation, str):
        return {}
    return {name: value for name, value in rule.implementation.items() if name != "check"}
