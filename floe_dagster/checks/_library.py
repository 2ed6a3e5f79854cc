"""Library rules: the standard's own metrics, as what to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.checks._constraint import pattern_of
from floe_dagster.plan.interpretation import chosen, nearest
from floe_dagster.plan.metric import Count, Duplicates, Metric, Offenders, RowCount
from floe_dagster.plan.nested import is_of_items, ref_of
from floe_dagster.plan.offence import AnyOf, Literalish, Missing, NotIn, NotMatching, Null, Offence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Column, Dataset, LibraryRule
    from floe_dagster.plan.field import ColumnRef

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "nullValues": (),
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",),
    "rowCount": (),
}
"""Every metric of the standard, with the arguments that it takes."""

_DUPLICATE_WORDS = {
    "excess": "repeating the {key} of another",
    "groups": "of {key} occurring more than once",
    "rows": "whose {key} occurs more than once",
}
SEVERAL = (
    "has any number of values in a row, and which rows repeat each other is not asked of those; "
    "uniqueItems says that the items of one row do not repeat"
)
"""Why rows are not held against each other by a field of the items of an array, after its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a rule counts: the metric, what it is a number of, and what is said of such.

    Attributes:
        column: whose values they are, by physical name, where a share may be of those alone; None for what
            NULL belongs to, and for keys of several columns.
    """

    metric: Metric
    words: str
    title: str
    column: ColumnRef | None = None
    noun: str = "row"
    interpretation: tuple[tuple[str, str], ...] = ()


def counted_by(
    dataset: Dataset, column: Column | None, rule: LibraryRule, choices: Mapping[str, str]
) -> Counted | str:
    """What a library rule counts, or why it cannot be counted."""
    known = ARGUMENTS.get(rule.metric)
    if known is None:
        return f'there is no metric "{rule.metric}"{nearest(rule.metric, ARGUMENTS)}'
    for each in rule.arguments:
        if each not in known:
            return f'{rule.metric} takes no argument "{each}"{nearest(each, dict.fromkeys(known))}'
    match rule.metric, column:
        case "rowCount", _:
            return Counted(metric=RowCount(), words="", title=f"rows of {dataset.name}")
        case "duplicateValues", _:
            return _duplicates(dataset, column, rule, choices)
        case metric, None:
            return f"{metric} is about a column; put the rule under one"
        case "nullValues", found:
            return Counted(
                metric=Offenders(Null(ref_of(found))),
                words="without a value",
                title=f"rows without {found.name}",
            )
        case "missingValues", found:
            return _missing(found, rule, choices)
        case _, found:
            return _invalid(found, rule, choices)


def _missing(column: Column, rule: LibraryRule, choices: Mapping[str, str]) -> Counted | str:
    values = _listed(rule, "missingValues")
    if isinstance(values, str):
        return values
    null = None in values or choices["missing_includes_null"] == "yes"
    present = tuple(each for each in values if each is not None)
    if not present and not null:
        return "missingValues names no value, and NULL does not count as missing here"
    return Counted(
        metric=Offenders(Missing(ref_of(column), present, null) if present else Null(ref_of(column))),
        words="with a missing value",
        title=f"rows with a missing {column.name}",
        interpretation=chosen(choices, "missing_includes_null"),
    )


def _invalid(column: Column, rule: LibraryRule, choices: Mapping[str, str]) -> Counted | str:
    offences = list[Offence]()
    if "validValues" in rule.arguments:
        values = _listed(rule, "validValues")
        if isinstance(values, str):
            return values
        offences.append(NotIn(ref_of(column), tuple(each for each in values if each is not None)))
    pattern = rule.arguments.get("pattern")
    if pattern is not None:
        if not isinstance(pattern, str):
            return f"the pattern is {pattern}, and a pattern is a text"
        offences.append(NotMatching(ref_of(column), pattern_of(pattern, choices)))
    if not offences:
        return "invalidValues does not say which values are valid; give the argument validValues or pattern"
    return Counted(
        metric=Offenders(offences[0] if len(offences) == 1 else AnyOf(tuple(offences))),
        words="with an invalid value",
        title=f"rows with an invalid {column.name}",
        column=ref_of(column),
        interpretation=chosen(choices, "pattern") if pattern is not None else (),
    )


def _duplicates(
    dataset: Dataset, column: Column | None, rule: LibraryRule, choices: Mapping[str, str]
) -> Counted | str:
    columns = (
        (column,) if column is not None and "properties" not in rule.arguments else _properties(dataset, rule)
    )
    if isinstance(columns, str):
        return columns
    if several := next((each for each in columns if is_of_items(each)), None):
        return f"{several.name} {SEVERAL}"
    key = ", ".join(each.name for each in columns)
    return Counted(
        metric=Duplicates(tuple(ref_of(each) for each in columns), Count(choices["duplicates"])),
        words=_DUPLICATE_WORDS[choices["duplicates"]].format(key=key),
        title=f"duplicates of {key}",
        column=ref_of(columns[0]) if len(columns) == 1 else None,
        noun="value" if choices["duplicates"] == "groups" else "row",
        interpretation=chosen(choices, "duplicates"),
    )


def _properties(dataset: Dataset, rule: LibraryRule) -> tuple[Column, ...] | str:
    names = _listed(rule, "properties")
    if isinstance(names, str):
        return names
    if not names:
        return (
            "duplicateValues of a dataset needs the argument properties: the columns that make a row unique"
        )
    found = [(str(each), dataset.column(str(each))) for each in names]
    absent = [name for name, column in found if column is None]
    if absent:
        return f'{dataset.name} has no column "{absent[0]}" of its own in the contract'
    return tuple(column for _, column in found if column is not None)


def _listed(rule: LibraryRule, name: str) -> tuple[Literalish, ...] | str:
    match rule.arguments.get(name, ()):
        case list() | tuple() as values if all(isinstance(each, str | int | float | None) for each in values):
            return tuple(values)
        case str() | int() | float() as value:
            return (value,)
        case other:
            return f"the argument {name} is {other}, and should be a list of values"
