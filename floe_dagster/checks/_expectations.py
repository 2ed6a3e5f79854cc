"""Expectations: rules for Great Expectations, as what to ask and how to judge.

    quality:
      - type: custom
        engine: greatExpectations
        implementation: {type: expect_column_values_to_be_in_set, kwargs: {column: status, value_set: [new]}}

A contract is not trusted: what Great Expectations would run as code (`row_condition`, queries) is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from floe_dagster.contract.loader import load
from floe_dagster.contract.wording import quoted
from floe_dagster.plan.check import Verdict, first_gap
from floe_dagster.plan.expectation import KNOWN, REFUSED, Says, type_named
from floe_dagster.plan.interpretation import nearest
from floe_dagster.plan.metric import Answer, Cause, Expectation, Finding, Measured, NotMeasured
from floe_dagster.plan.suites import suite_named
from floe_dagster.plan.wording import counted, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Column, CustomRule, Dataset, Stored

_KEYS = ("type", "expectation_type", "kwargs", "meta", "id", "notes", "description", "severity")
_DROPPED = ("batch_id", "result_format", "catch_exceptions", "meta", "notes", "description", "severity", "id")
_HUMP = re.compile(r"(?<=[a-z])[A-Z](?=[a-z])")
_TOLD = 3
_Lookup = Callable[["Dataset", str], str]


class _Unusable(Exception):  # noqa: N818
    """Why a rule cannot be run; never leaves this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationTerms:
    """A promise that expectations are met.

    Attributes:
        subject: what they are about, for messages.
        types: the expectations, in the order of the metrics.
    """

    subject: str
    types: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The promise, for people."""
        return self.types[0] if len(self.types) == 1 else f"{len(self.types)} expectations met"


def expectations_of(
    dataset: Dataset, column: Column | None, rule: CustomRule
) -> tuple[Expectation, ...] | str:
    """What a rule asks of Great Expectations, or why it cannot be asked."""
    try:
        entries = _entries(rule.implementation) if rule.stored is None else _stored(rule.stored)
        lookup = _physical_name if rule.stored is None else _stored_name
        return tuple(_expectation(dataset, column, each, lookup) for each in entries)
    except _Unusable as error:
        return str(error)


def judge_expectations(terms: ExpectationTerms, answers: tuple[Answer, ...]) -> Verdict:
    """Whether all expectations are met; one that is not breaks the promise, whatever is not known."""
    found = [
        (name, each.value)
        for name, each in zip(terms.types, answers, strict=True)
        if isinstance(each, Measured) and isinstance(each.value, Finding)
    ]
    broken = [(name, finding) for name, finding in found if not finding.kept]
    gap = first_gap(answers)
    if gap is None and len(found) != len(answers):
        gap = NotMeasured(Cause.BROKEN, "the warehouse answered with no finding")
    if gap is not None and not broken:
        return Verdict.not_known(terms.subject, gap)
    actual = _actual(found[0][1]) if len(terms.types) == 1 else len(broken)
    said = [f"{_said(finding)} {name}" for name, finding in broken[:_TOLD]]
    more = [f"and {len(broken) - _TOLD} more"] if len(broken) > _TOLD else []
    text = "; ".join(said + more) or f"meets {terms.expected.removesuffix(' met')}"
    return Verdict(broken=bool(broken), actual=actual, message=f"{terms.subject}: {text}", unknown=gap)


def _actual(finding: Finding) -> int | float | None:
    return finding.observed if finding.offending is None else finding.offending


def _said(finding: Finding) -> str:
    if finding.offending is not None:
        verb = "does" if finding.offending == 1 else "do"
        return f"{counted(finding.offending, 'row')} {verb} not meet"
    return "does not meet" if finding.observed is None else f"{number(finding.observed)} does not meet"


def _stored(stored: Stored) -> list[Any]:
    """The expectations of a suite that was found by its name."""
    if isinstance(stored, str):
        raise _Unusable(stored)
    return [{key: value for key, value in each.items() if key in _KEYS} for each in stored]


def _entries(implementation: object) -> list[Any]:
    """The expectations of an implementation: one, a list, a suite, or text that is one of these."""
    match implementation:
        case str() as text:
            return _entries_of_text(text)
        case {"expectations": list() as several}:
            pass
        case list() as several:
            pass
        case _ if (name := suite_named(implementation)) is not None:
            raise _Unusable(
                f"the suite {quoted(name)} is kept outside of the contract, and nobody has looked for it;"
                " watch the contract by a floe.yaml that names great_expectations.project"
            )
        case {}:
            several = [implementation]
        case _:
            raise _Unusable(
                "the implementation names no expectation; write {type: expect_..., kwargs: {...}}"
            )
    if not several:
        raise _Unusable("the list of expectations is empty")
    return several


def _entries_of_text(text: str) -> list[Any]:
    if (name := suite_named(text)) is not None:
        return _entries({"suite": name})
    tree = load(text)
    if tree.problems:
        problem = tree.problems[0]
        raise _Unusable(f"the implementation cannot be read: line {problem.line}: {problem.message}")
    return _entries(None if isinstance(tree.value, str) else tree.value)


def _expectation(dataset: Dataset, column: Column | None, entry: object, lookup: _Lookup) -> Expectation:
    if not isinstance(entry, dict):
        raise _Unusable("an expectation is written as {type: expect_..., kwargs: {...}}")
    for key in entry:
        if key not in _KEYS:
            raise _Unusable(f'an expectation has no "{key}"{nearest(str(key), dict.fromkeys(_KEYS))}')
    written = str(entry.get("type") or entry.get("expectation_type") or "")
    if not written:
        raise _Unusable("the implementation names no expectation; write {type: expect_..., kwargs: {...}}")
    named = type_named(written)
    if named in REFUSED:
        raise _Unusable(f"{named} is not run here: {REFUSED[named]}")
    if named not in KNOWN:
        raise _Unusable(f'there is no expectation "{written}"{nearest(written, dict.fromkeys(KNOWN))}')
    given = entry.get("kwargs") or {}
    if not isinstance(given, dict):
        raise _Unusable(f"the kwargs of {named} have to be a mapping")
    return _asked(dataset, column, named, _kwargs(named, given), lookup)


def _kwargs(named: str, given: Mapping[Any, Any]) -> dict[str, Any]:
    """The arguments under the names that Great Expectations has for them; the standard writes `minValue`."""
    found = {_HUMP.sub(lambda hump: "_" + hump[0].lower(), str(key)): value for key, value in given.items()}
    if found.get("row_condition") is not None or found.get("condition_parser") is not None:
        raise _Unusable("a row_condition is code that would be run here; write it as a rule of type sql")
    if "$PARAMETER" in json.dumps(found, default=str):
        raise _Unusable(f"{named} has a $PARAMETER, and a contract has none to give")
    return {
        key: value
        for key, value in found.items()
        if key not in (*_DROPPED, "row_condition", "condition_parser")
    }


def _asked(
    dataset: Dataset, column: Column | None, named: str, kwargs: dict[str, Any], lookup: _Lookup
) -> Expectation:
    known = KNOWN[named]
    if known.columns == ("column",) and column is not None:
        kwargs.setdefault("column", column.name)
    for key in ("column", "column_A", "column_B", "column_list", "column_set"):
        if key in kwargs:
            kwargs[key] = _physical(dataset, named, key, kwargs[key], lookup)
    for key in known.columns:
        if not kwargs.get(key):
            raise _Unusable(f"{named} needs {key}; name it under kwargs")
    columns = [] if known.says is Says.SHAPE else [kwargs[key] for key in known.columns]
    flat = [name for each in columns for name in (each if isinstance(each, list) else [each])]
    return Expectation(named, json.dumps(kwargs, sort_keys=True), tuple(dict.fromkeys(flat)))


def _physical(dataset: Dataset, named: str, key: str, value: object, lookup: _Lookup) -> str | list[str]:
    several = key in ("column_list", "column_set")
    given: list[object] = value if isinstance(value, list) else [value]
    names = [each for each in given if isinstance(each, str)]
    if isinstance(value, list) != several or len(names) != len(given):
        raise _Unusable(f"{key} of {named} has to be {'a list of columns' if several else 'a column'}")
    found = [lookup(dataset, each) for each in names]
    return found if several else found[0]


def _physical_name(dataset: Dataset, name: str) -> str:
    """The column that a contract calls so."""
    column = dataset.column(name)
    return name if column is None else column.physical_name


def _stored_name(dataset: Dataset, name: str) -> str:
    """The column that a suite calls so, which knows the data and not the contract."""
    there = any(each.physical_name == name for each in dataset.columns)
    return name if there else _physical_name(dataset, name)
