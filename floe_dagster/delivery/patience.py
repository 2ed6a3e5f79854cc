"""Patience: when a letter that was not accepted is carried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.errors import DeliveryError

MOST_ATTEMPTS = 12
SHORTEST = timedelta(minutes=47)
"""what 12 attempts take when every wait is as long as it may be; no parcel is given up before"""

LONGEST = timedelta(hours=24)
"""how long a parcel is worth carrying"""

_CAP_SECONDS = 900.0
_LONGEST_REQUEST_SECONDS = 3600.0
"""what a receiver may ask for by Retry-After; one hour, or a mistake of its would silence us for good"""


def retry_at(
    error: DeliveryError, *, attempts: int, waiting_since: datetime, now: datetime, jitter: float
) -> datetime | None:
    """When to try again, or None to give up.

    Full jitter: a time between none and twice as much with every attempt, so that many dispatchers do not
    come back together; never before the receiver asked for.

    Args:
        error: how this attempt failed.
        attempts: how often the parcel was tried, this time among them.
        waiting_since: when the parcel could first be carried, or was replayed.
        now: the time.
        jitter: from 0 to 1.
    """
    waited = now - waiting_since
    exhausted = attempts >= MOST_ATTEMPTS and waited >= SHORTEST
    if not error.retry or exhausted or waited >= LONGEST:
        return None
    asked = min(error.after_seconds or 0.0, _LONGEST_REQUEST_SECONDS)
    return now + timedelta(seconds=max(asked, jitter * backoff_seconds(attempts)))


def backoff_seconds(attempts: int) -> float:
    """The longest wait after so many attempts: 2, 4, 8 and so on, 15 minutes at most."""
    return float(min(_CAP_SECONDS, 2 ** min(attempts, 10)))


def when_mended(waiting_since: datetime, now: datetime) -> datetime | None:
    """When to look again at a channel that cannot be used at all, or None to give up.

    Attempts do not count: nothing was tried, and whoever mends the configuration should find the letter still
    there.
    """
    return None if now - waiting_since >= LONGEST else now + timedelta(seconds=_CAP_SECONDS / 3)
