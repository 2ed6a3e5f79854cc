"""Shares: what promises of a percentage over a stretch of time have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from floe_dagster.contract.duration import duration
from floe_dagster.plan.threshold import as_number

if TYPE_CHECKING:
    from floe_dagster.contract.model import Promise
    from floe_dagster.plan.past import Record

DAY = timedelta(days=1)

ENOUGH: Final = 0.5
"""the share of the time that has to be known for it to speak for the whole"""

EXACT: Final = 1e-9
"""how far two shares may differ and still be the same"""

_LONGEST = timedelta(days=366)


def percent(promise: Promise) -> float | None:
    """The promised share in percent, from 0 to 100; a number up to 1 without a unit is a fraction."""
    written = promise.value
    text = str(written).strip()
    found = as_number(text.removesuffix("%").strip())
    if found is None or isinstance(written, bool):
        return None
    if found <= 1 and not text.endswith("%") and not promise.unit:
        found = found * 100
    return float(found) if 0 <= found <= 100 else None


def window(promise: Promise, default: timedelta) -> timedelta:
    """Over how long it is promised: its `valueExt`, of which a bare number is days.

    Raises:
        ValueError: that is no length of time, or too long a one; the message says why.
    """
    written = promise.value_ext
    if written is None:
        return default
    found = duration(written, "d" if as_number(written) is not None else None)
    if not timedelta(0) < found <= _LONGEST:
        raise ValueError(f'a valueExt of "{written}" is not between nothing and a year; write it as 30 d')
    return found


def is_broken(found: Record, promised: float) -> bool:
    """Whether a promised share of the time, from 0 to 1, was not kept.

    It is broken where even the whole of the unknown time would not keep it, or where the known time does not
    and is at least half of all.
    """
    surely = found.high < promised - EXACT
    return surely or (found.share is not None and found.coverage >= ENOUGH and found.share < promised - EXACT)
