"""Places: where in a contract something stands; a check kind makes its items from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Column
from floe_dagster.plan.check import Check, Declined, Noted, Severity
from floe_dagster.plan.construct import Target, targets
from floe_dagster.plan.identity import element_parts, item_id, rule_id, snake
from floe_dagster.plan.metric import Metric, Offending, Table
from floe_dagster.plan.nested import names_of
from floe_dagster.plan.severity import severity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.contract.model import AnyRule, Contract, Dataset, Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a check kind compiles: one dataset, and all that is needed to call its parts by name.

    Attributes:
        kind: the check kind's name.
        choices: the interpretation profile.
    """

    kind: str
    contract: Contract
    dataset: Dataset
    choices: Mapping[str, str]

    def rule(self, column: Column | None, rule: AnyRule, *, what: str, title: str) -> Place:
        """The place of a quality rule, under a column or the dataset.

        Args:
            column: what it stands under; None for the dataset.
            rule: the rule; its own id, name and severity go first.
            what: a name for the id of a rule that has neither id nor name.
            title: what it is about, for one without a name.
        """
        severity, known = severity_of(rule.severity, self.choices["severity"])
        parts = element_parts(names_of(column)) if column else ()
        return Place(
            kind=self.kind,
            dataset=self.dataset,
            element=column.name if column else None,
            id=rule_id(self.dataset.name, parts, what, own=rule.id, name=rule.name),
            path=rule.path,
            line=rule.line,
            title=rule.name or title,
            covers=(rule.path,),
            severity=severity,
            rule=rule,
            interpretation=() if known else (("severity", f"{rule.severity} is read as {severity}"),),
        )

    def part(
        self,
        element: str | Column | None,
        what: str,
        *,
        path: str,
        line: int,
        title: str,
        covers: tuple[str, ...] | None = None,
    ) -> Place:
        """The place of something without a name of its own: a required column, a minimum, a relationship.

        Args:
            element: what it is a part of: a column, or its name; None for the dataset.
            what: what it is, for its id.
            path: where it stands.
            line: the same, in the document.
            title: what it is, for people.
            covers: the constructs that it deals with, where that is not the one at `path`.
        """
        name, parts = _named(element)
        return Place(
            kind=self.kind,
            dataset=self.dataset,
            element=name,
            id=item_id(self.dataset.name, *parts, what),
            path=path,
            line=line,
            title=title,
            covers=(path,) if covers is None else covers,
            severity=Severity(self.choices["severity"]),
        )

    def promise(self, promise: Promise, target: Target, *, element: str | Column | None, title: str) -> Place:
        """The place of a service level, for one of its targets."""
        name, of_element = _named(element)
        parts = (promise.id,) if promise.id else (*of_element, snake(promise.property))
        return Place(
            kind=self.kind,
            dataset=self.dataset,
            element=name,
            id=item_id(self.dataset.name, *parts),
            path=promise.path,
            line=promise.line,
            title=title,
            covers=(target.construct,),
            severity=Severity(self.choices["severity"]),
            promise=promise,
        )

    def promised(self, *properties: str) -> Iterator[tuple[Promise, Target]]:
        """The promises of these properties that are made of the dataset, with each of their targets in it."""
        for promise in self.contract.promises:
            if promise.property in properties:
                for target in targets(self.contract, promise):
                    if self.contract.dataset(target.dataset) is self.dataset:
                        yield promise, target


def _named(element: str | Column | None) -> tuple[str | None, tuple[str | None, ...]]:
    """What an element is called, and what stands for it in ids."""
    if isinstance(element, Column):
        return element.name, element_parts(names_of(element))
    return element, (element,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item stands, and what it is called.

    Attributes:
        severity: how much it matters when it is broken.
        rule: the quality rule that it comes from, where it comes from one.
        promise: the service level that it comes from, where it comes from one.
        covers: the constructs that the item deals with.
    """

    kind: str
    dataset: Dataset
    id: str
    path: str
    title: str
    covers: tuple[str, ...]
    severity: Severity
    element: str | None = None
    line: int = 0
    rule: AnyRule | None = None
    promise: Promise | None = None
    interpretation: tuple[tuple[str, str], ...] = ()

    def check(
        self,
        *,
        metrics: tuple[Metric, ...],
        terms: object,
        expected: str,
        interpretation: tuple[tuple[str, str], ...] = (),
        offending: tuple[Offending, ...] = (),
    ) -> Check:
        """A check that stands here."""
        said = self.rule or self.promise
        return Check(
            id=self.id,
            kind=self.kind,
            dataset=self.dataset.name,
            element=self.element,
            path=self.path,
            line=self.line,
            covers=self.covers,
            title=self.title,
            table=Table(self.dataset.physical_name),
            metrics=metrics,
            terms=terms,
            expected=expected,
            severity=self.severity,
            dimension=self.rule.dimension if self.rule else None,
            description=said.description if said else None,
            schedule=said.schedule if said else None,
            interpretation=(*self.interpretation, *interpretation),
            driver=self.promise.driver if self.promise else None,
            offending=offending,
        )

    def declined(self, reason: str) -> Declined:
        """Something that stands here and cannot be measured, and why."""
        return Declined(
            id=self.id,
            kind=self.kind,
            dataset=self.dataset.name,
            element=self.element,
            path=self.path,
            line=self.line,
            covers=self.covers,
            title=self.title,
            reason=reason,
        )

    def noted(self, note: str) -> Noted:
        """Something that stands here for people."""
        return Noted(
            id=self.id,
            kind=self.kind,
            dataset=self.dataset.name,
            element=self.element,
            path=self.path,
            line=self.line,
            covers=self.covers,
            title=self.title,
            note=note,
        )
