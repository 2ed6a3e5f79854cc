"""Vector: the numbers of a vector are of the type that the contract says.

Engines say so in the type of the column: `FLOAT[3]` of DuckDB and `vector(3)` of pgvector hold numbers of
four bytes, `halfvec(3)` of two, and `BIT(3)` bits. How many there are is counted by the rows, as a check of
quality.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from floe_dagster.checks._types import reading
from floe_dagster.plan.check import Check, PlanItem, Verdict, first_gap
from floe_dagster.plan.metric import Answer, Cause, Columns, LiveColumn, Measured, NotMeasured
from floe_dagster.plan.place import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Column, Constraint, Contract, Dataset

_OPTION = "element_type"
_ITEMS = {"REAL": "float32", "DOUBLE": "float64", "TINYINT": "int8", "UTINYINT": "uint8", "BOOLEAN": "binary"}
_VECTORS = {"VECTOR": "float32", "HALFVEC": "float16", "SPARSEVEC": "float32", "BIT": "binary"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorTerms:
    """What is promised.

    Attributes:
        subject: the column, for messages.
        column: its physical name.
        element: float32 and the like, as the contract has it.
    """

    subject: str
    column: str
    element: str


class Vector:
    """The numbers of a vector are of the promised type."""

    name = "vector"
    cadence_seconds = 3600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each `elementType` of a column of vectors."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        for column in dataset.columns:
            for each in column.constraints if column.logical_type == "vector" and not column.measure else ():
                if each.name == _OPTION:
                    yield _item(scope, column, each)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold the type in the catalogue against the promise."""
        del now
        terms = cast("VectorTerms", check.terms)
        if gap := first_gap(answers):
            return Verdict.not_known(f"the element type of {terms.subject}", gap)
        columns = answers[0].value if isinstance(answers[0], Measured) else ()
        live = _column(columns if isinstance(columns, tuple) else (), terms.column)
        if live is None:
            gone = NotMeasured(Cause.NO_COLUMN, f'there is no column "{terms.column}"')
            return Verdict.not_known(f"the element type of {terms.subject}", gone)
        found = element_of(live)
        if found is None:
            untold = NotMeasured(Cause.UNSUPPORTED, f"{live.type} does not say what its numbers are")
            return Verdict.not_known(f"the element type of {terms.subject}", untold)
        return Verdict(
            broken=found != terms.element,
            actual=found,
            message=f"{terms.subject} is {live.type}, which holds {found}; {terms.element} promised",
        )


def element_of(live: LiveColumn) -> str | None:
    """What the numbers of a vector are, in the contract's words; None where the type does not say."""
    found = reading(live.type, live.engine)
    if found is None:
        return None
    if found.name == "ARRAY" and found.parts:
        (_, item), *_ = found.parts
        return _ITEMS.get(item.name)
    return _VECTORS.get(found.name)


def _item(scope: Scope, column: Column, option: Constraint) -> PlanItem:
    element = str(option.value)
    place = scope.part(
        column,
        _OPTION,
        path=option.path,
        line=option.line or column.line,
        title=f"the numbers of {column.name} are {element}",
    )
    subject = f"{scope.dataset.name}.{column.name}"
    return place.check(
        metrics=(Columns(),),
        terms=VectorTerms(subject=subject, column=column.physical_name, element=element),
        expected=element,
    )


def _column(columns: tuple[LiveColumn, ...], name: str) -> LiveColumn | None:
    exact = [each for each in columns if each.name == name]
    folded = [each for each in columns if each.name.casefold() == name.casefold()]
    return next(iter(exact or folded), None)


KIND = Vector()
