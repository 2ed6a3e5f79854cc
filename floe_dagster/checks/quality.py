"""Quality: the rows are as promised.

Everything that is counted in rows is one check: required, unique, primary key, enum, each option of a logical
type, each relationship, each library rule; and each `sql` rule, whose number is the author's own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from floe_dagster.checks._asked import Asked, Refused, Remark
from floe_dagster.checks._constraint import asked_of
from floe_dagster.checks._count import NONE, CountTerms, judge_count, share_of
from floe_dagster.checks._expectations import ExpectationTerms, expectations_of, judge_expectations
from floe_dagster.checks._key import primary_key
from floe_dagster.checks._library import SEVERAL, Counted, counted_by
from floe_dagster.checks._routing import routed
from floe_dagster.checks._sql import SqlTerms, asked, comparable, judge_sql
from floe_dagster.contract.model import (
    AnyRule,
    Column,
    Constraint,
    Contract,
    CustomRule,
    Dataset,
    LibraryRule,
    Operator,
    Relationship,
    Scalar,
    SqlRule,
    TextRule,
    Threshold,
)
from floe_dagster.plan.expectation import is_engine
from floe_dagster.plan.field import Field
from floe_dagster.plan.identity import snake
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import (
    Answer,
    Duplicates,
    Metric,
    Offenders,
    Offending,
    Orphans,
    RowCount,
    Table,
)
from floe_dagster.plan.nested import Nested, is_of_items, ref_of, with_fields
from floe_dagster.plan.offence import AnyOf, NotIn, Null
from floe_dagster.plan.place import Place, Scope
from floe_dagster.plan.threshold import numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from floe_dagster.plan.check import Check, Noted, PlanItem, Verdict

_UNITS = {"": False, "rows": False, "row": False, "percent": True, "percentage": True, "%": True}
_SQL_UNITS = {"rows": "rows", "percent": "%", "%": "%"}


class Quality:
    """Every promise about rows."""

    name = "quality"
    cadence_seconds = 21600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check for each promise about rows, in the order of the document."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        return (routed(each, choices) for each in _promises(scope))

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Hold a count, or the value of a query, against the promise."""
        del now
        match check.terms:
            case CountTerms() as terms:
                return judge_count(terms, answers)
            case SqlTerms() as terms:
                return judge_sql(terms, answers[0])
            case ExpectationTerms() as terms:
                return judge_expectations(terms, answers)
            case other:
                raise TypeError(f"{type(other).__name__} are no terms of a quality check")


def _promises(scope: Scope) -> Iterator[PlanItem]:
    dataset = scope.dataset
    columns = [each for each in dataset.columns if not each.measure]
    yield from _primary_key(scope, primary_key(columns))
    for column in columns:
        for each in with_fields(column):
            yield from _column(scope, each)
    for relationship in dataset.relationships:
        yield _relationship(scope, relationship)
    for rule in dataset.rules:
        yield from _rule(scope, None, rule)


def _column(scope: Scope, column: Column) -> Iterator[PlanItem]:
    name = ref_of(column)
    if column.required:
        place = _part(scope, column, "required", f"{column.name} is required")
        yield _none(place, "without a value", Offenders(Null(name)))
    if column.unique:
        place = _part(scope, column, "unique", f"{column.name} is unique")
        if is_of_items(column):
            yield place.declined(f"{column.name} {SEVERAL}")
        else:
            yield _none(place, f"repeating the {column.name} of another", Duplicates((name,)))
    if column.values is not None:
        yield _enum(scope, column, column.values)
    for constraint in column.constraints:
        yield from _constraint(scope, column, constraint)
    for each in column.relationships:
        yield _relationship(scope, each, column)
    for rule in column.rules:
        yield from _rule(scope, column, rule)


def _enum(scope: Scope, column: Column, values: tuple[Scalar, ...]) -> PlanItem:
    place = _part(scope, column, "enum", f"{column.name} is one of {len(values)} values")
    allowed = tuple(each for each in values if each is not None)
    if not allowed:
        return place.declined("the list of values is empty")
    offence = NotIn(ref_of(column), allowed)
    return _none(place, "with a value that is not in the list", Offenders(offence))


