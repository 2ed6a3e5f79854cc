"""Lint: what the JSON schema cannot see.

An error is a contract that contradicts itself; a warning is one that is lawful but will not be measured as
its author may think. References that lead nowhere are found where they are read, in `odcs`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from floe_dagster.contract.duration import UNITS, DurationError, duration
from floe_dagster.contract.lint_rules import lint_rule, same_names, whole_path
from floe_dagster.contract.model import LibraryRule, SqlRule
from floe_dagster.contract.node import Node
from floe_dagster.contract.pattern import foreign_pattern, wrong_pattern
from floe_dagster.contract.problem import Problem
from floe_dagster.contract.properties import lint_properties
from floe_dagster.contract.rules import METRICS
from floe_dagster.contract.wording import meant, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from floe_dagster.contract.loader import Steps, Tree
    from floe_dagster.contract.model import AnyRule, Column, Contract, Dataset, Promise

_DURATIONS: Final = (
    *("latency", "freshness", "frequency", "retention"),
    *("timeToDetect", "timeToNotify", "timeToRepair"),
)
_CRON_NAMES: Final = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")


def lint(contract: Contract, tree: Tree) -> Iterator[Problem]:
    """What is wrong with a contract beyond its schema.

    Args:
        contract: as read, however incomplete.
        tree: the document, for lines.
    """
    # lazily: whoever reads stops after so many, and what comes after them may be a bomb
    root = Node.root(tree)
    for each in chain(_contract(contract), _ids(root.children("schema")), lint_properties(root)):
        yield replace(each, line=tree.line(_steps(each.path)))


def _error(*, rule: str, path: str, message: str) -> Problem:
    return Problem(rule=rule, severity="error", path=path, line=0, message=message)


def _warning(*, rule: str, path: str, message: str) -> Problem:
    return Problem(rule=rule, severity="warning", path=path, line=0, message=message)


def _contract(contract: Contract) -> Iterator[Problem]:
    if not contract.servers:
        message = "the contract names no servers, so nothing can be measured; add one"
        yield _warning(rule="lint.no-servers", path="servers", message=message)
    if not contract.datasets:
        message = "the contract has no datasets, so there is nothing to measure; add one"
        yield _warning(rule="lint.no-datasets", path="schema", message=message)
    for at, name in _repeated([each.name for each in contract.servers]):
        message = f"the server {quoted(name)} is there twice; rename one"
        yield _error(rule="lint.duplicate-server", path=f"servers[{at}].server", message=message)
    for at, name in _repeated([each.name for each in contract.datasets]):
        message = f"the dataset {quoted(name)} is there twice; rename one"
        yield _error(
            rule="lint.duplicate-dataset", path=f"{contract.datasets[at].path}.name", message=message
        )
    for dataset in contract.datasets:
        yield from _dataset(dataset, contract)
    for promise in contract.promises:
        yield from _promise(promise)


def _dataset(dataset: Dataset, contract: Contract) -> Iterator[Problem]:
    yield from _columns(dataset.columns, contract)
    yield from _rules(dataset.rules, contract, of_column=False)
    keys = [each for each in dataset.columns if each.primary_key and (each.primary_key_position or 0) > 0]
    for at, position in _repeated([str(each.primary_key_position) for each in keys]):
        message = f"position {position} of the primary key is taken; number its columns 1, 2, ..."
        yield _error(rule="lint.key-position", path=f"{keys[at].path}.primaryKeyPosition", message=message)
    names = list(dict.fromkeys(name for each in dataset.columns for name in (each.name, each.physical_name)))
    for rule in dataset.rules:
        yield from _rule_columns(rule, names)


def _ids(nodes: Sequence[Node]) -> Iterator[Problem]:
    """References by id lead to the first that has it, whatever was meant."""
    for at, name in _repeated([each.text("id") or "" for each in nodes]):
        message = f"the id {quoted(name)} is there twice, and references point at one; change one"
        yield _error(rule="lint.duplicate-id", path=nodes[at].place("id")["path"], message=message)
    for each in nodes:
        yield from _ids(each.children("properties"))


def _columns(columns: Sequence[Column], contract: Contract) -> Iterator[Problem]:
    for at, name in _repeated([each.name for each in columns]):
        message = f"the column {quoted(name)} is there twice; rename one"
        yield _error(rule="lint.duplicate-column", path=f"{columns[at].path}.name", message=message)
    for column in columns:
        yield from _rules(column.rules, contract, of_column=True)
        for constraint in column.constraints:
            if constraint.name == "pattern":
                yield from _pattern(constraint.value, constraint.path)
        yield from _columns(column.columns, contract)


def _pattern(pattern: object, path: str) -> Iterator[Problem]:
    if foreign := foreign_pattern(pattern):
        yield _warning(rule="lint.pattern-dialect", path=path, message=foreign)
    elif wrong := wrong_pattern(pattern):
        yield _error(rule="lint.pattern", path=path, message=wrong)


def _rules(rules: Sequence[AnyRule], contract: Contract, *, of_column: bool) -> Iterator[Problem]:
    for at, name in _repeated([each.id or "" for each in rules]):
        message = f"the id {quoted(name)} is there twice; an id names one rule"
        yield _error(rule="lint.duplicate-rule", path=f"{rules[at].path}.id", message=message)
    yield from same_names(rules)
    for rule in rules:
        yield from _rule(rule)
        yield from lint_rule(rule, contract, of_column=of_column)


def _rule(rule: AnyRule) -> Iterator[Problem]:
    yield from _schedule(rule)
    if isinstance(rule, (LibraryRule, SqlRule)) and rule.threshold is None:
        message = "the number is measured but never judged; add a promise, such as mustBe or mustBeLessThan"
        yield _warning(rule="lint.no-threshold", path=rule.path, message=message)
    if isinstance(rule, LibraryRule):
        yield from _library(rule)


def _library(rule: LibraryRule) -> Iterator[Problem]:
    if rule.metric and rule.metric not in METRICS:
        known = meant(rule.metric, METRICS)
        message = f"the metric {quoted(rule.metric)} is not the standard's, and is not measured{known}"
        yield _warning(rule="lint.metric", path=whole_path(rule.path), message=message)
    yield from _pattern(rule.arguments.get("pattern"), f"{whole_path(rule.path)}.arguments.pattern")


def _rule_columns(rule: AnyRule, names: Sequence[str]) -> Iterator[Problem]:
    columns = rule.arguments.get("properties") if isinstance(rule, LibraryRule) else None
    for at, column in enumerate(columns if isinstance(columns, list) else ()):
        if isinstance(column, str) and names and column not in names:
            path, message = (
                f"{whole_path(rule.path)}.arguments.properties[{at}]",
                f"{quoted(column)}: no such column",
            )
            yield _error(rule="lint.element", path=path, message=f"{message}{meant(column, names)}")


def _promise(promise: Promise) -> Iterator[Problem]:
    yield from _schedule(promise)
    if promise.property not in _DURATIONS or promise.value is None:
        return
    unit = (promise.unit or "").strip().lower()
    path = f"{promise.path}.{'unit' if unit and unit not in UNITS else 'value'}"
    try:
        duration(promise.value, promise.unit)
    except DurationError as error:
        if unit or isinstance(promise.value, str):
            yield _error(rule="lint.duration", path=path, message=str(error))
        else:
            message = f"{error}; until then nothing is measured"
            yield _warning(rule="lint.duration", path=path, message=message)


def _schedule(element: AnyRule | Promise) -> Iterator[Problem]:
    if element.schedule and not _is_cron(element.schedule):
        hint = 'write minute, hour, day, month and weekday, such as "30 6 * * *"'
        message = f"{quoted(element.schedule)} is no cron expression, so the usual cadence is kept; {hint}"
        yield _warning(rule="lint.schedule", path=f"{whole_path(element.path)}.schedule", message=message)


def _repeated(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each name that stood before, and where it stands again; no name at all does not count."""
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name and name in seen:
            yield at, name
        seen.add(name)


def _steps(path: str) -> Steps:
    return tuple(int(at) if at else name for at, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path))


def _is_cron(expression: str) -> bool:
    if expression.strip() in _CRON_NAMES:
        return True
    from croniter import croniter  # noqa: PLC0415

    # croniter takes a sixth field for seconds, a scheduler does not
    fits = len(expression) <= 200 and len(expression.split()) == 5
    return fits and bool(croniter.is_valid(expression))
