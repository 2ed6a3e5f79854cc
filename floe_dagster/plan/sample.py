"""Samples: which part of the rows that break a promise may be shown, to whom the operator lets see it.

Deny is the default. A column is shown as it is where its classification is on the operator's list; the
columns of the primary key are shown as a hash that only who knows the secret can undo by trying; of every
other column the name is shown, and its values never leave the warehouse. A sample is no part of an outcome:
it is in no store, alert, report, lineage event or log, and no repr of it holds a value.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from floe_dagster.plan.field import MANY
from floe_dagster.plan.metric import Offenders
from floe_dagster.plan.offence import AnyOf, Lag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from floe_dagster.contract.model import Column, Contract, Dataset
    from floe_dagster.plan.check import Check
    from floe_dagster.plan.field import ColumnRef
    from floe_dagster.plan.metric import Offending, Table
    from floe_dagster.plan.offence import Offence
    from floe_dagster.settings import Samples

PROPERTY = "floe.samples"
"""The custom property with which a contract or a dataset forbids samples; no contract can allow them."""

LONGEST = 80
"""How many characters of a value are shown."""

_NOTHING = "there is no key, and no column of it that samples.show in floe.yaml allows"
_LONGEST_HASHED = 10_000
_DIGITS = 16
_ON = ("on", "true", "yes")


class Treatment(StrEnum):
    """What becomes of the values of a column, from the most open to the least."""

    SHOWN = "shown"
    HASHED = "hashed"
    MASKED = "masked"
    """they are not read"""


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column of a sample: its name in the contract, its physical name, and what becomes of its values."""

    name: str
    physical_name: str
    treatment: Treatment

    @property
    def most(self) -> int:
        """How many characters of a value have to be read, one more than is used."""
        return (LONGEST if self.treatment is Treatment.SHOWN else _LONGEST_HASHED) + 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sample to take: rows that one of the metrics counts, at most so many."""

    table: Table
    metrics: tuple[Offending, ...]
    columns: tuple[SampleColumn, ...]
    most: int

    @property
    def read(self) -> tuple[SampleColumn, ...]:
        """The columns that are read, in the order in which their values are given to `sample_of`."""
        return tuple(each for each in self.columns if each.treatment is not Treatment.MASKED)


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """One value as it may be shown, on one line; None for NULL. No repr of it holds the text."""

    text: str | None

    def __repr__(self) -> str:
        return "Cell(...)"


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows that break a promise, as they may be shown; or why there are none, for people.

    A row has a cell for each column. Rows are in no promised order.
    """

    columns: tuple[SampleColumn, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    gap: str | None = None


@runtime_checkable
class Sampler(Protocol):
    """A warehouse that takes samples; one that is not does without."""

    def samples(self, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
        """Take each sample, with one statement at most; one that cannot be taken says why, and none raises.

        No column but those of `Wanted.read` is selected, and what is read goes through `sample_of` at once.
        """


def wanted_of(check: Check, contract: Contract, samples: Samples) -> Wanted | Sample | None:
    """The sample to take of a broken check.

    Returns:
        what to take; a sample without rows that says why none may be taken; None where there can be none,
        since the check points at no rows, or samples are off.
    """
    dataset = contract.dataset(check.dataset)
    if not samples.rows or not check.offending or dataset is None:
        return None
    if _is_forbidden(contract) or _is_forbidden(dataset):
        return Sample(gap=f"the contract forbids samples ({PROPERTY})")
    columns = tuple(_sampled(check, dataset, samples))
    wanted = Wanted(check.table, check.offending, columns, samples.rows)
    if not wanted.read:
        return Sample(columns, gap=_NOTHING)
    return wanted


def treatment(column: Column, samples: Samples) -> Treatment:
    """What becomes of the values of a column.

    A key with a classification that is not on the list stays a hash, also where keys are shown. A column with
    fields is shown where all of them may be.
    """
    if not column.primary_key:
        return Treatment.SHOWN if _is_listed(column, samples) else Treatment.MASKED
    allowed = _is_listed(column, samples) or not (_folded(column.classification) or column.columns)
    return Treatment.SHOWN if samples.keys == "shown" and allowed else Treatment.HASHED


def sample_of(wanted: Wanted, rows: Iterable[Sequence[object]], secret: bytes) -> Sample:
    """What may be shown of rows that were read.

    Args:
        wanted: what they were read for.
        rows: a value for each of `wanted.read`, as the engine gave it.
        secret: the key of the hashes (HMAC with SHA-256, of the value as UTF-8 text).
    """
    return Sample(wanted.columns, tuple(tuple(_cells(wanted, row, secret)) for row in rows))


def shown(text: str) -> str:
    """A text on one line: what is no plain character is written as an escape, what is too long is cut."""
    kept = text[: LONGEST - 1] + "…" if len(text) > LONGEST else text
    return "".join(each if each.isprintable() else _escaped(each) for each in kept)


def _sampled(check: Check, dataset: Dataset, samples: Samples) -> Iterator[SampleColumn]:
    """The key, and the columns that the check is about; never what is no column of the contract."""
    about = {name for metric in check.offending for name in _columns(metric)}
    columns = [each for each in dataset.columns if not each.measure]
    keys = [each for each in columns if each.primary_key]
    keys.sort(key=lambda each: each.primary_key_position or 0)
    for each in (*keys, *(each for each in columns if not each.primary_key and each.physical_name in about)):
        yield SampleColumn(each.name, each.physical_name, _strictest(each, columns, samples))


def _strictest(column: Column, columns: Iterable[Column], samples: Samples) -> Treatment:
    """Two columns of a contract may be one in the warehouse, which may not care for case."""
    there = column.physical_name.casefold()
    found = [treatment(each, samples) for each in columns if each.physical_name.casefold() == there]
    return max(found, key=list(Treatment).index)


def _is_listed(column: Column, samples: Samples, of_whole: str = "") -> bool:
    """Whether a column is on the list, with all that is nested in it; items are as their array is."""
    said = _folded(column.classification) or (of_whole if column.name in MANY else "")
    listed = bool(said) and said in {_folded(each) for each in samples.show}
    return listed and all(_is_listed(each, samples, said) for each in column.columns)


def _columns(metric: Offending) -> Iterator[str]:
    """The physical names of the columns that a metric looks at, or in which what it looks at is nested."""
    refs = _of_offence(metric.offence) if isinstance(metric, Offenders) else metric.columns
    return (each if isinstance(each, str) else each.column for each in refs)


def _of_offence(offence: Offence) -> Iterator[ColumnRef]:
    if isinstance(offence, AnyOf):
        for each in offence.offences:
            yield from _of_offence(each)
    elif isinstance(offence, Lag):
        yield from (offence.column, offence.to)
    else:
        yield offence.column


def _is_forbidden(said: Contract | Dataset) -> bool:
    """Whatever stands there, and is no plain yes, is a no."""
    return PROPERTY in said.custom and _folded(str(said.custom[PROPERTY])) not in _ON


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()


def _cells(wanted: Wanted, row: Sequence[object], secret: bytes) -> Iterator[Cell]:
    values = dict(zip(wanted.read, row, strict=True))
    for each in wanted.columns:
        text = _text(values.get(each))
        match each.treatment:
            case Treatment.MASKED:
                yield Cell("masked")
            case Treatment.HASHED if text is not None:
                yield Cell(_hash(text, secret))
            case _:
                yield Cell(None if text is None else shown(text))


def _hash(text: str, secret: bytes) -> str:
    return hmac.new(secret, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:_DIGITS]


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case _:
            return str(value)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
