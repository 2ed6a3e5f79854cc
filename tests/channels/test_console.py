"""The console channel: text for people, safe from what strangers write into contracts."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.channels.console import CHANNEL, LONGEST, Options
from floe_dagster.notify.letter import Print
from tests.channels.alerts import EVERY, OPENED

pytestmark = pytest.mark.requirement("D-04")


def written(**changes):
    return CHANNEL.write(replace(OPENED, **changes), Options()).text


@pytest.mark.parametrize("alert", EVERY)
def test_every_alert_reads_as_agreed(alert, golden):
    letter = CHANNEL.write(alert, Options())
    assert isinstance(letter, Print)
    golden("console", ".txt", letter.text + "\n")


def test_a_promise_that_is_only_close_to_its_limit_is_not_called_broken():
    assert "close to it since 2026-03-29 07:00 UTC" in written(broken=False)
    assert "broken since" not in written(broken=False)


def test_what_is_not_known_is_left_out():
    text = written(owner=None, consumers=(), source="", link=None)
    assert "owner" not in text
    assert "read by" not in text
    assert text.endswith("on nycflights13 (prod), episode 0a8f2d6e")


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;a new title\x07",
        "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
        "\x9b2J",
        "\x1b[2J\x1b[H",
        "one\nFAKE [RESOLVED] line",
        "one\r\nFAKE line",
        "back\x08\x08space",
        "bell\x07",
        "nul\x00",
        "right\u202eto left",
        "zero\u200bwidth",
        "line\u2028separator",
        "lone\ud800surrogate",
        "\x1b",
        "\x1b[",
    ],
)
def test_hostile_text_moves_no_cursor_and_fakes_no_line(hostile):
    text = written(message=hostile, title=hostile, owner=hostile, source=hostile, environment=hostile)
    assert len(text.splitlines()) == 3
    assert all(unicodedata.category(each) not in {"Cc", "Cf", "Cs"} for each in text.replace("\n", ""))
    text.encode()


def test_an_endless_message_is_cut():
    long = "x" * 100_000
    assert max(map(len, written(message=long, contract_title=long).splitlines())) == LONGEST


def test_an_endless_message_still_ends_with_the_promise_and_the_number():
    head = written(message="x" * 100_000).splitlines()[0]
    assert head.endswith("...; promised 0 rows, measured 7602")
    assert len(head) <= LONGEST


def test_what_may_be_behind_it_is_one_more_line_and_no_more():
    lines = written(background=("one", "two"), runbook="https://wiki.example.com/x").splitlines()
    assert len(lines) == 4
    assert lines[-1] == "  one; two; what to do: https://wiki.example.com/x"

    endless = written(background=("x" * 300,) * 9, runbook="https://wiki.example.com/x").splitlines()
    assert endless[-1].endswith("what to do: https://wiki.example.com/x")
    assert len(endless[-1]) <= LONGEST


def test_an_alert_without_a_promise_says_nothing_of_one():
    assert "promised" not in written(expected="").splitlines()[1]


@given(st.text(), st.sampled_from([each.name for each in fields(OPENED) if each.type == "str"]))
def test_any_text_anywhere_stays_on_its_three_lines(text, name):
    assert len(written(**{name: text}).splitlines()) == 3
