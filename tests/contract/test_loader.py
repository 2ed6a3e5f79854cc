"""The loader reads what JSON would read, knows every line, and is not surprised."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.contract.loader import load, spell

# JSON escapes what YAML folds or refuses, and both agree on the rest
PLAIN = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xD7FF, exclude_categories=("Cc", "Zl", "Zp", "Cs"))
)
NUMBERS = st.integers(-(10**37), 10**37) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(PLAIN.filter(lambda key: len(key) < 60), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_a_json_document_reads_as_json_reads_it(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    tree = load(text)
    assert tree.problems == ()
    assert tree.value == json.loads(text)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("1", 1),
        ("-7", -7),
        ("1.10", 1.1),
        ("2.5e3", 2500.0),
        # what YAML 1.1 turns into something else stays text
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("22:22", "22:22"),
        ("09:00-08:00", "09:00-08:00"),
        ("2022-05-12", "2022-05-12"),
        ("2022-05-12T09:30:10-08:00", "2022-05-12T09:30:10-08:00"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("9" * 60, "9" * 60),
        ("'1'", "1"),
        ('"true"', "true"),
        ("|\n  1\n", "1\n"),
    ],
)
def test_a_scalar_means_what_json_means_and_else_is_text(written: str, value: object) -> None:
    found = load(f"a: {written}").value
    assert found == {"a": value}
    assert type(found["a"]) is type(value)  # type: ignore[index]


def test_a_number_can_be_said_again_as_it_was_written() -> None:
    assert load("version: 1.10").texts == {("version",): "1.10"}


def test_every_node_knows_its_line() -> None:
    tree = load("a:\n  b:\n  - c: 1\n    d:\n      - x\n      -\n        y\n'odd key': {\n  z: 1}\n")
    assert {spell(path): line for path, line in tree.lines.items()} == {
        "": 1,
        "a": 1,
        "a.b": 2,
        "a.b[0]": 3,
        "a.b[0].c": 3,
        "a.b[0].d": 4,
        "a.b[0].d[0]": 5,
        "a.b[0].d[1]": 7,
        '["odd key"]': 8,
        '["odd key"].z': 9,
    }


def test_a_path_that_is_not_there_has_the_line_of_what_is_above_it() -> None:
    tree = load("a:\n  b: 1\n")
    assert tree.line(("a", "missing", 3)) == 1
    assert load("").line(("a",)) == 0


def test_keys_are_text_whatever_they_look_like() -> None:
    assert load("on: 1\n2020: 2\nnull: 3\ntrue: 4").value == {"on": 1, "2020": 2, "null": 3, "true": 4}


def test_a_mark_at_the_beginning_and_windows_lines_are_read() -> None:
    tree = load("\ufeffa: 1\r\nb: 2\r\n")
    assert tree.value == {"a": 1, "b": 2}
    assert tree.lines["b",] == 2


def test_each_duplicate_key_is_told_with_both_lines() -> None:
    found = load("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n").problems
    assert [(each.rule, each.path, each.line, each.message) for each in found] == [
        ("yaml.duplicate-key", "b.c", 4, '"c" is already given on line 3; keep one of the two'),
        ("yaml.duplicate-key", "a", 5, '"a" is already given on line 1; keep one of the two'),
    ]


@pytest.mark.parametrize(
    ("text", "rule", "line", "path"),
    [
        ("a: &x 1\nb: *x", "yaml.anchor", 1, "a"),
        ("a:\n  - *x", "yaml.alias", 2, "a[0]"),
        ("a:\n  <<: {b: 1}", "yaml.merge-key", 2, "a"),
        ("a: !!python/object:os.system x", "yaml.tag", 1, "a"),
        ("a: !secret x", "yaml.tag", 1, "a"),
        ("a: 1\n---\nb: 1", "yaml.documents", 2, ""),
        ("a: 1\n? [b]\n: c", "yaml.key", 2, ""),
        ('a: "\\0"', "yaml.control-character", 1, "a"),
        ('a: "\\e[31m"', "yaml.control-character", 1, "a"),
        ("a: 1\nb: \x1b[31m", "yaml.control-character", 2, ""),
        ("a: 1\nb: \udc00", "yaml.control-character", 2, ""),
        ("a: 1\nb: c: d", "yaml.invalid", 2, ""),
        ("a:\n\t- b", "yaml.invalid", 2, ""),
        ("a: [1, 2", "yaml.invalid", 2, ""),
        ('a: "\\ud800"', "yaml.invalid", 1, ""),
    ],
)
def test_what_is_not_read_is_told_with_its_line(text: str, rule: str, line: int, path: str) -> None:
    (problem,) = load(text).problems
    assert (problem.rule, problem.line, problem.path, problem.severity) == (rule, line, path, "error")


def test_a_tab_is_named_since_nobody_sees_it() -> None:
    (problem,) = load("a:\n\t- b").problems
    assert problem.message.endswith("indent with spaces, this line has a tab")


def test_a_message_never_carries_a_megabyte_or_a_cursor_movement() -> None:
    (problem,) = load("a: &" + "x" * 100_000 + " 1").problems
    assert len(problem.message) < 200
