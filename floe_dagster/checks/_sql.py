"""SQL rules: the contract author's own query, and the value it returns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Column, Contract, Dataset, Operator, Scalar, Threshold
from floe_dagster.plan.check import Verdict
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Query
from floe_dagster.plan.nested import Nested
from floe_dagster.plan.threshold import as_number, holds
from floe_dagster.plan.wording import number, promise

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\$?\{(object|table|model|property|column|schema)\}")
_PROPERTY = re.compile(r"\$?\{(property|column)\}")
# a struct literal of an engine has a colon, a quantifier of a pattern has digits
_LEFT_OVER = re.compile(r"\$?\{\s*[A-Za-z_]\w*\s*\}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlTerms:
    """A promise about the one value that a query returns."""

    subject: str
    threshold: Threshold
    inclusive: bool
    unit: str = ""

    @property
    def expected(self) -> str:
        """The promise, for people."""
        return promise(self.threshold, self.unit)


def asked(query: str, contract: Contract, dataset: Dataset, column: Column | None) -> Query:
    """The query with its placeholders filled with physical names.

    Raises:
        ValueError: there is nothing to fill a placeholder with.
    """
    names = {each: _quoted(dataset.physical_name) for each in ("object", "table", "model")}
    if column is not None:
        names |= dict.fromkeys(("property", "column"), _quoted_part(column.physical_name))
    schemas = {str(each.options["schema"]) for each in contract.servers if each.options.get("schema")}
    if len(schemas) == 1:
        names["schema"] = _quoted_part(schemas.pop())
    if isinstance(column, Nested) and (found := _PROPERTY.search(query)):
        raise ValueError(
            f"{found[0]} in the query cannot be filled with a field nested in a column; "
            "write the field as the engine does"
        )
    text = _PLACEHOLDER.sub(lambda found: _name(names, found), query)
    if left := _LEFT_OVER.search(_PLACEHOLDER.sub("", query)):
        raise ValueError(
            f"the query holds the placeholder {left[0]}; known are {{object}}, {{property}} and {{schema}}"
        )
    # which names need quotes, and in which case they are, only the catalogue knows
    marks = names | dict.fromkeys(("object", "table", "model"), "{object}")
    marks |= dict.fromkeys(("property", "column"), "{property}")
    template = _PLACEHOLDER.sub(lambda found: marks[found[1]], query)
    named = column.physical_name if column is not None and _PROPERTY.search(query) else None
    return Query(text, template, named)


def judge_sql(terms: SqlTerms, answer: Answer) -> Verdict:
    """Hold the value against the promise; nothing at all breaks it."""
    if isinstance(answer, NotMeasured):
        return Verdict.not_known(terms.subject, answer)
    assert isinstance(answer, Measured)
    value = answer.value
    if value is None:
        return Verdict(broken=True, message=f"{terms.subject} returned nothing; {terms.expected} promised")
    kept = None
    if isinstance(value, str | int | float):
        kept = holds(terms.threshold, value, inclusive=terms.inclusive)
    if kept is None:
        reason = f"what the query returned cannot be compared with {terms.expected}"
        return Verdict.not_known(terms.subject, NotMeasured(Cause.BROKEN, reason))
    actual = _telling(value)
    shown = (
        "another text"
        if actual is None and not kept
        else "the promised text"
        if actual is None
        else number(actual)
    )
    return Verdict(
        broken=not kept, actual=actual, message=f"{terms.subject} returned {shown}; {terms.expected} promised"
    )


def _telling(value: object) -> Scalar:
    """The value where it is a number or a truth value; text could be somebody's data and is not repeated."""
    if isinstance(value, bool):
        return value
    return as_number(value)


def _name(names: Mapping[str, str], found: re.Match[str]) -> str:
    if found[1] in names:
        return names[found[1]]
    if found[1] == "schema":
        raise ValueError(f"{found[0]} in the query cannot be filled: the servers do not agree on one schema")
    raise ValueError(f"{found[0]} in the query cannot be filled: the rule stands under no column")


def _quoted(name: str) -> str:
    if not all(_PLAIN.fullmatch(each) for each in name.split(".")):
        return _quoted_part(name)
    return name


def _quoted_part(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def comparable(threshold: Threshold) -> Threshold | None:
    """A threshold that a query's value can be held against; None where an order is asked of no number."""
    if threshold.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return None if threshold.value is None else threshold
    value = threshold.value
    ends = value if isinstance(value, tuple) else (value,)
    return threshold if all(as_number(each) is not None for each in ends) else None
