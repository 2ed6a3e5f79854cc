"""Words: numbers and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.report.words import LONGEST, clean, duration, number, percent, several, short, when


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (None, "no data"),
        (1.0, "100 %"),
        (0.9999999, "99.99 %"),
        (0.9963, "99.63 %"),
        (0.29, "29.00 %"),
        (0.00001, "< 0.01 %"),
        (0.0, "0 %"),
    ],
)
def test_what_is_not_all_is_never_a_hundred_percent_and_what_is_something_is_never_nothing(ratio, said):
    assert percent(ratio) == said


@settings(deadline=None)
@given(st.floats(0, 1, exclude_max=True))
def test_a_percentage_is_never_rounded_up(ratio):
    said = percent(ratio).removesuffix(" %").removeprefix("< ")
    assert float(said) <= ratio * 100 + 0.0100001
    assert percent(ratio) != "100 %"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.2, "under 1 s"),
        (59, "59 s"),
        (70, "1 min 10 s"),
        (3600, "1 h"),
        (3601, "1 h"),
        (93_784, "1 d 2 h"),
        (30 * 86_400, "30 d"),
    ],
)
def test_a_length_of_time_is_said_in_its_two_largest_units(seconds, said):
    assert duration(seconds) == said


def test_times_are_said_in_utc_whatever_zone_they_come_in():
    moment = datetime(2026, 3, 29, 3, 5, tzinfo=timezone(timedelta(hours=2)))
    assert when(moment) == "29 Mar 2026, 01:05 UTC"
    assert short(datetime(2026, 3, 29, 1, 5, tzinfo=UTC)) == "29 Mar 01:05"
    assert when(None) == "never"


@pytest.mark.parametrize(
    ("value", "said"),
    [(7602, "7,602"), (0.25, "0.25"), (float("nan"), "nan"), (True, "yes"), (None, "—"), ("a\nb", "a b")],
)
def test_what_was_measured_is_said_as_a_person_would(value, said):
    assert number(value) == said


def test_one_is_one_and_two_are_several():
    assert [several(count, "check") for count in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\r\n\tb\u2028c", "a b c"),
        ("\x00\x07x\x9b", "x"),
        ("a \x00 b", "a b"),
        ("\ud800", "\ufffd"),
        ("\U000e0041hidden", "hidden"),
        ("\u06cc\u200c\u062e", "\u06cc\u200c\u062e"),
    ],
)
def test_what_cannot_be_seen_is_taken_out_of_foreign_text(text, seen):
    assert clean(text) == seen


@settings(deadline=None)
@given(st.text(alphabet=st.characters()))
def test_clean_text_is_one_printable_line_of_bounded_length(text):
    said = clean(text)
    assert len(said) <= LONGEST
    assert "\x1b" not in said
    assert len(said.splitlines()) <= 1
    assert clean(said) == said
    said.encode()