def _primary_key(scope: Scope, columns: tuple[Column, ...]) -> Iterator[Check]:
    if not columns:
        return
    names = tuple(each.physical_name for each in columns)
    key = ", ".join(each.name for each in columns)
    place = scope.part(
        None,
        "primary_key",
        path=f"{columns[0].path}.primaryKey",
        line=columns[0].line,
        title=f"{key} {'is' if len(columns) == 1 else 'are'} the primary key",
        covers=tuple(f"{each.path}.primaryKey" for each in columns),
    )
    nulls = [Null(each) for each in names]
    # a row counts once, however many columns of its key are NULL
    incomplete = Offenders(nulls[0] if len(nulls) == 1 else AnyOf(tuple(nulls)))
    yield _none(replace(place, element=key), f"without a unique {key}", incomplete, Duplicates(names))


def _constraint(scope: Scope, column: Column, constraint: Constraint) -> Iterator[PlanItem]:
    asked = asked_of(column, constraint, scope.choices)
    name, line = constraint.name, constraint.line or column.line
    title = asked.title if isinstance(asked, Asked) else f"{name} of {column.name}"
    # each name in the list of an object's required properties is a check of its own
    what = f"has_{constraint.value}" if name == "required" else name
    place = scope.part(column, what, path=constraint.path, line=line, title=title)
    match asked:
        case Asked(offence=offence, words=words, interpretation=interpretation):
            yield _none(place, words, Offenders(offence), interpretation=interpretation)
        case Refused(reason):
            yield place.declined(reason)
        case Remark(note):
            yield place.noted(note)
        case None:
            return
        case _:
            assert_never(asked)


def _relationship(scope: Scope, one: Relationship, column: Column | None = None) -> PlanItem:
    element = column.name if column else ", ".join(one.columns) or None
    target = f"{one.to_dataset}.{', '.join(one.to_columns)}" if one.to_dataset else "another dataset"
    if one.afar:
        target = f"{target} of {one.afar.contract}"
    title = f"{element or scope.dataset.name} {'refer' if len(one.columns) > 1 else 'refers'} to {target}"
    place = scope.part(column or element, "relationship", path=one.path, line=one.line, title=title)
    if isinstance(column, Nested):
        return place.declined("a field nested in a column refers to nothing here; only columns do")
    if one.unresolved:
        return place.declined(one.unresolved)
    here, keys = _columns(scope.dataset, one.columns), _keys(scope.contract, one)
    if isinstance(keys, str):
        return place.declined(keys)
    table, there = keys
    if isinstance(here, str) or isinstance(there, str):
        return place.declined(here if isinstance(here, str) else str(there))
    if not here or len(here) != len(there):
        reason = f"{len(here)} columns cannot refer to {len(there)}; name as many on both sides"
        return place.declined(reason)
    return _none(place, f"referring to no {target}", Orphans(here, table, there))


def _keys(contract: Contract, one: Relationship) -> tuple[Table, tuple[str, ...] | str] | str:
    """Where a relationship leads: the table, and its columns or which of them there is not."""
    if one.afar:
        return Table(one.afar.table), one.afar.keys
    to = contract.dataset(one.to_dataset)
    if to is None:
        return f'there is no dataset "{one.to_dataset}" in this contract'
    return Table(to.physical_name), _columns(to, one.to_columns)


def _columns(dataset: Dataset, names: tuple[str, ...]) -> tuple[str, ...] | str:
    """The physical names of columns, or which of them the contract does not have."""
    found = [(name, dataset.column(name)) for name in names]
    absent = next((name for name, column in found if column is None), None)
    if absent is not None:
        return f'{dataset.name} has no column "{absent}" of its own in the contract'
    return tuple(column.physical_name for _, column in found if column is not None)


def _rule(scope: Scope, column: Column | None, rule: AnyRule) -> Iterator[PlanItem]:
    match rule:
        case LibraryRule():
            yield _library(scope, column, rule)
        case SqlRule():
            yield _sql(scope, column, rule)
        case TextRule():
            yield _text(scope, column, rule)
        case CustomRule() if is_engine(rule.engine):
            yield _expectations(scope, column, rule)
        case CustomRule():
            return
        case _:
            assert_never(rule)


def _library(scope: Scope, column: Column | None, rule: LibraryRule) -> PlanItem:
    choices = scope.choices
    counted = counted_by(scope.dataset, column, rule, choices)
    title = rule.metric if isinstance(counted, str) else counted.title
    place = scope.rule(column, rule, what=snake(rule.metric), title=title)
    if isinstance(counted, str):
        return place.declined(counted)
    terms = _count_terms(scope, column, rule, counted)
    if isinstance(terms, str):
        return place.declined(terms)
    return place.check(
        metrics=(counted.metric, *(share_of(counted.column, choices) if terms.percent else ())),
        terms=terms,
        expected=terms.expected,
        offending=_offending(counted.metric, rule.threshold),
        interpretation=(
            *counted.interpretation,
            *_between(rule, choices),
            *(chosen(choices, "percent_of") if terms.percent and counted.column else ()),
        ),
    )


