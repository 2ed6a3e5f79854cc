"""Lint of rules: what a quality rule promises that cannot be measured, or cannot be broken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from floe_dagster.contract.model import LibraryRule, Operator, SqlRule, TextRule
from floe_dagster.contract.problem import Problem
from floe_dagster.contract.wording import listed, meant, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from floe_dagster.contract.model import AnyRule, Contract, Threshold

SEVERITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "info": ("info", "information", "informational", "notice", "low", "minor", "trivial"),
    "warning": ("warning", "warn", "medium", "moderate"),
    "error": ("error", "err", "high", "major"),
    "critical": ("critical", "crit", "blocker", "fatal", "severe"),
}
"""Every severity, with the words that contracts have for it: the standard lets any text be one."""

_ROWS: Final = ("rows", "row")
_PERCENT: Final = ("percent", "percentage", "%")
_OF_DATASETS: Final = ("object", "table", "model")
_OF_COLUMNS: Final = ("property", "column")
# a struct literal of an engine has a colon, a quantifier of a pattern has digits
_PLACEHOLDER: Final = re.compile(r"\$?\{\s*([A-Za-z_]\w*)\s*\}")


def lint_rule(rule: AnyRule, contract: Contract, *, of_column: bool) -> Iterator[Problem]:
    """What is lawful in a rule, and will not be measured as its author may think.

    Args:
        rule: of a dataset or a column.
        contract: the whole, whose servers fill `{schema}`.
        of_column: whether the rule stands under a column.
    """
    yield from _severity(rule)
    if isinstance(rule, SqlRule):
        yield from _placeholders(rule, contract, of_column=of_column)
    if isinstance(rule, (LibraryRule, SqlRule)):
        yield from _unit(rule)
    if isinstance(rule, LibraryRule):
        yield from _reach(rule)


def same_names(rules: Sequence[AnyRule]) -> Iterator[Problem]:
    """Rules of one element that are told apart by nothing but what they promise."""
    first: dict[str, str] = {}
    for rule in rules:
        path = whole_path(rule.path)
        # a rule of several operators, as before v3.1.0, is several rules of one place
        if rule.name and not rule.id and first.setdefault(rule.name, path) != path:
            message = (
                f"the name {quoted(rule.name)} is there twice, so that only the terms tell the checks apart"
            )
            message = f"{message}, and new terms mean a new history; give each rule an id"
            yield _warning("lint.duplicate-rule-name", f"{path}.name", message)


def whole_path(path: str) -> str:
    """Where a rule stands; of one that was made of one of several operators, where the operators stand."""
    return re.sub(r"\.must\w+$", "", path)


def _warning(rule: str, path: str, message: str) -> Problem:
    return Problem(rule=rule, severity="warning", path=path, line=0, message=message)


def _severity(rule: AnyRule) -> Iterator[Problem]:
    if not rule.severity:
        return
    path = f"{whole_path(rule.path)}.severity"
    known = [word for words in SEVERITIES.values() for word in words]
    if rule.severity.strip().lower() not in known:
        hint = meant(rule.severity, SEVERITIES)
        yield _warning("lint.severity", path, f"the severity {quoted(rule.severity)} is not known{hint}")
    elif isinstance(rule, TextRule):
        message = "a rule for people is never broken, so this severity is never reached; leave it out"
        yield _warning("lint.unreachable", path, message)


def _placeholders(rule: SqlRule, contract: Contract, *, of_column: bool) -> Iterator[Problem]:
    schemas = {each.options["schema"] for each in contract.servers if each.options.get("schema")}
    fillable = (
        *_OF_DATASETS,
        *(_OF_COLUMNS if of_column else ()),
        *(("schema",) if len(schemas) == 1 else ()),
    )
    for found in dict.fromkeys(_PLACEHOLDER.findall(rule.query)):
        if found not in fillable:
            message = f"the placeholder {quoted(f'{{{found}}}')} cannot be filled: {_why(found, fillable)}"
            path = f"{whole_path(rule.path)}.query"
            yield _warning("lint.placeholder", path, f"{message}; until then nothing is measured")


def _why(name: str, fillable: Sequence[str]) -> str:
    if name in _OF_COLUMNS:
        return "the rule stands under no column; put it under one, or write the column's name"
    if name == "schema":
        return "the servers do not agree on one schema; write it into the query"
    hint = meant(name, fillable)
    return f"it is not known{hint}" if hint else f"known are {listed(fillable)}"


def _unit(rule: LibraryRule | SqlRule) -> Iterator[Problem]:
    unit, path = (rule.unit or "").lower(), f"{whole_path(rule.path)}.unit"
    if unit and unit not in (*_ROWS, *_PERCENT):
        then = "nothing is measured" if isinstance(rule, LibraryRule) else "the number is shown without it"
        message = f"{quoted(rule.unit)} is neither rows nor percent, so {then}; write one of them, or none"
        yield _warning("lint.unit", path, message)
    if isinstance(rule, LibraryRule) and rule.metric == "rowCount" and unit in _PERCENT:
        message = "a number of rows has no percentage, so nothing is measured; leave the unit out"
        yield _warning("lint.unit", path, message)


def _reach(rule: LibraryRule) -> Iterator[Problem]:
    if rule.threshold is None:
        return
    most = 100.0 if (rule.unit or "").lower() in _PERCENT else float("inf")
    match _foregone(rule.threshold, most):
        case True:
            what = "always holds, so the rule is never broken and its severity never reached"
        case False:
            what = "can never hold, so the rule is always broken"
        case None:
            return
    share = "a percentage is 0 to 100" if most == 100 else "a number of rows is 0 or more"
    message = f"this promise {what}, since {share}; promise something else"
    yield _warning("lint.unreachable", rule.path, message)


def _foregone(threshold: Threshold, most: float) -> bool | None:
    """Whether a promise about a number from 0 to `most` always or never holds; None where it depends."""
    value = threshold.value
    if isinstance(value, tuple):
        low, high = value
        outside = low > high or high < 0 or low > most
        return (threshold.operator is Operator.NOT_BETWEEN) if outside else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    match threshold.operator:
        case Operator.EQUAL | Operator.NOT_EQUAL:
            equal = threshold.operator is Operator.EQUAL
            return None if 0 <= value <= most else not equal
        case Operator.AT_LEAST:
            return True if value <= 0 else False if value > most else None
        case Operator.ABOVE:
            return True if value < 0 else False if value >= most else None
        case Operator.AT_MOST:
            return True if value >= most else False if value < 0 else None
        case Operator.BELOW:
            return True if value > most else False if value <= 0 else None
    return None
