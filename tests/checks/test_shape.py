from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.checks._shape import shape_of

pytestmark = pytest.mark.requirement("B-03")

PYTHON = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "dd.MM.uuuu": "%d.%m.%Y",
    "yyyyMMdd": "%Y%m%d",
    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS": "%Y-%m-%dT%H:%M:%S.%f",
    "yyyy-MM-dd HH:mm:ssXX": "%Y-%m-%d %H:%M:%S%z",
    "EEE, dd MMM yyyy hh:mm a": "%a, %d %b %Y %I:%M %p",
    "EEEE d' of 'MMMM yy": "%A {day} of %B %y",
    "DDD/yyyy": "%j/%Y",
}


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), st.sampled_from(sorted(PYTHON)))  # noqa: DTZ001  hypothesis wants naive bounds
def test_what_is_written_so_has_the_shape(at, written):
    at = at.replace(tzinfo=UTC)
    text = (
        at.strftime(PYTHON[written])
        .replace("{day}", str(at.day))
        .replace("+0000", "Z" if at.day % 2 else "+0000")
    )

    assert re.search(shape_of(written), text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("yyyy-MM-dd", "2024-13-01"),
        ("yyyy-MM-dd", "2024-01-32"),
        ("yyyy-MM-dd", "2024-1-01"),
        ("yyyy-MM-dd", "2024-01-01 "),
        ("yyyy-MM-dd", "24-01-01"),
        ("dd.MM.yyyy", "01x01x2024"),
        ("HH:mm", "24:00"),
        ("HH:mm", "10:60"),
        ("hh:mm a", "00:30 AM"),
        ("hh:mm a", "10:30"),
        ("HH:mmXXX", "10:30+0100"),
        ("HH:mm:ss.SSS", "10:30:00.12"),
        ("d MMM", "1 Foo"),
    ],
)
def test_what_is_not_written_so_has_another_shape(written, text):
    assert not re.search(shape_of(written), text)


@pytest.mark.parametrize("text", ["10:30", "10:30:15", "10:30:15.25"])
def test_what_stands_in_brackets_may_be_left_out(text):
    assert re.search(shape_of("HH:mm[:ss[.SS]]"), text)


@pytest.mark.parametrize(
    ("written", "text"),
    [("yyyy''MM", "2024'01"), ("'it''s' yyyy", "it's 2024"), ("yyyy(MM)|*", "2024(01)|*")],
)
def test_what_is_quoted_or_no_letter_stands_for_itself(written, text):
    assert re.search(shape_of(written), text)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("YYYY-MM-dd", '"YYYY"'),
        ("yyyy-MM-dd VV", '"VV"'),
        ("%Y-%m-%d", '"Y"'),
        ("HH:mm[", "brackets"),
        ("HH]:mm[", "brackets"),
        ("yyyy{MM}", "keeps for itself"),
        ("yyyy'T", "keeps for itself"),
        ("", "empty"),
    ],
)
def test_what_cannot_be_read_says_what(written, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        shape_of(written)