def _offending(metric: Metric, threshold: Threshold | None) -> tuple[Offending, ...]:
    """What counts the rows that break a promise; none do where there are too few of them."""
    too_few = threshold is None or threshold.operator in (Operator.ABOVE, Operator.AT_LEAST)
    return () if too_few or not isinstance(metric, Offending) else (metric,)


def _count_terms(
    scope: Scope, column: Column | None, rule: LibraryRule, counted: Counted
) -> CountTerms | str:
    """What a library rule promises, or why that cannot be held."""
    if rule.threshold is None:
        return "the rule promises nothing about the number; add an operator, such as mustBe: 0"
    threshold = numeric(rule.threshold)
    if threshold is None:
        return f'{rule.metric} is a number, and cannot be held against "{rule.threshold.value}"'
    percent = _UNITS.get(rule.unit.lower() if rule.unit else "")
    if percent is None:
        return f'"{rule.unit}" is no unit of {rule.metric}; known are rows and percent'
    if percent and isinstance(counted.metric, RowCount):
        return "rowCount in percent has no meaning; leave the unit out"
    if percent and isinstance(counted.column, Field) and scope.choices["percent_of"] == "present":
        return "which rows hold a value of a nested field is not asked; choose rows for percent_of"
    return CountTerms(
        subject=_subject(scope, column),
        words=counted.words,
        noun=counted.noun,
        threshold=threshold,
        inclusive=scope.choices["between"] == "inclusive",
        percent=percent,
    )


def _sql(scope: Scope, column: Column | None, rule: SqlRule) -> PlanItem:
    subject = _subject(scope, column)
    place = scope.rule(column, rule, what="sql", title=f"a query about {subject}")
    if rule.threshold is None:
        return place.declined(
            "the rule promises nothing about the result; add an operator, such as mustBe: 0"
        )
    threshold = comparable(rule.threshold)
    if threshold is None:
        return place.declined(f'"{rule.threshold.operator} {rule.threshold.value}" compares with no number')
    try:
        query = asked(rule.query, scope.contract, scope.dataset, column)
    except ValueError as error:
        return place.declined(str(error))
    terms = SqlTerms(
        subject=f"{subject}: the query of {rule.id or rule.name or rule.path}",
        threshold=threshold,
        inclusive=scope.choices["between"] == "inclusive",
        unit=_SQL_UNITS.get(rule.unit or "", ""),
    )
    interpretation = _between(rule, scope.choices)
    return place.check(metrics=(query,), terms=terms, expected=terms.expected, interpretation=interpretation)


def _expectations(scope: Scope, column: Column | None, rule: CustomRule) -> PlanItem:
    subject = _subject(scope, column)
    place = scope.rule(column, rule, what="expectation", title=f"expectations of {subject}")
    if isinstance(column, Nested):
        return place.declined("Great Expectations reads columns, and not a field nested in one")
    asked = expectations_of(scope.dataset, column, rule)
    if isinstance(asked, str):
        return place.declined(asked)
    terms = ExpectationTerms(subject=subject, types=tuple(each.type for each in asked))
    return place.check(metrics=asked, terms=terms, expected=terms.expected)


def _text(scope: Scope, column: Column | None, rule: TextRule) -> Noted:
    place = scope.rule(column, rule, what="text", title=f"about {_subject(scope, column)}")
    return place.noted(rule.description or rule.name or "for people to read")


def _between(rule: LibraryRule | SqlRule, choices: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    operator = rule.threshold.operator if rule.threshold else None
    return chosen(choices, "between") if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN) else ()


def _subject(scope: Scope, column: Column | None) -> str:
    return f"{scope.dataset.name}.{column.name}" if column else scope.dataset.name


def _part(scope: Scope, column: Column, what: str, title: str) -> Place:
    return scope.part(column, what, path=f"{column.path}.{what}", line=column.line, title=title)


def _none(
    place: Place, words: str, *metrics: Offending, interpretation: tuple[tuple[str, str], ...] = ()
) -> Check:
    """A check that no row offends."""
    subject = f"{place.dataset.name}.{place.element}" if place.element else place.dataset.name
    terms = CountTerms(subject=subject, words=words, threshold=NONE, counted=len(metrics))
    return place.check(
        metrics=metrics,
        terms=terms,
        expected=terms.expected,
        interpretation=interpretation,
        offending=metrics,
    )


KIND = Quality()
