"""How long a letter is tried, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.delivery.patience import (
    LONGEST,
    MOST_ATTEMPTS,
    SHORTEST,
    backoff_seconds,
    retry_at,
    when_mended,
)
from floe_dagster.errors import DeliveryError
from tests.delivery.parcels import START

BUSY = DeliveryError("HTTP 503")
REFUSED = DeliveryError("HTTP 400", retry=False)


def again(error=BUSY, *, attempts=1, waited=timedelta(0), jitter=1.0):
    return retry_at(error, attempts=attempts, waiting_since=START - waited, now=START, jitter=jitter)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 512), (10, 900), (11, 900), (10_000, 900)]
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(attempts, seconds):
    assert backoff_seconds(attempts) == seconds


def test_who_refuses_is_not_asked_again():
    assert again(REFUSED) is None


def test_after_twelve_attempts_over_an_honest_time_a_letter_is_given_up():
    assert again(attempts=MOST_ATTEMPTS, waited=SHORTEST) is None
    assert again(attempts=MOST_ATTEMPTS - 1, waited=SHORTEST) is not None


def test_claims_that_were_not_tried_do_not_use_the_attempts_up():
    assert again(attempts=MOST_ATTEMPTS * 5, waited=SHORTEST - timedelta(seconds=1)) is not None


def test_the_honest_time_is_what_twelve_attempts_take_with_the_longest_waits():
    waits = sum(backoff_seconds(attempt) for attempt in range(1, MOST_ATTEMPTS))
    assert timedelta(0) <= timedelta(seconds=waits) - SHORTEST < timedelta(minutes=1)


def test_after_a_day_a_letter_is_given_up():
    assert again(waited=LONGEST) is None
    assert when_mended(START - LONGEST, START) is None


def test_a_channel_that_cannot_be_used_is_looked_at_every_five_minutes():
    assert when_mended(START, START) == START + timedelta(minutes=5)


@given(
    st.integers(1, 11),
    st.floats(0, 1),
    st.one_of(st.none(), st.floats(0, 1e9)),
)
def test_the_wait_is_within_the_backoff_and_never_shorter_than_asked_for(attempts, jitter, asked):
    found = again(DeliveryError("HTTP 429", after_seconds=asked), attempts=attempts, jitter=jitter)
    waited = (found - START).total_seconds()
    least = min(asked or 0.0, 3600.0)
    assert least - 1e-5 <= waited <= max(least, backoff_seconds(attempts)) + 1e-5
