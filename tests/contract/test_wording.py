"""Messages quote strangers without being led by them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.wording import listed, meant, nearest, quoted


@given(st.text())
def test_a_quoted_text_is_short_and_printable(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted(text)) <= 82


def test_what_turns_the_writing_direction_is_escaped() -> None:
    assert quoted("a\u202eb\x1b[31m\n") == '"a\\u202eb\\x1b[31m\\n"'


def test_other_values_are_said_as_yaml_says_them() -> None:
    assert [quoted(each) for each in (None, True, 1.5, [1], {})] == [
        "null",
        "true",
        "1.5",
        "a list",
        "a mapping",
    ]


def test_the_nearest_name_ignores_case_and_gives_up_in_time() -> None:
    assert nearest("UPDATEDAT", ["id", "updated_at"]) == "updated_at"
    assert nearest("zzz", ["id", "updated_at"]) is None
    assert nearest("c250", [f"c{n}" for n in range(300)]) == "c250"
    assert nearest("x", []) is None


def test_what_is_not_near_is_listed_up_to_a_dozen() -> None:
    assert meant("zzz", ["a", "b", "a"]) == '; known: "a", "b"'
    assert meant("zzz", []) == ""
    assert listed(map(str, range(14))).endswith('"11" and 2 more')
