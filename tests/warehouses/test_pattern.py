"""One regular expression means the same to every engine, and none can hang the process."""

from __future__ import annotations

import ipaddress
import re
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Measured, Offenders, Question, Table
from floe_dagster.plan.offence import NotMatching
from floe_dagster.warehouses._flavour import ARE, RE2, write
from floe_dagster.warehouses._formats import PATTERNS
from floe_dagster.warehouses._matcher import Matcher
from floe_dagster.warehouses._pattern import parse
from tests.warehouses.oracle import FORMATS, Data

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.requirement("B-03")

TEXTS = [
    "", "a", "b", "ab", "ba", "aab", "AB", "é", "٣", "3", "a.b", "a\nb", "b\n", "a b", "a\tb", "a-b", "a_b", "[x]", "^", "$",
    "\\", "'", '"', "%", "{2}", "foo bar", "N12345", "2024-01-31", "x" * 40, "🦆", "a/b", "(a)", "a|b", "\x7f", "\u00a0", "\u017f", "K",
]  # fmt: skip
PATTERNS_OF_AUTHORS = [
    "a", "^a", "b$", "^ab$", "^$", ".", "^.$", "a.b", "^[^a]*$", "[a-c]+", "[^a-c]", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S",
    "^\\w+$", "\\bfoo\\b", "\\Boo", "a|b", "^(a|b)$", "^(?:ab|a)b$", "a*", "^a+$", "^a{2}", "^a{1,2}b$", "^x{20,}$", "a+?b",
    "\\.", "\\/", "\\\\", "\\$", "\\^", "\\[", "[\\]]", "[\\-x]", "[a-]", "[.]", "[$^]", "\\t", "\\n", "\\x41", "\\u00e9",
    "\\u{1F986}", "(?i)ab", "(?i)^[a-b]+$", "(?<year>\\d{4})-\\d\\d", "(?P<y>\\d{4})", "^N\\d{1,5}[A-Z]{0,2}$", "[[:alpha:]]",
    "[[:digit:]x]", "[\\w.]+", "[^\\s]+", "{2}", "a{,2}", "}", "'", '"', "%", "%s", "é", "[é🦆]", "(a)(b)", "()", "(|a)b",
    "^(a+)+$", "\\x7f", "[\\d\\s]", "[\\D]", "[^\\D]", "~!@#&`<>,;:=", "[&&~~||a-]",
]  # fmt: skip
ENGINES = ("duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def meant(pattern: str, text: str) -> bool:
    """What the pattern means, by Python's engine after the differences of ECMA-262 are written out."""
    python = pattern.replace("(?<year>", "(").replace("\\u{1F986}", "🦆").replace("[[:alpha:]]", "[A-Za-z]")
    python = python.replace("[[:digit:]x]", "[0-9x]").replace("a{,2}", "a\\{,2\\}")
    python = re.sub(r"(?<!\\)\$$|(?<!\\)\$(?=\))", r"\\Z", python)
    python = "\\{2\\}" if python == "{2}" else "[&~|a-]" if python == "[&&~~||a-]" else python
    return re.search(python, text, re.ASCII) is not None


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_matches_what_the_pattern_means(engine: str, loaded: Callable[..., Any]) -> None:
    tables = {"t": Data({"id": "integer", "v": "text"}, list(enumerate(TEXTS)))}
    asked = {each: Question(Table("t"), Offenders(NotMatching("v", each))) for each in PATTERNS_OF_AUTHORS}
    answers = loaded(engine, tables).ask(tuple(asked.values()))
    expected = {each: sum(not meant(each, text) for text in TEXTS) for each in asked}
    assert {
        each: getattr(answers[question], "value", answers[question]) for each, question in asked.items()
    } == expected


@pytest.mark.parametrize("pattern", PATTERNS_OF_AUTHORS)
def test_the_matcher_agrees_text_by_text(pattern: str) -> None:
    matches = Matcher(pattern)
    assert [text for text in TEXTS if matches(text) != meant(pattern, text)] == []


def patterns() -> st.SearchStrategy[str]:
    """Small patterns that Python reads as ECMA-262 does."""
    atoms = st.sampled_from(
        ["a", "b", "1", " ", "-", "[ab]", "[^a]", "\\d", "\\w", "\\s", "\\b", "^", "\\Z", "(?:)"]
    )

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
            st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}"])).map(
                lambda p: f"(?:{p[0]}){p[1]}"
            ),
        )

    return st.recursive(atoms, grow, max_leaves=8)


@given(pattern=patterns(), text=st.text("ab1 -\n", max_size=8))
@settings(max_examples=500, deadline=None)
def test_the_matcher_agrees_with_python_on_any_pattern(pattern: str, text: str) -> None:
    assert Matcher(pattern.replace("\\Z", "$"))(text) == (re.search(pattern, text) is not None)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "^(a*)*$", "a*a*a*a*a*a*a*b", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
