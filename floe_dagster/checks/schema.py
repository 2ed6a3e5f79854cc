"""Schema: the columns that are there are the columns that were promised.

One check per dataset over the live catalogue, with each difference named. That a required column may be NULL,
or that the catalogue knows no primary key, breaks nothing by itself: the quality checks look at the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from floe_dagster.checks import _types
from floe_dagster.checks._key import primary_key
from floe_dagster.plan.check import Check, Difference, PlanItem, Severity, Verdict, first_gap
from floe_dagster.plan.field import ITEM, MANY, spelled
from floe_dagster.plan.interpretation import chosen
from floe_dagster.plan.metric import Answer, Cause, Columns, LiveColumn, Measured, NotMeasured
from floe_dagster.plan.nested import with_fields
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.contract.model import Column, Contract, Dataset, Server

_UNTYPED_FORMATS = frozenset({"csv", "tsv", "json", "jsonl", "ndjson", "dataframe"})
_SHOWN = 5
_HOLDING = ("object", "map", "array")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedColumn:
    """A column as the contract has it, or a field nested in one, whose name is the way to it."""

    name: str
    physical_name: str
    logical_type: str | None
    physical_type: str | None
    required: bool
    fields: tuple[PromisedColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaTerms:
    """What is promised.

    Attributes:
        subject: the dataset, for messages.
        key: the primary key, by physical name, in order.
        undeclared: what a column is that nobody promised: allow, warn or fail.
        nullability: what a required column is that may be NULL: ignore, warn or fail.
        dates_are_timestamps: whether `date` may be a timestamp (ODCS before 3.1).
    """

    subject: str
    columns: tuple[PromisedColumn, ...]
    key: tuple[str, ...]
    undeclared: str
    nullability: str
    dates_are_timestamps: bool


class Schema:
    """The live columns are the promised ones."""

    name = "schema"
    cadence_seconds = 3600

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check of the dataset; what cannot be compared is said beside it."""
        scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
        stored = [each for each in dataset.columns if not each.measure]
        typed = not _types_are_not_kept(contract.servers)
        every = [each for column in stored for each in with_fields(column)]
        covers = [dataset.path, *(path for each in every for path in _covered(each, typed=typed))]
        place = scope.part(
            None,
            self.name,
            path=dataset.path,
            line=dataset.line,
            title=f"columns of {dataset.name}",
            covers=tuple(covers),
        )
        yield place.check(
            metrics=(Columns(),),
            terms=SchemaTerms(
                subject=dataset.name,
                columns=tuple(_promised(each, typed=typed) for each in stored),
                key=tuple(each.physical_name for each in primary_key(stored)),
                undeclared=choices["undeclared_columns"] if stored else "allow",
                nullability=choices["nullability"],
                dates_are_timestamps=contract.api_version.removeprefix("v").startswith(("2.", "3.0")),
            ),
            expected=f"{len(stored)} columns as promised" if len(stored) != 1 else "1 column as promised",
            interpretation=chosen(choices, "undeclared_columns", "nullability"),
        )
        yield from _beside(scope, typed=typed)

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Name every difference; those that break the promise are counted."""
        del now
        terms = cast("SchemaTerms", check.terms)
        gap = first_gap(answers)
        if gap is not None and gap.cause is Cause.NO_DATASET:
            return _absent(terms, gap)
        if gap is not None:
            return Verdict.not_known(f"the columns of {terms.subject}", gap)
        live = answers[0].value if isinstance(answers[0], Measured) else ()
        if not isinstance(live, tuple):
            return Verdict.not_known(
                terms.subject, NotMeasured(Cause.BROKEN, "the catalogue gave no columns")
            )
        return _verdict(terms, tuple(_differences(terms, live)))


def _covered(column: Column, *, typed: bool) -> Iterator[str]:
    yield column.path
    if column.logical_type:
        yield f"{column.path}.logicalType"
    if column.physical_type and typed:
        yield f"{column.path}.physicalType"


def _beside(scope: Scope, *, typed: bool) -> Iterator[PlanItem]:
    for column in (each for one in scope.dataset.columns for each in with_fields(one)):
        path = f"{column.path}.physicalType"
        if column.measure:
            covers = (column.path, f"{column.path}.logicalType", path)
            title = f"{column.name} is a measure"
            yield scope.part(
                column, "measure", path=column.path, line=column.line, title=title, covers=covers
            ).noted("computed when it is read, so it stands in no column")
        elif column.physical_type and not typed:
            title = f"physical type of {column.name}"
            yield scope.part(column, "physicalType", path=path, line=column.line, title=title).declined(
                "files of text and DataFrames keep no physical types of a server; the logical type is checked"
            )


def _types_are_not_kept(servers: tuple[Server, ...]) -> bool:
    formats = [str(each.options.get("format") or "").lower() for each in servers]
    return bool(formats) and all(each in _UNTYPED_FORMATS for each in formats)


def _promised(column: Column, *, typed: bool, within: tuple[str, ...] = ()) -> PromisedColumn:
    names = (*within, column.name)
    return PromisedColumn(
        name=spelled(names),
        physical_name=column.name if within and column.name in MANY else column.physical_name,
        logical_type=column.logical_type,
        physical_type=column.physical_type if typed else None,
        required=column.required,
        fields=tuple(
            _promised(each, typed=typed, within=names) for each in column.columns if not each.measure
        ),
    )


def _absent(terms: SchemaTerms, gap: NotMeasured) -> Verdict:
    return Verdict(
        broken=True,
        actual=1,
        message=f"{terms.subject} does not exist: {gap.reason}",
        differences=(
            Difference(element=terms.subject, change="removed", expected="a dataset", actual="nothing"),
        ),
    )


def _differences(terms: SchemaTerms, live: tuple[LiveColumn, ...]) -> Iterator[Difference]:
    pairs = _matched(terms.columns, live)
    for promised in terms.columns:
        yield from _column_differences(terms, promised, pairs.get(promised.physical_name))
        if found := pairs.get(promised.physical_name):
            yield from _nullability(terms, promised, found)
    yield from _key_difference(terms, live)
    if terms.undeclared != "allow":
        known = {each.name for each in pairs.values()}
        yield from _added(terms, (each for each in live if each.name not in known))


def _column_differences(
    terms: SchemaTerms, promised: PromisedColumn, live: LiveColumn | None
) -> Iterator[Difference]:
    """What differs in a column or a field, and in what is nested in it."""
    if live is None:
        what = promised.logical_type or promised.physical_type or "a column"
        yield Difference(element=promised.name, change="removed", expected=what, actual="nothing")
    else:
        yield from _type_differences(terms, promised, live)
        if _is_unseen(promised, live):
            yield Difference(
                element=promised.name,
                change="unseen",
                expected="what is in it",
                actual=live.type,
                breaking=False,
            )
        elif promised.fields and live.fields and _shape(promised.fields) == _shape(live.fields):
            yield from _field_differences(terms, promised, live)


def _field_differences(
    terms: SchemaTerms, promised: PromisedColumn, live: LiveColumn
) -> Iterator[Difference]:
    pairs = _matched(promised.fields, live.fields)
    for each in promised.fields:
        yield from _column_differences(terms, each, pairs.get(each.physical_name))
    if terms.undeclared != "allow":
        known = {each.name for each in pairs.values()} | MANY
        more = (each for each in live.fields if each.name not in known)
        yield from _added(terms, more, within=promised.name)


def _is_unseen(promised: PromisedColumn, live: LiveColumn) -> bool:
    """Whether the type of a column that may hold what is promised does not tell of it.

    JSON holds anything. The keys of a map are in the rows, where the fields of an object are in its type.
    """
    if _is_json(live):
        return bool(promised.fields) or promised.logical_type == "array"
    if promised.fields and live.fields:
        return {_shape(promised.fields), _shape(live.fields)} == {"object", "map"}
    return bool(promised.fields) and live.logical_type in (*_HOLDING, None)


def _is_json(live: LiveColumn) -> bool:
    return live.type.lower() in ("json", "jsonb")


def _shape(fields: Sequence[PromisedColumn | LiveColumn]) -> str:
    names = {each.physical_name if isinstance(each, PromisedColumn) else each.name for each in fields}
    if ITEM in names:
        return "array"
    return "map" if names & MANY else "object"


def _added(terms: SchemaTerms, live: Iterable[LiveColumn], within: str = "") -> Iterator[Difference]:
    for each in live:
        yield Difference(
            element=spelled((within, each.name)) if within else each.name,
            change="added",
            expected="nothing",
            actual=each.type,
            breaking=terms.undeclared == "fail",
        )


def _matched(promised: tuple[PromisedColumn, ...], live: tuple[LiveColumn, ...]) -> dict[str, LiveColumn]:
    """The live column of each promised one: by its exact name, else in any case where one is free."""
    exact = {each.name: each for each in live}
    pairs = {
        each.physical_name: exact[each.physical_name] for each in promised if each.physical_name in exact
    }
    used = {each.name for each in pairs.values()}
    free = dict[str, LiveColumn]()
    for each in live:
        if each.name not in used:
            free.setdefault(each.name.casefold(), each)
    for one in promised:
        if one.physical_name not in pairs and (found := free.pop(one.physical_name.casefold(), None)):
            pairs[one.physical_name] = found
    return pairs


def _type_differences(terms: SchemaTerms, promised: PromisedColumn, live: LiveColumn) -> Iterator[Difference]:
    if promised.logical_type and not (promised.logical_type == "array" and _is_json(live)):
        kept = _types.fits(promised.logical_type, live, dates_are_timestamps=terms.dates_are_timestamps)
        if not kept:
            yield Difference(
                element=promised.name,
                change="type",
                expected=promised.logical_type,
                actual=f"{live.type}" if live.logical_type is None else f"{live.logical_type} ({live.type})",
                breaking=kept is False,
            )
            if kept is False:
                return
    if promised.physical_type and not (kept := _types.same(promised.physical_type, live.type, live.engine)):
        yield Difference(
            element=promised.name,
            change="physical type",
            expected=promised.physical_type,
            actual=live.type if kept is False else f"{live.type}, which cannot be compared",
            breaking=kept is False,
        )


def _nullability(terms: SchemaTerms, promised: PromisedColumn, live: LiveColumn) -> Iterator[Difference]:
    if promised.required and live.nullable and terms.nullability != "ignore":
        yield Difference(
            element=promised.name,
            change="nullability",
            expected="required",
            actual="may be NULL",
            breaking=terms.nullability == "fail",
        )


def _key_difference(terms: SchemaTerms, live: tuple[LiveColumn, ...]) -> Iterator[Difference]:
    there = tuple(each.name for each in sorted(live, key=lambda one: one.primary_key) if each.primary_key)
    if terms.key and there and {each.casefold() for each in terms.key} != {each.casefold() for each in there}:
        yield Difference(
            element=", ".join(terms.key), change="key", expected=", ".join(terms.key), actual=", ".join(there)
        )


def _verdict(terms: SchemaTerms, differences: tuple[Difference, ...]) -> Verdict:
    breaking = [each for each in differences if each.breaking]
    told = breaking or [each for each in differences if _worth_a_warning(terms, each)]
    are = "is" if len(terms.columns) == 1 else "are"
    message = f"{terms.subject}: {counted(len(terms.columns), 'column')} {are} as promised"
    if told:
        rest = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        message = f"{terms.subject}: {'; '.join(_words(each) for each in told[:_SHOWN])}{rest}"
    elif unseen := [each.element for each in differences if each.change == "unseen"]:
        message += f"; what is in {', '.join(unseen[:_SHOWN])} cannot be seen in its type"
    return Verdict(
        broken=bool(breaking),
        actual=len(breaking),
        message=message,
        severity=Severity.WARNING if told and not breaking else None,
        differences=differences,
    )


def _worth_a_warning(terms: SchemaTerms, difference: Difference) -> bool:
    match difference.change:
        case "added":
            return terms.undeclared == "warn"
        case "nullability":
            return terms.nullability == "warn"
        case _:
            return False


def _words(difference: Difference) -> str:
    match difference.change:
        case "removed":
            return f"{difference.element} is missing"
        case "added":
            return f"{difference.element} ({difference.actual}) is not in the contract"
        case "nullability":
            return f"{difference.element} may be NULL and is required"
        case "unseen":
            return f"what is in {difference.element} cannot be seen in its type, {difference.actual}"
        case "key":
            return f"the primary key is {difference.actual}, {difference.expected} promised"
        case _:
            return f"{difference.element} is {difference.actual}, {difference.expected} promised"


KIND = Schema()
