"""Counts: what every check that counts rows has in common: its terms, its promise in words, its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.contract.model import Operator, Threshold
from floe_dagster.plan.check import Verdict, first_gap
from floe_dagster.plan.metric import (
    Answer,
    Cause,
    Finding,
    Measured,
    Metric,
    NotMeasured,
    Offenders,
    RowCount,
    Value,
)
from floe_dagster.plan.offence import Null
from floe_dagster.plan.threshold import holds
from floe_dagster.plan.wording import counted, number, promise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.plan.field import ColumnRef

NONE = Threshold(operator=Operator.EQUAL, value=0)
"""What a constraint promises: no row offends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTerms:
    """A promise about a number of rows.

    Attributes:
        subject: what they are rows of, for messages.
        words: what is said of such rows, after "7 rows"; empty where all rows are counted.
        noun: what is counted: rows, or the values that occur in them.
        threshold: with numbers for its values.
        inclusive: whether the ends of a `between` belong to it.
        percent: whether the threshold is a share of the rows.
        counted: how many of the answers are added up; the others are what the share is of.
    """

    subject: str
    words: str = ""
    noun: str = "row"
    threshold: Threshold = NONE
    inclusive: bool = True
    percent: bool = False
    counted: int = 1

    @property
    def expected(self) -> str:
        """The promise, for people."""
        return promise(self.threshold, "%" if self.percent else f"{self.noun}s")


def share_of(column: ColumnRef | None, choices: Mapping[str, str]) -> tuple[Metric, ...]:
    """What a percentage is a share of: all rows, less those without a value where `percent_of` says so."""
    if column is not None and choices["percent_of"] == "present":
        return (RowCount(), Offenders(Null(column)))
    return (RowCount(),)


def judge_count(terms: CountTerms, answers: tuple[Answer, ...]) -> Verdict:
    """Hold a number of rows, or their share, against the promise."""
    if gap := first_gap(answers):
        return Verdict.not_known(terms.subject, gap)
    numbers = [_number(each.value) for each in answers if isinstance(each, Measured)]
    counts = [each for each in numbers if isinstance(each, int) and not isinstance(each, bool)]
    if len(counts) != len(answers):
        return Verdict.not_known(
            terms.subject, NotMeasured(Cause.BROKEN, "the warehouse answered with no number")
        )
    count, rest = sum(counts[: terms.counted]), counts[terms.counted :]
    total = rest[0] - sum(rest[1:]) if rest else 0
    # the product first: a quotient of whole numbers is then rounded once, as the promise was
    actual: float = (100 * count / total if total else 0.0) if terms.percent else count
    kept = holds(terms.threshold, actual, inclusive=terms.inclusive)
    return Verdict(
        broken=not kept,
        actual=actual,
        message=f"{terms.subject}: {_counted(terms, count, actual, total)}; {terms.expected} promised",
    )


def _number(value: Value) -> Value:
    """What was counted, whichever engine did."""
    if isinstance(value, Finding):
        return value.observed if value.offending is None else value.offending
    return value


def _counted(terms: CountTerms, count: int, actual: float, total: int) -> str:
    if terms.percent:
        share = f"{number(round(actual, 4))} % of {counted(total, 'row')}"
        return f"{share} {terms.words} ({number(count)})"
    return f"{counted(count, terms.noun)} {terms.words}".strip()