@pytest.mark.parametrize("engine", ENGINES)
def test_no_pattern_hangs_an_engine(engine: str, pattern: str, loaded: Callable[..., Any]) -> None:
    tables = {"t": Data({"v": "text"}, [("a" * 5000 + "!",), ("x" * 5000,)])}
    start = time.perf_counter()
    question = Question(Table("t"), Offenders(NotMatching("v", pattern)))
    assert isinstance(loaded(engine, tables).ask((question,))[question], Measured)
    assert time.perf_counter() - start < 5


def test_a_matcher_forgets_rather_than_grow() -> None:
    matches = Matcher("^(a|b)*c.{3}$")
    texts = ["ab" * 3 + "c" + chr(0x4E00 + each) * 3 for each in range(20_000)]
    assert all(map(matches, texts))
    assert sum(map(len, matches._states.values())) < 100_001


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "not closed"), (")", "nothing to close"), ("[", "too early"), ("[]", "no characters"), ("a**", "repeated"),
        ("*a", "nothing to repeat"), ("a{3,1}", "wrong way round"), ("[z-a]", "wrong way round"), ("\\q", "no escape"),
        ("(?x)a", "at the start only"), ("a(?i)b", "at the start only"), ("\\", "too early"), ("\\xg1", "hexadecimal"),
        ("[[:nope:]]", "there is no set"), ("(" * 200 + ")" * 200, "deep"), ("(?<a", "missing"),
    ],
)  # fmt: skip
def test_what_is_no_pattern_says_why(pattern: str, why: str) -> None:
    with pytest.raises(WarehouseError, match=why) as refused:
        parse(pattern)
    assert refused.value.cause == "unsupported"


@pytest.mark.parametrize("pattern", ["a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", "(a)\\1"])
def test_looking_round_is_written_for_postgres_and_declined_elsewhere(pattern: str) -> None:
    assert write(parse(pattern), ARE)
    for decline in (lambda: write(parse(pattern), RE2), lambda: Matcher(pattern)):
        with pytest.raises(WarehouseError, match="cannot") as refused:
            decline()
        assert refused.value.cause == "unsupported"


def test_repetitions_have_the_engines_own_limit() -> None:
    assert write(parse("a{1000}"), RE2) == "a{1000}"
    with pytest.raises(WarehouseError, match="at most 255"):
        write(parse("a{256}"), ARE)
    with pytest.raises(WarehouseError, match="too large"):
        Matcher("(a{500}){500}")


GOOD_AND_BAD = {
    "byte": (["", "YQ==", "YWI=", "YWJj", "+/+/"], ["Y", "YQ=", "YQ==\n", "Y Q=", "YQ==YQ==", "ä===", "YW-_"]),
    "email": (["a@b", "ann.o'neil+x@example.org"], ["a", "@b", "a@", "a b@c.d", "a@-b.c", "a@b..c", "ä@b.c", "a@b.c\n"]),
    "hostname": (["a", "a-b.c0", "xn--bcher-kva.example"], ["", "-a", "a-", "a_b", "a..b", "a.", "x" * 64, ("a" * 60 + ".") * 5 + "a"]),
    "ipv4": (["0.0.0.0", "255.255.255.255"], ["1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4.5", "1.2.3.4 "]),
    "ipv6": (["::", "::1", "1::", "2001:db8::1.2.3.4", "1:2:3:4:5:6:7:8"], [":", "1::2::3", "1:2:3:4:5:6:7", "::12345", "fe80::1%eth0"]),
    "uri": (["a:", "https://a/b?c=d#e%20", "urn:x:y", "mailto:a@b"], ["", "a/b", "1a:b", "a:b c", "a:%2", "a:ä", "a:<b>"]),
    "uuid": ([str(uuid4()), str(uuid4()).upper()], ["", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b8109dad11d180b400c04fd430c8", "g" * 36]),
}  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_a_format_takes_the_good_and_refuses_the_bad(name: str) -> None:
    good, bad = GOOD_AND_BAD[name]
    assert [each for each in good if not FORMATS[name](each)] == []
    assert [each for each in bad if FORMATS[name](each)] == []
    matches = Matcher(PATTERNS[name])
    assert [each for each in good if not matches(each)] == []
    assert [each for each in bad if matches(each) and len(each) <= 253] == []


@given(
    st.lists(
        st.sampled_from(["1", "ab", "ffff", "0", ":", ":", "::", "1.2.3.4", "12345", "g"]), max_size=16
    ).map("".join)
)
@settings(max_examples=500, deadline=None)
def test_ipv6_agrees_with_the_standard_library(text: str) -> None:
    try:
        expected = bool(ipaddress.IPv6Address(text))
    except ValueError:
        expected = False
    assert Matcher(PATTERNS["ipv6"])(text) == (expected or text == "::")
