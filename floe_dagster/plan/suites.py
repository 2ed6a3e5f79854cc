"""Suites by name: rules for Great Expectations that name a suite, and what the suite holds.

    quality:
      - type: custom
        engine: greatExpectations
        implementation: {suite: orders.daily}

Suites are kept outside of a contract. Whoever loads contracts hands them in, before contracts are compiled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.contract.loader import load
from floe_dagster.contract.model import AnyRule, CustomRule
from floe_dagster.plan.expectation import is_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.contract.model import Contract, Stored

_KEYS = ("suite", "suite_name", "expectation_suite", "expectation_suite_name")


def suite_named(implementation: object) -> str | None:
    """The suite that an implementation names; None where it holds expectations of its own, or nothing."""
    match implementation:
        case str() as text:
            found = load(text).value
            return suite_named(found) if isinstance(found, dict) else _name(found)
        case {"expectations": _} | {"type": _} | {"expectation_type": _}:
            return None
        case dict():
            return next((_name(implementation[each]) for each in _KEYS if each in implementation), None)
        case _:
            return None


def with_suites(contract: Contract, find: Callable[[str], Stored]) -> Contract:
    """The contract, in which rules that name a suite have what it holds.

    Args:
        contract: as it was read.
        find: gives a suite by its name.
    """
    datasets = tuple(
        replace(
            each,
            rules=_filled(each.rules, find),
            columns=tuple(replace(column, rules=_filled(column.rules, find)) for column in each.columns),
        )
        for each in contract.datasets
    )
    return contract if datasets == contract.datasets else replace(contract, datasets=datasets)


def _filled(rules: tuple[AnyRule, ...], find: Callable[[str], Stored]) -> tuple[AnyRule, ...]:
    return tuple(_with_suite(each, find) for each in rules)


def _with_suite(rule: AnyRule, find: Callable[[str], Stored]) -> AnyRule:
    if not isinstance(rule, CustomRule) or not is_engine(rule.engine):
        return rule
    name = suite_named(rule.implementation)
    return rule if name is None else replace(rule, stored=find(name))


def _name(written: object) -> str | None:
    """A name; what is spelled as an expectation is one, and no suite."""
    text = written.strip() if isinstance(written, str) else ""
    return text if text and not text.lower().startswith("expect") else None
