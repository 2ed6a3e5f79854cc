"""Durations read what people and standards write."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from floe_dagster.contract.duration import UNITS, DurationError, duration


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (4, "d", timedelta(days=4)),
        (4, "days", timedelta(days=4)),
        (1, "Day", timedelta(days=1)),
        (3, "y", timedelta(days=3 * 365)),
        (3, "yr", timedelta(days=3 * 365)),
        (2, "mo", timedelta(days=60)),
        (15, "m", timedelta(minutes=15)),
        (15, "min", timedelta(minutes=15)),
        (1.5, "h", timedelta(minutes=90)),
        (0.00001, "d", timedelta(milliseconds=864)),
        (2, "w", timedelta(days=14)),
        ("4h", None, timedelta(hours=4)),
        ("15 min", None, timedelta(minutes=15)),
        (" 4 ", "h", timedelta(hours=4)),
        ("4h", "hours", timedelta(hours=4)),
        ("P1DT12H", None, timedelta(hours=36)),
        ("PT15M", None, timedelta(minutes=15)),
        ("P1D", "d", timedelta(days=1)),
        (0, "s", timedelta(0)),
    ],
)
def test_a_duration_is_read(value: object, unit: str | None, expected: timedelta) -> None:
    assert duration(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        (4, None, "4 has no unit; write a number with s, min, h, d, w, mo or y (4 h, 15 min)"),
        (4, "dayz", '"dayz" is no unit of time; write'),
        ("soon", None, '"soon" is no duration; write'),
        ("-4 h", None, '"-4 h" is no duration'),
        (-1, "d", "-1 is no duration"),
        (True, "d", "true is no duration"),
        (None, "d", "null is no duration"),
        ([1], "d", "a list is no duration"),
        ("4h", "d", '"4h" has a unit, and another is given beside it'),
        ("P", None, '"P" is no ISO 8601 duration'),
        ("-P1D", None, '"-P1D" is no duration'),
        (99_999_999, "y", "between 0 and 10,000 years"),
        ("1" * 400, "s", "is no duration"),
        (float("nan"), "s", "is no duration"),
        (float("inf"), "s", "is no duration"),
        (1e300, "s", "is no duration"),
    ],
)
def test_what_is_no_duration_says_what_is_accepted(value: object, unit: str | None, reason: str) -> None:
    with pytest.raises(DurationError) as raised:
        duration(value, unit)
    assert reason in str(raised.value)
    assert "ISO 8601 (P1DT12H)" in str(raised.value) or "another" in str(raised.value)


@given(st.integers(0, 10_000), st.sampled_from(sorted(UNITS)))
def test_a_number_beside_its_unit_is_the_number_with_its_unit(number: int, unit: str) -> None:
    apart = duration(number, unit)
    assert duration(f"{number}{unit}") == duration(f"{number} {unit.upper()}") == apart
    assert apart == number * duration(1, unit)


@given(st.timedeltas(timedelta(0), timedelta(days=3_000)))
def test_iso_8601_comes_back_as_it_went(length: timedelta) -> None:
    assert duration(TypeAdapter(timedelta).dump_python(length, mode="json")) == length


@given(st.text(max_size=30), st.none() | st.text(max_size=8))
def test_any_text_is_a_duration_or_an_error(text: str, unit: str | None) -> None:
    with suppress(DurationError):
        assert timedelta(0) <= duration(text, unit) <= timedelta(days=10_000 * 365)
