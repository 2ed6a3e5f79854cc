"""Explanation: a plan as text: what would be asked, how it would be judged, and what would not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from floe_dagster.plan.check import Check, Coverage, Declined, Noted, Plan, PlanItem
from floe_dagster.plan.coverage import coverage
from floe_dagster.plan.interpretation import QUALITY_ENGINE
from floe_dagster.plan.metric import (
    Columns,
    Duplicates,
    Expectation,
    Gaps,
    LastChange,
    Metric,
    Newest,
    Offenders,
    Oldest,
    Orphans,
    Probe,
    Query,
    RowCount,
    Statement,
    Table,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    ItemsCompare,
    LacksProperty,
    Lag,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotNormalized,
    NotWritten,
    Null,
    Offence,
    PropertiesCompare,
    RepeatsItem,
    ZoneDiffers,
)
from floe_dagster.plan.past import Due, Earlier, KeptTime, Past, Reached, Responses
from floe_dagster.plan.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHOWN_VALUES = 6


def explain(plan: Plan, statements: Sequence[Statement] | str, server: str = "") -> str:
    """A plan as text.

    Args:
        plan: the compiled contract.
        statements: what would be sent, or why nobody can say; each is shown with the dataset it asks first.
        server: the server's name.
    """
    contract = plan.contract
    head = f"{contract.title} {contract.version} ({contract.source}{f', server {server}' if server else ''})"
    lines = [head, "=" * len(head)]
    for name, table in _datasets(plan).items():
        lines += ["", *_dataset(plan, name)]
        if table is not None and not isinstance(statements, str):
            lines += _sql(
                [each for each in statements if each.questions and each.questions[0].table == table]
            )
    if isinstance(statements, str):
        lines += ["", f"No SQL: {statements}"]
    lines += ["", coverage_line(coverage(plan))]
    return "\n".join(lines) + "\n"


def coverage_line(counted: Coverage) -> str:
    """The coverage of a contract in one line."""
    return (
        f"{counted.declared} constructs declared: {counted.executed} executed,"
        f" {counted.not_executable} not executable, {counted.informational} informational"
    )


def words(metric: Metric) -> str:  # noqa: C901, PLR0912 - a line for each metric
    """A metric as people say it."""
    match metric:
        case RowCount():
            return "count rows"
        case Offenders(offence=offence):
            return f"count rows where {offence_words(offence)}"
        case Duplicates(columns=columns, count=count):
            return f"count duplicates of {', '.join(map(str, columns))} ({count})"
        case Orphans(columns=columns, to=to, to_columns=to_columns):
            return f"count rows whose {', '.join(columns)} is in no {to.name} ({', '.join(to_columns)})"
        case Newest(column=column, zone=zone):
            return f"newest {column} (read in {zone})"
        case Oldest(column=column, zone=zone):
            return f"oldest {column} (read in {zone})"
        case Gaps(column=column, apart_seconds=apart, within_seconds=within, zone=zone):
            since = "" if within is None else f", {span(within)} back"
            return f"stretches of more than {span(apart)} between values of {column}{since} (read in {zone})"
        case LastChange():
            return "when the dataset was last written"
        case Columns():
            return "columns in the catalogue"
        case Query(sql=sql):
            return f"the contract's own query: {' '.join(sql.split())}"
        case Expectation(type=named, kwargs=kwargs):
            return f"Great Expectations: {named} {kwargs}"
        case Probe():
            return "whether it can be read"
        case Past():
            return f"from what was recorded: {_past_words(metric)}"
        case _:
            assert_never(metric)


def _past_words(metric: Past) -> str:
    match metric:
        case Reached(tables=tables):
            return f"whether any of {len(tables)} datasets could be read"
        case KeptTime(asked=asked, kind=kind, seconds=seconds):
            what = words(asked) if asked is not None else f"checks of {kind}"
            return f"how the last {span(seconds)} went of {what}"
        case Earlier(asked=asked, seconds=seconds):
            return f"{words(asked)}, as seen in the last {span(seconds)}"
        case Due(asked=asked, by=by, zone=zone, seconds=seconds):
            return f"{words(asked)}, as seen by {by:%H:%M} {zone} in the last {span(seconds)}"
        case Responses(seconds=seconds):
            return f"the episodes of the last {span(seconds)}"
        case _:
            return type(metric).__name__


def offence_words(offence: Offence) -> str:  # noqa: C901, PLR0912  one case an offence
    """An offence as people say it, about a row."""
    match offence:
        case Null(column=column):
            return f"{column} is NULL"
        case Missing(column=column, values=values, null=null):
            return f"{column} is one of {_listed(values)}{' or NULL' if null else ''}"
        case NotIn(column=column, values=values):
            return f"{column} is none of {_listed(values)}"
        case NotMatching(column=column, pattern=pattern):
            return f"{column} does not match {pattern}"
        case Compares(column=column, operator=operator, limit=limit):
            return f"{column} {operator} {limit}"
        case LengthCompares(column=column, operator=operator, limit=limit):
            return f"length of {column} {operator} {limit}"
        case NotMultipleOf(column=column, divisor=divisor):
            return f"{column} is no multiple of {divisor}"
        case NotFormat(column=column, format=named):
            return f"{column} is no {named}"
        case NotWritten(column=column, format=named):
            return f"{column} is not written as {named}"
        case ZoneDiffers(column=column, zoned=zoned):
            return f"{column} carries {'no' if zoned else 'a'} zone"
        case ItemsCompare(column=column, operator=operator, limit=limit):
            return f"items of {column} {operator} {limit}"
        case RepeatsItem(column=column):
            return f"{column} holds an item twice"
        case NotNormalized(column=column):
            return f"{column} has not the length 1"
        case PropertiesCompare(column=column, operator=operator, limit=limit):
            return f"properties of {column} {operator} {limit}"
        case LacksProperty(column=column, name=name):
            return f"{column} has no {name}"
        case Lag(column=column, to=to, seconds=seconds):
            return f"{to} is more than {span(seconds)} after {column}"
        case AnyOf(offences=offences):
            return " or ".join(offence_words(each) for each in offences)
        case _:
            assert_never(offence)


def _datasets(plan: Plan) -> dict[str, Table | None]:
    """Every dataset that an item names, in the order of the contract, with its table."""
    found: dict[str, Table | None] = {each.name: Table(each.physical_name) for each in plan.contract.datasets}
    return found | {each.dataset: None for each in plan.items if each.dataset not in found}


def _dataset(plan: Plan, name: str) -> Iterator[str]:
    items = [each for each in plan.items if each.dataset == name]
    dataset = plan.contract.dataset(name)
    physical = f" ({dataset.physical_name})" if dataset and dataset.physical_name != name else ""
    yield f"{name or 'the contract as a whole'}{physical}"
    for each in items:
        yield from _item(each)


def _item(item: PlanItem) -> Iterator[str]:
    match item:
        case Check():
            schedule = f", schedule {item.schedule}" if item.schedule else ""
            yield f"  {item.id}  [{item.kind}, {item.severity}{schedule}]"
            yield f"      {item.title}: {item.expected}"
            yield from (f"      - {words(each)}" for each in item.routed.metrics)
            yield from (f"      {each}" for each in _engine(item))
        case Declined(reason=reason):
            yield f"  {item.id}  [not executable]"
            yield f"      {item.title}: {reason}"
        case Noted(note=note):
            yield f"  {item.id}  [informational]"
            yield f"      {item.title}: {note}"


def _engine(check: Check) -> Iterator[str]:
    """Which engine counts, where that was chosen."""
    choice = dict(check.routed.interpretation).get(QUALITY_ENGINE)
    if choice is not None:
        yield f"counted by: {choice}{', else native' if check.route else ''}"


def _sql(statements: Sequence[Statement]) -> Iterator[str]:
    for place, each in enumerate(statements, start=1):
        only = f", only {each.only}" if each.only else ""
        yield f"  statement {place} of {len(statements)}, answers {len(each.questions)}{only}:"
        yield from (f"      {line}" for line in each.sql.splitlines())


def _listed(values: tuple[object, ...]) -> str:
    shown = ", ".join(repr(each) for each in values[:_SHOWN_VALUES])
    return f"{shown}, and {len(values) - _SHOWN_VALUES} more" if len(values) > _SHOWN_VALUES else shown
