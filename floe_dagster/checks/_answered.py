"""Answered: what judging has in common where the answers are values and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from floe_dagster.plan.metric import Cause, Measured, NotMeasured
from floe_dagster.plan.wording import moment, span

if TYPE_CHECKING:
    from floe_dagster.plan.metric import Answer

CLOCK_SKEW: Final = timedelta(seconds=60)
"""how far ahead a stamp may be and still be of now"""

UNWRITTEN: Final = NotMeasured(
    Cause.UNSUPPORTED, "nobody knows when it was last written; name a column as the promise's element"
)


def value(answer: Answer) -> object:
    """What was measured; None where nothing was."""
    return answer.value if isinstance(answer, Measured) else None


def ahead(newest: datetime, now: datetime) -> str | None:
    """What to say of a value that is in the future by more than clocks differ; None where it is not."""
    if newest - now <= CLOCK_SKEW:
        return None
    return f"the newest value, {moment(newest.astimezone(UTC))}, is {span(newest - now)} in the future"
