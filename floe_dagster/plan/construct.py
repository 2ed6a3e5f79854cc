"""Constructs: everything that a contract declares and has to be accounted for, in the order of the document.

The walk knows the whole model, whatever the check kinds know; what no kind takes is said not to be executed.
A promise that is made of several datasets or columns counts once for each: `slaProperties[2]#flights.dest`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from floe_dagster.contract.model import (
    AnyRule,
    Column,
    Contract,
    CustomRule,
    Dataset,
    LibraryRule,
    Promise,
    Relationship,
)
from floe_dagster.plan.field import spelled
from floe_dagster.plan.identity import element_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

OF_EACH_DATASET = frozenset(
    {
        *("freshness", "latency", "frequency", "availability", "retention"),
        *("timeOfAvailability", "throughput", "errorRate"),
    }
)
"""Promises that hold for every dataset where the contract names no element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """One declared thing.

    Attributes:
        path: the construct's name in the ledger: where it stands.
        place: where it stands in the document; differs from `path` for one of several targets of a promise.
        dataset: by logical name; the first one for what belongs to the contract as a whole.
        what: a name for it, for ids and lists.
        kind: the check kind that it would belong to.
        reason: why it is not executed, should no check kind take it.
        element: the column, or the way to a field nested in one; None for what belongs to the dataset.
        parts: the names of the element, for ids.
    """

    path: str
    place: str
    line: int
    dataset: str
    what: str
    kind: str
    reason: str
    element: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a promise is made of.

    Attributes:
        column: by logical name; None for the dataset as a whole.
        construct: the promise's name in the ledger, for this target.
    """

    dataset: str
    column: str | None
    construct: str


def constructs(contract: Contract) -> Iterator[Construct]:
    """Everything that is declared."""
    for dataset in contract.datasets:
        yield _of(dataset, dataset.path, dataset.line, what="dataset", kind="schema")
        for column in dataset.columns:
            yield from _column(dataset, column, (column.name,), None)
        yield from (_relationship(dataset, None, each, None) for each in dataset.relationships)
        yield from (_rule(dataset, None, each, None) for each in dataset.rules)
    for promise in contract.promises:
        yield from _promise(contract, promise)


def targets(contract: Contract, promise: Promise) -> tuple[Target, ...]:
    """What a promise is made of: its elements, else every dataset or, for the contract's own, the first."""
    if promise.unresolved:
        return ()
    found: tuple[tuple[str, str | None], ...] = tuple(dict.fromkeys(promise.elements))
    if not found:
        names = [each.name for each in contract.datasets]
        found = tuple((each, None) for each in (names if promise.property in OF_EACH_DATASET else names[:1]))
    return tuple(
        Target(
            dataset=dataset,
            column=column,
            construct=promise.path
            if len(found) == 1
            else f"{promise.path}#{dataset}{f'.{column}' if column is not None else ''}",
        )
        for dataset, column in found
    )


_KEY = "a field nested in a column is no key of the dataset; the columns of the dataset itself can be"
_RULE = "rules for an engine are run for the dataset and its columns, and not for a field nested in one"
_MEASURE = "a measure is computed when it is read, and stands in no column; a rule of type sql can hold it"


def _of(
    dataset: Dataset,
    path: str,
    line: int,
    *,
    what: str,
    kind: str,
    reason: str | None = None,
    element: str | None = None,
) -> Construct:
    return Construct(
        path=path,
        place=path,
        line=line,
        dataset=dataset.name,
        what=what,
        kind=kind,
        element=element,
        reason=reason or f"no check kind handles {what}",
    )


def _column(
    dataset: Dataset, column: Column, names: tuple[str, ...], reason: str | None
) -> Iterator[Construct]:
    reason = reason or (_MEASURE if column.measure else None)
    for each in _own(dataset, column, spelled(names), reason, nested=len(names) > 1):
        yield replace(each, parts=element_parts(names))
    for field in column.columns:
        yield from _column(dataset, field, (*names, field.name), reason)


def _own(
    dataset: Dataset, column: Column, element: str, reason: str | None, *, nested: bool
) -> Iterator[Construct]:
    """What a column declares of itself, or a field that is nested in one."""
    declared = {
        "": True,
        ".logicalType": column.logical_type is not None,
        ".physicalType": column.physical_type is not None,
    }
    promised = {
        ".required": column.required,
        ".unique": column.unique,
        ".primaryKey": column.primary_key,
        ".enum": column.values is not None,
    }
    for kind, found in (("schema", declared), ("quality", promised)):
        for end, there in found.items():
            if there:
                what = end.removeprefix(".") or "column"
                said = reason or (_KEY if nested and what == "primaryKey" else None)
                path, line = column.path + end, column.line
                yield _of(dataset, path, line, what=what, kind=kind, reason=said, element=element)
    for each in column.constraints:
        said = reason or f'no check kind handles the option "{each.name}"'
        line = each.line or column.line
        yield _of(dataset, each.path, line, what=each.name, kind="quality", reason=said, element=element)
    yield from (_relationship(dataset, element, each, reason) for each in column.relationships)
    said = reason or (_RULE if nested else None)
    yield from (_rule(dataset, element, each, said) for each in column.rules)


def _relationship(dataset: Dataset, element: str | None, one: Relationship, reason: str | None) -> Construct:
    said = reason or one.unresolved
    return _of(
        dataset,
        one.path,
        one.line,
        what="relationship",
        kind="quality",
        reason=said,
        element=element or ", ".join(one.columns) or None,
    )


def _rule(dataset: Dataset, element: str | None, rule: AnyRule, reason: str | None) -> Construct:
    match rule:
        case LibraryRule(metric=metric):
            what = metric
        case CustomRule(engine=engine):
            what = f"{engine} rule"
        case _:
            what = "rule"
    named = rule.id or rule.name or what
    return _of(dataset, rule.path, rule.line, what=named, kind="quality", reason=reason, element=element)


def _promise(contract: Contract, promise: Promise) -> Iterator[Construct]:
    first = contract.datasets[0].name if contract.datasets else ""
    reason = promise.unresolved or f'the promise "{promise.property}" is not monitored'
    found = targets(contract, promise) or (Target(dataset=first, column=None, construct=promise.path),)
    for target in found:
        yield Construct(
            path=target.construct,
            place=promise.path,
            line=promise.line,
            dataset=target.dataset,
            element=target.column,
            what=promise.property,
            kind=promise.property,
            reason=reason if contract.datasets else "the contract has no dataset that it could be held of",
        )
